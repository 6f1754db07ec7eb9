"""Verbs of sponsors: ask one, and her answer."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from tierslieu.bookings import mails
from tierslieu.bookings.answers.services import approve
from tierslieu.bookings.cases.queries import policy_of, room_case_by_id
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preconditions.models import Sponsorship
from tierslieu.bookings.queries import BookingView, booking_view, locked_view
from tierslieu.bookings.states.services import found, settle
from tierslieu.kernel.actor import SYSTEM
from tierslieu.kernel.errors import Conflict, NotFound, Reason
from tierslieu.kernel.mail import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.tokens import hash_token
from tierslieu.kernel.work import Work


def opened(work: Work, token: str, *, locked: bool = False) -> tuple[Sponsorship, BookingView]:
    """What a sponsor's link is about; NotFound for any other, and once the booking began."""
    row = work.session.execute(
        sa.select(Sponsorship, Booking.public_id)
        .join(Booking, Booking.id == Sponsorship.booking_id)
        .where(Sponsorship.token_hash == hash_token(token))
    ).first()
    if row is None:
        raise NotFound
    find = locked_view if locked else booking_view
    view = find(work.session, row.public_id)
    if view is None or view.span.starts_at <= work.now:
        raise NotFound
    return row.Sponsorship, view


def answer(work: Work, token: str, *, yes: bool) -> Booking:
    """The sponsor's answer by her link; the first one counts."""
    sponsorship, view = opened(work, token, locked=True)
    return _answered(work, sponsorship, view, yes=yes)


def answer_at_desk(work: Work, public_id: str, *, yes: bool) -> Booking:
    """What the sponsor said at the desk."""
    view = found(work, public_id, "bookings.change")
    sponsorship = work.session.get(Sponsorship, view.booking.id)
    if sponsorship is None:
        raise NotFound
    return _answered(work, sponsorship, view, yes=yes)


def _answered(work: Work, sponsorship: Sponsorship, view: BookingView, *, yes: bool) -> Booking:
    booking = view.booking
    if sponsorship.answer == ("yes" if yes else "no"):
        return booking
    if sponsorship.answer or booking.state not in ("requested", "held"):
        text = msg("It was answered already.")
        raise Conflict(Reason("wrong_state", text, kind="state"))
    sponsorship.answer, sponsorship.answered_at = ("yes" if yes else "no"), work.now
    work.session.flush()
    work.audit("bookings.sponsor_yes" if yes else "bookings.sponsor_no",
               f"booking:{booking.public_id}", venue=view.venue_id,
               person=booking.booked_for_id)  # fmt: skip
    house = replace(work, actor=SYSTEM)
    if not yes:
        reason = say(work.site, msg("The member who was named does not vouch."),
                     work.site.config.locale, None)  # fmt: skip
        settle(house, view, "declined", reason, "bookings.decline")
        mails.answered(house, booking.public_id)
    elif booking.state == "requested":
        _go_on(house, view)
    # Held for a guest: it goes on once she confirms her address.
    work.has_jobs = True
    return booking


def _go_on(work: Work, view: BookingView) -> None:
    """Vouched for: confirmed, unless the venue answers each request."""
    booking = view.booking
    case = room_case_by_id(work.session, booking.room_id, view.span)
    if policy_of(work, view, case).asks_approval(booking.attendance, booking.declared):
        mails.asked(work, booking.public_id)
    else:
        approve(work, booking.public_id)
