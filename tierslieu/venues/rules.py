"""When a place is open: hours by the week, days unlike the others, holidays, closures.

Openness is a rule and not a claim: these facts may overlap. For one day the strongest speaks:
the room's exception, the venue's exception, a holiday, the room's week, the venue's week. Among
weeks of one scope the highest priority wins, then the shortest period. Closures are then taken
away from whatever is left, always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span, at_wall, local_date, merged
from tierslieu.kernel.texts import Texts
from tierslieu.venues.modes.rules import Mode

DAY_MINUTES = 1440
LOOK_AHEAD_DAYS = 60

Scope = Literal["venue", "room"]
Source = Literal[
    "room_exception", "venue_exception", "holiday", "room_week", "venue_week", "nothing"
]
Cause = Literal["closure", "exception", "holiday", "hours"]


@dataclass(frozen=True, order=True)
class Interval:
    """Open from `opens` to `closes`, minutes from local midnight, 0 ≤ opens < closes ≤ 1440."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= DAY_MINUTES:
            raise Invalid(
                "bad_hours", msg("Closing must be after opening, within one day."), "hours"
            )

    def __str__(self) -> str:
        # As times are written everywhere: 7:30, not 07:30.
        opens, closes = (clock_text(at).removeprefix("0") for at in (self.opens, self.closes))
        return f"{opens}–{closes}"


ALL_DAY = (Interval(0, DAY_MINUTES),)


