"""Verbs of opening: write a week, a single day, a closure. None of them touches a booking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TypeVar

import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.venues.models import Closure, OpeningException, OpeningPeriod, Room, Venue
from tierslieu.venues.opening.queries import Touched, outside_hours
from tierslieu.venues.rules import Interval, intervals_from, weekly_to
from tierslieu.venues.services import changed, venue_for

Hours = Iterable[Interval | tuple[int, int]]
Row = TypeVar("Row", OpeningPeriod, OpeningException, Closure)


class Touches(Conflict):
    """What was asked would leave bookings outside the hours; nothing of it is kept.

    ``touched``: all of them. Asking again with ``known`` = `fingerprint` of them does it.
    """

    def __init__(self, touched: list[Touched]) -> None:
        text = nmsg("It touches one booking.", "It touches %(n)s bookings.", len(touched))
        super().__init__(Reason("touches_bookings", text, kind="state"))
        self.touched = touched


def fingerprint(touched: Iterable[Touched]) -> str:
    """What was shown, so that a booking that comes in between is shown too."""
    return ",".join(item.public_id for item in touched) or "nobody"


@contextmanager
def _asking(work: Work, venue_id: int, known: str | None) -> Iterator[None]:
    """Raise `Touches` when what is done inside leaves bookings outside the hours unannounced."""
    if known is None:
        yield
        return
    before = outside_hours(work.session, venue_id, work.now)
    yield
    work.session.flush()
    after = outside_hours(work.session, venue_id, work.now)
    hurt = [item for claim, item in after.items() if claim not in before]
    if hurt and fingerprint(hurt) != known:
        raise Touches(hurt)


def put_week(
    work: Work,
    venue_id: int,
    weekly: Mapping[int, Hours],
    *,
    room_id: int | None = None,
    name: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
    priority: int = 0,
    period_id: int | None = None,
    known: str | None = None,
) -> OpeningPeriod:
    """Write weekly hours (0 = Monday … 6) of a venue or of one room, always or between two days.

    ``period_id`` rewrites that week. ``known``: ask first whom it touches (see `Touches`).
    Raises Invalid (hours that overlap, days turned round).
    """
    venue = venue_for(work, venue_id, "hours.edit")
    _check_room(work, venue, room_id)
    if valid_from and valid_until and valid_until < valid_from:
        raise Invalid("bad_days", msg("The last day is before the first."), "valid_until")
    stored = weekly_to({day: _intervals(hours) for day, hours in weekly.items()})
    if period_id is None:
        period = OpeningPeriod(venue_id=venue_id, room_id=room_id)
    else:
        period = _of_venue(work.session.get(OpeningPeriod, period_id), venue_id)
    with _asking(work, venue_id, known):
        period.weekly, period.name, period.priority = stored, name, priority
        period.valid_from, period.valid_until = valid_from, valid_until
        work.session.add(period)
    changed(work, venue, "hours.written", f"venue:{venue.slug}", room=room_id)
    return period


def remove_week(work: Work, venue_id: int, period_id: int) -> None:
    """Take weekly hours away. Raises NotFound."""
    venue = venue_for(work, venue_id, "hours.edit")
    work.session.delete(_of_venue(work.session.get(OpeningPeriod, period_id), venue_id))
    changed(work, venue, "hours.removed", f"venue:{venue.slug}")


def put_exception(
    work: Work,
    venue_id: int,
    day: date,
    intervals: Hours,
    *,
    room_id: int | None = None,
    note: Texts | None = None,
    known: str | None = None,
) -> OpeningException:
    """Write one day unlike the others; no hours = closed. Raises Invalid, `Touches`."""
    venue = venue_for(work, venue_id, "hours.edit")
    _check_room(work, venue, room_id)
    found = work.session.scalar(
        sa.select(OpeningException).where(
            OpeningException.venue_id == venue_id,
            OpeningException.day == day,
            OpeningException.room_id == room_id
            if room_id is not None
            else OpeningException.room_id.is_(None),
        )
    )
    if found is None:
        found = OpeningException(venue_id=venue_id, room_id=room_id, day=day)
    with _asking(work, venue_id, known):
        found.intervals = [[item.opens, item.closes] for item in _intervals(intervals)]
        found.note = note or Texts()
        work.session.add(found)
    changed(work, venue, "hours.exception_written", f"venue:{venue.slug}", day=day.isoformat())
    return found


def remove_exception(work: Work, venue_id: int, exception_id: int) -> None:
    """Make a day like the others again. Raises NotFound."""
    venue = venue_for(work, venue_id, "hours.edit")
    work.session.delete(_of_venue(work.session.get(OpeningException, exception_id), venue_id))
    changed(work, venue, "hours.exception_removed", f"venue:{venue.slug}")


def close(
    work: Work, venue_id: int, span: Span, reason: Texts, *, room_id: int | None = None
) -> Closure:
    """Close a venue or one of its rooms. What is booked inside stays, to be handled.

    Takes the locks of booking, so that nothing slips in while one looks at who is touched.
    """
    venue = venue_for(work, venue_id, "closures.edit")
    _check_room(work, venue, room_id)
    rooms = [room_id] if room_id is not None else _rooms(work, venue_id)
    if rooms:
        lock_leaves(work, rooms)
    closure = Closure(
        venue_id=venue_id,
        room_id=room_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        reason=reason,
        created_at=work.now,
        created_by_id=work.actor.person_id,
    )
    work.session.add(closure)
    work.session.flush()
    changed(work, venue, "closure.made", f"closure:{closure.public_id}", room=room_id)
    return closure


def reopen(work: Work, venue_id: int, public_id: str) -> None:
    """Take a closure away; one that has begun ends now instead, so that the past stays true."""
    venue = venue_for(work, venue_id, "closures.edit")
    where = sa.select(Closure).where(Closure.public_id == public_id)
    closure = _of_venue(work.session.scalar(where), venue_id)
    if closure.starts_at < work.now < closure.ends_at:
        closure.ends_at = work.now
    elif closure.starts_at >= work.now:
        work.session.delete(closure)
    else:
        raise Invalid("past", msg("This closure is over."))
    changed(work, venue, "closure.ended", f"closure:{public_id}")


def _rooms(work: Work, venue_id: int) -> list[int]:
    return list(work.session.scalars(sa.select(Room.id).where(Room.venue_id == venue_id)))


def _intervals(hours: Hours) -> tuple[Interval, ...]:
    pairs = [[h.opens, h.closes] if isinstance(h, Interval) else [*h] for h in hours]
    return intervals_from(pairs)


def _check_room(work: Work, venue: Venue, room_id: int | None) -> None:
    if room_id is None:
        return
    where = sa.select(Room.venue_id).where(Room.id == room_id)
    if work.session.scalar(where) != venue.id:
        raise NotFound


def _of_venue(row: Row | None, venue_id: int) -> Row:
    if row is None or row.venue_id != venue_id:
        raise NotFound
    return row
