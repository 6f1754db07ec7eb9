"""What a matrix is made of: the question, and one room's answer on all its days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.places.queries import members
from tierslieu.bookings.places.rules import places_for
from tierslieu.bookings.rules import EffectivePolicy, Wish
from tierslieu.bookings.rules.matrix import (
    Cell,
    Limits,
    Pieces,
    Taken,
    Wanted,
    blocked,
    cells,
    first_free,
    scarce,
    span_at,
)
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span, at_wall
from tierslieu.kernel.work import Work
from tierslieu.resources.queries import taken_seconds
from tierslieu.venues.rules import spans_of_days

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Question:
    """What is asked; ``where`` as in the sentence search, ``words`` in a room's name."""

    wanted: Wanted
    wish: Wish
    where: str = ""
    words: str = ""


@dataclass(frozen=True)
class Row:
    """One room on all the days, with what its answers were made of."""

    case: RoomCase
    policy: EffectivePolicy
    limits: Limits
    pieces: Pieces = field(repr=False)
    taken: Sequence[Taken] = field(repr=False)
    cells: tuple[Cell, ...] = ()
    #: Of a room booked by place: what is taken of each, and how many are needed.
    units: tuple[Sequence[Taken], ...] = field(default=(), repr=False)
    needed: int = 0

    @property
    def free(self) -> int:
        """On how many days there is a time."""
        return sum(isinstance(each, int) for each in self.cells)

    @property
    def first(self) -> Span | None:
        """The first free time."""
        found = first_free(self.cells)
        return None if found is None else span_at(found, self.limits.length)


@dataclass(frozen=True)
class Near:
    """A room that nearly does: ``days`` more with so many ``minutes``, or ``apart`` minutes away.

    ``reasons``: what of the wish the room itself lacks. ``at``: a minute of the day that is free
    on all days but the ``skipped`` ones.
    """

    case: RoomCase
    days: int
    first: Span
    apart: int = 0
    minutes: int = 0
    reasons: tuple[Reason, ...] = ()
    at: int | None = None
    skipped: tuple[date, ...] = ()


def opens_of(case: RoomCase, wanted: Wanted) -> tuple[Span, ...]:
    """When a room is open on the days asked for and the night after them."""
    first = at_wall(wanted.first, 0, case.zone)
    return spans_of_days(
        case.facts.opening, Span(first, at_wall(wanted.last + ONE_DAY, 0, case.zone)), case.zone
    )


def taken_of(
    work: Work, cases: Collection[RoomCase], asked: Question
) -> dict[int, tuple[list[Taken], list[list[Taken]]]]:
    """What is taken of all the rooms over all the days: one question.

    Of a room booked by place: when fewer places are free than so many people need, and what is
    taken of each place.
    """
    if not cases:
        return {}
    zone, wanted = next(iter(cases)).zone, asked.wanted
    around = Span(
        at_wall(wanted.first - ONE_DAY, 0, zone), at_wall(wanted.last + 2 * ONE_DAY, 0, zone)
    )
    pools = {case.id: case.places.pool_id for case in cases if case.places is not None}
    places = members(work.session, set(pools.values())) if pools else {}
    units = {room: [each.id for each in places[pool]] for room, pool in pools.items()}
    ids = [one for case in cases for one in units.get(case.id, [case.id])]
    busy = taken_seconds(work.session, ids, around, work.now)
    found: dict[int, tuple[list[Taken], list[list[Taken]]]] = {}
    for case in cases:
        if case.id in units:
            each = [busy[one] for one in units[case.id]]
            found[case.id] = scarce(each, needed(case, asked.wish.people)), each
        else:
            found[case.id] = busy[case.id], []
    return found


def needed(case: RoomCase, people: int | None) -> int:
    """How many places so many people need; 0 where the room is booked whole."""
    if case.places is None:
        return 0
    return min(places_for(people, case.capacity, case.places.count), case.places.count) or 1


def row_of(
    asked: Question,
    case: RoomCase,
    policy: EffectivePolicy,
    pieces: Pieces,
    busy: tuple[Iterable[Taken], Sequence[Sequence[Taken]]],
    now: datetime,
) -> Row:
    wanted = asked.wanted
    limits = Limits.of(policy, wanted.minutes, now, case.zone)
    taken = blocked(busy[0], limits)
    units = tuple(blocked(each, limits) for each in busy[1])
    said = tuple(cells(wanted, pieces, taken, limits))
    places = needed(case, asked.wish.people)
    return Row(case, policy, limits, pieces, taken, said, units, places)
