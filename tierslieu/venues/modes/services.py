"""Verbs of modes: set one, end one. Neither touches a booking."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import local_date
from tierslieu.kernel.work import Work
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.venues.models import Room, VenueMode
from tierslieu.venues.modes.queries import mode_row
from tierslieu.venues.modes.rules import Mode, check_mode
from tierslieu.venues.services import changed, venue_for


def set_mode(work: Work, venue_id: int, mode: Mode) -> VenueMode:
    """Put a venue into a mode for some days. What is booked stays, to be handled.

    Takes the locks of booking, so that nothing slips in while one looks at who is touched.
    Raises Invalid; NotFound for a room of another venue.
    """
    venue = venue_for(work, venue_id, "closures.edit")
    check_mode(mode)
    rooms = set(work.session.scalars(sa.select(Room.id).where(Room.venue_id == venue_id)))
    if not set(mode.rooms) <= rooms:
        raise NotFound
    if mode.last is not None and mode.last < local_date(work.now, ZoneInfo(venue.zone)):
        raise Invalid("past", msg("These days are over."), "last")
    if rooms:
        lock_leaves(work, sorted(rooms))
    row = VenueMode(
        venue_id=venue_id,
        mode=mode.kind,
        from_day=mode.first,
        until_day=mode.last,
        share=mode.share,
        m2=mode.m2,
        people=mode.people,
        rooms={str(room): people for room, people in mode.rooms.items()},
        reason=mode.reason,
        created_at=work.now,
        created_by_id=work.actor.person_id,
    )
    work.session.add(row)
    work.session.flush()
    changed(work, venue, "closure.mode_set", f"mode:{row.public_id}", mode=mode.kind)
    return row


def end_mode(work: Work, venue_id: int, public_id: str) -> None:
    """End a mode today; one that has not begun goes away. It restores nothing."""
    venue = venue_for(work, venue_id, "closures.edit")
    row = mode_row(work.session, venue_id, public_id)
    today = local_date(work.now, ZoneInfo(venue.zone))
    if row.until_day is not None and row.until_day < today:
        raise Invalid("past", msg("This is over already."))
    if row.from_day < today:
        row.until_day, row.ended_at = today - timedelta(days=1), work.now
    else:
        work.session.delete(row)
    changed(work, venue, "closure.mode_ended", f"mode:{public_id}")
