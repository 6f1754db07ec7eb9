"""Verbs of chains: begin, answer a step, let its time pass; set a chain, keep reasons ready."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from tierslieu.bookings.chains.models import (
    ApprovalAnswer,
    ApprovalChain,
    ApprovalNamed,
    ApprovalProgress,
    ApprovalStep,
    ApproverAway,
    RefusalReason,
)
from tierslieu.bookings.chains.queries import (
    Standing,
    chain_row,
    persons,
    reasons_of,
    standing,
    steps_for,
)
from tierslieu.bookings.chains.rules import (
    ROLE_WORDS,
    Step,
    check_steps,
    is_complete,
    substitute_from,
    until,
)
from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.queries import BookingView, locked_view
from tierslieu.bookings.states.services import permitted, touch
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work


def begin(
    work: Work, booking: Booking, venue_id: int, starts_at: datetime, room_id: int | None = None
) -> None:
    """Let a request (or a change to another room) start at the first step of its chain.

    Nothing happens without one. Asked anew it starts again, and nothing said before counts.
    """
    steps = steps_for(work, venue_id, room_id or booking.room_id)
    if steps:
        _turn(work, booking, steps[0], starts_at, _rounds(work, booking) + 1)


def _rounds(work: Work, booking: Booking) -> int:
    """How often it was asked before."""
    answered = sa.select(sa.func.max(ApprovalAnswer.round)).where(
        ApprovalAnswer.booking_id == booking.id
    )
    before = work.session.get(ApprovalProgress, booking.id)
    return max(work.session.scalar(answered) or 0, before.round if before is not None else 0)


def _turn(work: Work, booking: Booking, step: Step, starts_at: datetime, number: int) -> None:
    ends = until(step, work.now, starts_at)
    work.session.merge(
        ApprovalProgress(
            booking_id=booking.id,
            step_id=step.id,
            round=number,
            since=work.now,
            until=ends,
            substitute_from=substitute_from(step, work.now),
            substitute_told=False,
        )
    )
    if booking.state == "requested":
        booking.answer_by = ends
    work.session.flush()


def to_answer(work: Work, public_id: str) -> BookingView:
    """A request that the actor may answer now, locked.

    Without a chain that is who holds bookings.approve; in a chain, the people of the current
    step. Raises NotFound, Forbidden, and Conflict when it is somebody else's turn.
    """
    view = locked_view(work.session, public_id)
    if view is None:
        raise NotFound
    at = standing(work.session, view, work.now)
    if at is None or work.actor.is_system:
        return view if _is_answered(work, view) else permitted(work, view, "bookings.approve")
    scopes = work.actor.token_scopes
    allowed = scopes is None or scopes & {"bookings.approve", "bookings:write"}
    if allowed and work.actor.person_id in at.panel.may_answer:
        return view
    permitted(work, view, "bookings.approve")
    text = msg("It is the turn of %(who)s to answer.", who=who_words(at.step))
    raise Conflict(Reason("not_your_turn", text, kind="state"))


def _is_answered(work: Work, view: BookingView) -> bool:
    """Whether nothing is left to answer: whoever works there may read so, and is told so."""
    if view.booking.state == "requested" or not work.actor.may("today.read", venue=view.venue_id):
        return False
    return work.session.get(PendingChange, view.booking.id) is None


def who_words(step: Step) -> object:
    """Whose turn a step is, in words: its label, else the role."""
    return step.label or ROLE_WORDS[step.role]


def approve_step(work: Work, view: BookingView, *, quiet: bool = False) -> bool:
    """Write the actor's approval of the current step; whether nothing is left to answer.

    True without a chain, and for the clock. ``quiet``: the next ones are told by the caller.
    """
    at = standing(work.session, view, work.now)
    if at is None:
        return True
    if not work.actor.is_system:
        _write(work, view, at, "approve")
        approved = at.approved | {work.actor.person_id or 0}
        if not is_complete(at.step.mode, at.panel, approved):
            touch(work, view.booking)
            return False
    if work.actor.is_system or at.is_last:
        work.session.delete(at.progress)
        work.session.flush()
        return True
    _go_on(work, view, at, quiet=quiet)
    return False


def decline_step(work: Work, view: BookingView, reason: str) -> None:
    """Write the actor's refusal: it ends the chain."""
    at = standing(work.session, view, work.now)
    if at is None:
        return
    if not work.actor.is_system:
        _write(work, view, at, "decline", reason)
    work.session.delete(at.progress)
    work.session.flush()


