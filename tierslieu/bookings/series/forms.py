"""How a booking repeats, and which dates an act is about, as forms write it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from wtforms import DateField, RadioField, SelectField, SelectMultipleField

from tierslieu.bookings.series.rules import SCOPES
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.recurrence import Rule
from tierslieu.web.forms import CleanLines, CleanText, Form, OptionalInteger, lazy
from tierslieu.web.requests import current_locale

HOW: Final[tuple[tuple[str, Message], ...]] = (
    ("", msg("only this once")),
    ("daily", msg("by day")),
    ("weekly", msg("by week")),
    ("date", msg("by month, the same date")),
    ("weekday", msg("by month, the same weekday (the second Tuesday)")),
    ("last", msg("by month, the last such weekday")),
    ("days", msg("on days that I name")),
)
WEEKDAYS: Final = (
    msg("Monday"), msg("Tuesday"), msg("Wednesday"), msg("Thursday"), msg("Friday"),
    msg("Saturday"), msg("Sunday"),
)  # fmt: skip
#: Fields of rules → fields of this form.
NAMES: Final = {"rrule": "repeat"}

SCOPE_WORDS: Final[dict[str, Message]] = {
    "this": msg("This date only"),
    "following": msg("This and all that follow"),
    "all": msg("All that are still to come"),
}


class _Day(DateField):
    """A date that may be left empty, said wrong in the reader's language."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and not str(valuelist[0]).strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(say(msg("Choose a day."), current_locale())) from error


class RepeatFields(Form):
    """How a booking repeats: part of the form that books."""

    repeat = SelectField(lazy("Repeat"), default="")
    every = OptionalInteger(
        lazy("Every how many"), description=lazy("1 is every one, 2 every other.")
    )
    weekdays = SelectMultipleField(lazy("On these days of the week"))
    times = OptionalInteger(lazy("How many times"))
    until = _Day(lazy("Or until"))
    days = CleanText(
        lazy("The other days"), longest=4000, description=lazy("Like 2026-12-01, 2026-12-15.")
    )
    without = CleanText(
        lazy("Without these days"), longest=4000, description=lazy("Like 2026-12-01, 2026-12-15.")
    )

    def offer_repeats(self) -> None:
        """Fill the choices, in the reader's language."""
        locale = current_locale()
        self.repeat.choices = [(key, say(text, locale)) for key, text in HOW]
        self.weekdays.choices = [(str(n), say(text, locale)) for n, text in enumerate(WEEKDAYS)]

    @property
    def repeats(self) -> bool:
        """Whether more than one date is asked for."""
        return bool(self.repeat.data)

    def repetition(self, first: date) -> tuple[Rule | None, tuple[date, ...], tuple[date, ...]]:
        """The rule, the days beside it, the days left out. Raises Invalid."""
        also = _days(self.days.data or "", "days") if self.repeat.data == "days" else ()
        without = _days(self.without.data or "", "without")
        if self.repeat.data == "days":
            return None, also, without
        return self._rule(first), also, without

    def _rule(self, first: date) -> Rule:
        every, times, until = self.every.data or 1, self.times.data, self.until.data
        if times is not None and until is not None:
            until = None if times else until
        ends: dict[str, Any] = {"interval": every, "count": times or None, "until": until}
        nth = min((first.day - 1) // 7 + 1, 4)
        match self.repeat.data:
            case "daily":
                return Rule("DAILY", **ends)
            case "weekly":
                chosen = {int(day) for day in self.weekdays.data or ()} | {first.weekday()}
                by = tuple((0, day) for day in sorted(chosen)) if len(chosen) > 1 else ()
                return Rule("WEEKLY", byday=by, **ends)
            case "weekday":
                return Rule("MONTHLY", byday=((nth, first.weekday()),), **ends)
            case "last":
                return Rule("MONTHLY", byday=((-1, first.weekday()),), **ends)
        return Rule("MONTHLY", **ends)


def _days(written: str, field: str) -> tuple[date, ...]:
    found = []
    for part in filter(None, re.split(r"[\s,;]+", written)):
        try:
            found.append(date.fromisoformat(part))
        except ValueError:
            text = msg("This is no date: write it like 2026-11-28.")
            raise Invalid("bad_date", text, field) from None
    return tuple(found)


class ScopeForm(Form):
    """Which dates of a series an act is about, perhaps with a word."""

    scope = RadioField(lazy("Which dates"), default="following")
    reason = CleanLines(lazy("A word to the venue"), longest=500)

    def offer_scopes(self, *, alone: bool = True) -> None:
        """Fill the choices; ``alone``: one date by itself among them."""
        locale = current_locale()
        wanted = [key for key in SCOPES if alone or key != "this"]
        self.scope.choices = [(key, say(SCOPE_WORDS[key], locale)) for key in wanted]


class AnswerForm(Form):
    """One answer for a series: why some dates, or all, are declined."""

    reason = CleanLines(lazy("The reason, as it will be told"), longest=2000)
