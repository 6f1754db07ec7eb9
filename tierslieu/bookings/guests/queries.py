"""Questions about guests: what waits, what is to come, what could become an account's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.guests.models import GuestBooking, GuestLink
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.work import Work
from tierslieu.memberships.models import Membership
from tierslieu.people.models import Account, OrganisationPerson, Person, RoleGrant
from tierslieu.resources.models import Claim

#: How long after her last booking a guest is remembered.
KEPT: Final = timedelta(days=90)
#: How long one is remembered who never confirmed her address.
KEPT_UNCONFIRMED: Final = timedelta(days=1)
#: What a mail with links asked for again is about.
AGAIN: Final = "bookings.guest_again"


def is_guest() -> sa.ColumnElement[bool]:
    """Whether a person of a question booked as a guest and has no account."""
    return sa.and_(
        sa.exists().where(GuestBooking.person_id == Person.id),
        ~sa.exists().where(Account.person_id == Person.id),
    )


def waiting(session: Session, email: str, now: datetime) -> int:
    """How many bookings of an address wait for it to be confirmed."""
    question = (
        sa.select(sa.func.count())
        .select_from(GuestBooking)
        .join(Claim, Claim.id == GuestBooking.booking_id)
        .where(
            GuestBooking.email == email,
            GuestBooking.confirmed_at.is_(None),
            GuestBooking.asked_at > now - timedelta(hours=1),
        )
    )
    return session.scalar(question) or 0


def asked_again(session: Session, email: str, now: datetime) -> int:
    """How often links were mailed anew to an address within the hour."""
    question = sa.select(sa.func.count(Mail.id)).where(
        Mail.to_address == email, Mail.about == AGAIN, Mail.created_at > now - timedelta(hours=1)
    )
    return session.scalar(question) or 0


def known_guest(session: Session, email: str, name_folded: str) -> Person | None:
    """The guest who confirmed this address before, under the same name."""
    question = (
        sa.select(Person)
        .join(GuestBooking, GuestBooking.person_id == Person.id)
        .where(
            GuestBooking.email == email,
            GuestBooking.confirmed_at.is_not(None),
            Person.name_folded == name_folded,
            Person.erased_at.is_(None),
            Person.id.not_in(sa.select(Account.person_id)),
        )
        .order_by(Person.id)
        .limit(1)
    )
    return session.scalars(question).first()


def to_come(session: Session, email: str, now: datetime) -> list[BookingView]:
    """Bookings to come that were made with an address and confirmed by it."""
    question = (
        sa.select(Booking.public_id)
        .join(GuestBooking, GuestBooking.booking_id == Booking.id)
        .join(Claim, Claim.id == Booking.id)
        .join(Person, Person.id == GuestBooking.person_id)
        .where(
            GuestBooking.email == email,
            GuestBooking.confirmed_at.is_not(None),
            Person.erased_at.is_(None),
            Booking.booked_for_id == GuestBooking.person_id,
            Person.id.not_in(sa.select(Account.person_id)),
            Claim.ends_at > now,
            Booking.state.not_in(("cancelled", "declined", "expired")),
        )
        .order_by(Claim.starts_at)
        .limit(20)
    )
    views = [booking_view(session, public_id) for public_id in session.scalars(question)]
    return [view for view in views if view is not None]


def of_address(session: Session, email: str, person_id: int) -> list[tuple[GuestBooking, str]]:
    """Confirmed guests' bookings of an address that are not this person's yet."""
    question = (
        sa.select(GuestBooking, Booking.public_id)
        .join(Booking, Booking.id == GuestBooking.booking_id)
        .join(Person, Person.id == GuestBooking.person_id)
        .where(
            GuestBooking.email == email,
            GuestBooking.confirmed_at.is_not(None),
            GuestBooking.person_id != person_id,
            Booking.booked_for_id == GuestBooking.person_id,
            Person.erased_at.is_(None),
            Person.id.not_in(sa.select(Account.person_id)),
        )
        .order_by(GuestBooking.booking_id)
    )
    return [(guest, public_id) for guest, public_id in session.execute(question)]


def offered(work: Work) -> int:
    """How many guests' bookings of her address the signed-in person could take over."""
    of_hers = sa.exists().where(
        Account.id == work.actor.account_id,
        Account.confirmed_at.is_not(None),
        Account.email == GuestBooking.email,
        GuestBooking.person_id != Account.person_id,
    )
    question = (
        sa.select(sa.func.count())
        .select_from(GuestBooking)
        .join(Booking, Booking.id == GuestBooking.booking_id)
        .join(Person, Person.id == GuestBooking.person_id)
        .where(
            of_hers,
            GuestBooking.confirmed_at.is_not(None),
            Booking.booked_for_id == GuestBooking.person_id,
            Person.erased_at.is_(None),
            Person.id.not_in(sa.select(Account.person_id)),
        )
    )
    return work.session.scalar(question) or 0


def is_guests(session: Session, booking_id: int) -> bool:
    """Whether a booking is a guest's whose links still open it."""
    question = sa.select(GuestLink.id).where(
        GuestLink.booking_id == booking_id, GuestLink.revoked_at.is_(None)
    )
    return session.scalar(question.limit(1)) is not None


def left_over(session: Session, people: Collection[int]) -> set[int]:
    """Those of whom nothing is left here."""
    if not people:
        return set()
    question = sa.select(Person.id).where(Person.id.in_(sorted(people)))
    for column in (
        Booking.booked_for_id,
        GuestBooking.person_id,
        Account.person_id,
        Membership.person_id,
        RoleGrant.person_id,
        OrganisationPerson.person_id,
    ):
        question = question.where(~sa.exists().where(column == Person.id))
    return set(session.scalars(question))


def to_forget(session: Session, now: datetime, limit: int = 200) -> list[int]:
    """Guests whose data have been kept long enough: nothing to come, no card, no account."""
    recent = sa.exists().where(
        Booking.booked_for_id == Person.id, Booking.id == Claim.id, Claim.ends_at > now - KEPT
    )
    unproven = ~sa.exists().where(
        GuestBooking.person_id == Person.id, GuestBooking.confirmed_at.is_not(None)
    )
    asked_lately = sa.exists().where(
        GuestBooking.person_id == Person.id, GuestBooking.asked_at > now - KEPT_UNCONFIRMED
    )
    question = (
        sa.select(Person.id)
        .where(
            sa.exists().where(GuestBooking.person_id == Person.id),
            Person.erased_at.is_(None),
            sa.or_(~recent, sa.and_(unproven, ~asked_lately)),
            *(
                ~sa.exists().where(column == Person.id)
                for column in (
                    Account.person_id,
                    Membership.person_id,
                    RoleGrant.person_id,
                    OrganisationPerson.person_id,
                )
            ),
        )
        .limit(limit)
    )
    return list(session.scalars(question))
