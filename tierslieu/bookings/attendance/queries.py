"""Who comes to which door: by link, by reference, or signed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.attendance.models import Arrival
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.queries import BookingView, _shown, _views, locked_view
from tierslieu.kernel.tokens import is_signed, sign
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue

PURPOSE = "check-in"
#: What people come to; what the house itself does in a room waits for nobody.
FOR_PEOPLE = ("normal", "seasonal")
#: No booking lasts longer: keeps questions about a moment to a part of the index.
LONGEST = timedelta(days=32)


def check_in_path(work: Work, public_id: str, serial: int = 0) -> str:
    """Where whoever holds a booking says that they are there."""
    return f"/check-in/{sign(work.site.config.key, PURPOSE, public_id, serial)}"


def link_of(work: Work, booking: Booking) -> str:
    """The check-in address that opens a booking today."""
    arrival = work.session.get(Arrival, booking.id)
    return check_in_path(work, booking.public_id, arrival.link_serial if arrival else 0)


def code_address(work: Work, booking: Booking) -> str:
    """What the code of a booking says: its check-in link where it can be used, else its page."""
    base = work.site.config.base_url.rstrip("/")
    if booking.state in ("confirmed", "checked_in"):
        return base + link_of(work, booking)
    return f"{base}/bookings/{booking.public_id}"


def view_by_link(work: Work, token: str) -> BookingView | None:
    """The booking that a check-in link opens; locked where the work writes."""
    public_id = token.partition(".")[0]
    serial = work.session.scalar(
        sa.select(Arrival.link_serial)
        .join(Booking, Booking.id == Arrival.booking_id)
        .where(Booking.public_id == public_id)
    )
    if not is_signed(work.site.config.key, PURPOSE, token, serial or 0):
        return None
    if work.is_writing:
        return locked_view(work.session, public_id)
    found = _shown(work.session, _views().where(Booking.public_id == public_id))
    return found[0] if found else None


def by_reference(session: Session, reference: str, venue_id: int) -> BookingView | None:
    """A venue's booking by the reference that is spoken at the desk."""
    question = _views().where(Booking.reference == reference, Venue.id == venue_id)
    found = _shown(session, question)
    return found[0] if found else None


def at_the_door(work: Work, venue_id: int, room_id: int | None) -> list[BookingView]:
    """The actor's own bookings of today that could be checked in at a door, by start."""
    actor = work.actor
    if actor.person_id is None:
        return []
    whose = sa.or_(
        Booking.booked_for_id == actor.person_id,
        Booking.organisation_id.in_(tuple(actor.organisations)),
    )
    question = _views().where(
        whose,
        Claim.venue_id == venue_id,
        Claim.ends_at > work.now,
        Claim.starts_at < work.now + timedelta(hours=12),
        Booking.state.in_(("confirmed", "checked_in")),
    )
    if room_id is not None:
        question = question.where(Booking.room_id == room_id)
    return _shown(work.session, question.order_by(Claim.starts_at).limit(10))


def where_said(session: Session, field: str) -> Any:
    """A condition on Room: the rooms for which some policy says something of a field, or None.

    What nobody says anywhere needs no look at any booking.
    """
    rows: Sequence[Any] = session.execute(
        sa.select(Policy.venue_id, Policy.room_id, Policy.rules)
    ).all()
    said = [(venue, room) for venue, room, rules in rows if rules.get(field) not in (None, False)]
    if not said:
        return None
    if (None, None) in said:
        return sa.true()
    rooms = {room for _, room in said if room is not None}
    venues = {venue for venue, room in said if room is None}
    return sa.or_(Room.id.in_(rooms), Room.venue_id.in_(venues))


def missing(session: Session, now: datetime) -> list[tuple[BookingView, Arrival | None]]:
    """What has begun, is confirmed, and where people are asked to say that they are there."""
    where = where_said(session, "check_in")
    if where is None:
        return []
    views = _shown(session, _views().where(where, *going_on(now)).order_by(Claim.starts_at))
    told = arrivals(session, [view.booking.id for view in views])
    return [(view, told.get(view.booking.id)) for view in views]


def going_on(now: datetime) -> list[Any]:
    """Conditions: confirmed for people, begun, not over."""
    return [
        Booking.state == "confirmed",
        Booking.kind.in_(FOR_PEOPLE),
        Claim.venue_id.in_(sa.select(Venue.id)),
        Claim.ends_at > now,
        Claim.ends_at < now + LONGEST,
        Claim.starts_at <= now,
    ]


def arrivals(session: Session, ids: Collection[int]) -> dict[int, Arrival]:
    """What was told about bookings, by booking id."""
    if not ids:
        return {}
    rows = session.scalars(sa.select(Arrival).where(Arrival.booking_id.in_(ids)))
    return {row.booking_id: row for row in rows}
