"""Verbs at the door."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from tierslieu.bookings import mails
from tierslieu.bookings.accessories.services import ThingsTaken
from tierslieu.bookings.attendance import queries
from tierslieu.bookings.attendance.models import Arrival
from tierslieu.bookings.attendance.rules import (
    frees_at,
    scanned_link,
    warns_at,
    written_reference,
)
from tierslieu.bookings.buffers.services import end_now, occupied
from tierslieu.bookings.cases.queries import policy_of, room_case_by_id
from tierslieu.bookings.displays.queries import is_seen
from tierslieu.bookings.missed import services as records
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, locked_view
from tierslieu.bookings.rules import EffectivePolicy, check_in_reasons, move
from tierslieu.bookings.states.services import found, tell, time_freed, touch
from tierslieu.kernel.errors import Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.rules import Taken
from tierslieu.resources.services import take


def check_in(work: Work, public_id: str) -> Booking:
    """Note that they came: from some minutes before the start until the end."""
    return _arrived(work, found(work, public_id, "bookings.check_in"), "")


def check_in_by_link(work: Work, token: str) -> Booking:
    """Note that they came, by whoever holds the booking's link. Raises NotFound for any other."""
    return _arrived(work, _by_link(work, token), "link")


def check_in_by_reference(
    work: Work, venue_id: int, written: str, *, room_id: int | None = None, by: str = "door"
) -> Booking:
    """Note that they came, by the reference (or a scanned link) at a venue's door or desk.

    ``room_id``: the door of one room lets in its own bookings only. Raises Invalid.
    """
    token = scanned_link(written)
    if token is not None:
        view = queries.view_by_link(work, token)
    else:
        view = queries.by_reference(work.session, written_reference(written), venue_id)
    if view is None or view.venue_id != venue_id:
        raise Invalid("unknown_reference", msg("No booking here has this reference."), "reference")
    if room_id is not None and view.booking.room_id != room_id:
        text = msg("This booking is for another room: %(room)s.", room=view.room_name)
        raise Invalid("other_room", text, "reference")
    locked = locked_view(work.session, view.booking.public_id)
    return _arrived(work, locked or view, by)


def undo_check_in(work: Work, public_id: str) -> Booking:
    """Take a mistaken check-in back, on the same day."""
    view = found(work, public_id, "bookings.check_in")
    _to(view, "undo_check_in", work)
    came = view.booking.checked_in_at
    zone = ZoneInfo(view.booking.zone)
    if came and came.astimezone(zone).date() != work.now.astimezone(zone).date():
        refuse([Reason("too_late", msg("A check-in can be taken back on the same day only."))])

    view.booking.checked_in_at = None
    return _moved(work, view, "confirmed", "bookings.undo_check_in")


def leave(work: Work, public_id: str) -> Booking:
    """They left early: the room is free from now on; what people see stays."""
    return _left(work, found(work, public_id, "bookings.release"))


def leave_by_link(work: Work, token: str) -> Booking:
    """They left early and said so by their link."""
    return _left(work, _by_link(work, token))


def undo_no_show(work: Work, public_id: str) -> Booking:
    """They did come: the record goes, and the room is retaken if it is still free."""
    view = found(work, public_id, "bookings.no_show")
    work.require("bookings.no_show", venue=view.venue_id)
    _to(view, "undo_no_show", work)

    view.booking.checked_in_at = view.span.starts_at
    records.remove(work, view.booking.id)
    booking = _moved(work, view, "checked_in", "bookings.undo_no_show")
    if view.span.ends_at > work.now:
        try:
            taking, others = occupied(work, booking, view.span)
            take(work, [taking, *others])
        except (Taken, ThingsTaken):
            # Somebody has the room by now; only the record is mended.
            work.audit("bookings.not_retaken", f"booking:{public_id}", venue=view.venue_id)
    return booking


def miss(work: Work, public_id: str) -> Booking:
    """Nobody came, somebody at the desk says: the room is free from now on."""
    view = found(work, public_id, "bookings.no_show")
    work.require("bookings.no_show", venue=view.venue_id)
    return _missed(work, view, "desk", _policy(work, view))


