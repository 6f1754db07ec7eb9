"""The week of a room as a grid: which rows, and what each cell says. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tierslieu.bookings.rules import EffectivePolicy
from tierslieu.bookings.rules.nearest import start_ok
from tierslieu.kernel.span import Span, at_wall, local_date
from tierslieu.venues.rules import Interval, OpeningFacts, day_hours, open_spans

HOUR: Final = 60
DAYS: Final = 7

CellState = Literal["free", "busy", "wait", "shut", "past", "blocked"]


@dataclass(frozen=True)
class Held:
    """Time of a room that is taken or asked for: ``seen`` by people, ``taken`` with buffers.

    ``title`` is what this reader may read, None for nothing. ``occupies``: a request that
    competes does not.
    """

    seen: Span
    taken: Span
    title: str | None = None
    waits: bool = False
    occupies: bool = True


@dataclass(frozen=True)
class Cell:
    """``start``: from when it can be booked, in free and wait cells."""

    state: CellState
    start: datetime | None = None
    title: str | None = None


@dataclass(frozen=True)
class Row:
    """Minutes from midnight to minutes; a row without cells is closed altogether."""

    opens: int
    closes: int
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Week:
    """What is needed to draw a week: seven days from a Monday."""

    monday: date
    facts: OpeningFacts
    zone: ZoneInfo
    policy: EffectivePolicy

    @property
    def days(self) -> list[date]:
        return [self.monday + timedelta(days=n) for n in range(DAYS)]

    @property
    def span(self) -> Span:
        """From the first local midnight to the last."""
        return Span(
            at_wall(self.monday, 0, self.zone),
            at_wall(self.monday + timedelta(days=DAYS), 0, self.zone),
        )


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def grid(week: Week, held: Sequence[Held], now: datetime) -> list[Row]:
    """The rows of a week, each from an opening on: a place that opens at 14:40 counts from there.

    Empty when it is closed all week.
    """
    opens = open_spans(week.facts, week.monday, week.days[-1] + timedelta(days=1), week.zone)
    return [
        Row(row.opens, row.closes)
        if gap
        else Row(
            row.opens,
            row.closes,
            tuple(_cell(week, day, row, opens, held, now) for day in week.days),
        )
        for row, gap in _rows(week)
    ]


def _rows(week: Week) -> list[tuple[Interval, bool]]:
    """Rows of an hour, and the gaps in which every day is closed."""
    hours = [day_hours(week.facts, day).intervals for day in week.days]
    opened = sum(1 for day in hours if day)
    counted = Counter(item.opens for day in hours for item in day)
    shared = {opens for opens, days in counted.items() if 2 * days >= opened}
    blocks = _joined(sorted(item for day in hours for item in day))
    found: list[tuple[Interval, bool]] = []
    for block in blocks:
        if found and found[-1][0].closes < block.opens:
            found.append((Interval(found[-1][0].closes, block.opens), True))
        inside = {at for at in shared if block.opens < at < block.closes}
        for low, high in pairwise(sorted({block.opens, block.closes, *inside})):
            found += [(Interval(at, min(at + HOUR, high)), False) for at in range(low, high, HOUR)]
    return found


def _joined(intervals: Sequence[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for item in intervals:
        if joined and item.opens <= joined[-1].closes:
            joined[-1] = Interval(joined[-1].opens, max(joined[-1].closes, item.closes))
        else:
            joined.append(item)
    return joined


def _cell(
    week: Week,
    day: date,
    row: Interval,
    opens: Sequence[Span],
    held: Sequence[Held],
    now: datetime,
) -> Cell:
    low, high = at_wall(day, row.opens, week.zone), at_wall(day, row.closes, week.zone)
    hour = Span(low, high) if low < high else None
    shown = [piece for span in opens if hour and (piece := span.intersection(hour))]
    if not shown:
        return Cell("shut")
    if high <= now:
        return Cell("past")
    there = [item for item in held if any(item.seen.overlaps(piece) for piece in shown)]
    room = _room_left(week.policy, shown, held)
    whole = sum((piece.duration for piece in shown), timedelta())
    if room is None or 2 * room.duration < whole:
        main = max(there, key=lambda item: _shared(item, shown), default=None)
        state: CellState = "wait" if main is not None and main.waits else "busy"
        return Cell(state, None, main.title if main else None)
    return _open_cell(week, room, opens, there, now)


def _open_cell(
    week: Week, room: Span, opens: Sequence[Span], there: Sequence[Held], now: datetime
) -> Cell:
    """A cell that is mostly free: from when, and whether the rules let one book it now."""
    start = _on_step(week, room.starts_at, opens)
    last = week.policy.last_day(now, week.zone)
    too_far = last is not None and local_date(start, week.zone) > last
    if start < max(now, week.policy.earliest(now, week.zone)) or start >= room.ends_at or too_far:
        return Cell("blocked")
    asked = next((item for item in there if item.waits), None)
    if asked is not None:
        return Cell("wait", start, asked.title)
    return Cell("free", start)


def _on_step(week: Week, start: datetime, opens: Sequence[Span]) -> datetime:
    """The start itself when bookings may begin there, else the next that may."""
    bounds = {span.starts_at for span in opens}
    step = week.policy.step_minutes or 1
    if start_ok(Span(start, start + timedelta(minutes=step)), step, bounds, week.zone):
        return start
    local = start.astimezone(week.zone)
    return start + timedelta(minutes=-(local.hour * 60 + local.minute) % step)


def _room_left(policy: EffectivePolicy, shown: Sequence[Span], held: Sequence[Held]) -> Span | None:
    """The longest time in a cell that nobody has, with room for our own buffers."""
    blocked = [item.taken.widened(policy.after, policy.before) for item in held if item.occupies]
    pieces = [rest for piece in shown for rest in piece.minus(blocked)]
    return max(pieces, key=lambda piece: piece.duration, default=None)


def _shared(item: Held, shown: Sequence[Span]) -> timedelta:
    common = (item.seen.intersection(piece) for piece in shown)
    return sum((span.duration for span in common if span), timedelta())
