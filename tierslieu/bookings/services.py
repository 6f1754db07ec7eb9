"""Verbs of booking: book and cancel. Changes, answers and turning up have rooms of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.bookings import mails
from tierslieu.bookings.accessories.services import ask_for, lock_kit
from tierslieu.bookings.availability.kits import Kit
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.buffers.services import occupy
from tierslieu.bookings.cases.queries import Party, RoomCase, policy_of, room_case, room_case_by_id
from tierslieu.bookings.chains.services import begin
from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.services import note_places
from tierslieu.bookings.queries import BookingView, remember
from tierslieu.bookings.quotas.services import lock_quotas
from tierslieu.bookings.rules import Ask, answer_deadline, cancel_reasons, first_state, move
from tierslieu.bookings.rules.uses import known_facts
from tierslieu.bookings.sponsors.asking import ask_sponsor
from tierslieu.bookings.states.services import found, same_version, settle
from tierslieu.bookings.terms.services import accept
from tierslieu.contributions import BookingChange, Change
from tierslieu.kernel.errors import Invalid, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import clean
from tierslieu.kernel.tokens import new_public_id, new_reference
from tierslieu.kernel.work import Work
from tierslieu.people.services import relate
from tierslieu.resources.models import Claim
from tierslieu.resources.services import NewClaim, new_claims
from tierslieu.venues.queries import network

OWNER = "core"
KIND = "booking"
VISIBILITIES = ("private", "members", "public")
KINDS = ("normal", "staff", "blocked", "seasonal")


@dataclass(frozen=True)
class NewBooking:
    """What is asked for. ``room`` is a public id; persons and organisations are row ids.

    ``override`` (a clerk's reason) passes every rule but those that always hold.
    """

    room: str
    span: Span
    title: str
    attendance: int | None = None
    purpose: str = ""
    declared: tuple[str, ...] = ()
    visibility: str = "private"
    layout: str | None = None
    note: str = ""
    person_id: int | None = None
    organisation_id: int | None = None
    override: str = ""
    kind: str = "normal"
    #: It is decided already: nobody is asked for an answer.
    firm: bool = False
    #: Held until then instead of firm: a guest's address is to be confirmed first.
    held_until: datetime | None = None
    #: So many places of a room booked by place, or one by its name; None: the whole room.
    places: int | None = None
    place: str = ""
    #: (public id of a thing, how many) of what goes with it.
    things: tuple[tuple[str, int], ...] = ()
    #: Public ids of the terms that are accepted with it.
    accept_terms: tuple[str, ...] = ()
    #: Card number or address of the member who vouches, where one is asked for.
    sponsor: str = ""


def ask_of(new: NewBooking, party: Party) -> Ask:
    """What the rules are asked about a booking."""
    return Ask(
        new.span,
        new.attendance,
        by_clerk=party.is_clerk,
        override=bool(new.override),
        places=1 if new.place else new.places,
        place=new.place,
        things=new.things,
        # What the house itself does there needs no use.
        purpose=new.purpose if new.kind == "normal" else None,
        declared=known_facts(new.declared),
        accepts=frozenset(new.accept_terms),
        sponsored=bool(new.sponsor.strip()),
    )


def book(work: Work, new: NewBooking, *, quiet: bool = False) -> Booking:
    """Book a room, or ask for it where the policy asks approval.

    Afterwards the booking exists with its claim (and its occupancy where it occupies), whoever is
    concerned is told (``quiet``: told by whoever books several). Raises Refused with every broken
    rule, Conflict when the time is taken, NotFound for a room that is not there, Forbidden when
    the actor may not book for that party.
    """
    case = _locked_case(work, new)
    party = party_of(work, case, new)
    title = title_of(new.title)
    known(new.visibility, VISIBILITIES, "visibility")
    known(new.kind, KINDS, "kind")

    clerk = work.actor.may("bookings.override", venue=case.venue_id)
    if new.override:
        work.require("bookings.override", venue=case.venue_id)
    new = replace(new, title=title, declared=known_facts(new.declared))
    ask = ask_of(new, party)
    verdict = judge(work, "book", case, party, ask, purpose=new.purpose, taken=bool(new.place))
    refuse([*verdict.reasons, *nobody(work, party)])
    state = _begins(verdict, new, may_approve=clerk or new.firm or bool(new.override))

    [(booking, claim)] = write(work, party, [Draft(verdict, new, state)])
    remember(work.session, view_of(booking, claim, case))
    note_kit(work, booking, verdict.kit)
    occupy(work, verdict, ask, booking, new.held_until)
    _known_here(work, verdict, new, booking)
    _told(work, booking, case, None, "made")
    work.audit("bookings.book", f"booking:{booking.public_id}", venue=case.venue_id,
               organisation=party.organisation_id, person=party.person_id, state=state,
               override=bool(new.override))  # fmt: skip
    if state != "held" and not quiet:
        mails.booked(work, booking.public_id)
    return booking


def _begins(verdict: Verdict, new: NewBooking, *, may_approve: bool) -> str:
    """The state in which it is made."""
    if new.held_until is not None:
        return "held"
    if needs_sponsor(verdict, new):
        return "requested"
    return first_state(verdict.policy, new.attendance, new.declared, may_approve=may_approve)


def needs_sponsor(verdict: Verdict, new: NewBooking) -> bool:
    """Whether a member must vouch before it counts."""
    lacking = verdict.applicant.unmet.lacking
    return bool(new.sponsor.strip()) and any(need.kind == "sponsor" for need in lacking)


def _known_here(work: Work, verdict: Verdict, new: NewBooking, booking: Booking) -> None:
    """The venue may see whoever booked, and what she accepted with it is noted."""
    person, unaccepted = booking.booked_for_id, verdict.applicant.unmet.unaccepted
    if person is not None and booking.state != "held":
        relate(work, person, verdict.case.venue_id)
    accept(work, person, unaccepted, new.accept_terms, booking.id)
    if needs_sponsor(verdict, new):
        claim = work.session.get_one(Claim, booking.id)
        ask_sponsor(work, booking, claim, verdict.case.venue_id, new.sponsor)


def nobody(work: Work, party: Party) -> list[Reason]:
    """Nobody unknown books for nobody; a guest has said who she is."""
    if work.actor.is_anonymous and party.person_id is None:
        return [Reason("sign_in_needed", msg("Sign in to book this room."))]
    return []


def _locked_case(work: Work, new: NewBooking) -> RoomCase:
    """The room as it stands once everything that could change it is locked."""
    case = room_case(work.session, new.room, new.span)
    lock_quotas(work, case)
    lock_kit(work, [case.id], [thing for thing, _ in new.things])
    # Whoever closes or changes the room takes the same locks: what they wrote is seen now.
    case = room_case(work.session, new.room, new.span)
    if new.layout:
        known(new.layout, tuple(case.layouts), "layout")
    return case.arranged(new.layout)


def cancel(work: Work, public_id: str, reason: str = "", version: int | None = None) -> Booking:
    """Cancel a booking: the time is free at once. A cancelled one is answered as it is.

    One's own until the policy's notice, a clerk at any time (with a reason, which is told).
    """
    view = found(work, public_id, "bookings.cancel")
    booking = view.booking
    if booking.state == "cancelled":
        return booking
    same_version(view, version)
    state = move(booking.state, "cancel", view.span, work.now)
    if isinstance(state, Reason):
        refuse([state])
    clerk = work.actor.may("bookings.cancel", venue=view.venue_id)
    case = room_case_by_id(work.session, booking.room_id, view.span)
    policy = policy_of(work, view, case)
    refuse(cancel_reasons(view.span, policy, work.now, case.zone, clerk=clerk))

    settle(work, view, "cancelled", clean(reason, lines=True, field="reason"), "bookings.cancel")
    mails.cancelled(work, public_id, by_staff=work.actor.person_id != booking.booked_for_id)
    return booking


def _told(work: Work, booking: Booking, case: RoomCase, before: str | None, what: Change) -> None:
    change_ = BookingChange(booking.id, case.venue_id, case.id, before, booking.state, what)
    work.hooks.tell(hookspecs.bookings_changed, work=work, changes=[change_])


def party_of(work: Work, case: RoomCase, new: NewBooking) -> Party:
    """For whom it is booked; the actor must be allowed to book for that party.

    What the house itself does there (``kind`` not normal, no person) is booked for nobody.
    """
    actor = work.actor
    ours = new.kind != "normal" and new.person_id is None
    person = actor.person_id if new.person_id is None and not ours else new.person_id
    work.require("bookings.create", venue=case.venue_id, organisation=new.organisation_id)
    if new.kind != "normal":
        work.require("bookings.on_behalf", venue=case.venue_id)
    acts = new.organisation_id is None or new.organisation_id in actor.organisations
    if person != actor.person_id or not acts:
        work.require("bookings.on_behalf", venue=case.venue_id, organisation=new.organisation_id)
    return Party(actor, person, new.organisation_id)


def title_of(written: str) -> str:
    title = clean(written, field="title")
    if not title:
        raise Invalid("missing", msg("Give it a title: it is what the calendar shows."), "title")
    if len(title) > 200:
        raise Invalid("too_long_text", msg("At most %(n)s characters.", n=200), "title")
    return title


def known(value: str, values: Sequence[str], field: str) -> None:
    if value not in values:
        raise Invalid("invalid", msg("This is not one of the possible values."), field)


@dataclass(frozen=True)
class Draft:
    """A booking as it will be written; those of a series say what the rule called its date."""

    verdict: Verdict
    new: NewBooking
    state: str
    uid: str = ""
    series_id: int | None = None
    original_starts_at: datetime | None = None


def write(work: Work, party: Party, drafts: Sequence[Draft]) -> list[tuple[Booking, Claim]]:
    """Write bookings with their claims, which take nothing yet; as many statements for many."""
    claims = new_claims(
        work,
        (
            NewClaim(
                draft.verdict.case.venue_id,
                KIND,
                draft.new.span,
                draft.verdict.case.id,
                OWNER,
                draft.new.title,
                draft.new.visibility,
            )
            for draft in drafts
        ),
    )
    rows = [_row(work, party, draft, claim) for draft, claim in zip(drafts, claims, strict=True)]
    work.run(_BOOKINGS, rows)
    bookings = [Booking(**row) for row in rows]
    work.session.add_written(bookings)
    for booking, claim in zip(bookings, claims, strict=True):
        if booking.state == "requested":
            begin(work, booking, claim.venue_id, claim.starts_at)
    return list(zip(bookings, claims, strict=True))


#: The unit of work takes several times as long, and asks what it has just been told.
_BOOKINGS = sa.insert(cast(sa.Table, Booking.__table__)).inline()


def _row(work: Work, party: Party, draft: Draft, claim: Claim) -> dict[str, Any]:
    new, case, policy = draft.new, draft.verdict.case, draft.verdict.policy
    span = new.span
    cost = draft.verdict.price(span, network(work.session).currency)
    requested = draft.state == "requested"
    return {
        "id": claim.id,
        "public_id": new_public_id(),
        "reference": new_reference(),
        "room_id": case.id,
        "state": draft.state,
        "kind": new.kind,
        "booked_for_id": party.person_id,
        "organisation_id": party.organisation_id,
        "booked_by_id": work.actor.person_id,
        "series_id": draft.series_id,
        "uid": draft.uid or f"{new_public_id()}@tierslieu",
        "original_starts_at": draft.original_starts_at or span.starts_at,
        "local_start": f"{span.starts_at.astimezone(case.zone):%Y-%m-%dT%H:%M}",
        "zone": case.zone.key,
        "attendance": new.attendance,
        "layout": new.layout,
        "places": draft.verdict.kit.places,
        "purpose": clean(new.purpose, field="purpose")[:64],
        "note": clean(new.note, lines=True, field="note")[:2000],
        "declared": list(new.declared),
        "before_minutes": policy.before_minutes,
        "after_minutes": policy.after_minutes,
        "price_cents": cost.total.cents,
        "price_lines": [line.to_json() for line in cost.lines],
        "override_reason": clean(new.override, field="override")[:500],
        "answer_by": answer_deadline(policy, work.now, span) if requested else None,
        "membership_id": None,
        "things": 0,
        "decided_at": None,
        "decided_by_id": None,
        "reason": "",
        "checked_in_at": None,
        "left_at": None,
        "revision": 0,
        "version": 1,
        "created_at": work.now,
        "changed_at": work.now,
    }


def note_kit(work: Work, booking: Booking, kit: Kit) -> None:
    """Write down which place was named and what goes with a booking."""
    if kit.place_id is not None or (booking.places and not kit.places):
        note_places(work, booking, [] if kit.place_id is None else [kit.place_id])
    if booking.places != kit.places:
        booking.places = kit.places
    if kit.things or booking.things:
        ask_for(work, booking, kit.things)


def view_of(booking: Booking, claim: Claim, case: RoomCase) -> BookingView:
    """A booking just made, as it is shown."""
    return BookingView(
        booking,
        claim,
        case.name,
        case.public_id,
        case.venue_id,
        case.venue_name,
        case.venue_slug,
        case.accent,
    )
