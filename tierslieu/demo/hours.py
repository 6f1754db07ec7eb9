"""When the demo's rooms are open: as plain minutes for the generator, as periods for the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache

import holidays

from tierslieu.demo.records import DemoClosure, DemoRoom, DemoVenue, Week
from tierslieu.venues.rules import Interval, Period

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def week(written: Mapping[str, str]) -> Week:
    """From ``{"tue": "09:00-13:00 14:40-18:30"}``; days that are not named are closed.

    Raises ValueError for anything that is not an interval.
    """
    return {
        number: tuple(_interval(part) for part in written[day].split())
        for number, day in enumerate(DAYS)
        if day in written
    }


def _interval(part: str) -> tuple[int, int]:
    found = _INTERVAL.fullmatch(part)
    if not found:
        raise ValueError(f"not an interval: {part}")
    hour, minute, until_hour, until_minute = map(int, found.groups())
    return hour * 60 + minute, until_hour * 60 + until_minute


def month_day(written: str) -> tuple[int, int]:
    """``"05-01"`` → (5, 1)."""
    month, day = written.split("-")
    return int(month), int(day)


@cache
def public_holidays(year: int) -> frozenset[date]:
    """National holidays and the patron saint's day of Reggio Emilia."""
    return frozenset(holidays.country_holidays("IT", subdiv="RE", years=year))


def is_shut(venue: DemoVenue, closures: Iterable[DemoClosure], day: date) -> bool:
    """Whether the whole venue stays shut on that day, whatever its weekly hours."""
    if not venue.closed_on_holidays:
        return False
    return day in public_holidays(day.year) or any(
        closure.first <= (day.month, day.day) <= closure.last for closure in closures
    )


def intervals(venue: DemoVenue, room: DemoRoom, day: date) -> tuple[tuple[int, int], ...]:
    """The room's open minutes on an ordinary day of that date, season counted."""
    if room.season and not room.season[0] <= (day.month, day.day) <= room.season[1]:
        return ()
    hours = room.hours if room.hours is not None else venue.hours
    return hours.get(day.weekday(), ())


def periods(venue: DemoVenue, room: DemoRoom | None, years: Iterable[int]) -> list[Period]:
    """The opening periods of a venue (room None), or those that one of its rooms adds.

    A seasonal room is shut always, except in the period of each of the ``years``.
    """
    if room is None:
        return [Period("venue", _weekly(venue.hours))]
    if room.season is None:
        return [] if room.hours is None else [Period("room", _weekly(room.hours))]
    weekly = _weekly(room.hours if room.hours is not None else venue.hours)
    first, last = room.season
    return [
        Period("room", {}),
        *(Period("room", weekly, date(year, *first), date(year, *last)) for year in years),
    ]


def _weekly(hours: Week) -> dict[int, tuple[Interval, ...]]:
    return {
        day: tuple(Interval(opens, closes) for opens, closes in found)
        for day, found in hours.items()
    }


def closed_days(closure: DemoClosure, year: int) -> tuple[date, date]:
    """First day, and first day after, of a yearly closure in that year."""
    return date(year, *closure.first), date(year, *closure.last) + timedelta(days=1)
