"""Dates of a series as rows of a table, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from tierslieu.bookings.series.rules import Fate
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import LocalSpan

#: Outcome of a date → the state that the table draws.
STATES = {"free": "free", "taken": "taken", "closed": "closed", "rule": "rule"}


def date_rows(fates: Iterable[Fate], zone: ZoneInfo, locale: str) -> list[dict[str, Any]]:
    """One row for each date: when, its outcome, why not, and the nearest times that would do."""
    return [_row(fate, zone, locale) for fate in fates]


def _row(fate: Fate, zone: ZoneInfo, locale: str) -> dict[str, Any]:
    offers = [choice.label for reason in fate.reasons for choice in reason.nearest][:2]
    choice = say(msg("free: %(times)s", times=tuple(offers)), locale) if offers else ""
    return {
        "date": say(msg("%(when)s", when=LocalSpan(fate.date.span, zone)), locale),
        "state": STATES[fate.outcome],
        "why": " ".join(say(reason.message, locale) for reason in fate.reasons),
        "choice": choice,
    }
