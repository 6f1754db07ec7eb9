"""Rooms that nearly do: earlier or later, shorter, another room, or without a day or two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from tierslieu.bookings.availability.known import searched
from tierslieu.bookings.finding.rows import Near, Question, Row, opens_of
from tierslieu.bookings.rules import Match, near_misses, ordered
from tierslieu.bookings.rules.matrix import DAY, Limits, Wanted, cells, pieces_of, span_at, steady
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span, at_wall

#: So many rooms are looked at for each kind of near miss.
NEAR: Final = 4
#: How much earlier or later is still near, in minutes; and how much shorter, as a part.
SHIFTS: Final = (60, 120)
SHORTER: Final = 0.75


def nears(
    asked: Question, fitting: Sequence[Row], rows: Sequence[tuple[Row, tuple[Reason, ...]]]
) -> Iterator[Near]:
    """Earlier or later, shorter, another room: each only where it gives days."""
    lacking = {row.case.id: (row, lacks) for row, lacks in rows if lacks}
    scarce = [row for row in fitting if row.free < len(asked.wanted.days)]
    moved = (each for row in scarce if (each := _shifted(asked, row) or _shortened(asked, row)))
    for _, near in zip(range(NEAR), moved, strict=False):
        yield near
    matches = [
        Match(searched(row.case, row.case.capacity), lacks) for row, lacks in lacking.values()
    ]
    for match in near_misses(ordered(matches, asked.wish), NEAR):
        row, lacks = lacking[_key(match)]
        if row.first is not None:
            yield Near(row.case, row.free, row.first, reasons=lacks)


def _key(match: Match) -> int:
    key = match.candidate.key
    return key if isinstance(key, int) else 0


def _shifted(asked: Question, row: Row) -> Near | None:
    for minutes in SHIFTS:
        found = _again(asked.wanted.wider(minutes), row, row.limits)
        if found is not None:
            return replace(found, apart=minutes)
    return None


def _shortened(asked: Question, row: Row) -> Near | None:
    step = row.limits.step // 60
    minutes = -(-int(asked.wanted.minutes * SHORTER) // step) * step
    if not (row.policy.shortest_minutes or 1) <= minutes < asked.wanted.minutes:
        return None
    limits = replace(row.limits, length=minutes * 60)
    found = _again(asked.wanted.shorter(minutes), row, limits)
    return found and replace(found, minutes=minutes)


def _again(wanted: Wanted, row: Row, limits: Limits) -> Near | None:
    """The days that another wish would have more, and the first of them."""
    pieces = pieces_of(wanted, opens_of(row.case, wanted), row.case.zone)
    again = cells(wanted, pieces, row.taken, limits)
    more = [
        new
        for old, new in zip(row.cells, again, strict=True)
        if isinstance(new, int) and not isinstance(old, int)
    ]
    return Near(row.case, len(more), span_at(more[0], limits.length)) if more else None


def steadily(asked: Question, row: Row) -> Near | None:
    """One time of the day that is free on nearly every day: what may be booked as a series."""
    found = steady(asked.wanted, row.pieces, row.taken, row.limits)
    if found is None:
        return None
    minute, skipped = found
    day = next(day for day in asked.wanted.days if day not in set(skipped))
    nights, at = divmod(minute, DAY)
    start = at_wall(day + timedelta(days=nights), at, row.case.zone)
    first = Span(start, start + timedelta(seconds=row.limits.length))
    days = len(asked.wanted.days) - len(skipped)
    return Near(row.case, days, first, at=minute, skipped=tuple(skipped))
