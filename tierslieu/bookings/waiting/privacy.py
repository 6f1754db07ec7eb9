"""What a person waited for, in her export, and what becomes of it when she is erased."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.offers import revoke_links
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Every list she stood on, the newest first."""
    question = (
        sa.select(WaitingEntry, Room.name, Venue.name)
        .join(Room, Room.id == WaitingEntry.room_id)
        .join(Venue, Venue.id == Room.venue_id)
        .where(WaitingEntry.person_id == person_id)
        .order_by(WaitingEntry.id.desc())
    )
    rows = tuple(
        {
            "title": entry.title,
            "venue": venue,
            "room": room,
            "starts_at": iso(entry.starts_at),
            "ends_at": iso(entry.ends_at),
            "state": entry.state,
            "people": entry.attendance,
            "note": entry.note,
            "joined_at": iso(entry.joined_at),
        }
        for entry, room, venue in work.session.execute(question)
    )
    if rows:
        yield PersonDataPart(msg("Waiting lists"), rows, order=21)


def erase(work: Work, person_id: int) -> None:
    """She leaves every line, before her bookings free anything she waits for."""
    question = sa.select(WaitingEntry).where(WaitingEntry.person_id == person_id)
    for entry in work.session.scalars(question):
        revoke_links(work, entry)
        if entry.organisation_id is None and entry.state in ("waiting", "offered"):
            entry.state, entry.ended_at = "left", work.now
        entry.person_id = None
        entry.title = entry.note = entry.purpose = entry.rank_reason = ""
    work.session.flush()
