"""Repeating dates: a bounded part of RFC 5545, in local wall time, through clock changes.

A rule is walked day by day over at most two years, so no rule can take long however it is
written. A wall time that is skipped one night is read with the offset before the change and a
doubled one is its first showing, as RFC 5545 says and as calendar programs do.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Choice, Invalid
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import LAST_YEAR, utc

MAX_DATES = 366
MAX_YEARS = 2
MAX_INTERVAL = 366
MAX_TEXT = 300

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
_FREQUENCIES: dict[str, Frequency] = {
    "DAILY": "DAILY",
    "WEEKLY": "WEEKLY",
    "MONTHLY": "MONTHLY",
    "YEARLY": "YEARLY",
}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class BadRule(Invalid):
    """A recurrence that cannot be read, is not supported, or is not bounded enough."""

    def __init__(self, code: str, message: Message, nearest: tuple[Choice, ...] = ()) -> None:
        super().__init__(code, message, "rrule", nearest)


@dataclass(frozen=True)
class Rule:
    """How dates repeat. Weekdays count from Monday = 0.

    ``byday`` holds ``(nth, weekday)``; nth 0 means every one, -1 the last of its month (of its
    year, for a yearly rule without ``bymonth``). ``until`` is a local date or an instant in
    UTC, both included. Raises `BadRule` when out of bounds.
    """

    freq: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    byday: tuple[tuple[int, int], ...] = ()
    bymonthday: tuple[int, ...] = ()
    bymonth: tuple[int, ...] = ()
    wkst: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= MAX_INTERVAL:
            raise BadRule("bad_interval", msg("A repetition comes every 1 to 366 times."))
        if self.count is not None and self.until is not None:
            raise BadRule("bad_rrule", msg("A repetition ends by number or by date, not both."))
        if self.count is not None and not 1 <= self.count <= MAX_DATES:
            raise too_many(self)
        nth = {n for n, _ in self.byday}
        if self.freq in ("DAILY", "WEEKLY") and nth - {0}:
            raise BadRule("bad_rrule", msg("Only monthly and yearly dates count their weekdays."))
        if self.bymonthday and self.freq == "WEEKLY":
            raise BadRule("bad_rrule", msg("A weekly repetition has weekdays, not dates."))


@dataclass(frozen=True, order=True)
class Occurrence:
    """One date: what the wall shows (naive) and the instant in UTC."""

    local_start: datetime
    starts_at: datetime


def too_many(rule: Rule) -> BadRule:
    """The refusal of more dates than a series may have, with the longest allowed choice."""
    allowed = text(replace(rule, count=MAX_DATES, until=None))
    return BadRule(
        "too_many_dates",
        msg("A series has at most %(limit)s dates.", limit=MAX_DATES),
        (Choice(msg("the first %(limit)s dates", limit=MAX_DATES), {"rrule": allowed}),),
    )


def expand(rule: Rule, local_start: datetime, zone: ZoneInfo) -> list[Occurrence]:
    """Every date of a rule whose first is at the naive wall time `local_start`.

    A start that does not fit the rule is not itself a date. Raises `BadRule` when the series
    is endless, has no date, more than 366, or reaches past two years.
    """
    if local_start.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    first = local_start.date()
    horizon = years_later(first, MAX_YEARS)
    _refuse_endless(rule, horizon)
    found: list[Occurrence] = []
    for day in _days(first, _until_day(rule, zone), horizon, rule):
        found_at = occurrence(datetime.combine(day, local_start.time()), zone)
        if _is_after(found_at, rule.until):
            break
        if len(found) == MAX_DATES:
            raise too_many(rule)
        found.append(found_at)
        if len(found) == rule.count:
            return found
    if rule.count is not None:
        raise _too_long(rule, horizon, msg("A series reaches two years at most."))
    if not found:
        raise BadRule("no_dates", msg("No date fits this repetition."))
    return found


def occurrence(wall: datetime, zone: ZoneInfo) -> Occurrence:
    """The date at a naive wall time: a skipped one comes later, a doubled one is its first."""
    return Occurrence(wall, utc(wall.replace(tzinfo=zone, fold=0)))


def _refuse_endless(rule: Rule, horizon: date) -> None:
    if rule.count is None and rule.until is None:
        raise _too_long(rule, horizon, msg("A series needs an end: a number of dates or a date."))


def _is_after(at: Occurrence, until: date | None) -> bool:
    return isinstance(until, datetime) and at.starts_at > until


def _until_day(rule: Rule, zone: ZoneInfo) -> date | None:
    if isinstance(rule.until, datetime):
        return rule.until.astimezone(zone).date()
    return rule.until


def _days(first: date, until: date | None, horizon: date, rule: Rule) -> Iterator[date]:
    if until is not None and until > horizon:
        raise _too_long(rule, horizon, msg("A series reaches two years at most."))
    last = until if until is not None else horizon
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if _in_turn(rule, first, day) and _fits(rule, first, day):
            yield day


def _in_turn(rule: Rule, first: date, day: date) -> bool:
    """Whether the interval lets this day's day, week, month or year take part."""
    if rule.freq == "DAILY":
        passed = (day - first).days
    elif rule.freq == "WEEKLY":
        passed = (_week(day, rule.wkst) - _week(first, rule.wkst)).days // 7
    elif rule.freq == "MONTHLY":
        passed = (day.year - first.year) * 12 + day.month - first.month
    else:
        passed = day.year - first.year
    return passed % rule.interval == 0


