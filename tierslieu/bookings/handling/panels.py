"""What handling adds to other pages: Today, setting up, a closing's own page, a booking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from flask import url_for

from tierslieu.bookings.handling.models import Handling
from tierslieu.bookings.handling.queries import Touch, grouped, handled, to_handle, touched_by
from tierslieu.bookings.handling.rules import Shut
from tierslieu.bookings.handling.waits import waits_to_handle, waits_touched
from tierslieu.bookings.models import Booking
from tierslieu.contributions import Panel
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Closure, Room, Venue

#: How many are named on Today.
SHOWN = 4


def drawn(work: Work, place: str, subject: Mapping[str, Any]) -> Iterable[Panel]:
    """The panels of handling at one place of a page."""
    if place in ("today", "venue_settings"):
        venue = next((each for each in subject.values() if isinstance(each, Venue)), None)
        if venue is not None and work.actor.may("closures.edit", venue=venue.id):
            known = subject.get("to_handle")
            yield from _of_venue(work, place, venue, known)
    elif place == "closing":
        yield from _of_closing(work, subject)
    elif place == "closure":
        yield from _of_closure(work, subject)
    elif place == "room_settings":
        yield from _of_room(work, subject)
    elif place == "booking":
        yield from _of_booking(work, subject)


def _of_venue(work: Work, place: str, venue: Venue, known: list[Touch] | None) -> Iterator[Panel]:
    touches = to_handle(work.session, venue, work.now) if known is None else known
    waits = waits_to_handle(work.session, venue, work.now)
    if place == "venue_settings":
        values: dict[str, Any] = {"venue": venue, "n": len(touches)}
        yield Panel("bookings/panels/mode_card.html", values, order=5)
    elif touches or waits:
        values = {"venue": venue, "touches": touches[:SHOWN], "n": len(touches)}
        yield Panel("bookings/panels/to_handle.html", values, order=5)


def _of_closing(work: Work, subject: Mapping[str, Any]) -> Iterator[Panel]:
    """Who lies inside a closing: ``venue``, ``span``, perhaps ``room`` (a row id)."""
    venue, span = subject.get("venue"), subject.get("span")
    if isinstance(venue, Venue) and isinstance(span, Span):
        shut = Shut("closure:thought", span, subject.get("room"))
        touches = touched_by(work.session, venue, shut, work.now)
        waits = waits_touched(work.session, venue, shut, work.now)
        if not touches and not waits:
            return
        values = {"groups": grouped(touches), "venue": venue, "n": len(touches), "waits": waits}
        yield Panel("bookings/panels/touched.html", values, order=5)


def _of_closure(work: Work, subject: Mapping[str, Any]) -> Iterator[Panel]:
    """What is to be handled of a closure that is there, and what was done."""
    venue, row = subject.get("venue"), subject.get("closure")
    if isinstance(venue, Venue) and isinstance(row, Closure):
        cause = f"closure:{row.public_id}"
        touches = to_handle(work.session, venue, work.now)
        values = {
            "venue": venue,
            "n": sum(touch.cause.key == cause for touch in touches),
            "done": len(handled(work.session, venue.id, cause)),
            "key": f"closure-{row.public_id}",
        }
        yield Panel("bookings/panels/closure.html", values, order=5)


def _of_room(work: Work, subject: Mapping[str, Any]) -> Iterator[Panel]:
    """Before a room is taken out of use: who would be touched."""
    room = next((each for each in subject.values() if isinstance(each, Room)), None)
    if room is None or room.retired_at is not None:
        return
    slug = work.session.get_one(Venue, room.venue_id).slug
    url = url_for("bookings.touched", slug=slug, what="retire", room=room.public_id)
    yield Panel("bookings/panels/touched_card.html", {"url": url}, order=20)


def _of_booking(work: Work, subject: Mapping[str, Any]) -> Iterator[Panel]:
    booking = next((each for each in subject.values() if isinstance(each, Booking)), None)
    if booking is None or booking.state == "cancelled":
        return
    question = sa.select(Handling).where(Handling.booking_id == booking.id)
    row = work.session.scalars(question.order_by(Handling.at.desc()).limit(1)).first()
    if row is not None:
        room = work.session.get(Room, row.room_id)
        values = {"row": row, "room": room.name if room else "", "zone": booking.zone}
        yield Panel("bookings/panels/handled.html", values, order=5)
