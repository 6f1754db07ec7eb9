"""Getting ready on other pages: Today, a booking, one's own page, where things are set up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import url_for

from tierslieu.bookings.models import Booking
from tierslieu.bookings.preparation import queries
from tierslieu.bookings.preparation.rules import is_code_shown
from tierslieu.bookings.preparation.services import DO, MANAGE
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.states.services import is_own
from tierslieu.contributions import Panel
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.people.queries import names
from tierslieu.venues.models import Venue

#: So far ahead Today looks for something to do.
AHEAD = timedelta(hours=12)
BEHIND = timedelta(hours=6)
SHOWN = 8


def drawn(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """What belongs at a place of a page."""
    venue = next((each for each in subject.values() if isinstance(each, Venue)), None)
    if place == "today" and venue is not None and work.actor.may(DO, venue=venue.id):
        yield from _today(work, venue)
    elif place == "booking" and isinstance(subject.get("booking"), Booking):
        yield from _booking(work, subject["booking"])
    elif place == "me" and work.actor.person_id is not None:
        person = work.actor.person_id
        if not queries.anything_for(work.session, person)[0]:
            return
        mine = queries.given_to(work.session, person, work.now)
        if mine:
            yield Panel("bookings/panels/chores_mine.html", {"items": mine}, 5)
    elif place == "venue_settings" and venue and work.actor.may(MANAGE, venue=venue.id):
        values = {
            "lists_url": url_for("bookings.chore_lists", slug=venue.slug),
            "keys_url": url_for("bookings.keys", slug=venue.slug),
        }
        yield Panel("bookings/chores_card.html", values, 31)


def _today(work: Work, venue: Venue) -> Iterable[Panel]:
    lists, out = queries.anything_at(work.session, venue.id)
    around = Span(work.now - BEHIND, work.now + AHEAD)
    todo = queries.to_do(work.session, venue.id, around) if lists else []
    items = [item for item in todo if not item.is_done]
    late = queries.late_keys(work.session, venue.id, work.now) if out else []
    if items or late:
        values = {
            "slug": venue.slug,
            "zone": venue.zone,
            "now": work.now,
            "items": items[:SHOWN],
            "more": len(items) - SHOWN,
            "late": late,
            "who": names(work.session, [item.person_id for item in items if item.person_id]),
        }
        yield Panel("bookings/panels/chores_today.html", values, 6)


def _booking(work: Work, booking: Booking) -> Iterable[Panel]:
    view = booking_view(work.session, booking.public_id)
    if view is None or booking.state not in queries.GOING or view.is_over(work.now):
        return
    desk = work.actor.may(DO, venue=view.venue_id)
    own = is_own(work, booking)
    if not (desk or own):
        return
    trouble = queries.trouble_before(work.session, view, work.now)
    values = {
        "view": view,
        "trouble": trouble,
        "codes": _codes(work, view) if own else [],
        "items": queries.beside(work.session, view) if desk else [],
        "held": _held(work, view) if desk else [],
        "now": work.now,
    }
    if trouble or values["codes"] or values["items"] or values["held"]:
        yield Panel("bookings/panels/ready.html", values, 6)


def _codes(work: Work, view: BookingView) -> list[dict[str, Any]]:
    """The codes of whoever booked: readable from some hours before, said to be coming before."""
    return [
        {
            "label": key.label,
            "code": key.code if is_code_shown(key.hours, view.span, work.now) else "",
            "from": view.span.starts_at - timedelta(hours=key.hours),
        }
        for key in queries.codes_for(work.session, view)
    ]


def _held(work: Work, view: BookingView) -> list[queries.Held]:
    held = queries.keys_of(work.session, view.venue_id, view.booking.room_id)
    return [each for each in held if each.out is not None]
