"""A request between two answers, somebody in line for a taken time, and an offer to be taken up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from tierslieu.bookings.chains.models import ApprovalAnswer, ApprovalProgress
from tierslieu.bookings.chains.queries import steps_of
from tierslieu.bookings.chains.rules import Step
from tierslieu.bookings.chains.services import put_chain
from tierslieu.bookings.models import Booking
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.offers import offer_next
from tierslieu.bookings.waiting.rules import first_rank
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.people.models import Account, Person, RoleGrant
from tierslieu.people.services import relate
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room

#: Who waits and is offered: the member of the demo.
MEMBER: Final = "member2@demo.example"
STEPS: Final = (
    Step("venue_manager", label=Texts(it="La gestione", fr="La gestion", en="The management")),
    Step("network_admin", label=Texts(it="Il Comune", fr="La ville", en="The city"),
         deadline_hours=240),
)  # fmt: skip
#: So many times are tried until one can be offered.
TRIED: Final = 12


def answer_and_wait(work: Work) -> None:
    """Write them; nothing where the demo has no such booking."""
    _half_answered(work)
    member = work.session.scalar(
        sa.select(Person.id).join(Account, Account.person_id == Person.id)
        .where(Account.email == MEMBER)
    )  # fmt: skip
    if member is not None:
        _in_line(work, member)
        _offered(work, member)
    work.session.flush()


def _coming(work: Work, state: str, *where: Any) -> Any:
    """Bookings to come in some days, the soonest first, with the time they have."""
    ahead = work.now + timedelta(days=6), work.now + timedelta(days=120)
    return (
        sa.select(Booking, Claim)
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .where(Booking.state == state, Claim.starts_at.between(*ahead), Booking.places.is_(None))
        .where(Room.retired_at.is_(None), Booking.series_id.is_(None), *where)
        .order_by(Claim.starts_at, Claim.id)
        .limit(TRIED)
    )


def _half_answered(work: Work) -> None:
    """The first step said yes; the city has still to answer."""
    managed = sa.exists().where(
        RoleGrant.venue_id == Claim.venue_id, RoleGrant.role == "venue_manager"
    )
    found = work.session.execute(_coming(work, "requested", managed)).first()
    if found is None:
        return
    booking, claim = found
    row = put_chain(work, claim.venue_id, booking.room_id, STEPS)
    if row is None:
        return
    first, second = steps_of(work.session, row.id)
    manager = work.session.scalar(
        sa.select(sa.func.min(RoleGrant.person_id)).where(
            RoleGrant.venue_id == claim.venue_id, RoleGrant.role == "venue_manager"
        )
    )
    since = max(booking.created_at, work.now - timedelta(hours=20))
    until = min(since + timedelta(hours=second.deadline_hours or 0), claim.starts_at)
    work.session.add_all(
        [
            ApprovalAnswer(booking_id=booking.id, step_id=first.id, person_id=manager,
                           answer="approve", at=since),
            ApprovalProgress(booking_id=booking.id, step_id=second.id, since=since, until=until),
        ]
    )  # fmt: skip
    booking.answer_by = until


def _in_line(work: Work, member: int) -> None:
    """She waits for a time that somebody else has."""
    others = Booking.booked_for_id != member
    found = work.session.execute(_coming(work, "confirmed", others)).first()
    if found is not None:
        _entry(work, member, *found)


def _offered(work: Work, member: int) -> None:
    """What somebody gave up is held for her until she answers."""
    others = Booking.booked_for_id != member
    for booking, claim in work.session.execute(_coming(work, "cancelled", others)).all():
        entry = _entry(work, member, booking, claim)
        if offer_next(work, [booking.room_id], Span(claim.starts_at, claim.ends_at)):
            return
        work.session.delete(entry)
        work.session.flush()


def _entry(work: Work, member: int, booking: Booking, claim: Claim) -> WaitingEntry:
    joined: datetime = work.now - timedelta(days=2)
    entry = WaitingEntry(
        room_id=booking.room_id,
        starts_at=claim.starts_at,
        ends_at=claim.ends_at,
        person_id=member,
        title=claim.label,
        attendance=booking.attendance,
        joined_at=joined,
        rank=first_rank(joined),
    )
    work.session.add(entry)
    relate(work, member, claim.venue_id)
    work.session.flush()
    return entry
