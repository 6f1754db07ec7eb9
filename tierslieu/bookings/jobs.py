"""Background work of bookings: answers nobody gave, holds that passed, people who did not come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tierslieu.bookings.attendance.services import note_missing
from tierslieu.bookings.cart.services import forget_old
from tierslieu.bookings.chains.services import tell_step, tell_substitutes
from tierslieu.bookings.guests import jobs as guests
from tierslieu.bookings.missed.services import forget
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.reminders import services as reminders
from tierslieu.bookings.seasons import jobs as seasons
from tierslieu.bookings.series.deadlines import pass_deadlines
from tierslieu.bookings.states.services import settle
from tierslieu.bookings.waiting.offers import (
    lock_lapsing,
    offer_rooms,
    offer_what_is_free,
    tell_entry,
)
from tierslieu.bookings.waiting.services import pass_starts
from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import msg
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.work import Work
from tierslieu.people.queries import managers_of
from tierslieu.resources.services import expire


def tell_approvers(work: Work, booking: str, step: int | None = None) -> None:
    """Tell those who answer at a venue that somebody waits."""
    view = booking_view(work.session, booking)
    if view is None or tell_step(work, view, step) or view.booking.state != "requested":
        return
    today: datetime = work.now
    for manager in managers_of(work.session, view.venue_id, today.date()):
        lines = [
            msg("%(title)s", title=view.claim.label),
            msg("%(room)s, %(when)s", room=view.room_name, when=view.span),
        ]
        post(
            work,
            manager,
            msg("A request to answer at %(venue)s", venue=view.venue_name),
            lines,
            link=f"/manage/{view.venue_slug}",
            zone=view.zone,
            about=f"booking:{booking}",
        )


def sweep(work: Work, **_payload: Any) -> None:
    """What time alone brings about: deadlines, lapsed holds, rooms to which nobody came."""
    lock_lapsing(work)
    for lapsed in expire(work):
        booking = work.session.get(Booking, lapsed.claim_id)
        view = booking_view(work.session, booking.public_id) if booking is not None else None
        if view is not None and view.booking.state == "held":
            settle(work, view, "expired", verb="bookings.lapse")
    pass_starts(work)
    offer_what_is_free(work)
    pass_deadlines(work)
    tell_substitutes(work)
    note_missing(work)
    forget_old(work)


def remind(work: Work, **_payload: Any) -> None:
    """Tell of what begins within a day; forget what is too old to be held against anybody."""
    reminders.remind(work)
    forget(work)


def ask_again(work: Work, **_payload: Any) -> None:
    """Ask for long series again, and free those of which nobody answers."""
    reminders.release_unanswered(work)
    reminders.ask_again(work)


KINDS = [
    *guests.KINDS,
    *seasons.KINDS,
    JobKind("waiting.offer", offer_rooms),
    JobKind("waiting.tell", tell_entry),
    JobKind("bookings.tell_approvers", tell_approvers),
    JobKind("bookings.sweep", sweep, every_minutes=5),
    JobKind("bookings.remind", remind, every_minutes=30),
    JobKind("bookings.ask_again", ask_again, every_minutes=60),
]
