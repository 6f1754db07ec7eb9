"""Whose venue an address is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.models import Booking
from tierslieu.kernel.errors import NotFound
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Venue
from tierslieu.venues.rooms.queries import room_by_public_id
from tierslieu.web.requests import current_site

#: ``/venues/<slug>``, ``/manage/<slug>``, ``/rooms/<id>``, ``/bookings/<id>``, also in the API.
_NAMED = re.compile(
    r"^(?:/api/v1)?/(venues|manage|rooms|book|bookings)/<(?:[^:<>]+:)?(\w+)>(?:/|$)"
)


def venue_named(rule: str, arguments: Mapping[str, Any]) -> int | None:
    """The row id of the venue that an address names, by itself, its room or a booking of it.

    None where it names none, or one that is not there: the page will say so.
    """
    found = _NAMED.match(rule)
    if found is None or found[2] not in arguments:
        return None
    with current_site().reading() as work:
        return _QUESTIONS[found[1]](work.session, str(arguments[found[2]]))


def _venue(session: Session, slug: str) -> int | None:
    return session.scalar(sa.select(Venue.id).where(Venue.slug == slug))


def _room(session: Session, public_id: str) -> int | None:
    try:
        return room_by_public_id(session, public_id, hidden=True).venue_id
    except NotFound:
        return None


def _booking(session: Session, public_id: str) -> int | None:
    asked = sa.select(Claim.venue_id).join(Booking, Booking.id == Claim.id)
    return session.scalar(asked.where(Booking.public_id == public_id))


_QUESTIONS = {
    "venues": _venue,
    "manage": _venue,
    "rooms": _room,
    "book": _room,
    "bookings": _booking,
}
