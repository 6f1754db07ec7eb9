"""On which days an event comes again: RFC 5545 by days, walked so that it always ends.

Calendars elsewhere repeat without end and in more ways than a series of ours. Every period (day,
week, month, year) is looked at once, and a `Budget` says how many days may be looked at in all.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: The longest pause, in periods; more is not meant seriously.
MOST_INTERVAL = 1000
_KNOWN = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYDAY",
    "BYSETPOS", "WKST",
}  # fmt: skip
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


class NotUnderstood(Exception):
    """A repetition that is not one of days, or that cannot be read."""


class TooMuch(Exception):
    """The repetitions of a calendar ask for more work than anybody's calendar needs."""


@dataclass
class Budget:
    """How many more days may be looked at."""

    days: int

    def spend(self, days: int) -> None:
        """Raises TooMuch when nothing is left."""
        self.days -= days
        if self.days < 0:
            raise TooMuch


@dataclass(frozen=True)
class Pattern:
    """A repetition, read. ``until`` is a day, a wall time (naive) or an instant (aware)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    bymonth: frozenset[int] = frozenset()
    byyearday: frozenset[int] = frozenset()
    bymonthday: frozenset[int] = frozenset()
    byday: frozenset[tuple[int, int]] = frozenset()
    bysetpos: frozenset[int] = frozenset()
    wkst: int = 0

    @property
    def by_month(self) -> bool:
        """Whether weekdays are counted within a month; else within the year."""
        return self.freq == "MONTHLY" or bool(self.bymonth)

    def ends_before(self, wall: datetime, instant: datetime) -> bool:
        """Whether the repetition is over by this date, given in both ways."""
        if self.until is None:
            return False
        if not isinstance(self.until, datetime):
            return wall.date() > self.until
        return (instant if self.until.tzinfo else wall) > self.until


def pattern_of(written: str) -> Pattern:
    """Read the value of an RRULE. Raises NotUnderstood."""
    parts = dict(part.partition("=")[::2] for part in written.upper().split(";") if part)
    if parts.keys() - _KNOWN or parts.get("FREQ") not in _PERIODS:
        raise NotUnderstood
    try:
        found = Pattern(
            freq=parts["FREQ"],
            interval=int(parts.get("INTERVAL", "1")),
            count=int(parts["COUNT"]) if "COUNT" in parts else None,
            until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
            bymonth=_numbers(parts, "BYMONTH", 12),
            byyearday=_numbers(parts, "BYYEARDAY", 366),
            bymonthday=_numbers(parts, "BYMONTHDAY", 31),
            byday=_weekdays(parts.get("BYDAY", "")),
            bysetpos=_numbers(parts, "BYSETPOS", 366),
            wkst=WEEKDAYS.index(parts.get("WKST", "MO")),
        )
    except ValueError as error:
        raise NotUnderstood from error
    _refuse_odd(found)
    return found


def _refuse_odd(pattern: Pattern) -> None:
    counted = any(nth for nth, _ in pattern.byday) and pattern.freq in {"DAILY", "WEEKLY"}
    # Positions among days of which each is a set of its own would say nothing.
    alone = bool(pattern.bysetpos) and pattern.freq == "DAILY"
    if counted or alone or not 1 <= pattern.interval <= MOST_INTERVAL:
        raise NotUnderstood
    if pattern.count is not None and pattern.count < 1:
        raise NotUnderstood


def days(pattern: Pattern, first: date, since: date, upto: date, budget: Budget) -> Iterator[date]:
    """The days of a repetition whose first is ``first``, from ``since`` to ``upto``, in order.

    A first day that does not fit is not itself one. Raises TooMuch.
    """
    number = 0
    begin = first if pattern.count is not None else max(first, since)
    for period in _PERIODS[pattern.freq](pattern, first, begin, upto):
        budget.spend(len(period))
        for day in _chosen(pattern, first, period):
            if day < first:
                continue
            number += 1
            if day > upto or (pattern.count is not None and number > pattern.count):
                return
            if day >= since:
                yield day


def _chosen(pattern: Pattern, first: date, period: list[date]) -> list[date]:
    fitting = [day for day in period if _fits(pattern, first, day)]
    if not pattern.bysetpos:
        return fitting
    size = len(fitting)
    places = {at - 1 if at > 0 else size + at for at in pattern.bysetpos}
    return [fitting[place] for place in sorted(places) if 0 <= place < size]


def _fits(pattern: Pattern, first: date, day: date) -> bool:
    if pattern.bymonth and day.month not in pattern.bymonth:
        return False
    if not (pattern.byyearday or pattern.bymonthday or pattern.byday):
        return _as_first(pattern, first, day)
    return (
        _among(pattern.byyearday, day.timetuple().tm_yday, 366 if _leap(day) else 365)
        and _among(pattern.bymonthday, day.day, calendar.monthrange(day.year, day.month)[1])
        and _on_weekday(pattern, day)
    )


def _as_first(pattern: Pattern, first: date, day: date) -> bool:
    """What the rule leaves open is as on the first day."""
    if pattern.freq == "WEEKLY":
        return day.weekday() == first.weekday()
    if pattern.freq == "YEARLY" and not pattern.bymonth and day.month != first.month:
        return False
    return pattern.freq == "DAILY" or day.day == first.day


def _among(named: frozenset[int], place: int, length: int) -> bool:
    return not named or place in named or place - length - 1 in named


def _on_weekday(pattern: Pattern, day: date) -> bool:
    if not pattern.byday:
        return True
    if pattern.by_month:
        place, length = day.day, calendar.monthrange(day.year, day.month)[1]
    else:
        place, length = day.timetuple().tm_yday, 366 if _leap(day) else 365
    counts = {0, (place - 1) // 7 + 1, -((length - place) // 7 + 1)}
    return any(weekday == day.weekday() and nth in counts for nth, weekday in pattern.byday)


def _leap(day: date) -> bool:
    return calendar.isleap(day.year)


# Periods, each as its days: from the one in which ``begin`` lies, every ``interval``-th.


def _every_day(pattern: Pattern, first: date, begin: date, upto: date) -> Iterator[list[date]]:
    step = pattern.interval
    for offset in range(-((first - begin).days // step) * step, (upto - first).days + 1, step):
        yield [first + timedelta(days=offset)]


def _every_week(pattern: Pattern, first: date, begin: date, upto: date) -> Iterator[list[date]]:
    home = first - timedelta(days=(first.weekday() - pattern.wkst) % 7)
    step = 7 * pattern.interval
    for offset in range((begin - home).days // step * step, (upto - home).days + 1, step):
        yield [home + timedelta(days=offset + day) for day in range(7)]


def _every_month(pattern: Pattern, first: date, begin: date, upto: date) -> Iterator[list[date]]:
    home, step = first.year * 12 + first.month - 1, pattern.interval
    passed = begin.year * 12 + begin.month - 1 - home
    for month in range(home + passed // step * step, upto.year * 12 + upto.month, step):
        yield _month(month // 12, month % 12 + 1)


def _every_year(pattern: Pattern, first: date, begin: date, upto: date) -> Iterator[list[date]]:
    step = pattern.interval
    months = sorted(pattern.bymonth) or range(1, 13)
    if not (pattern.bymonth or pattern.byyearday or pattern.bymonthday or pattern.byday):
        months = [first.month]
    start = first.year + (begin.year - first.year) // step * step
    for year in range(start, upto.year + 1, step):
        yield [day for month in months for day in _month(year, month)]


def _month(year: int, month: int) -> list[date]:
    return [date(year, month, day + 1) for day in range(calendar.monthrange(year, month)[1])]


_PERIODS: dict[str, Any] = {
    "DAILY": _every_day,
    "WEEKLY": _every_week,
    "MONTHLY": _every_month,
    "YEARLY": _every_year,
}


# Text


def _numbers(parts: dict[str, str], name: str, most: int) -> frozenset[int]:
    if name not in parts:
        return frozenset()
    found = frozenset(int(each) for each in parts[name].split(","))
    if 0 in found or any(abs(each) > most for each in found):
        raise ValueError(name)
    return found


def _weekdays(written: str) -> frozenset[tuple[int, int]]:
    found = set()
    for each in written.split(",") if written else ():
        match = _DAY.fullmatch(each)
        if match is None:
            raise ValueError(each)
        found.add((int(match[1] or 0), WEEKDAYS.index(match[2])))
    return frozenset(found)


def _until(written: str) -> date:
    if "T" not in written:
        return datetime.strptime(written, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    moment = datetime.strptime(written.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    return moment.replace(tzinfo=UTC) if written.endswith("Z") else moment
