"""Verbs of change: edit, move, and the change that waits for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tierslieu.bookings import mails
from tierslieu.bookings.accessories.queries import wishes
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.buffers.services import (
    give_back_buffers,
    refuse_what_is_taken,
    take_for,
)
from tierslieu.bookings.cases.queries import (
    Party,
    RoomCase,
    policy_of,
    room_case,
    room_case_by_id,
)
from tierslieu.bookings.chains.services import begin
from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.quotas.services import lock_quotas
from tierslieu.bookings.rules import Ask, move, occupies
from tierslieu.bookings.rules.doors import change_reasons
from tierslieu.bookings.services import VISIBILITIES, known, note_kit, title_of
from tierslieu.bookings.states.services import found, same_version, tell, time_freed
from tierslieu.contributions import Change
from tierslieu.kernel.errors import Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.resources.services import release
from tierslieu.resources.stock.services import end_use
from tierslieu.venues.queries import network


@dataclass(frozen=True)
class Edit:
    """What changes in a booking; None leaves it as it is. ``room`` is a public id."""

    span: Span | None = None
    room: str | None = None
    title: str | None = None
    attendance: int | None = None
    visibility: str | None = None
    purpose: str | None = None
    note: str | None = None
    layout: str | None = None
    #: 0: the whole room.
    places: int | None = None
    place: str = ""
    things: tuple[tuple[str, int], ...] | None = None
    override: str = ""
    version: int | None = None

    @property
    def moves(self) -> bool:
        return self.span is not None or self.room is not None

    @property
    def of_kit(self) -> bool:
        """Whether places or things change."""
        return self.places is not None or bool(self.place) or self.things is not None


class Wanted(NamedTuple):
    """What shall be had beside the time: so many places, and things."""

    places: int | None
    things: tuple[tuple[str, int], ...]


def change(work: Work, public_id: str, edit: Edit) -> Booking:
    """Change a booking: its words at once, its time or room by the same rules as booking.

    A confirmed booking whose new time or room needs an answer keeps the old one until then.
    """
    view = found(work, public_id, "bookings.change")
    same_version(view, edit.version)
    booking, claim, now = view.booking, view.claim, work.now
    verb = move(booking.state, "change", view.span, now)
    if isinstance(verb, Reason):
        refuse([verb])
    clerk = work.actor.may("bookings.override", venue=view.venue_id)
    if edit.override:
        work.require("bookings.override", venue=view.venue_id)

    before = booking.state
    if edit.moves or edit.of_kit or other_use(booking, edit):
        _move(work, view, edit, clerk=clerk)
    elif not clerk:
        case = room_case_by_id(work.session, booking.room_id, view.span)
        refuse(change_reasons(view.span, policy_of(work, view, case), now, case.zone))
    write_words(booking, claim, edit)
    booking.revision += 1
    booking.version += 1
    booking.changed_at = now
    work.session.flush()
    what: Change = "moved" if edit.moves else "changed"
    tell(work, view, before, what)
    names = sorted(name for name in vars(edit) if getattr(edit, name) not in (None, ""))
    work.audit("bookings.change", f"booking:{public_id}", venue=view.venue_id,
               person=booking.booked_for_id, fields=names)  # fmt: skip
    if work.actor.person_id != booking.booked_for_id:
        mails.changed(work, public_id)
    return booking


def other_use(booking: Booking, edit: Edit) -> bool:
    """Whether it would be for another number of people, or for something else."""
    people = edit.attendance is not None and edit.attendance != booking.attendance
    return people or edit.purpose not in (None, booking.purpose)


def _move(work: Work, view: BookingView, edit: Edit, *, clerk: bool) -> None:
    """Judge the new time, room or number of people, and take it or let it wait for an answer."""
    booking, claim = view.booking, view.claim
    span = edit.span or view.span
    case = (
        room_case(work.session, edit.room, span)
        if edit.room is not None
        else room_case_by_id(work.session, booking.room_id, span)
    )
    if edit.room is not None and case.id != booking.room_id:
        work.require(
            "bookings.create",
            venue=case.venue_id,
            organisation=booking.organisation_id,
            own=booking.booked_for_id == work.actor.person_id
            or booking.organisation_id in work.actor.organisations,
        )
    lock_quotas(work, case)
    kit = kit_asked(work, booking, edit, case)
    lock_kit(work, [booking.room_id, case.id], [thing for thing, _ in kit.things])
    # Whoever closes the room takes the same locks: what they wrote is seen now.
    case = room_case_by_id(work.session, case.id, span)
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    attendance = booking.attendance if edit.attendance is None else edit.attendance
    ask = Ask(
        span,
        attendance,
        moving_from=view.span,
        by_clerk=party.is_clerk,
        override=bool(edit.override),
        places=kit.places,
        place=edit.place,
        things=kit.things,
        purpose=(booking.purpose or None) if edit.purpose is None else edit.purpose,
        declared=tuple(booking.declared),
    )
    taken = bool(edit.place)
    verdict = judge(work, "move", case, party, ask, moving=booking.id, taken=taken)
    refuse(verdict.reasons)
    waits = verdict.policy.asks_approval(attendance, ask.declared) and not clerk
    if waits and booking.state == "confirmed" and _asks_anew(view, verdict, span, attendance):
        if edit.of_kit:
            text = msg("Ask for the new time first; what goes with it can be changed afterwards.")
            refuse([Reason("one_at_a_time", text, "accessories")])
        _let_wait(work, view, verdict, ask)
        return
    had_things = booking.things
    note_kit(work, booking, verdict.kit)
    anew = booking.state == "requested" and _asks_anew(view, verdict, span, attendance)
    take_new(work, booking, claim, verdict, ask)
    if anew:
        begin(work, booking, case.venue_id, span.starts_at)
    if had_things and not booking.things:
        end_use(work, [booking.id])


def kit_asked(work: Work, booking: Booking, edit: Edit, case: RoomCase) -> Wanted:
    """Places and things as they are, with what an edit says of them."""
    places = booking.places if edit.places is None else (edit.places or None)
    if edit.place:
        places = 1
    if case.places is None and edit.places is None:
        places = None
    things = wishes(work.session, booking) if edit.things is None else edit.things
    return Wanted(places, things)


def _asks_anew(view: BookingView, verdict: Verdict, span: Span, attendance: int | None) -> bool:
    """Whether what is asked differs in what an approver answered for."""
    same = span == view.span and verdict.case.id == view.booking.room_id
    fewer = (attendance or 0) <= (view.booking.attendance or 0)
    return not (same and fewer)


def _let_wait(work: Work, view: BookingView, verdict: Verdict, ask: Ask) -> None:
    booking, span = view.booking, ask.span
    refuse_what_is_taken(work, verdict, ask, booking, booking.id)
    work.session.merge(
        PendingChange(
            booking_id=booking.id,
            room_id=verdict.case.id,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            attendance=ask.attendance,
            asked_at=work.now,
            asked_by_id=work.actor.person_id,
        )
    )
    begin(work, booking, verdict.case.venue_id, span.starts_at, verdict.case.id)
    mails.asked(work, booking.public_id)


def take_new(work: Work, booking: Booking, claim: Claim, verdict: Verdict, ask: Ask) -> None:
    """Give the booking its new time, room and price, and take it where it occupies."""
    case, span = verdict.case, ask.span
    left, left_room = Span(claim.starts_at, claim.ends_at), booking.room_id
    booking.before_minutes = verdict.policy.before_minutes
    booking.after_minutes = verdict.policy.after_minutes
    put(work, booking, claim, case.id, case.venue_id, span, ask.attendance)
    cost = verdict.price(span, network(work.session).currency)
    booking.price_cents = cost.total.cents
    booking.price_lines = [line.to_json() for line in cost.lines]
    if occupies(booking.state, verdict.policy.requests):
        take_for(work, verdict, ask, booking, booking.id)
    else:
        refuse_what_is_taken(work, verdict, ask, booking, booking.id)
        # Where it was asked before it may have held its time.
        release(work, [booking.id])
    give_back_buffers(work, booking, left, left_room)
    time_freed(work, [left_room], [left])


def put(
    work: Work,
    booking: Booking,
    claim: Claim,
    room_id: int,
    venue_id: int,
    span: Span,
    attendance: int | None,
) -> None:
    """Write a booking's time and room as people see them; the occupancy is taken apart."""
    claim.starts_at, claim.ends_at = span.starts_at, span.ends_at
    claim.resource_id, claim.venue_id = room_id, venue_id
    booking.room_id = room_id
    booking.attendance = attendance
    booking.local_start = f"{span.starts_at.astimezone(ZoneInfo(booking.zone)):%Y-%m-%dT%H:%M}"
    work.session.flush()


def write_words(booking: Booking, claim: Claim, edit: Edit) -> None:
    """Write what needs no judgement."""
    if edit.title is not None:
        claim.label = title_of(edit.title)
    if edit.visibility is not None:
        known(edit.visibility, VISIBILITIES, "visibility")
        claim.visibility = edit.visibility
    if edit.purpose is not None:
        booking.purpose = clean(edit.purpose, field="purpose")[:64]
    if edit.note is not None:
        booking.note = clean(edit.note, lines=True, field="note")[:2000]
    if edit.layout is not None:
        booking.layout = edit.layout or None
    if edit.override:
        booking.override_reason = clean(edit.override, field="override")[:500]
