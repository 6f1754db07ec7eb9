"""What every verb about a booking begins and ends with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.bookings.buffers.services import give_back_buffers
from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.queries import BookingView, locked_view
from tierslieu.contributions import BookingChange, Change
from tierslieu.kernel.errors import Conflict, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.services import release


def settle(
    work: Work, view: BookingView, state: str, reason: str = "", verb: str = "bookings.settle"
) -> None:
    """Bring a booking to a state that occupies nothing, tell hooks and the log."""
    settle_all(work, [view], state, reason)
    booking = view.booking
    work.audit(
        verb,
        f"booking:{booking.public_id}",
        venue=view.venue_id,
        organisation=booking.organisation_id,
        person=booking.booked_for_id,
        state=state,
    )


def time_freed(work: Work, room_ids: Iterable[int], spans: Sequence[Span]) -> None:
    """Offer what bookings gave back in these rooms to whoever waits for it."""
    # Offers are bookings too: the waiting list stands on this room of verbs, not beside it.
    from tierslieu.bookings.waiting.offers import offer_next

    if spans:
        first, last = (min(s.starts_at for s in spans), max(s.ends_at for s in spans))
        offer_next(work, sorted(set(room_ids)), Span(first, last))


def _end_offers(work: Work, bookings: Sequence[Booking]) -> None:
    """Whoever was offered what ends now is no longer in line."""
    from tierslieu.bookings.waiting.offers import end_offer

    for booking in bookings:
        end_offer(work, booking)


def settle_all(work: Work, views: Sequence[BookingView], state: str, reason: str = "") -> None:
    """The same for all dates of one act, but for the log: hooks are told once."""
    before = {view.booking.id: view.booking.state for view in views}
    release(work, list(before))
    for view in views:
        give_back_buffers(work, view.booking, view.span, view.booking.room_id)
    work.session.execute(sa.delete(PendingChange).where(PendingChange.booking_id.in_(before)))
    for view in views:
        booking = view.booking
        booking.state = state
        booking.reason = reason
        booking.answer_by = None
    touch_all(work, [view.booking for view in views])
    tell_all(work, views, before, "state")
    _end_offers(work, [v.booking for v in views if before[v.booking.id] == "held"])
    time_freed(work, (v.booking.room_id for v in views), [v.span for v in views])


def touch(work: Work, booking: Booking) -> None:
    """Count a change that calendars and open pages must see."""
    touch_all(work, [booking])


def touch_all(work: Work, bookings: Sequence[Booking]) -> None:
    """The same for all dates of one act."""
    for booking in bookings:
        booking.revision += 1
        booking.version += 1
        booking.changed_at = work.now
        if work.actor.person_id is not None:
            booking.decided_by_id = work.actor.person_id
            booking.decided_at = work.now
    work.session.flush()


def found(work: Work, public_id: str, permission: str) -> BookingView:
    """A booking the actor may act on, locked; NotFound when she may not know it, else Forbidden."""
    view = locked_view(work.session, public_id)
    if view is None:
        raise NotFound
    return permitted(work, view, permission)


def permitted(work: Work, view: BookingView, permission: str) -> BookingView:
    """The booking, when the actor may do that with it; the same refusals as ``found``."""
    actor, booking = work.actor, view.booking
    allowed = actor.may(
        permission,
        venue=view.venue_id,
        organisation=booking.organisation_id,
        own=is_own(work, booking),
    )
    if not allowed:
        if not may_read(work, view):
            raise NotFound
        work.require(permission, venue=view.venue_id)
    return view


def is_own(work: Work, booking: Booking) -> bool:
    """Whether the booking is the actor's: booked for her, or for a body she acts for."""
    if booking.organisation_id is not None:
        return booking.organisation_id in work.actor.organisations
    return booking.booked_for_id is not None and booking.booked_for_id == work.actor.person_id


def may_read(work: Work, view: BookingView) -> bool:
    """Whether the actor may read the whole booking: her own, her organisation's, her venue's."""
    return is_own(work, view.booking) or work.actor.may(
        "bookings.change", venue=view.venue_id, organisation=view.booking.organisation_id
    )


def same_version(view: BookingView, version: int | None) -> None:
    """Raise Conflict ``changed_meanwhile`` when the caller saw another version."""
    if version is not None and version != view.booking.version:
        text = msg("Somebody changed this booking while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))


def tell(work: Work, view: BookingView, before: str | None, what: Change) -> None:
    """Tell plugins what happened to a booking."""
    tell_all(work, [view], {view.booking.id: before}, what)


def tell_all(
    work: Work, views: Sequence[BookingView], before: Mapping[int, str | None], what: Change
) -> None:
    """Tell plugins of all dates of one act at once; ``before``: their states, by row id."""
    changes = [
        BookingChange(
            view.booking.id,
            view.venue_id,
            view.booking.room_id,
            before.get(view.booking.id),
            view.booking.state,
            what,
        )
        for view in views
    ]
    work.hooks.tell(hookspecs.bookings_changed, work=work, changes=changes)
