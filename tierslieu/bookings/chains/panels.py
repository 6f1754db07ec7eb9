"""What chains add to other pages: where a request is, and what waits for one's answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tierslieu.bookings.chains.ladder import ladder
from tierslieu.bookings.chains.queries import at_hand, waiting_for
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import booking_view
from tierslieu.contributions import Panel
from tierslieu.kernel.work import Work


def drawn(work: Work, place: str, subject: Mapping[str, Any]) -> Iterable[Panel]:
    """The steps of a request on its page; on /me what one has to answer."""
    person = work.actor.person_id
    if place == "me" and person is not None and at_hand(work.session)[1]:
        rows = waiting_for(work, person)
        if rows:
            yield Panel("bookings/panels/to_answer.html", {"rows": rows}, order=1)
    booking = subject.get("booking")
    if place != "booking" or not isinstance(booking, Booking):
        return
    if booking.state not in ("requested", "confirmed"):
        return
    view = booking_view(work.session, booking.public_id)
    if view is None:
        return
    here = work.actor.may("today.read", venue=view.venue_id)
    found = ladder(work, view, with_names=here)
    if found is not None:
        may = person in found.standing.panel.may_answer
        values = {"ladder": found, "booking": booking, "zone": view.zone, "may_answer": may}
        yield Panel("bookings/panels/ladder.html", values, order=1)
