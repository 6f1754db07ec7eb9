"""The verb of pre-emption: cancel what is in the way and book, in one work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from tierslieu.bookings import mails
from tierslieu.bookings.cases.queries import RoomCase, room_case
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preemption.queries import (
    Hits,
    alternatives,
    free_near,
    in_the_way,
    permitted,
    policy_for,
)
from tierslieu.bookings.queries import BookingView, locked_view
from tierslieu.bookings.quotas.services import lock_quotas
from tierslieu.bookings.rules import EffectivePolicy
from tierslieu.bookings.rules.doors import taken_reason
from tierslieu.bookings.rules.preemption import preempt_reasons
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.states.services import settle
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.resources.locks.services import lock_leaves


def preempt(
    work: Work, new: NewBooking, reason: str, seen: Collection[str] | None = None
) -> Booking:
    """Take a time over: what is in the way is cancelled without charge, and the new one booked.

    ``seen``: public ids of the bookings that were shown before; when others are in the way by now,
    nothing happens. Whoever loses the time gets one mail with the reason and the nearest
    alternatives. Raises Forbidden where the policy names somebody else, Refused with what is
    against it, Conflict (``changed_meanwhile``; something that cannot be taken over), NotFound.
    """
    text = clean(reason, lines=True, field="reason")[:2000]
    if not text:
        raise Invalid("missing", msg("Say why: whoever loses the time reads it."), "reason")
    case = room_case(work.session, new.room, new.span)
    policy = policy_for(work, case, new.organisation_id, new.span)
    if not permitted(work, case, policy):
        raise Forbidden("bookings.preempt")
    views = _locked(work, case, policy, new, seen)

    for view in views:
        _give_up(work, view, text)
    made = book(work, replace(new, firm=True))
    for view in views:
        mails.preempted(work, view.booking.public_id, text, alternatives(work, view))
    work.audit("bookings.preempt", f"booking:{made.public_id}", venue=case.venue_id,
               organisation=new.organisation_id, taken_from=[v.booking.public_id for v in views],
               reason=bool(text))  # fmt: skip
    return made


def _locked(
    work: Work,
    case: RoomCase,
    policy: EffectivePolicy,
    new: NewBooking,
    seen: Collection[str] | None,
) -> Sequence[BookingView]:
    """What is in the way, locked like every verb about a booking: rows first, then leaves.

    What is in the way once the leaves are locked must be what was locked.
    """
    before = in_the_way(work, case, policy, new.span)
    views = [view for each in before.bookings if (view := locked_view(work.session, each))]
    lock_quotas(work, case)
    lock_leaves(work, [case.id])
    now = in_the_way(work, case, policy, new.span)
    _same(before, now, seen)
    against = [
        reason
        for view in views
        for reason in preempt_reasons(view.booking.state, view.span, policy, work.now, case.zone)
    ]
    if now.firm or against:
        near = free_near(work, case, new.span, new.attendance, new.organisation_id)
        if now.firm:
            raise Conflict(taken_reason(now.firm, case.zone, near))
        refuse([replace(reason, nearest=near) for reason in against])
    return views


def _same(before: Hits, now: Hits, seen: Collection[str] | None) -> None:
    shown = set(now.bookings) if seen is None else set(seen)
    if set(now.bookings) != set(before.bookings) or set(now.bookings) - shown:
        text = msg("Something else is in the way by now: look again whom it would hurt.")
        raise Conflict(Reason("changed_meanwhile", text, kind="state"))


def _give_up(work: Work, view: BookingView, reason: str) -> None:
    """Cancelled, and nothing is charged for it."""
    view.booking.price_cents, view.booking.price_lines = 0, []
    settle(work, view, "cancelled", reason, "bookings.preempt")
