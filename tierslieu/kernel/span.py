"""Stretches of time, half-open, in aware UTC; and the way from a wall clock to UTC and back.

Instants are compared in UTC only: Python compares two aware times of one zone by their wall
clock, which is wrong on the night the clock goes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Choice, Invalid
from tierslieu.kernel.messages import msg

FIRST_YEAR = 1900
LAST_YEAR = 2200


class BadSpan(Invalid):
    """Not a stretch of time: naive, empty, backwards, finer than a second, or out of bounds."""


class WallTimeGap(Invalid):
    """The wall clock never shows this time: it falls where the clock goes forward."""


class WallTimeAmbiguous(Invalid):
    """The wall clock shows this time twice: it needs its offset."""


def utc(moment: datetime, field: str | None = None) -> datetime:
    """The same instant in UTC. Raises `BadSpan` for naive, sub-second and far-away times."""
    if moment.tzinfo is not UTC and moment.utcoffset() is None:
        raise BadSpan("naive_time", msg("This time needs its time zone."), field)
    if moment.microsecond:
        raise BadSpan("too_fine", msg("Times are counted in whole seconds."), field)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadSpan("out_of_range", msg("This date is too far away."), field)
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


@dataclass(frozen=True, order=True)
class Span:
    """From `starts_at` (included) to `ends_at` (excluded), both kept in aware UTC.

    Raises `BadSpan` when a time is naive, finer than a second, outside 1900–2200, or when the
    end is not after the start.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", utc(self.starts_at, "starts_at"))
        object.__setattr__(self, "ends_at", utc(self.ends_at, "ends_at"))
        if self.starts_at >= self.ends_at:
            raise BadSpan("empty_span", msg("The end must be after the start."), "ends_at")

    @property
    def duration(self) -> timedelta:
        """Elapsed time, whatever the wall clock did in between."""
        return self.ends_at - self.starts_at

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes."""
        return int(self.duration.total_seconds() // 60)

    def overlaps(self, other: Span) -> bool:
        """Whether they share any time; touching is not overlapping."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def touches(self, other: Span) -> bool:
        """Whether one begins exactly where the other ends."""
        return self.ends_at == other.starts_at or other.ends_at == self.starts_at

    def contains(self, other: Span | datetime) -> bool:
        """Whether a whole span, or one moment, lies inside."""
        if isinstance(other, Span):
            return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at
        return self.starts_at <= utc(other) < self.ends_at

    def intersection(self, other: Span) -> Span | None:
        """The time in both, or None."""
        start, end = max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at)
        return Span(start, end) if start < end else None

    def minus(self, others: Iterable[Span]) -> list[Span]:
        """What is left of this span without the others, in order."""
        left: list[Span] = []
        at = self.starts_at
        for other in sorted(others):
            if other.ends_at <= at:
                continue
            if other.starts_at >= self.ends_at:
                break
            if other.starts_at > at:
                left.append(Span(at, other.starts_at))
            at = max(at, other.ends_at)
        if at < self.ends_at:
            left.append(Span(at, self.ends_at))
        return left

    def widened(self, before: timedelta, after: timedelta) -> Span:
        """This span with set-up time before and clear-up time after (negative shortens)."""
        return Span(self.starts_at - before, self.ends_at + after)

    def shifted(self, by: timedelta) -> Span:
        """The same length of elapsed time, later by `by`."""
        return Span(self.starts_at + by, self.ends_at + by)

    def __str__(self) -> str:
        return f"{iso(self.starts_at)}/{iso(self.ends_at)}"


@dataclass(frozen=True)
class LocalSpan:
    """A span to be read on the wall clock of a zone: what a sentence takes as a value."""

    span: Span
    zone: ZoneInfo

    @property
    def starts(self) -> datetime:
        """The start, aware, in the zone."""
        return self.span.starts_at.astimezone(self.zone)

    @property
    def ends(self) -> datetime:
        """The end, aware, in the zone."""
        return self.span.ends_at.astimezone(self.zone)

    def __str__(self) -> str:
        same = self.starts.date() == self.ends.date()
        return f"{self.starts:%Y-%m-%d %H:%M}–{self.ends:{'%H:%M' if same else '%Y-%m-%d %H:%M'}}"


def merged(spans: Iterable[Span]) -> list[Span]:
    """Union of spans, in order, overlapping and touching ones joined."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.starts_at <= joined[-1].ends_at:
            if span.ends_at > joined[-1].ends_at:
                joined[-1] = Span(joined[-1].starts_at, span.ends_at)
        else:
            joined.append(span)
    return joined


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, twenty characters: ``2026-05-02T16:00:00Z``."""
    return utc(moment).isoformat()[:19] + "Z"


def wall_to_utc(
    wall: datetime, zone: ZoneInfo, fold: int | None = None, field: str | None = None
) -> datetime:
    """The instant at which the clocks of `zone` show the naive time `wall`.

    Raises `WallTimeGap` when they never show it, `WallTimeAmbiguous` when they show it twice
    and `fold` (0 = first, 1 = second) does not say which; both carry the nearest choices.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    first = utc(wall.replace(tzinfo=zone, fold=0), field)
    second = utc(wall.replace(tzinfo=zone, fold=1), field)
    if first == second:
        return first
    if first > second:
        after = _transition(second, first, zone)
        raise WallTimeGap(
            "time_skipped",
            msg("This time does not exist that night: the clock goes forward."),
            field,
            (_choice(after, zone, field),),
        )
    if fold is None:
        raise WallTimeAmbiguous(
            "time_ambiguous",
            msg("This time comes twice that night: the clock goes back. Say which one."),
            field,
            (_choice(first, zone, field), _choice(second, zone, field)),
        )
    return second if fold else first


def at_wall(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant of a wall time given as minutes from midnight (0–1440), never refused.

    Later minutes never come earlier: a skipped time is the moment the clock goes forward, a
    doubled one is its first showing.
    """
    return _at_wall(day, minutes, zone)


@lru_cache(maxsize=16_384)
def _at_wall(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Kept, because a search asks the same few moments of every room."""
    wall = datetime.combine(day, time.min) + timedelta(minutes=minutes)
    first = utc(wall.replace(tzinfo=zone, fold=0))
    second = utc(wall.replace(tzinfo=zone, fold=1))
    return _transition(second, first, zone) if first > second else first


def local_day_span(day: date, zone: ZoneInfo) -> Span:
    """From local midnight to the next one; 23 or 25 hours on the nights the clock changes."""
    return Span(at_wall(day, 0, zone), at_wall(day, 1440, zone))


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date the calendar on the wall shows at this instant."""
    return moment.astimezone(zone).date()


def _transition(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant between two UTC times at which the zone's offset changes."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _choice(moment: datetime, zone: ZoneInfo, field: str | None) -> Choice:
    local = moment.astimezone(zone)
    return Choice(msg("%(at)s", at=local), {field or "at": local.isoformat()})