def _week(day: date, wkst: int) -> date:
    return day - timedelta(days=(day.weekday() - wkst) % 7)


def _fits(rule: Rule, first: date, day: date) -> bool:
    """Whether the day is one that the rule names, or would be named by its start."""
    if rule.bymonth and day.month not in rule.bymonth:
        return False
    if rule.bymonthday and not _is_monthday(day, rule.bymonthday):
        return False
    if rule.byday:
        return any(_is_weekday(rule, day, nth, weekday) for nth, weekday in rule.byday)
    if rule.bymonthday:
        return True
    if rule.freq == "WEEKLY":
        return day.weekday() == first.weekday()
    if rule.freq == "YEARLY" and not rule.bymonth:
        return (day.month, day.day) == (first.month, first.day)
    return rule.freq == "DAILY" or day.day == first.day


def _is_monthday(day: date, named: tuple[int, ...]) -> bool:
    length = calendar.monthrange(day.year, day.month)[1]
    return day.day in named or day.day - length - 1 in named


def _is_weekday(rule: Rule, day: date, nth: int, weekday: int) -> bool:
    if day.weekday() != weekday:
        return False
    if nth == 0:
        return True
    if rule.freq == "YEARLY" and not rule.bymonth:
        place, length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
    else:
        place, length = day.day, calendar.monthrange(day.year, day.month)[1]
    return nth in ((place - 1) // 7 + 1, -((length - place) // 7 + 1))


def years_later(day: date, years: int) -> date:
    """The same day of the year, so many years on. Raises `BadRule` beyond the last year."""
    if day.year + years > LAST_YEAR:
        raise BadRule("out_of_range", msg("This date is too far away."))
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def _too_long(rule: Rule, horizon: date, message: Message) -> BadRule:
    allowed = text(replace(rule, count=None, until=horizon))
    choice = Choice(msg("until %(day)s", day=horizon), {"rrule": allowed})
    return BadRule("series_too_long", message, (choice,))


# Text


def text(rule: Rule, zone: ZoneInfo | None = None) -> str:
    """RFC 5545 text. With a zone an end date becomes the instant that calendars ask for."""
    parts = [f"FREQ={rule.freq}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={_until_text(rule.until, zone)}")
    if rule.bymonth:
        parts.append("BYMONTH=" + ",".join(map(str, rule.bymonth)))
    if rule.bymonthday:
        parts.append("BYMONTHDAY=" + ",".join(map(str, rule.bymonthday)))
    if rule.byday:
        days = [f"{nth or ''}{WEEKDAYS[weekday]}" for nth, weekday in rule.byday]
        parts.append("BYDAY=" + ",".join(days))
    if rule.wkst:
        parts.append(f"WKST={WEEKDAYS[rule.wkst]}")
    return ";".join(parts)


def _until_text(until: date, zone: ZoneInfo | None) -> str:
    if not isinstance(until, datetime):
        if zone is None:
            return f"{until:%Y%m%d}"
        until = datetime.combine(until, time(23, 59, 59), zone)
    return f"{until.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def parse(written: str) -> Rule:
    """Read RFC 5545 text (with or without ``RRULE:``). Raises `BadRule`, and at once."""
    written = written.strip().upper()
    if len(written) > MAX_TEXT:
        raise _unreadable()
    parts: dict[str, str] = {}
    for part in written.removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise _unreadable()
        parts[name] = value
    if parts.get("FREQ") not in _FREQUENCIES or parts.keys() - _KNOWN:
        raise BadRule(
            "unsupported_rrule",
            msg("Dates repeat by day, week, month or year, with simple weekdays or dates."),
        )
    return Rule(
        freq=_FREQUENCIES[parts["FREQ"]],
        interval=_number(parts.get("INTERVAL", "1"), 1, 10**9),
        count=_number(parts["COUNT"], 1, 10**12) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        byday=_byday(parts),
        bymonthday=_numbers(parts.get("BYMONTHDAY"), 31, signed=True),
        bymonth=_numbers(parts.get("BYMONTH"), 12, signed=False),
        wkst=_weekday(parts.get("WKST", "MO")),
    )


_KNOWN = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST",
}  # fmt: skip


