"""The form of a quota: a sentence in pieces."""

from __future__ import annotations

from datetime import time
from typing import Any, Final

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional

from tierslieu.bookings.member.forms import Clock
from tierslieu.bookings.policies.forms import month_choices
from tierslieu.bookings.quotas.models import QuotaRow
from tierslieu.bookings.quotas.services import QuotaValues
from tierslieu.bookings.rules.quotas import DAY
from tierslieu.bookings.rules.uses import WEEKDAYS
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.web.forms import (
    Form,
    OptionalInteger,
    fill_texts,
    lazy,
    texts_fields,
    texts_of,
)
from tierslieu.web.requests import current_locale

Words = tuple[tuple[str, Message], ...]
MEASURE: Final[Words] = (("hours", msg("hours")), ("count", msg("bookings")))
PER: Final[Words] = (
    ("day", msg("a day")), ("week", msg("a week")), ("month", msg("a month")),
    ("year", msg("a year")), ("season", msg("a season")),
)  # fmt: skip
WHOSE: Final[Words] = (
    ("either", msg("each person and each organisation")), ("person", msg("each person")),
    ("organisation", msg("each organisation")), ("group", msg("all of them together")),
)  # fmt: skip
WHOM: Final[Words] = (
    ("everyone", msg("everybody")), ("members", msg("members")),
    ("others", msg("whoever has no card")), ("residents", msg("residents")),
    ("organisations", msg("organisations")),
)  # fmt: skip
OVER: Final[Words] = (
    ("venue", msg("all rooms of the venue together")), ("room", msg("each room for itself")),
    ("network", msg("all venues together")),
)  # fmt: skip


class QuotaForm(Form):
    """One quota; hours are whole hours."""

    amount = OptionalInteger(
        lazy("At most"),
        validators=[InputRequired(), NumberRange(0, 16_000)],
        render_kw={"min": 0, "inputmode": "numeric"},
    )
    measure = RadioField(lazy("What is counted"), default="hours")
    per = SelectField(lazy("In what time"), default="month")
    whose = SelectField(lazy("For whom it counts"), default="either")
    audience = SelectField(lazy("Of whom"), default="everyone")
    over = SelectField(lazy("Over what"), default="venue")
    weekdays = SelectMultipleField(
        lazy("Only on these days"), description=lazy("None ticked: every day counts.")
    )
    start = Clock(lazy("From"), validators=[Optional()])
    end = Clock(lazy("Until"), validators=[Optional()])
    season_day = OptionalInteger(
        lazy("A season begins on"), default=1, render_kw={"min": 1, "max": 28}
    )
    season_month = SelectField(lazy("of"), default="9")
    vars().update(texts_fields("label", lazy("What it is called"), longest=120))
    quota = HiddenField()
    version = HiddenField()
    room = HiddenField()

    def prepare(self) -> None:
        """Fill the choices."""
        locale = current_locale()
        for name, words in (("measure", MEASURE), ("per", PER), ("whose", WHOSE),
                            ("audience", WHOM), ("over", OVER)):  # fmt: skip
            self[name].choices = [(key, say(text, locale)) for key, text in words]
        self.weekdays.choices = [(str(n), say(day, locale)) for n, day in enumerate(WEEKDAYS)]
        self.season_month.choices = month_choices()

    def show(self, row: QuotaRow) -> None:
        """Put in what a quota says."""
        hours = row.amount // 60
        self["amount"].data = hours if row.measure == "hours" else row.amount
        for name in ("measure", "per", "whose", "audience"):
            self[name].data = getattr(row, name)
        self.over.data = row.counted_over
        self.weekdays.data = [str(day) for day in row.weekdays]
        self.start.data = _clock(row.from_minute) if row.from_minute else None
        self.end.data = _clock(row.until_minute) if row.until_minute < DAY else None
        self.begin_season(row.season_month, row.season_day)
        fill_texts(self, "label", row.label)
        self.quota.data, self.version.data = row.public_id, str(row.version)

    def begin_season(self, month: int, day: int) -> None:
        """Put in the day on which a season begins."""
        self["season_month"].data, self["season_day"].data = str(month), day

    def values(self) -> QuotaValues:
        """What was written; the service says what is wrong with it."""
        amount = self.amount.data or 0
        return QuotaValues(
            measure=self.measure.data,
            amount=amount * 60 if self.measure.data == "hours" else amount,
            per=self.per.data,
            whose=self.whose.data,
            audience=self.audience.data,
            over=self.over.data,
            weekdays=tuple(int(day) for day in self.weekdays.data or ()),
            from_minute=_minutes(self.start.data, 0),
            until_minute=_minutes(self.end.data, DAY) or DAY,
            season=(int(self.season_month.data), self.season_day.data or 1),
            label=texts_of(self, "label"),
        )


def _minutes(clock: Any, otherwise: int) -> int:
    return otherwise if clock is None else clock.hour * 60 + clock.minute


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
