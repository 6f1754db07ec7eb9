"""Asking a member to vouch: done with the booking itself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.preconditions.models import Sponsorship
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import LocalSpan, Span
from tierslieu.kernel.tokens import hash_token, new_token
from tierslieu.kernel.work import Work
from tierslieu.memberships.models import Membership, Plan
from tierslieu.memberships.queries import at_the_desk, counts_on
from tierslieu.people.models import Account, Person
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue


def ask_sponsor(work: Work, booking: Booking, claim: Claim, venue_id: int, written: str) -> None:
    """Name the member who vouches; she is written to, or told at the desk.

    Raises Invalid for a card that nobody has, and for oneself.
    """
    person = _named(work, venue_id, written.strip())
    if person is not None and person.id == booking.booked_for_id:
        raise Invalid("own_sponsor", msg("Somebody else must vouch for you."), "sponsor")
    token = new_token("")
    work.session.add(
        Sponsorship(
            booking_id=booking.id,
            person_id=person.id if person else None,
            token_hash=hash_token(token),
            asked_at=work.now,
        )
    )
    work.session.flush()
    if person is not None:
        _ask(work, person, booking, claim, venue_id, f"/sponsor/{token}")


def _named(work: Work, venue_id: int, written: str) -> Person | None:
    """The member: by card where a card is written, else by address, which tells nothing."""
    today = work.now.date()
    if "@" not in written:
        cards = at_the_desk(work.session, venue_id, written, today)
        counting = [card.person for card in cards if card.standing in ("running", "grace")]
        person = counting[0] if counting else None
        if person is None:
            text = msg("No member here has this card.")
            raise Invalid("unknown_sponsor", text, "sponsor")
        return person
    question = (
        sa.select(Person)
        .join(Account, Account.person_id == Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .join(Plan, Plan.id == Membership.plan_id)
        .where(
            Account.email == written.casefold(),
            Account.confirmed_at.is_not(None),
            Plan.venue_id == venue_id,
            *counts_on(today),
        )
        .limit(1)
    )
    return work.session.scalars(question).first()


def _ask(
    work: Work, person: Person, booking: Booking, claim: Claim, venue_id: int, link: str
) -> None:
    room = work.session.get_one(Room, booking.room_id)
    venue = work.session.get_one(Venue, venue_id)
    asker = work.session.get(Person, booking.booked_for_id) if booking.booked_for_id else None
    span = Span(claim.starts_at, claim.ends_at)
    post(
        work,
        person,
        msg("Somebody asks you to vouch"),
        [
            msg("%(name)s names you as the member who vouches for a booking.",
                name=asker.name if asker else ""),
            msg("%(title)s", title=claim.label),
            msg("%(when)s, %(room)s, %(venue)s", when=LocalSpan(span, ZoneInfo(booking.zone)),
                room=room.name, venue=venue.name),
            msg("Say yes or no by the link; without your yes it does not take place."),
        ],
        link=link,
        zone=booking.zone,
        venue_id=venue_id,
        about=f"booking:{booking.public_id}",
    )  # fmt: skip
