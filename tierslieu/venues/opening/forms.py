"""Forms of opening: a week as rows of times, a single day, a closure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from wtforms import BooleanField, DateField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span, wall_to_utc
from tierslieu.venues.forms import options
from tierslieu.venues.models import OpeningPeriod, Room
from tierslieu.venues.rules import (
    DAY_MINUTES,
    Interval,
    clock_minutes,
    clock_text,
    intervals_from,
    weekly_from,
)
from tierslieu.web.forms import CleanText, Form, lazy, required, texts_fields, texts_of
from tierslieu.web.requests import current_locale

Rows = list[tuple[str, str]]
#: More intervals than this in one day are a mistake.
MOST_ROWS = 12


def rows_of(intervals: Iterable[Interval]) -> Rows:
    """Intervals as a native time field shows them; the end of the day is midnight."""
    return [(clock_text(i.opens), clock_text(i.closes % DAY_MINUTES)) for i in intervals]


def rows_typed(key: str) -> Rows:
    """The rows a browser sent for one day, as they were typed."""
    opens = request.form.getlist(f"opens-{key}")[:MOST_ROWS]
    closes = request.form.getlist(f"closes-{key}")[:MOST_ROWS]
    return [(a.strip()[:8], b.strip()[:8]) for a, b in zip(opens, closes, strict=False)]


def intervals_typed(rows: Rows) -> tuple[Interval, ...]:
    """Rows as intervals; empty ones do not count, midnight closes the day. Raises Invalid."""
    found = []
    for opens, closes in rows:
        if not opens and not closes:
            continue
        if not opens or not closes:
            raise Invalid("half_hours", msg("Write when it opens and when it closes."), "hours")
        end = clock_minutes(closes[:5]) or DAY_MINUTES
        found.append([clock_minutes(opens[:5]), end])
    return intervals_from(found)


class WeekForm(Form):
    """Weekly hours. ``days``: the rows of each weekday; ``day_errors``: what is wrong with them."""

    name = CleanText(lazy("What these hours are called"))
    valid_from = DateField(lazy("First day"), validators=[Optional()])
    valid_until = DateField(lazy("Last day"), validators=[Optional()])
    priority = IntegerField(
        lazy("Weight"), default=0, validators=[Optional(), NumberRange(-100, 100)]
    )
    days: dict[int, Rows]
    day_errors: dict[int, str]

    def __init__(self, period: OpeningPeriod | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.day_errors = {}
        if request.method == "POST" and kwargs.get("formdata", True) is not None:
            self.days = {day: rows_typed(str(day)) for day in range(7)}
            return
        weekly = weekly_from(period.weekly) if period else {}
        self.days = {day: rows_of(weekly.get(day, ())) for day in range(7)}
        if period is not None:
            self.name.data, self.priority.data = period.name, period.priority
            self.valid_from.data, self.valid_until.data = period.valid_from, period.valid_until

    def shown(self) -> dict[int, Rows]:
        """The rows to draw: one empty row where there is none."""
        return {day: rows or [("", "")] for day, rows in self.days.items()}

    def reshape(self) -> bool:
        """Do what a button for the form itself asked (a row more, Monday's hours for others)."""
        more, copied = request.form.get("add", ""), request.form.get("copy", "")
        if more.isdigit() and int(more) in self.days:
            rows = self.days[int(more)]
            rows.extend([("", "")] * (2 - len(rows) if not rows else 1))
            return True
        if copied:
            for day in range(1, 5 if copied == "workdays" else 7):
                self.days[day] = list(self.days[0])
            return True
        return False

    def weekly(self) -> dict[int, tuple[Interval, ...]] | None:
        """The hours that were typed, or None when some cannot be read."""
        found = {}
        for day, rows in self.days.items():
            try:
                found[day] = intervals_typed(rows)
            except Invalid as wrong:
                self.day_errors[day] = say(wrong.reasons[0].message, current_locale())
        return None if self.day_errors else {day: hours for day, hours in found.items() if hours}


class ExceptionForm(Form):
    """One day unlike the others."""

    day = DateField(lazy("Day"), validators=[InputRequired()])
    closed = BooleanField(lazy("Closed all day"))
    vars().update(texts_fields("note", lazy("Why"), longest=200))
    rows: Rows
    hours_error: str = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows_typed("day") if request.method == "POST" else []

    def shown(self) -> Rows:
        """The rows to draw."""
        return [*self.rows, ("", ""), ("", "")][: max(2, len(self.rows))]

    def intervals(self) -> tuple[Interval, ...] | None:
        """The hours of that day, or None when they cannot be read or nobody wrote any."""
        try:
            found = () if self.closed.data else intervals_typed(self.rows)
            if not found and not self.closed.data:
                raise Invalid("missing", msg("Write the hours, or tick that it is closed."))
        except Invalid as wrong:
            self.hours_error = say(wrong.reasons[0].message, current_locale())
            return None
        return found


class ClosureForm(Form):
    """Closed from one moment to another."""

    room = SelectField(lazy("What is closed"))
    first = DateField(lazy("First day"), validators=[required()])
    first_time = TimeField(lazy("from (time)"), validators=[Optional()])
    last = DateField(lazy("Last day"), validators=[required()])
    last_time = TimeField(lazy("until (time)"), validators=[Optional()])
    vars().update(texts_fields("reason", lazy("Why"), longest=200))

    def __init__(self, rooms: Iterable[Room], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        named = {room.public_id: room.name for room in rooms}
        self.room.choices = options({"": msg("the whole place"), **named})

    def span(self, zone: ZoneInfo) -> Span:
        """The time it covers; without times whole days, the last one included. Raises Invalid."""
        starts_at = _moment(self.first.data, self.first_time.data or time(), zone, "first")
        if self.last_time.data is None:
            after = date.fromordinal(self.last.data.toordinal() + 1)
            return Span(starts_at, max(_moment(after, time(), zone, "last"), starts_at))
        return Span(starts_at, _moment(self.last.data, self.last_time.data, zone, "last"))

    @property
    def why(self) -> Any:
        """The reason, in the languages it was written in."""
        return texts_of(self, "reason")


def _moment(day: date, at: time, zone: ZoneInfo, field: str) -> datetime:
    return wall_to_utc(datetime.combine(day, at), zone, field=field)
