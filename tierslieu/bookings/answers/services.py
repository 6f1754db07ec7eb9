"""Verbs of whoever answers, and of the clock when nobody does."""

from __future__ import annotations

import sqlalchemy as sa

from tierslieu.bookings import mails
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.buffers.services import take_for
from tierslieu.bookings.cases.queries import Party, policy_of, room_case_by_id
from tierslieu.bookings.chains.queries import progress_of
from tierslieu.bookings.chains.services import approve_step, decline_step, pass_step, to_answer
from tierslieu.bookings.changes.services import Edit, kit_asked, take_new
from tierslieu.bookings.models import Booking, PendingChange, is_requested
from tierslieu.bookings.preconditions.queries import sponsor_waits
from tierslieu.bookings.queries import BookingView, remember
from tierslieu.bookings.rules import Ask, move
from tierslieu.bookings.services import note_kit
from tierslieu.bookings.states.services import (
    same_version,
    settle,
    tell,
    touch,
)
from tierslieu.kernel.errors import Reason, Refusal, refuse
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.models import Claim


def approve(work: Work, public_id: str, version: int | None = None) -> Booking:
    """Confirm a request, or a change that waits; the others stay requested.

    In a chain it answers one step: the booking is as it was until the last one. Raises Conflict
    when the time was taken meanwhile, it was answered already, it is somebody else's turn, or
    the member who vouches has not answered.
    """
    view = to_answer(work, public_id)
    same_version(view, version)
    pending = _pending(work, view)
    if pending is not None:
        return _approve_change(work, view, pending) if approve_step(work, view) else view.booking
    state = move(view.booking.state, "approve", view.span, work.now)
    if isinstance(state, Reason):
        refuse([state])
    booking = view.booking
    if not approve_step(work, view):
        return booking
    refuse(sponsor_waits(work.session, booking.id))
    lock_leaves(work, [booking.room_id])

    purpose = booking.purpose or None
    ask = Ask(view.span, booking.attendance, by_clerk=True, purpose=purpose)
    verdict = _judged(work, view, ask)
    booking.state = "confirmed"
    booking.answer_by = None
    touch(work, booking)
    remember(work.session, view)
    _take(work, booking, verdict, view.span)
    tell(work, view, "requested", "state")
    work.audit("bookings.approve", f"booking:{public_id}", venue=view.venue_id,
               person=booking.booked_for_id)  # fmt: skip
    mails.answered(work, public_id)
    return booking


def _pending(work: Work, view: BookingView) -> PendingChange | None:
    """The change that waits for an answer; a request has none beside it."""
    if view.booking.state != "confirmed":
        return None
    return work.session.get(PendingChange, view.booking.id)


def _approve_change(work: Work, view: BookingView, pending: PendingChange) -> Booking:
    booking, span = view.booking, Span(pending.starts_at, pending.ends_at)
    begun = move("requested", "approve", span, work.now)
    if isinstance(begun, Reason):
        refuse([begun])
    case = room_case_by_id(work.session, pending.room_id, span)
    kit = kit_asked(work, booking, Edit(), case)
    lock_kit(work, [booking.room_id, case.id], [thing for thing, _ in kit.things])
    # Whoever closes the room takes the same locks: what they wrote is seen now.
    case = room_case_by_id(work.session, case.id, span)
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    ask = Ask(
        span,
        pending.attendance,
        by_clerk=True,
        places=kit.places,
        things=kit.things,
        purpose=booking.purpose or None,
    )
    verdict = judge(work, "approve", case, party, ask, moving=booking.id)
    refuse(verdict.reasons)

    work.session.delete(pending)
    touch(work, booking)
    note_kit(work, booking, verdict.kit)
    take_new(work, booking, view.claim, verdict, ask)
    tell(work, view, "confirmed", "moved")
    work.audit("bookings.approve_change", f"booking:{booking.public_id}", venue=view.venue_id,
               person=booking.booked_for_id)  # fmt: skip
    mails.changed(work, booking.public_id)
    return booking


