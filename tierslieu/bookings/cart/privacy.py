"""A person's list in her export."""

from __future__ import annotations

from collections.abc import Iterable

from tierslieu.bookings.cart.queries import lines_of
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """What she has gathered and not sent yet."""
    rows = tuple(
        {
            "title": line.row.title,
            "venue": line.venue_name,
            "room": line.room_name,
            "starts_at": iso(line.row.starts_at),
            "ends_at": iso(line.row.ends_at),
            "people": line.row.attendance,
            "note": line.row.note,
            "added_at": iso(line.row.added_at),
        }
        for line in lines_of(work.session, person_id)
    )
    if rows:
        yield PersonDataPart(msg("Your list, not sent yet"), rows, order=25)