def note_missing(work: Work) -> int:
    """Tell those who are missing, then free the rooms to which nobody came.

    Only where the policy uses check-in. Who can be told neither by mail nor at the door is left to
    the desk: no record without a notice. How many were noted.
    """
    noted = 0
    for view, arrival in queries.missing(work.session, work.now):
        policy = policy_in_force(work, view)
        if policy is None or not policy.check_in or warns_at(policy, view.span) > work.now:
            continue
        if arrival is None or arrival.noticed_at is None:
            _notice(work, view, policy)
        elif frees_at(policy, view.span, arrival.noticed_at) <= work.now:
            _missed(work, view, arrival.notice, policy)
            noted += 1
    return noted


def new_link(work: Work, public_id: str) -> None:
    """Make a booking's link anew: the one before opens nothing any more."""
    view = found(work, public_id, "bookings.change")
    arrival = arrival_for(work, view.booking.id)
    arrival.link_serial += 1
    work.audit("bookings.new_link", f"booking:{public_id}", venue=view.venue_id,
               person=view.booking.booked_for_id)  # fmt: skip


def arrival_for(work: Work, booking_id: int) -> Arrival:
    """The row of a booking's way to the door, made where there is none."""
    arrival = work.session.get(Arrival, booking_id)
    if arrival is None:
        arrival = Arrival(booking_id=booking_id, link_serial=0, quiet=False, notice="")
        work.session.add(arrival)
        work.session.flush()
    return arrival


def _by_link(work: Work, token: str) -> BookingView:
    view = queries.view_by_link(work, token)
    if view is None:
        raise NotFound
    return view


def policy_in_force(work: Work, view: BookingView) -> EffectivePolicy | None:
    """The rules for whom a booking was made; None where its room is no longer there."""
    with suppress(NotFound):
        return _policy(work, view)
    return None


def _policy(work: Work, view: BookingView) -> EffectivePolicy:
    return policy_of(work, view, room_case_by_id(work.session, view.booking.room_id, view.span))


def _arrived(work: Work, view: BookingView, by: str) -> Booking:
    if view.booking.state == "checked_in":
        return view.booking
    _to(view, "check_in", work)
    refuse(check_in_reasons(_policy(work, view), view.span, work.now))

    view.booking.checked_in_at = work.now
    return _moved(work, view, "checked_in", "bookings.check_in", by)


def _left(work: Work, view: BookingView) -> Booking:
    _to(view, "leave", work)
    view.booking.left_at = work.now
    end_now(work, view.booking)
    time_freed(work, [view.booking.room_id], [view.span])
    return _moved(work, view, "checked_in", "bookings.leave")


def _notice(work: Work, view: BookingView, policy: EffectivePolicy) -> None:
    """Tell that the room will be free again: by mail, else by the display at the door."""
    booking = view.booking
    person = work.session.get(Person, booking.booked_for_id) if booking.booked_for_id else None
    if person is not None and person.email:
        how = "mail"
    elif is_seen(work.session, view.venue_id, booking.room_id, work.now):
        how = "display"
    else:
        return
    arrival = arrival_for(work, booking.id)
    arrival.noticed_at, arrival.notice = work.now, how
    if how == "mail":
        link = queries.check_in_path(work, booking.public_id, arrival.link_serial)
        mails.missing(work, view, frees_at(policy, view.span, work.now), link)


def _missed(work: Work, view: BookingView, notice: str, policy: EffectivePolicy) -> Booking:
    _to(view, "miss", work)
    if view.span.starts_at > work.now:
        refuse([Reason("too_early", msg("It has not begun yet."))])

    end_now(work, view.booking)
    time_freed(work, [view.booking.room_id], [view.span])
    booking = _moved(work, view, "no_show", "bookings.no_show", notice)
    records.note(work, booking.id, notice, policy.no_show_kept_days)
    mails.missed(work, booking.public_id)
    return booking


def _to(view: BookingView, verb: str, work: Work) -> None:
    state = move(view.booking.state, verb, view.span, work.now)
    if isinstance(state, Reason):
        refuse([state])


def _moved(work: Work, view: BookingView, state: str, verb: str, by: str = "") -> Booking:
    before, view.booking.state = view.booking.state, state
    touch(work, view.booking)
    tell(work, view, before, "state")
    detail: dict[str, Any] = {"by": by} if by else {}
    work.audit(verb, f"booking:{view.booking.public_id}", venue=view.venue_id,
               person=view.booking.booked_for_id, **detail)  # fmt: skip
    return view.booking