@dataclass(frozen=True)
class Period:
    """Weekly hours of a scope, from and until a day (both included; None = always)."""

    scope: Scope
    weekly: Mapping[int, tuple[Interval, ...]] = field(hash=False)
    valid_from: date | None = None
    valid_until: date | None = None
    priority: int = 0

    def covers(self, day: date) -> bool:
        """Whether the period speaks about this day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    @property
    def length(self) -> timedelta:
        """How long it lasts; open-ended is longer than anything."""
        if self.valid_from is None or self.valid_until is None:
            return timedelta.max
        return self.valid_until - self.valid_from


@dataclass(frozen=True)
class DayException:
    """One day unlike the others: other hours, or closed when there are none."""

    day: date
    intervals: tuple[Interval, ...] = ()
    scope: Scope = "venue"
    note: Texts = Texts()  # noqa: RUF009 (immutable)


@dataclass(frozen=True)
class Closing:
    """Closed from one moment to another, whatever the hours say; ``mode``: by which mode."""

    span: Span
    scope: Scope = "venue"
    reason: Texts = Texts()  # noqa: RUF009 (immutable)
    mode: Mode | None = None


@dataclass(frozen=True)
class Holiday:
    """A public or patron-saint holiday."""

    day: date
    name: Texts = Texts()  # noqa: RUF009 (immutable)


@dataclass(frozen=True)
class OpeningFacts:
    """Everything known about when one room, or a venue as such, is open.

    ``keys``: people of this room have keys, so its own hours may reach beyond the venue's.
    For the venue as such, leave out every fact whose scope is a room.
    """

    periods: tuple[Period, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    closings: tuple[Closing, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    closed_on_holidays: bool = True
    keys: bool = False
    modes: tuple[Mode, ...] = ()
    _known: dict[tuple[date, date, ZoneInfo], tuple[Span, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of_venue(self) -> OpeningFacts:
        """The same without what only one room says."""
        return OpeningFacts(
            tuple(item for item in self.periods if item.scope == "venue"),
            tuple(item for item in self.exceptions if item.scope == "venue"),
            tuple(item for item in self.closings if item.scope == "venue"),
            self.holidays,
            self.closed_on_holidays,
            modes=self.modes,
        )


@dataclass(frozen=True)
class DayHours:
    """The hours of one day before closures, and who says so."""

    day: date
    intervals: tuple[Interval, ...]
    source: Source
    name: Texts = Texts()  # noqa: RUF009 (immutable)

    @property
    def closed(self) -> bool:
        """Whether the place stays shut the whole day."""
        return not self.intervals


@dataclass(frozen=True)
class OpenNow:
    """Whether open at a moment; ``changes_at`` = until when, or the next opening; None = not
    within the days looked at."""

    open: bool
    changes_at: datetime | None


@dataclass(frozen=True)
class Shut:
    """One cause for which a span is not open, with its name where it has one."""

    cause: Cause
    day: date
    name: Texts = Texts()  # noqa: RUF009 (immutable)


def day_hours(facts: OpeningFacts, day: date) -> DayHours:
    """The hours of one day, by the strongest fact about it, closures not counted."""
    for scope in ("room", "venue"):
        for found in facts.exceptions:
            if found.scope == scope and found.day == day:
                source: Source = "room_exception" if scope == "room" else "venue_exception"
                return DayHours(day, _tidy(found.intervals), source, found.note)
    holiday = next((item for item in facts.holidays if item.day == day), None)
    if holiday and facts.closed_on_holidays:
        return DayHours(day, (), "holiday", holiday.name)
    return _week_hours(facts, day)


def _week_hours(facts: OpeningFacts, day: date) -> DayHours:
    room, venue = (_strongest(facts.periods, scope, day) for scope in ("room", "venue"))
    weekday = day.weekday()
    if room is None:
        hours = venue.weekly.get(weekday, ()) if venue else ()
        return DayHours(day, _tidy(hours), "venue_week" if venue else "nothing")
    hours = _tidy(room.weekly.get(weekday, ()))
    if venue is not None and not facts.keys:
        hours = _common(hours, _tidy(venue.weekly.get(weekday, ())))
    return DayHours(day, hours, "room_week")


def _strongest(periods: Iterable[Period], scope: str, day: date) -> Period | None:
    fitting = [item for item in periods if item.scope == scope and item.covers(day)]
    return min(fitting, key=lambda item: (-item.priority, item.length), default=None)


def _tidy(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    for item in sorted(intervals):
        if joined and item.opens <= joined[-1].closes:
            joined[-1] = Interval(joined[-1].opens, max(joined[-1].closes, item.closes))
        else:
            joined.append(item)
    return tuple(joined)


def _common(some: Iterable[Interval], others: Sequence[Interval]) -> tuple[Interval, ...]:
    return tuple(
        Interval(max(one.opens, other.opens), min(one.closes, other.closes))
        for one in some
        for other in others
        if max(one.opens, other.opens) < min(one.closes, other.closes)
    )


def open_spans(facts: OpeningFacts, first: date, last: date, zone: ZoneInfo) -> list[Span]:
    """When it is open from one local day to another (both included): sorted, disjoint.

    Hours that meet at midnight are one span. Edges of the window cut: ask for a day more on
    each side when a span may reach over them.
    """
    hours = [
        Span(start, end)
        for offset in range((last - first).days + 1)
        for item in day_hours(facts, first + timedelta(days=offset)).intervals
        if (start := at_wall(first + timedelta(days=offset), item.opens, zone))
        < (end := at_wall(first + timedelta(days=offset), item.closes, zone))
    ]
    closed = [item.span for item in facts.closings]
    return [rest for span in merged(hours) for rest in span.minus(closed)]


def is_open(facts: OpeningFacts, span: Span, zone: ZoneInfo) -> bool:
    """Whether it is open during the whole span."""
    return any(item.contains(span) for item in spans_of_days(facts, span, zone))


def spans_of_days(facts: OpeningFacts, span: Span, zone: ZoneInfo) -> tuple[Span, ...]:
    """The open spans of the local days on which a span lies: enough to judge it by.

    Kept on the facts, because a search asks the same days of every room of a venue.
    """
    first, last = local_date(span.starts_at, zone), local_date(span.ends_at, zone)
    known = facts._known.get((first, last, zone))
    if known is None:
        known = facts._known[first, last, zone] = tuple(open_spans(facts, first, last, zone))
    return known


def open_now(facts: OpeningFacts, now: datetime, zone: ZoneInfo) -> OpenNow:
    """Whether it is open at this moment, and when that changes."""
    today = local_date(now, zone)
    for ahead in (1, 7):
        last = today + timedelta(days=ahead)
        for span in open_spans(facts, today, last, zone):
            if span.contains(now) and span.ends_at < at_wall(last, DAY_MINUTES, zone):
                return OpenNow(True, span.ends_at)
            if span.starts_at > now:
                return OpenNow(False, span.starts_at)
    if is_open(facts, Span(now, now + timedelta(seconds=1)), zone):
        return OpenNow(True, None)
    return OpenNow(False, next_opening(facts, now, zone))


def next_opening(
    facts: OpeningFacts, after: datetime, zone: ZoneInfo, days: int = LOOK_AHEAD_DAYS
) -> datetime | None:
    """The first opening after a moment, within so many days; None when there is none."""
    today = local_date(after, zone)
    for ahead in sorted({min(8, days), days}):
        for span in open_spans(facts, today, today + timedelta(days=ahead), zone):
            if span.starts_at > after:
                return span.starts_at
    return None


def why_shut(facts: OpeningFacts, span: Span, zone: ZoneInfo) -> list[Shut]:
    """Every cause for which the span is not open; empty when it is.

    A closure is named before anything else; then, for each day the span lies on, what shut
    that day or the hours it keeps.
    """
    if is_open(facts, span, zone):
        return []
    found = [
        Shut("closure", local_date(item.span.starts_at, zone), item.reason)
        for item in facts.closings
        if item.span.overlaps(span)
    ]
    day = local_date(span.starts_at, zone)
    while at_wall(day, 0, zone) < span.ends_at:
        cause = _day_cause(facts, span, day, zone)
        if cause:
            found.append(cause)
        day += timedelta(days=1)
    return found


def _day_cause(facts: OpeningFacts, span: Span, day: date, zone: ZoneInfo) -> Shut | None:
    asked = span.intersection(Span(at_wall(day, 0, zone), at_wall(day, DAY_MINUTES, zone)))
    hours = day_hours(facts, day)
    shown = [
        Span(at_wall(day, item.opens, zone), at_wall(day, item.closes, zone))
        for item in hours.intervals
    ]
    if asked is None or not asked.minus(shown):
        return None
    if hours.source == "holiday":
        return Shut("holiday", day, hours.name)
    if hours.source in ("room_exception", "venue_exception"):
        return Shut("exception", day, hours.name)
    return Shut("hours", day)


# Reading what is stored and written


def clock_text(minutes: int) -> str:
    """Minutes from midnight as ``18:30``; the end of a day is ``24:00``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clock_minutes(written: str) -> int:
    """``18:30``, ``9:00`` or ``24:00`` as minutes; raises `Invalid`."""
    hours, colon, minutes = written.strip().replace(".", ":").partition(":")
    digits = (hours + minutes).isascii() and hours.isdigit() and minutes.isdigit()
    if colon and digits and len(hours) <= 2 and len(minutes) == 2 and int(minutes) < 60:
        total = int(hours) * 60 + int(minutes)
        if total <= DAY_MINUTES:
            return total
    raise Invalid("bad_time", msg("Write a time like 18:30."), "hours")


