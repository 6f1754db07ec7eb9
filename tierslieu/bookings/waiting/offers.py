"""The one service that offers: whatever set the time free, the first in line holds it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.bookings import mails
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.buffers.services import take_for
from tierslieu.bookings.cases.queries import Party, room_case_by_id
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.rules import Ask
from tierslieu.bookings.services import Draft, NewBooking, note_kit, write
from tierslieu.bookings.waiting.models import WaitingEntry, WaitingLink
from tierslieu.bookings.waiting.queries import in_line, rooms_in_line, taken_up
from tierslieu.bookings.waiting.rules import offered_until, told_at
from tierslieu.contributions import BookingChange
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import hash_token, new_token
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.models import Claim


def offer_next(
    work: Work, room_ids: Collection[int], span: Span, *, alone: bool = False
) -> list[WaitingEntry]:
    """Offer what became free in these rooms near a span to the first who can have all of it.

    Afterwards each of them has a booking in state held that occupies the room, and is told. Where
    nobody waits it costs one question. Who waits for a part or the whole of a divided room, or for
    things, is offered by a job, which takes all the locks in their order; ``alone``: by that job.
    """
    line = in_line(work.session, room_ids, span, work.now)
    if not line:
        return []
    rooms = {entry.room_id for entry in line}
    if not alone and (not rooms <= set(room_ids) or any(entry.things for entry in line)):
        wanted = sorted(rooms | set(room_ids))
        work.later("waiting.offer", key=f"waiting.offer:{wanted}"[:120], rooms=wanted)
        return []
    lock_kit(work, rooms, {thing for entry in line for thing, _ in entry.wishes} if alone else ())
    kept = taken_up(work.session, rooms)
    return [entry for entry in line if not _meets(kept, entry) and _offer(work, entry)]


def end_offer(work: Work, booking: Booking) -> None:
    """A held booking ended: whoever it was offered to is no longer in line."""
    state = "lapsed" if booking.state == "expired" else "left"
    work.session.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.booking_id == booking.id, WaitingEntry.state == "offered")
        .values(state=state, ended_at=work.now)
    )


def tell_offer(work: Work, entry: WaitingEntry) -> None:
    """Write the mail of an offer that still stands, with a link that answers it."""
    view = _view_of(work, entry)
    if entry.state != "offered" or view is None or view.booking.state != "held":
        return
    token = new_token("tlo_")
    work.session.add(
        WaitingLink(entry_id=entry.id, token_hash=hash_token(token), created_at=work.now)
    )
    work.session.flush()
    mails.offered(work, view.booking.public_id, f"/offers/{token}")


def offer_rooms(work: Work, rooms: list[int]) -> None:
    """Offer whatever is free in some rooms, whenever it is."""
    offer_next(work, rooms, Span(work.now, work.now + timedelta(days=3660)), alone=True)


def ask_venue(work: Work, venue_id: int) -> None:
    """Have whatever may have become free at a venue offered, once this is done.

    As a job: it takes the locks of all its rooms in their order, whatever was locked before.
    """
    rooms = rooms_in_line(work.session, work.now, venue_id)
    if rooms:
        work.later("waiting.offer", key=f"waiting.offer:venue:{venue_id}", rooms=rooms)


def offer_what_is_free(work: Work) -> None:
    """What became free without a booking that ended and was not asked for since: by time alone."""
    for room_id in rooms_in_line(work.session, work.now):
        offer_next(work, [room_id], Span(work.now, work.now + timedelta(days=3660)))


def tell_entry(work: Work, entry: str) -> None:
    """In the morning: tell of an offer made at night."""
    found = work.session.scalar(sa.select(WaitingEntry).where(WaitingEntry.public_id == entry))
    if found is not None:
        tell_offer(work, found)


def lock_lapsing(work: Work) -> None:
    """Lock the offers whose time is over before their rooms, as whoever accepts one does."""
    question = (
        sa.select(Booking.id)
        .join(Claim, Claim.id == Booking.id)
        .where(Claim.expires_at <= work.now, Booking.state == "held")
        .order_by(Booking.id)
    )
    work.session.execute(question.with_for_update(of=Booking)).all()


def revoke_links(work: Work, entry: WaitingEntry) -> None:
    """No link of this entry opens anything any more."""
    work.session.execute(
        sa.update(WaitingLink)
        .where(WaitingLink.entry_id == entry.id, WaitingLink.revoked_at.is_(None))
        .values(revoked_at=work.now)
    )


def _view_of(work: Work, entry: WaitingEntry) -> BookingView | None:
    booking = work.session.get(Booking, entry.booking_id) if entry.booking_id else None
    return booking_view(work.session, booking.public_id) if booking is not None else None


def _meets(kept: Collection[Span], entry: WaitingEntry) -> bool:
    return any(span.overlaps(Span(entry.starts_at, entry.ends_at)) for span in kept)


def _offer(work: Work, entry: WaitingEntry) -> bool:
    """Hold the room for one entry; whether it could be had."""
    span = Span(entry.starts_at, entry.ends_at)
    person = work.session.get(Person, entry.person_id)
    if person is None or person.erased_at is not None:
        return False
    try:
        with work.savepoint():
            _hold(work, entry, span)
    except (Refusal, NotFound):
        return False
    return True


def _hold(work: Work, entry: WaitingEntry, span: Span) -> None:
    case = room_case_by_id(work.session, entry.room_id, span).arranged(entry.layout)
    party = Party(Actor(person_id=entry.person_id), entry.person_id, entry.organisation_id)
    ask = Ask(span, entry.attendance, places=entry.places, place=entry.place, things=entry.wishes)
    verdict = judge(work, "accept", case, party, ask, purpose=entry.purpose, taken=True)
    if verdict.reasons:
        raise Refusal(*verdict.reasons)
    told = told_at(work.now, span.starts_at, case.zone)
    until = offered_until(told, span.starts_at, verdict.policy.offer_hours)
    booking = _held_booking(work, entry, verdict, party)
    note_kit(work, booking, verdict.kit)
    take_for(work, verdict, ask, booking, None, until)

    booking.booked_by_id, booking.answer_by = None, until
    entry.state, entry.booking_id = "offered", booking.id
    entry.offered_at, entry.offered_until = told, until
    work.session.flush()
    change = BookingChange(booking.id, case.venue_id, case.id, None, "held", "made")
    work.hooks.tell(hookspecs.bookings_changed, work=work, changes=[change])
    work.audit("waiting.offer", f"booking:{booking.public_id}", venue=case.venue_id,
               organisation=entry.organisation_id, person=entry.person_id)  # fmt: skip
    if told <= work.now:
        tell_offer(work, entry)
    else:
        work.later("waiting.tell", run_at=told, key=f"waiting.tell:{entry.public_id}",
                   entry=entry.public_id)  # fmt: skip


def _held_booking(work: Work, entry: WaitingEntry, verdict: Verdict, party: Party) -> Booking:
    new = NewBooking(
        room=verdict.case.public_id,
        span=Span(entry.starts_at, entry.ends_at),
        title=entry.title,
        attendance=entry.attendance,
        purpose=entry.purpose,
        declared=tuple(entry.declared),
        visibility=entry.visibility,
        layout=entry.layout,
        note=entry.note,
        places=entry.places,
        place=entry.place,
        person_id=entry.person_id,
        organisation_id=entry.organisation_id,
    )
    return write(work, party, [Draft(verdict, new, "held")])[0][0]
