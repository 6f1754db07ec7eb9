"""Links that open a guest's booking: made for a mail, opened, revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from tierslieu.bookings.guests.models import GuestBooking, GuestLink
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, booking_view, locked_view
from tierslieu.kernel.actor import Actor, Grant
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.tokens import hash_token, new_token
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.people.queries import anonymous

#: How long after the end of a booking its links still open it.
AFTERWARDS: Final = timedelta(days=14)

#: What a link lets its holder do with the booking that it opens.
_OWN: Final = frozenset(
    {"bookings.change", "bookings.cancel", "bookings.check_in", "bookings.release"}
)


def guest_actor(person: Person) -> Actor:
    """A guest as she acts: what anybody may, and her own booking; no account."""
    actor = anonymous(person.locale)
    own = Grant("guest", "own", None, _OWN)
    return replace(actor, person_id=person.id, name=person.name, grants=(*actor.grants, own))


def as_guest(work: Work, person: Person) -> Work:
    """The same work, done by a guest."""
    return replace(work, actor=guest_actor(person))


def new_link(work: Work, view: BookingView) -> str:
    """Make a link to a guest's booking and answer its path here; the older ones open it too."""
    token = new_token("")
    work.session.add(
        GuestLink(
            booking_id=view.booking.id,
            token_hash=hash_token(token),
            created_at=work.now,
            expires_at=view.span.ends_at + AFTERWARDS,
        )
    )
    work.session.flush()
    return f"/g/{token}"


def path_for(work: Work, view: BookingView) -> str:
    """Where a mail about a booking leads: a guest's to a link of her own."""
    if work.session.get(GuestBooking, view.booking.id) is not None:
        return new_link(work, view)
    return f"/bookings/{view.booking.public_id}"


def opened(work: Work, token: str, *, locked: bool = False) -> tuple[Work, BookingView]:
    """The booking that a link opens, and the work as its guest's; NotFound for any other."""
    row = work.session.execute(
        sa.select(GuestLink, Booking.public_id, Person)
        .join(GuestBooking, GuestBooking.booking_id == GuestLink.booking_id)
        .join(Booking, Booking.id == GuestLink.booking_id)
        .join(Person, Person.id == GuestBooking.person_id)
        .where(GuestLink.token_hash == hash_token(token), GuestLink.revoked_at.is_(None))
    ).first()
    if row is None or row.Person.erased_at is not None:
        raise NotFound
    find = locked_view if locked else booking_view
    view = find(work.session, row.public_id)
    if view is None or max(row.GuestLink.expires_at, view.span.ends_at + AFTERWARDS) <= work.now:
        raise NotFound
    return as_guest(work, row.Person), view


def revoke(work: Work, booking_id: int) -> int:
    """No link opens this booking any more; how many did."""
    gone = work.session.execute(
        sa.update(GuestLink)
        .where(GuestLink.booking_id == booking_id, GuestLink.revoked_at.is_(None))
        .values(revoked_at=work.now)
        .returning(GuestLink.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