def decline(work: Work, public_id: str, reason: str = "", version: int | None = None) -> Booking:
    """Decline a request (or a waiting change: then the old booking stands), with a reason."""
    view = to_answer(work, public_id)
    same_version(view, version)
    text = clean(reason, lines=True, field="reason")[:2000]
    pending = _pending(work, view)
    if pending is not None:
        decline_step(work, view, text)
        work.session.delete(pending)
        touch(work, view.booking)
        work.audit("bookings.decline_change", f"booking:{public_id}", venue=view.venue_id,
                   person=view.booking.booked_for_id)  # fmt: skip
        mails.change_declined(work, public_id, text)
        return view.booking
    state = move(view.booking.state, "decline", view.span, work.now)
    if isinstance(state, Reason):
        refuse([state])

    decline_step(work, view, text)
    settle(work, view, "declined", text, "bookings.decline")
    mails.answered(work, public_id)
    return view.booking


def warnings(work: Work, view: BookingView) -> tuple[Reason, ...]:
    """What an approver should know: rules an approval would pass over."""
    return _judgement(
        work,
        view,
        Ask(
            view.span, view.booking.attendance, by_clerk=True, purpose=view.booking.purpose or None
        ),
    ).judgement.warnings


def requests_due(work: Work, limit: int) -> list[tuple[str, int | None]]:
    """The requests that nobody answered in time, each with its series."""
    question = (
        sa.select(Booking.public_id, Booking.series_id)
        .join(Claim, Claim.id == Booking.id)
        .where(
            is_requested(),
            sa.or_(Booking.answer_by <= work.now, Claim.starts_at <= work.now),
        )
        .limit(limit)
    )
    return [(row.public_id, row.series_id) for row in work.session.execute(question)]


def change_is_due(work: Work, view: BookingView) -> bool:
    """Whether the time to answer its change is over still."""
    progress = progress_of(work.session, view.booking)
    return progress is not None and progress.until is not None and progress.until <= work.now


def pass_change(work: Work, view: BookingView) -> None:
    """Nobody answered a change at its step in time: it goes on, is made, or the old one stands."""
    if not change_is_due(work, view):
        return
    outcome = pass_step(work, view, "decline")
    if outcome == "confirm":
        try:
            with work.savepoint():
                approve(work, view.booking.public_id)
        except Refusal:
            outcome = "decline"
    if outcome not in (None, "confirm"):
        decline(work, view.booking.public_id)


def is_due(work: Work, view: BookingView) -> bool:
    """Whether its time is over still, now that nobody else can answer it."""
    until = view.booking.answer_by or view.span.starts_at
    return view.booking.state == "requested" and min(until, view.span.starts_at) <= work.now


def passed_outcome(work: Work, view: BookingView, *, quiet: bool = False) -> str | None:
    """What becomes of a request that nobody answered; None where the next step is to answer.

    ``quiet``: who answers that is told by the caller.
    """
    if view.span.starts_at <= work.now:
        return "expire"
    case = room_case_by_id(work.session, view.booking.room_id, view.span)
    return pass_step(work, view, policy_of(work, view, case).deadline_outcome, quiet=quiet)


def pass_deadline(work: Work, view: BookingView) -> None:
    """Let the time of one request be over: it goes on, is confirmed, declined or expires."""
    outcome = passed_outcome(work, view)
    if outcome is None:
        return
    if outcome == "confirm":
        try:
            with work.savepoint():
                approve(work, view.booking.public_id)
        except Refusal:
            outcome = "expire"
        else:
            return
    state = "declined" if outcome == "decline" else "expired"
    settle(work, view, state, verb="bookings.deadline")
    mails.answered(work, view.booking.public_id)


def _judgement(work: Work, view: BookingView, ask: Ask) -> Verdict:
    booking = view.booking
    case = room_case_by_id(work.session, booking.room_id, ask.span)
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    return judge(work, "approve", case, party, ask, moving=booking.id)


def _judged(work: Work, view: BookingView, ask: Ask) -> Verdict:
    verdict = _judgement(work, view, ask)
    refuse(verdict.reasons)
    return verdict


def _take(work: Work, booking: Booking, verdict: Verdict, span: Span) -> None:
    ask = Ask(span, booking.attendance, by_clerk=True)
    take_for(work, verdict, ask, booking, booking.id)
