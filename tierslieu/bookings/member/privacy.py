"""A person's bookings in her export, and what becomes of them when she is erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.bookings.cart import privacy as cart
from tierslieu.bookings.cart.services import erase as erase_list
from tierslieu.bookings.guests import privacy as guests
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preconditions import queries as preconditions
from tierslieu.bookings.preconditions.services import erase as forget_qualifications
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.rules.states import OPEN
from tierslieu.bookings.series import privacy as series
from tierslieu.bookings.states.services import settle
from tierslieu.bookings.terms.models import TermsAcceptance
from tierslieu.bookings.terms.queries import accepted_data
from tierslieu.contributions import BookingChange, PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Every booking made for her or by her, the newest first."""
    question = (
        sa.select(Booking, Claim, Room.name, Venue.name)
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .join(Venue, Venue.id == Room.venue_id)
        .where(sa.or_(Booking.booked_for_id == person_id, Booking.booked_by_id == person_id))
        .order_by(Claim.starts_at.desc())
    )
    rows = tuple(_row(*found) for found in work.session.execute(question))
    if rows:
        yield PersonDataPart(msg("Bookings"), rows, order=20)
    yield from guests.data(work, person_id)
    yield from cart.data(work, person_id)
    yield from accepted_data(work, person_id)
    yield from preconditions.data(work, person_id)
    yield from series.data(work, person_id)


def _row(booking: Booking, claim: Claim, room: str, venue: str) -> dict[str, Any]:
    return {
        "reference": booking.reference,
        "title": claim.label,
        "venue": venue,
        "room": room,
        "starts_at": iso(claim.starts_at),
        "ends_at": iso(claim.ends_at),
        "state": booking.state,
        "people": booking.attendance,
        "note": booking.note,
        "visibility": claim.visibility,
        "price_cents": booking.price_cents,
        "made_at": iso(booking.created_at),
    }


def erase(work: Work, person_id: int) -> None:
    """Her own bookings to come are cancelled, and no words of hers stay with the past ones.

    Those of an organisation stay the organisation's.
    """
    guests.erase(work, person_id)
    series.erase(work, person_id)
    erase_list(work, [person_id])
    forget_qualifications(work, person_id)
    work.session.execute(sa.delete(TermsAcceptance).where(TermsAcceptance.person_id == person_id))
    hers = sa.and_(Booking.booked_for_id == person_id, Booking.organisation_id.is_(None))
    found = work.session.execute(
        sa.select(Booking.public_id, Booking.state, Claim.ends_at)
        .join(Claim, Claim.id == Booking.id)
        .where(hers)
    ).all()
    changes = []
    for public_id, state, ends_at in found:
        view = booking_view(work.session, public_id)
        if view is None:
            continue
        if state in OPEN and ends_at > work.now:
            settle(work, view, "cancelled", verb="bookings.cancel")
        view.claim.label, view.claim.visibility = "", "private"
        booking = view.booking
        booking.note = booking.purpose = booking.reason = booking.override_reason = ""
        booking.revision += 1
        booking.version += 1
        booking.changed_at = work.now
        changes.append(
            BookingChange(
                booking.id, view.venue_id, booking.room_id, booking.state, booking.state, "changed"
            )
        )
    work.session.flush()
    if changes:
        work.hooks.tell(hookspecs.bookings_changed, work=work, changes=changes)