def _unreadable() -> BadRule:
    return BadRule("bad_rrule", msg("This repetition cannot be read."))


def _number(written: str, low: int, high: int) -> int:
    digits = written.removeprefix("+").removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(written) - len(digits) > 1:
        raise _unreadable()
    if len(digits) > 12 or not low <= (value := int(written)) <= high:
        raise _unreadable()
    return value


def _numbers(written: str | None, high: int, *, signed: bool) -> tuple[int, ...]:
    if written is None:
        return ()
    numbers = {_number(item, -high if signed else 1, high) for item in written.split(",")}
    if 0 in numbers:
        raise _unreadable()
    return tuple(sorted(numbers))


def _until(written: str) -> date:
    for pattern in ("%Y%m%dT%H%M%SZ", "%Y%m%d"):
        if len(written) != len("20260101T000000Z" if "T" in pattern else "20260101"):
            continue
        try:
            moment = datetime.strptime(written, pattern).replace(tzinfo=UTC)
        except ValueError:
            raise _unreadable() from None
        return utc(moment, "rrule") if "T" in pattern else moment.date()
    raise _unreadable()


def _byday(parts: dict[str, str]) -> tuple[tuple[int, int], ...]:
    if "BYDAY" not in parts:
        if "BYSETPOS" in parts:
            raise _unreadable()
        return ()
    days = {
        (_number(item[:-2], -53, 53) if item[:-2] else 0, _weekday(item[-2:]))
        for item in parts["BYDAY"].split(",")
    }
    if "BYSETPOS" in parts:
        days = _by_position(parts, days)
    if any(nth == 0 for nth, _ in days) and any(nth for nth, _ in days):
        raise _unreadable()
    return tuple(sorted(days))


def _by_position(parts: dict[str, str], days: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """``BYDAY=TU;BYSETPOS=2`` is how some calendars write the second Tuesday."""
    if len(days) != 1 or parts["FREQ"] != "MONTHLY" or "BYMONTHDAY" in parts:
        raise _unreadable()
    [(nth, weekday)] = days
    if nth:
        raise _unreadable()
    return {(_number(item, -5, 5), weekday) for item in parts["BYSETPOS"].split(",")}


def _weekday(written: str) -> int:
    if written not in WEEKDAYS:
        raise _unreadable()
    return WEEKDAYS.index(written)
