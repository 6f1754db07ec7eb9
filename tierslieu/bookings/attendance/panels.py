"""Turning up on other pages: one's own, the desk's Today, where a venue is set up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from tierslieu.bookings.attendance.models import Arrival
from tierslieu.bookings.attendance.showing import facts
from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.missed.queries import of_person, times
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preparation.queries import anything_for
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.states.services import is_own
from tierslieu.contributions import Panel
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue


def drawn(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """What belongs at a place of a page."""
    if place == "booking" and isinstance(subject.get("booking"), Booking):
        yield from _booking(work, subject["booking"])
    elif place == "me" and work.actor.person_id is not None:
        person = work.actor.person_id
        known = anything_for(work.session, person)[1]
        missed = of_person(work.session, person, work.now) if known else []
        if missed:
            yield Panel("bookings/panels/missed.html", {"missed": missed}, 40)
    elif place == "today" and work.actor.may("bookings.check_in", venue=venue_id):
        slug = getattr(subject.get("today"), "slug", "")
        yield Panel("bookings/panels/arrivals.html", {"slug": slug}, 5)
    elif place == "venue_settings":
        venue = next((each for each in subject.values() if isinstance(each, Venue)), None)
        if venue is not None and work.actor.may("rooms.edit", venue=venue.id):
            url = url_for("bookings.displays", slug=venue.slug)
            yield Panel("bookings/displays_card.html", {"url": url}, 30)


def _booking(work: Work, booking: Booking) -> Iterable[Panel]:
    view = booking_view(work.session, booking.public_id)
    if view is None:
        return
    if not is_own(work, booking):
        yield from _hint(work, view)
        return
    arrival = work.session.get(Arrival, booking.id)
    shown = facts(work, view)
    record = work.session.get(NoShow, booking.id) if booking.state == "no_show" else None
    if record is not None and record.forgiven_at is not None:
        record = None
    if record or shown["may_enter"] or shown["may_leave"] or shown["too_early"]:
        values = {**shown, "quiet": arrival.quiet if arrival else False, "record": record}
        yield Panel("bookings/panels/arrival.html", values, 5)


def _hint(work: Work, view: BookingView) -> Iterable[Panel]:
    """For the desk: how often whoever booked was missed. It decides nothing."""
    person = view.booking.booked_for_id
    if person is None or not work.actor.may("bookings.no_show", venue=view.venue_id):
        return
    missed = times(work.session, view.venue_id, [person], work.now).get(person, 0)
    if missed > 1:
        values = {"missed": missed, "slug": view.venue_slug}
        yield Panel("bookings/panels/missed_hint.html", values, 5)