def _write(work: Work, view: BookingView, at: Standing, answer: str, reason: str = "") -> None:
    person = work.actor.person_id
    if person in at.approved:
        text = msg("You answered this step already.")
        raise Conflict(Reason("already_answered", text, kind="state"))
    instead = person not in at.panel.people
    work.session.add(
        ApprovalAnswer(
            booking_id=view.booking.id,
            round=at.progress.round,
            step_id=at.step.id,
            person_id=person,
            answer=answer,
            as_substitute=instead and person is not None,
            reason=reason,
            at=work.now,
        )
    )
    work.session.flush()
    work.audit(f"bookings.{answer}_step", f"booking:{view.booking.public_id}",
               venue=view.venue_id, person=view.booking.booked_for_id, step=at.at + 1,
               of=len(at.steps), substitute=instead)  # fmt: skip


def _go_on(work: Work, view: BookingView, at: Standing, *, quiet: bool = False) -> None:
    following = at.steps[at.at + 1]
    _turn(work, view.booking, following, _starts(work, view), at.progress.round)
    touch(work, view.booking)
    if not quiet:
        key = f"bookings.tell_approvers:{view.booking.public_id}:{following.id}"
        work.later("bookings.tell_approvers", key=key, booking=view.booking.public_id,
                   step=following.id)  # fmt: skip


def _starts(work: Work, view: BookingView) -> datetime:
    pending = work.session.get(PendingChange, view.booking.id)
    if pending is not None and view.booking.state == "confirmed":
        return pending.starts_at
    return view.span.starts_at


def pass_step(
    work: Work, view: BookingView, policy_outcome: str, *, quiet: bool = False
) -> str | None:
    """Nobody answered a step in time: what becomes of the request, or None where it goes on.

    ``quiet``: the next ones are told by the caller. Without a chain it is what the policy says;
    so it is after a last step that goes on.
    """
    at = standing(work.session, view, work.now)
    if at is None:
        return policy_outcome
    if at.step.outcome != "next":
        return at.step.outcome
    if at.is_last:
        return policy_outcome
    _write(work, view, at, "passed")
    _go_on(work, view, at, quiet=quiet)
    return None


def tell_step(work: Work, view: BookingView, step: int | None) -> bool:
    """Write to the people of a step (the first, unless said) if it is its turn still.

    Whether a chain runs.
    """
    at = standing(work.session, view, work.now)
    if at is None:
        return False
    if at.step.id != (step or at.steps[0].id):
        return True
    for person in persons(work.session, at.panel.present | at.panel.may_substitute):
        _post(work, view, at, person)
    return True


def tell_substitutes(work: Work) -> None:
    """Their part of the time has come; the dates of one series are one request to them."""
    told: set[tuple[int | None, int]] = set()
    question = (
        sa.select(Booking.public_id)
        .join(ApprovalProgress, ApprovalProgress.booking_id == Booking.id)
        .where(
            ApprovalProgress.substitute_from <= work.now,
            ApprovalProgress.substitute_told.is_(False),
            Booking.state == "requested",
        )
        .limit(200)
    )
    for public_id in work.session.scalars(question).all():
        view = locked_view(work.session, public_id)
        at = standing(work.session, view, work.now) if view is not None else None
        if view is None or at is None or at.progress.substitute_told:
            continue
        at.progress.substitute_told = True
        series = (view.booking.series_id, at.step.id)
        if series[0] is not None and series in told:
            continue
        told.add(series)
        for person in persons(work.session, at.panel.may_substitute):
            _post(work, view, at, person)
    work.session.flush()


