"""What is kept of a guest, in her export; her address and links go when she is erased."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tierslieu.bookings.guests.models import GuestBooking
from tierslieu.bookings.models import Booking
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Bookings made without an account: with which address, and when it was confirmed."""
    question = (
        sa.select(GuestBooking, Booking.reference)
        .join(Booking, Booking.id == GuestBooking.booking_id)
        .where(GuestBooking.person_id == person_id)
        .order_by(GuestBooking.booking_id)
    )
    rows = tuple(
        {
            "reference": reference,
            "email": guest.email,
            "asked_at": iso(guest.asked_at),
            "confirmed_at": iso(guest.confirmed_at) if guest.confirmed_at else None,
        }
        for guest, reference in work.session.execute(question)
    )
    if rows:
        yield PersonDataPart(msg("Booked without an account"), rows, order=21)


def erase(work: Work, person_id: int) -> None:
    """Her address and the links go; the bookings themselves are the core's to empty."""
    work.session.execute(sa.delete(GuestBooking).where(GuestBooking.person_id == person_id))
