"""A guest of the town: she booked without an account and confirmed her address."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tierslieu.bookings.guests.links import new_link
from tierslieu.bookings.guests.services import book_as_guest, confirm
from tierslieu.bookings.models import Policy
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.people.queries import anonymous
from tierslieu.venues.models import Room


def a_guest(site: Site, town: Any) -> str:
    """The path of the link that opens her booking; the manager may take her time over."""
    with site.writing() as work:
        policy = work.session.scalars(
            sa.select(Policy)
            .join(Room, Room.id == Policy.room_id)
            .where(Room.public_id == town.rooms["levante"])
        ).one()
        policy.rules = policy.rules | {"preemption": "venue"}
    with site.writing(anonymous("en"), "en") as work:
        new = NewBooking(town.rooms["levante"], Span(town.day(45, 7), town.day(45, 8)), "Yoga")
        made = book_as_guest(work, new, "Greta Neri", "greta@example.org")
        view = booking_view(work.session, made.public_id)
        assert view is not None
        link = new_link(work, view)
        confirm(work, link.removeprefix("/g/"))
    return str(link)