def intervals_from(pairs: object) -> tuple[Interval, ...]:
    """Stored ``[[opens, closes], …]`` as intervals; raises `Invalid` when they overlap."""
    if not isinstance(pairs, list | tuple):
        raise _bad_hours()
    found = []
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise _bad_hours()
        if not all(type(value) is int for value in pair):
            raise _bad_hours()
        found.append(Interval(pair[0], pair[1]))
    found.sort()
    for one, other in pairwise(found):
        if other.opens < one.closes:
            raise Invalid("overlapping_hours", msg("The hours of one day overlap."), "hours")
    return tuple(found)


def weekly_from(stored: Mapping[str, object]) -> dict[int, tuple[Interval, ...]]:
    """Stored weekly hours (``"0"`` = Monday … ``"6"``); raises `Invalid`."""
    if set(stored) - set("0123456"):
        raise _bad_hours()
    return {int(day): intervals_from(pairs) for day, pairs in stored.items()}


def weekly_to(weekly: Mapping[int, Iterable[Interval]]) -> dict[str, list[list[int]]]:
    """Weekly hours as they are stored."""
    return {
        str(day): [[item.opens, item.closes] for item in sorted(hours)]
        for day, hours in sorted(weekly.items())
    }


def _bad_hours() -> Invalid:
    return Invalid("bad_hours", msg("These hours cannot be read."), "hours")
