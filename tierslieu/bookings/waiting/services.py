"""Verbs of the waiting list: join, leave, accept, refuse, and the order changed by hand."""

from __future__ import annotations

import sqlalchemy as sa

from tierslieu.bookings import mails
from tierslieu.bookings.accessories.queries import wishes
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.buffers.services import take_for
from tierslieu.bookings.cases.queries import Party, RoomCase, room_case, room_case_by_id
from tierslieu.bookings.chains.services import begin
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, booking_view, locked_view
from tierslieu.bookings.rules import Ask, answer_deadline, move, occupies
from tierslieu.bookings.rules.uses import known_facts
from tierslieu.bookings.services import (
    VISIBILITIES,
    NewBooking,
    ask_of,
    known,
    party_of,
    title_of,
)
from tierslieu.bookings.states.services import found, same_version, settle, tell, touch
from tierslieu.bookings.terms.services import accept as accept_terms
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.queries import (
    beside,
    entry_by_link,
    entry_of,
    waiting_view,
)
from tierslieu.bookings.waiting.rules import first_rank, reordered
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.people.services import relate
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.services import release

#: Reasons that are gone once somebody gives up what she has.
WAITED_FOR = ("taken", "accessory_taken")


def join(work: Work, new: NewBooking) -> WaitingEntry:
    """Stand in line for a time that is taken, or for what is taken that shall go with it.

    Everything else must be allowed now. Raises Refused with every other broken
    rule, Conflict when the time is free (then book it) or one waits for it already.
    """
    case = room_case(work.session, new.room, new.span).arranged(new.layout)
    party = party_of(work, case, new)
    if party.person_id is None:
        text = msg("For whom? Find somebody, register somebody, or keep it for the venue.")
        raise Invalid("whom", text, "find")
    own = party.person_id == work.actor.person_id
    work.require("waiting.edit", venue=case.venue_id, organisation=new.organisation_id, own=own)
    title = title_of(new.title)
    known(new.visibility, VISIBILITIES, "visibility")
    if new.layout:
        known(new.layout, tuple(case.layouts), "layout")
    if new.sponsor:
        text = msg("Where a member must vouch for you one cannot wait: choose another time.")
        raise Invalid("wait_without_sponsor", text, "sponsor")
    # Under the lock of the room: whoever cancels meanwhile sees this entry, or it sees her leave.
    lock_kit(work, [case.id], [thing for thing, _ in new.things])
    verdict = _must_be_taken(work, case, party, new)
    entry = _entered(work, case, party, new, title)
    relate(work, party.person_id, case.venue_id)
    unaccepted = verdict.applicant.unmet.unaccepted
    accept_terms(work, party.person_id, unaccepted, new.accept_terms)
    work.audit("waiting.join", f"waiting:{entry.public_id}", venue=case.venue_id,
               organisation=party.organisation_id, person=party.person_id)  # fmt: skip
    return entry


def _must_be_taken(work: Work, case: RoomCase, party: Party, new: NewBooking) -> Verdict:
    ask = ask_of(new, party)
    verdict = judge(work, "book", case, party, ask, purpose=new.purpose, taken=True)
    refuse([reason for reason in verdict.reasons if reason.code not in WAITED_FOR])
    if not verdict.reasons:
        text = msg("This time is free: book it, there is nothing to wait for.")
        raise Conflict(Reason("free", text, "starts_at", kind="state"))
    return verdict


def _entered(work: Work, case: RoomCase, party: Party, new: NewBooking, title: str) -> WaitingEntry:
    entry = WaitingEntry(
        room_id=case.id,
        starts_at=new.span.starts_at,
        ends_at=new.span.ends_at,
        person_id=party.person_id,
        organisation_id=party.organisation_id,
        title=title,
        attendance=new.attendance,
        layout=new.layout,
        purpose=clean(new.purpose, field="purpose")[:64],
        note=clean(new.note, lines=True, field="note")[:2000],
        declared=list(known_facts(new.declared)),
        places=1 if new.place else new.places,
        place=new.place,
        things=[[thing, n] for thing, n in new.things if n],
        visibility=new.visibility,
        joined_at=work.now,
        rank=first_rank(work.now),
    )
    try:
        with work.savepoint():
            work.session.add(entry)
    except sa.exc.IntegrityError:
        text = msg("You are on this waiting list already.")
        raise Conflict(Reason("already_waiting", text, "starts_at", kind="state")) from None
    return entry


def leave(work: Work, public_id: str) -> WaitingEntry:
    """Leave the line; an offer is refused by it. Who left stays as she is."""
    entry = _own_entry(work, public_id, "waiting.edit")
    if entry.state == "offered" and entry.booking_id is not None:
        booking = work.session.get_one(Booking, entry.booking_id)
        view = locked_view(work.session, booking.public_id)
        if view is not None and view.booking.state == "held":
            _refuse(work, view)
            work.session.refresh(entry)
            return entry
    if entry.state == "waiting":
        entry.state, entry.ended_at = "left", work.now
        work.session.flush()
        shown = waiting_view(work.session, public_id)
        work.audit("waiting.leave", f"waiting:{public_id}", person=entry.person_id,
                   venue=shown.venue_id if shown else None)  # fmt: skip
    return entry


def _own_entry(work: Work, public_id: str, permission: str) -> WaitingEntry:
    view = waiting_view(work.session, public_id)
    if view is None:
        raise NotFound
    entry = view.entry
    body = entry.organisation_id
    own = (
        body in work.actor.organisations
        if body is not None
        else entry.person_id is not None and entry.person_id == work.actor.person_id
    )
    may_know = work.actor.may("waiting.edit", venue=view.venue_id, organisation=body, own=own)
    if not may_know:
        raise NotFound
    work.require(permission, venue=view.venue_id, organisation=body, own=own)
    _lock(work, entry)
    return entry


