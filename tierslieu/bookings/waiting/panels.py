"""What the waiting list adds to other pages and menus, and hears of venues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tierslieu.bookings.chains.queries import at_hand
from tierslieu.bookings.models import Booking
from tierslieu.bookings.states.services import is_own
from tierslieu.bookings.waiting.offers import ask_venue as ask_venue
from tierslieu.bookings.waiting.queries import entry_of, mine
from tierslieu.contributions import Panel
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim

SHOWN = 5


def drawn(work: Work, place: str, subject: Mapping[str, Any]) -> Iterable[Panel]:
    """One's places on /me; the two answers on an offer."""
    actor = work.actor
    if place == "me" and actor.person_id is not None and at_hand(work.session)[0]:
        rows = mine(work.session, actor.person_id, actor.organisations, work.now)
        if rows:
            yield Panel("bookings/panels/waiting.html", {"rows": rows[:SHOWN]}, order=12)
    booking = subject.get("booking")
    if place != "booking" or not isinstance(booking, Booking) or booking.state != "held":
        return
    if entry_of(work.session, booking.id) is not None:
        claim = work.session.get_one(Claim, booking.id)
        values = {
            "booking": booking,
            "title": claim.label,
            "until": claim.expires_at or claim.starts_at,
            "zone": booking.zone,
            "own": is_own(work, booking) and claim.starts_at > work.now,
        }
        yield Panel("bookings/panels/offer.html", values, order=0)
