"""Many days at once: on each, the first time that hours, step, notice and what is taken leave free.

Counted in whole seconds since 1970, because a month of a whole network is thousands of answers.
What a start may be is what `nearest` says: on step, or when the doors open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import islice
from operator import itemgetter
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from tierslieu.bookings.rules.nearest import end_ok
from tierslieu.bookings.rules.policy import EffectivePolicy
from tierslieu.kernel.span import Span, at_wall, local_date

MINUTE: Final = 60
DAY: Final = 1440
#: No search looks at more days.
MOST_DAYS: Final = 62
#: So many starts of a day are tried where a rule refuses the first.
TRIES: Final = 8

#: Why a day has no time, in the order in which it is asked.
Why = Literal["too_far", "closed", "past", "too_soon", "taken", "refused"]
Taken = tuple[int, int]
#: The first time of a day in seconds, or the code of why there is none.
Cell = int | Why


@dataclass(frozen=True)
class Wanted:
    """Any of these days, so long, within these minutes of the day (later than 1440: past midnight).

    ``weekdays``: 0 = Monday.
    """

    first: date
    last: date
    minutes: int
    opens: int = 0
    closes: int = DAY
    weekdays: frozenset[int] = frozenset(range(7))

    @cached_property
    def days(self) -> list[date]:
        """The days that are asked for, in order."""
        each = (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))
        return [day for day in each if day.weekday() in self.weekdays]

    def wider(self, minutes: int) -> Wanted:
        """The same with so much more of the day on either side."""
        opens, closes = max(0, self.opens - minutes), self.closes + minutes
        return replace(self, opens=opens, closes=min(closes, max(DAY, self.closes)))

    def shorter(self, minutes: int) -> Wanted:
        """The same for so many minutes."""
        return replace(self, minutes=minutes)


class Piece(NamedTuple):
    """Open time within what is asked of a day: starts from ``low`` until ``until`` on one grid.

    ``zero``: the moment from which the grid counts; ``bound``: where the doors open or close.
    """

    low: int
    end: int
    until: int
    zero: int
    bounds: frozenset[int]


Pieces = list[list[Piece]]


@dataclass(frozen=True)
class Limits:
    """What the rules in force leave of time, in seconds; ``last_day`` None = no horizon."""

    now: int
    earliest: int
    step: int
    length: int
    before: int
    after: int
    zone: ZoneInfo
    last_day: date | None = None

    @classmethod
    def of(cls, policy: EffectivePolicy, minutes: int, now: datetime, zone: ZoneInfo) -> Limits:
        """The limits of one room for one applicant."""
        soonest = _seconds(now) // MINUTE * MINUTE + MINUTE
        return cls(
            now=soonest,
            earliest=max(soonest, _seconds(policy.earliest(now, zone))),
            step=(policy.step_minutes or 1) * MINUTE,
            length=minutes * MINUTE,
            before=policy.before_minutes * MINUTE,
            after=policy.after_minutes * MINUTE,
            zone=zone,
            last_day=policy.last_day(now, zone),
        )


def pieces_of(wanted: Wanted, opens: Iterable[Span], zone: ZoneInfo) -> Pieces:
    """What is open of each day asked for; the same for every room with these hours."""
    hours = sorted((_seconds(span.starts_at), _seconds(span.ends_at)) for span in opens)
    ends = [end for _, end in hours]
    found: Pieces = []
    for day in wanted.days:
        grids = _grids(day, wanted.opens, wanted.closes, zone)
        if not grids:
            found.append([])
            continue
        low, high = grids[0][0], grids[-1][1]
        here: list[Piece] = []
        for start, end in hours[bisect_right(ends, low) :]:
            if start >= high:
                break
            bounds = frozenset((start, end))
            for first, until, zero in grids:
                if max(start, first) < min(end, until):
                    here.append(
                        Piece(max(start, first), min(end, high), min(end, until), zero, bounds)
                    )
        found.append(here)
    return found


@lru_cache(maxsize=4096)
def _grids(day: date, opens: int, closes: int, zone: ZoneInfo) -> list[tuple[int, int, int]]:
    """From, until, and where the count of wall minutes begins: anew at midnight and at a change."""
    found: list[tuple[int, int, int]] = []
    for date_, first, last in (
        (day, opens, min(closes, DAY)),
        (day + timedelta(days=1), max(0, opens - DAY), closes - DAY),
    ):
        if first < last:
            low, high = (_seconds(at_wall(date_, at, zone)) for at in (first, last))
            found += _one_offset(low, high, zone)
    return found


def _one_offset(low: int, high: int, zone: ZoneInfo) -> Iterator[tuple[int, int, int]]:
    while low < high:
        offset, until = _offset(low, zone), high
        if _offset(high - MINUTE, zone) != offset:
            within, until = low, high - MINUTE
            while until - within > MINUTE:
                middle = within + (until - within) // (2 * MINUTE) * MINUTE
                if _offset(middle, zone) == offset:
                    within = middle
                else:
                    until = middle
        yield low, until, (low + offset) // 86_400 * 86_400 - offset
        low = until


def blocked(busy: Iterable[Taken], limits: Limits) -> list[Taken]:
    """Where a booking of ours may not lie, so that buffers overlap nothing: in order, joined."""
    joined: list[Taken] = []
    for start, end in sorted(busy):
        low, high = start - limits.after, end + limits.before
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def scarce(units: Sequence[Sequence[Taken]], needed: int) -> list[Taken]:
    """When fewer than ``needed`` of some places are free, by what is taken of each."""
    turns = sorted(
        turn for unit in units for start, end in unit for turn in ((start, 1), (end, -1))
    )
    most, used = len(units) - needed, 0
    found: list[Taken] = []
    since: int | None = None
    for at, change in turns:
        used += change
        if used > most and since is None:
            since = at
        elif used <= most and since is not None:
            if since < at:
                found.append((since, at))
            since = None
    return found


def free_units(units: Iterable[Sequence[Taken]], start: int, length: int) -> int:
    """How many of some places nobody has for the whole of a time."""
    return sum(
        not any(low < start + length and start < high for low, high in taken) for taken in units
    )


def starts(
    pieces: Iterable[Piece], taken: Sequence[Taken], limits: Limits
) -> Iterator[tuple[int, Piece]]:
    """Every start of a day that would do, the earliest first, and where it lies."""
    for first, last, piece in runs(pieces, taken, limits):
        for start in range(first, last + 1, limits.step):
            yield start, piece


def runs(
    pieces: Iterable[Piece], taken: Sequence[Taken], limits: Limits
) -> Iterator[tuple[int, int, Piece]]:
    """The same by its bounds: every step from the first to the last start would do."""
    length, step = limits.length, limits.step
    odd = length % step != 0
    for piece in pieces:
        at = max(piece.low, limits.earliest)
        number = bisect_right(taken, at, key=_END)
        while (start := _on_grid(at, piece, step, length, odd)) is not None:
            while number < len(taken) and taken[number][1] <= start:
                number += 1
            if number < len(taken) and taken[number][0] < start + length:
                at = taken[number][1]
                continue
            last = start
            if not odd and (start - piece.zero) % step == 0:
                end = min([piece.end, *(low for low, _ in taken[number : number + 1])])
                last += (min(end - length, piece.until - 1) - start) // step * step
            if not odd or _ends_well(start, piece, limits):
                yield start, last, piece
            at = last + MINUTE


_END: Final = itemgetter(1)


def _on_grid(at: int, piece: Piece, step: int, length: int, odd: bool) -> int | None:
    """The first start from a moment on that is on step or where the doors open."""
    latest = piece.end - length
    found = at if at in piece.bounds else at + (piece.zero - at) % step
    if odd and at <= latest < found and piece.end in piece.bounds:
        found = latest  # so long that only the doors' closing ends it on a bound
    return found if found <= latest and found < piece.until else None


def _ends_well(start: int, piece: Piece, limits: Limits) -> bool:
    on_step = start in piece.bounds or (start - piece.zero) % limits.step == 0
    span = span_at(start, limits.length)
    return on_step and end_ok(
        span, limits.step // MINUTE, [moment(at) for at in piece.bounds], limits.zone
    )


def cells(wanted: Wanted, pieces: Pieces, taken: Sequence[Taken], limits: Limits) -> list[Cell]:
    """What each day asked for says of one room.

    Most days are free from the first moment on: that is looked for before anything else.
    """
    ends = [end for _, end in taken]
    length, step, last = limits.length, limits.step, limits.last_day
    odd = length % step != 0
    found: list[Cell] = []
    for day, here in zip(wanted.days, pieces, strict=True):
        if here and not odd and (last is None or day <= last):
            low, end, until, zero, bounds = here[0]
            at = low if low > limits.earliest else limits.earliest
            start = at if at in bounds else at + (zero - at) % step
            number = bisect_right(ends, start)
            clear = number == len(taken) or taken[number][0] >= start + length
            if clear and start + length <= end and start < until:
                found.append(start)
                continue
        found.append(cell(day, here, taken, limits))
    return found


def cell(
    day: date,
    pieces: Sequence[Piece],
    taken: Sequence[Taken],
    limits: Limits,
    refused: Callable[[int], bool] | None = None,
) -> Cell:
    """The first start of a day, or why there is none; ``refused``: what other rules say of one."""
    if limits.last_day is not None and day > limits.last_day:
        return "too_far"
    found = (start for start, _ in starts(pieces, taken, limits))
    first = next(found, None)
    if first is None:
        return _why(pieces, limits)
    if refused is None or not refused(first):
        return first
    return next((at for at in islice(found, TRIES) if not refused(at)), "refused")


def _why(pieces: Sequence[Piece], limits: Limits) -> Why:
    open_ = max((piece.end - limits.length for piece in pieces), default=None)
    if open_ is None or all(piece.end - piece.low < limits.length for piece in pieces):
        return "closed"
    if open_ < limits.now:
        return "past"
    return "too_soon" if open_ < limits.earliest else "taken"


def first_free(row: Sequence[Cell]) -> int | None:
    """The first time of a row of days."""
    return next((each for each in row if isinstance(each, int)), None)


def steady(
    wanted: Wanted, pieces: Pieces, taken: Sequence[Taken], limits: Limits
) -> tuple[int, list[date]] | None:
    """The minute of the day that is free on most of the days, and the days to be skipped.

    Later than 1440 is past the midnight. None when no time is free on two of them.
    """
    days, stride = wanted.days, limits.step // MINUTE
    # Runs of one grid meet all its minutes, so they are counted by their bounds: phase → runs.
    found: dict[int, list[tuple[int, int, int]]] = {}
    for number, (day, here) in enumerate(zip(days, pieces, strict=True)):
        if limits.last_day is not None and day > limits.last_day:
            continue
        midnight = _seconds(at_wall(day, 0, limits.zone))
        for start, last, piece in runs(here, taken, limits):
            nights = round((piece.zero - midnight) / 86_400) * DAY  # past midnight: the next day's
            low = (start - piece.zero) // MINUTE + nights
            high = low + (last - start) // MINUTE
            found.setdefault(low % stride, []).append((number, low, high))
    most = [_most(each, stride) for each in found.values()]
    count, best = min(most, key=lambda it: (-it[0], it[1]), default=(0, 0))
    if count < 2:
        return None
    at = {number for number, low, high in found[best % stride] if low <= best <= high}
    return best, [day for number, day in enumerate(days) if number not in at]


def _most(each: Iterable[tuple[int, int, int]], stride: int) -> tuple[int, int]:
    """On how many days most of some runs (day, low, high) meet, and the first minute of that."""
    turns: list[tuple[int, int]] = []
    day, until = -1, 0
    for number, low, high in sorted(each):
        if day == number and low <= until:
            low = until + stride  # a minute that the clock shows twice is one
        if low <= high:
            turns += [(low, 1), (high + stride, -1)]
            day, until = number, high
    here, most, first = 0, 0, 0
    for at, change in sorted(turns):
        here += change
        if here > most:
            most, first = here, at
    return most, first


def next_free(
    opens: Sequence[Span], busy: Iterable[Span], policy: EffectivePolicy, now: datetime,
    zone: ZoneInfo, minutes: int,
) -> Span | None:  # fmt: skip
    """The first time from now on that lasts so long, or what the rules make of that length."""
    if not opens:
        return None
    first, last = (local_date(at, zone) for at in (opens[0].starts_at, opens[-1].ends_at))
    length = _allowed(minutes, policy)
    wanted, limits = Wanted(first, last, length, 0, 2 * DAY), Limits.of(policy, length, now, zone)
    taken = blocked(((_seconds(s.starts_at), _seconds(s.ends_at)) for s in busy), limits)
    found = first_free(cells(wanted, pieces_of(wanted, opens, zone), taken, limits))
    return None if found is None else span_at(found, limits.length)


def _allowed(minutes: int, policy: EffectivePolicy) -> int:
    """A length brought within the limits, in whole steps where there is room for that."""
    step = policy.step_minutes or 1
    length = max(minutes, policy.shortest_minutes or 1)
    length = -(-length // step) * step
    longest = policy.longest_minutes
    if longest is not None and length > longest:
        length = longest - longest % step or longest
    return length


def span_at(start: int, seconds: int) -> Span:
    """A time of the matrix as everybody else knows it."""
    return Span(moment(start), moment(start + seconds))


def moment(seconds: int) -> datetime:
    """Seconds since 1970 as an instant."""
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _offset(seconds: int, zone: ZoneInfo) -> int:
    offset = moment(seconds).astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