def _lock(work: Work, entry: WaitingEntry) -> None:
    """Lock an entry's offer, then its room, as every verb about a booking does.

    An offer made while we waited for the room is locked in a second round: a savepoint that is
    undone gives the room back.
    """
    locked = False
    while not locked:
        offer = entry.booking_id
        with work.session.begin_nested() as trial:
            booking = None if offer is None else work.session.get(Booking, offer)
            if booking is not None:
                locked_view(work.session, booking.public_id)
            lock_leaves(work, [entry.room_id])
            work.session.refresh(entry)
            locked = entry.booking_id == offer
            if not locked:
                trial.rollback()


def accept(work: Work, public_id: str, version: int | None = None) -> Booking:
    """Take up an offer: confirmed, or asked for where the policy asks approval."""
    view = found(work, public_id, "bookings.change")
    same_version(view, version)
    return _accept(work, view)


def accept_by_link(work: Work, token: str) -> Booking:
    """The same by the link of the mail; NotFound for a link that opens nothing."""
    return _accept(work, _by_link(work, token))


def refuse_offer(work: Work, public_id: str) -> Booking:
    """Give an offer up: the next in line is offered it in the same work."""
    return _refuse(work, found(work, public_id, "bookings.change"))


def refuse_by_link(work: Work, token: str) -> Booking:
    """The same by the link of the mail."""
    return _refuse(work, _by_link(work, token))


def _by_link(work: Work, token: str) -> BookingView:
    entry = entry_by_link(work.session, token)
    booking = work.session.get(Booking, entry.booking_id) if entry and entry.booking_id else None
    view = locked_view(work.session, booking.public_id) if booking is not None else None
    if view is None:
        raise NotFound
    return view


def _accept(work: Work, view: BookingView) -> Booking:
    booking, span = view.booking, view.span
    entry = entry_of(work.session, booking.id)
    if entry is None and booking.state == "held":
        raise NotFound  # held for a guest who confirms her address, which is no offer
    if entry is not None and entry.state == "accepted":
        return booking
    state = move(booking.state, "accept", span, work.now)
    if isinstance(state, Reason):
        refuse([state])
    lock_kit(work, [booking.room_id], [each for each, _ in wishes(work.session, booking)])
    case = room_case_by_id(work.session, booking.room_id, span).arranged(booking.layout)
    actor = Actor(person_id=booking.booked_for_id)
    party = Party(actor, booking.booked_for_id, booking.organisation_id)
    ask = Ask(span, booking.attendance, places=booking.places)
    verdict = judge(work, "accept", case, party, ask, moving=booking.id, purpose=booking.purpose)
    refuse(verdict.reasons)

    asked = verdict.policy.asks_approval(booking.attendance, booking.declared)
    booking.state = "requested" if asked else "confirmed"
    booking.answer_by = answer_deadline(verdict.policy, work.now, span) if asked else None
    # Refused where it lapsed and somebody was quicker.
    take_for(work, verdict, ask, booking, booking.id)
    if not occupies(booking.state, verdict.policy.requests):
        release(work, [booking.id])
    if entry is not None:
        entry.state, entry.ended_at = "accepted", work.now
    touch(work, booking)
    if asked:
        begin(work, booking, view.venue_id, span.starts_at)
    tell(work, view, "held", "state")
    work.audit("waiting.accept", f"booking:{booking.public_id}", venue=view.venue_id,
               organisation=booking.organisation_id, person=booking.booked_for_id,
               state=booking.state)  # fmt: skip
    mails.booked(work, booking.public_id)
    return booking


def _refuse(work: Work, view: BookingView) -> Booking:
    if view.booking.state == "cancelled":
        return view.booking
    state = move(view.booking.state, "refuse", view.span, work.now)
    if isinstance(state, Reason):
        refuse([state])
    settle(work, view, "cancelled", verb="waiting.refuse")
    return view.booking


def put_at(work: Work, public_id: str, place: int, reason: str) -> WaitingEntry:
    """Put an entry at another place (from one) among those for the same time, with a reason."""
    entry = _own_entry(work, public_id, "waiting.order")
    text = clean(reason, lines=True, field="reason")[:500]
    if not text:
        raise Invalid("missing", msg("Say why: it stays written."), "reason")
    if entry.state != "waiting":
        gone = msg("This entry is no longer in line.")
        raise Conflict(Reason("wrong_state", gone, kind="state"))
    line = beside(work.session, entry)
    moved = line.index(entry)
    ranks = reordered([each.rank for each in line], moved, place - 1)
    for each, rank in zip(line, ranks, strict=True):
        each.rank = rank
    entry.rank_reason = text
    work.session.flush()
    shown = waiting_view(work.session, public_id)
    work.audit("waiting.order", f"waiting:{public_id}", person=entry.person_id,
               venue=shown.venue_id if shown else None, place=place, before=moved + 1,
               reason=text)  # fmt: skip
    return entry


def pass_starts(work: Work) -> None:
    """What began without an offer is waited for no longer."""
    work.session.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.state == "waiting", WaitingEntry.starts_at <= work.now)
        .values(state="lapsed", ended_at=work.now)
    )


def offer_of(work: Work, token: str) -> tuple[BookingView, WaitingEntry]:
    """The offer a link is about, for its page; NotFound for a link that opens nothing."""
    entry = entry_by_link(work.session, token)
    booking = work.session.get(Booking, entry.booking_id) if entry and entry.booking_id else None
    view = booking_view(work.session, booking.public_id) if booking is not None else None
    if view is None or entry is None:
        raise NotFound
    return view, entry


def span_of(entry: WaitingEntry) -> Span:
    """What is waited for."""
    return Span(entry.starts_at, entry.ends_at)