def _post(work: Work, view: BookingView, at: Standing, person: object) -> None:
    lines = [
        msg("%(title)s", title=view.claim.label),
        msg("%(room)s, %(when)s", room=view.room_name, when=view.span),
        msg("Step %(n)s of %(of)s.", n=at.at + 1, of=len(at.steps)),
    ]
    if at.progress.until is not None:
        lines.append(msg("Please answer by %(until)s.", until=at.progress.until))
    post(
        work,
        person,  # type: ignore[arg-type]
        msg("A request to answer at %(venue)s", venue=view.venue_name),
        lines,
        link=f"/answers/{view.booking.public_id}",
        zone=view.zone,
        about=f"booking:{view.booking.public_id}",
    )


def go_away(work: Work, day: date | None) -> None:
    """Say until when one is away, or that one is back: the substitutes may answer meanwhile."""
    person = work.actor.person_id
    if person is None:
        raise NotFound
    work.session.execute(sa.delete(ApproverAway).where(ApproverAway.person_id == person))
    if day is not None:
        if day < work.now.date():
            raise Invalid("past", msg("This day is over."), "until")
        work.session.add(ApproverAway(person_id=person, until=day))
    work.session.flush()
    work.audit("chains.away", f"person:{person}", person=person)


# -- setting a chain -----------------------------------------------------------------------------


def put_chain(
    work: Work,
    venue_id: int | None,
    room_id: int | None,
    steps: Sequence[Step] | None,
    known: int | None = None,
) -> ApprovalChain | None:
    """Say who answers in a scope; None: nothing is said here any more, what is above counts.

    Requests that are under way finish by the chain they were asked under. ``known``: the row the
    form was made from (0: none); raises Conflict when it is another one by now.
    """
    work.require("policies.edit", venue=venue_id)
    before = chain_row(work.session, venue_id, room_id)
    if known is not None and known != (before.id if before else 0):
        text = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))
    check_steps(steps or ())
    if before is not None:
        before.retired_at = work.now
        work.session.flush()
    row = _written(work, venue_id, room_id, steps) if steps is not None else None
    work.audit("chains.put" if row else "chains.remove", f"chain:{row.id if row else 0}",
               venue=venue_id, room=room_id, steps=len(steps or ()))  # fmt: skip
    return row


def _written(
    work: Work, venue_id: int | None, room_id: int | None, steps: Sequence[Step]
) -> ApprovalChain:
    row = ApprovalChain(venue_id=venue_id, room_id=room_id, created_at=work.now)
    work.session.add(row)
    work.session.flush()
    for rank, step in enumerate(steps, 1):
        made = ApprovalStep(
            chain_id=row.id,
            rank=rank,
            label=step.label,
            role=step.role,
            mode=step.mode,
            deadline_hours=step.deadline_hours,
            outcome=step.outcome,
            substitute=step.substitute,
            substitute_after_hours=step.substitute_after_hours,
        )
        work.session.add(made)
        work.session.flush()
        named = [(p, False) for p in step.persons] + [(p, True) for p in step.substitutes]
        work.session.add_all(
            ApprovalNamed(step_id=made.id, person_id=person, is_substitute=instead)
            for person, instead in dict.fromkeys(named)
        )
    work.session.flush()
    return row


def add_reason(work: Work, venue_id: int, text: Texts) -> RefusalReason:
    """Keep a reason for refusals ready."""
    work.require("policies.edit", venue=venue_id)
    if not text:
        raise Invalid("missing", msg("Write the reason in one language at least."), "text")
    row = RefusalReason(venue_id=venue_id, text=text, rank=len(reasons_of(work.session, venue_id)))
    work.session.add(row)
    work.session.flush()
    work.audit("chains.reason", f"reason:{row.public_id}", venue=venue_id)
    return row


def remove_reason(work: Work, venue_id: int, public_id: str) -> None:
    """No longer offer a reason; what was said with it stays said."""
    work.require("policies.edit", venue=venue_id)
    row = reason_row(work, venue_id, public_id)
    work.session.delete(row)
    work.session.flush()
    work.audit("chains.reason_removed", f"reason:{public_id}", venue=venue_id)


def reason_row(work: Work, venue_id: int, public_id: str) -> RefusalReason:
    """A reason of a venue; raises NotFound."""
    question = sa.select(RefusalReason).where(
        RefusalReason.public_id == public_id, RefusalReason.venue_id == venue_id
    )
    row = work.session.scalars(question).first()
    if row is None:
        raise NotFound
    return row
