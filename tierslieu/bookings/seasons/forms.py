"""Forms of seasons: a round, the times it offers, an application, what is done by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional

from tierslieu.bookings.member.forms import Clock, Day
from tierslieu.bookings.rules.uses import WEEKDAYS
from tierslieu.bookings.seasons.asking import ApplicationSaid
from tierslieu.bookings.seasons.criteria import CRITERIA, DECLARED, MOST_POINTS, QUESTIONS
from tierslieu.bookings.seasons.models import SeasonApplication, SeasonRound
from tierslieu.bookings.seasons.rules import MOST_TIMES
from tierslieu.bookings.seasons.services import RoundSaid, SlotsSaid
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.web.forms import (
    CleanLines,
    CleanText,
    Form,
    OptionalInteger,
    fill_texts,
    lazy,
    required,
    texts_fields,
    texts_of,
)
from tierslieu.web.requests import current_locale

#: So many rooms and suitable times can be ranked.
ROOMS = 3
TIMES = 5
LENGTHS = (60, 90, 120, 150, 180, 240)


def _days() -> list[tuple[str, str]]:
    return [(str(n), say(day, current_locale())) for n, day in enumerate(WEEKDAYS)]


def _points(label: Any) -> OptionalInteger:
    return OptionalInteger(
        label, default=0, validators=[Optional(), NumberRange(0, MOST_POINTS)],
        render_kw={"min": 0, "inputmode": "numeric"},
    )  # fmt: skip


class RoundForm(Form):
    """A round: its name, its days, the days of applying, and what each criterion gives."""

    vars().update(texts_fields("name", lazy("What the season is called"), longest=120))
    starts_on = Day(lazy("First day of the season"), validators=[required()])
    ends_on = Day(lazy("Last day of the season"), validators=[required()])
    apply_from = Day(lazy("One can apply from"), validators=[required()])
    apply_until = Day(lazy("One can apply until"), validators=[required()])
    vars().update({f"c_{each.key}": _points(lazy(each.label.msgid)) for each in CRITERIA})
    to_confirm = SelectMultipleField(
        lazy("Count only once you have confirmed them"),
        description=lazy("A group declares it; you confirm it, or decline it and say why."),
    )  # fmt: skip
    version = HiddenField()

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        locale = current_locale()
        self.to_confirm.choices = [(each.key, say(each.label, locale)) for each in DECLARED]

    def show(self, row: SeasonRound) -> None:
        """Put in what a round says."""
        fill_texts(self, "name", row.name)
        for name in ("starts_on", "ends_on", "apply_from", "apply_until"):
            self[name].data = getattr(row, name)
        for each in CRITERIA:
            self[f"c_{each.key}"].data = row.criteria.get(each.key, 0)
        self.to_confirm.data = list(row.to_confirm)
        self.version.data = str(row.version)

    def said(self) -> RoundSaid:
        """What was written; the service says what is wrong with it."""
        return RoundSaid(
            texts_of(self, "name"),
            self.starts_on.data,
            self.ends_on.data,
            self.apply_from.data,
            self.apply_until.data,
            {each.key: self[f"c_{each.key}"].data or 0 for each in CRITERIA},
            tuple(self.to_confirm.data or ()),
        )


class SlotsForm(Form):
    """Times to offer every week."""

    rooms = SelectMultipleField(lazy("In these rooms"))
    weekdays = SelectMultipleField(lazy("On these days"), default=["0", "1", "2", "3", "4"])
    start = Clock(lazy("From"), default=time(17), validators=[required()])
    end = Clock(lazy("Until"), default=time(23), validators=[required()])
    minutes = SelectField(lazy("Each so long"), default="120")

    def prepare(self, rooms: Sequence[tuple[str, str]]) -> None:
        """Fill the choices."""
        self.rooms.choices = list(rooms)
        self.weekdays.choices = _days()
        locale = current_locale()
        self.minutes.choices = [
            (str(n), say(nmsg("%(n)s minute", "%(n)s minutes", n), locale)) for n in LENGTHS
        ]

    def said(self) -> SlotsSaid:
        """What was written."""
        return SlotsSaid(
            tuple(self.rooms.data or ()),
            tuple(int(day) for day in self.weekdays.data or ()),
            _minutes(self.start.data),
            _minutes(self.end.data) or 1440,
            int(self.minutes.data),
        )


def _minutes(clock: Any) -> int:
    return 0 if clock is None else int(clock.hour * 60 + clock.minute)


class ApplicationForm(Form):
    """What a group asks of a season, without needing a script."""

    title = CleanText(
        lazy("What the group is called"), longest=120, validators=[required()],
        description=lazy("The timetable is public, and this name stands in it."),
    )  # fmt: skip
    who = SelectField(lazy("Who applies"), default="me")
    size = OptionalInteger(
        lazy("How many people"), validators=[InputRequired(), NumberRange(1, 100_000)],
        render_kw={"min": 1, "inputmode": "numeric"},
    )  # fmt: skip
    times = SelectField(lazy("How many times a week"), default="1")
    two_a_day = BooleanField(lazy("Two of them may be on one day"))
    vars().update(
        {
            f"room{n}": SelectField(lazy("Room, choice %(n)s", n=n), default="")
            for n in range(1, ROOMS + 1)
        }
    )
    for _n in range(1, TIMES + 1):
        vars()[f"day{_n}"] = SelectField(lazy("Day, choice %(n)s", n=_n), default="")
        vars()[f"from{_n}"] = Clock(lazy("From"), validators=[Optional()])
        vars()[f"until{_n}"] = Clock(lazy("Until"), validators=[Optional()])
    prefers = RadioField(lazy("If both cannot be had"), default="time")
    step_free = BooleanField(lazy("We need a room without steps"))
    vars().update(
        {
            f"a_{each.key}": BooleanField(lazy(QUESTIONS[each.key].msgid))
            for each in CRITERIA
            if each.source == "yes"
        }
    )
    a_years = OptionalInteger(
        lazy(QUESTIONS["years"].msgid), validators=[Optional(), NumberRange(0, 200)],
        render_kw={"min": 0, "inputmode": "numeric"},
    )  # fmt: skip
    needs = CleanLines(lazy("What else we should know"), longest=500, render_kw={"rows": 3})
    version = HiddenField()

    def prepare(self, rooms: Sequence[tuple[str, str]], parties: Sequence[tuple[str, str]]) -> None:
        """Fill the choices."""
        locale = current_locale()
        none = ("", say(msg("none"), locale))
        self.who.choices = list(parties)
        self.times.choices = [(str(n), str(n)) for n in range(1, MOST_TIMES + 1)]
        for n in range(1, ROOMS + 1):
            self[f"room{n}"].choices = [none, *rooms]
        for n in range(1, TIMES + 1):
            self[f"day{n}"].choices = [none, *_days()]
        self.prefers.choices = [
            ("time", say(msg("Rather a better time in another room"), locale)),
            ("room", say(msg("Rather a better room at another time"), locale)),
        ]

    @property
    def time_rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields of each suitable time."""
        return [(self[f"day{n}"], self[f"from{n}"], self[f"until{n}"]) for n in range(1, TIMES + 1)]

    def said(self, organisation_id: int | None) -> ApplicationSaid:
        """What was written. Raises Invalid for a time that is half written."""
        answers: dict[str, int | bool] = {
            each.key: bool(self[f"a_{each.key}"].data) for each in CRITERIA if each.source == "yes"
        }
        answers["years"] = self.a_years.data or 0
        rooms = [self[f"room{n}"].data for n in range(1, ROOMS + 1)]
        return ApplicationSaid(
            title=self.title.data or "",
            size=self.size.data or 0,
            times=int(self.times.data),
            rooms=tuple(room for room in rooms if room),
            windows=self._windows(),
            time_first=self.prefers.data != "room",
            step_free=bool(self.step_free.data),
            two_a_day=bool(self.two_a_day.data),
            needs=self.needs.data or "",
            answers=answers,
            organisation_id=organisation_id,
        )

    def _windows(self) -> tuple[tuple[int, int, int], ...]:
        found = []
        for n, (day, start, end) in enumerate(self.time_rows, 1):
            if not day.data:
                continue
            if start.data is None or end.data is None:
                raise Invalid("missing", msg("From what time, and until when?"), f"from{n}")
            found.append((int(day.data), _minutes(start.data), _minutes(end.data) or 1440))
        return tuple(found)

    def show(self, row: SeasonApplication, rooms: dict[int, str], who: str) -> None:
        """Put in what an application says. ``rooms``: public ids by row id."""
        for name in ("title", "size", "two_a_day", "step_free", "needs"):
            self[name].data = getattr(row, name)
        self.times.data, self.who.data = str(row.times), who
        self.prefers.data = "time" if row.time_first else "room"
        for n, room in enumerate(row.rooms[:ROOMS], 1):
            self[f"room{n}"].data = rooms.get(room, "")
        for fields, window in zip(self.time_rows, row.windows, strict=False):
            fields[0].data = str(window[0])
            fields[1].data, fields[2].data = _clock(window[1]), _clock(window[2])
        for each in CRITERIA:
            if f"a_{each.key}" in self:
                self[f"a_{each.key}"].data = row.answers.get(each.key)
        self.version.data = str(row.version)


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


class PointsForm(Form):
    """Points by hand, with the reason."""

    points = OptionalInteger(
        lazy("Points by hand"), validators=[NumberRange(-MOST_POINTS, MOST_POINTS)],
        description=lazy("Added to those of the criteria; less than nothing takes away."),
    )  # fmt: skip
    points_reason = CleanText(
        lazy("Why these points"), longest=300, description=lazy("Whoever applied reads it.")
    )


class PlaceForm(Form):
    """Give a time by hand, perhaps instead of another."""

    slot = SelectField(lazy("Give it this time"), validate_choice=False)
    instead_of = SelectField(lazy("Instead of"), default="", validate_choice=False)
    reason = CleanText(lazy("Why"), longest=500, description=lazy("Whoever applied reads it."))
