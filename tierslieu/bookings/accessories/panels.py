"""What places, parts and things add to other pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import url_for

from tierslieu.bookings.accessories.models import Accessory
from tierslieu.bookings.accessories.queries import things_of, things_of_room, to_bring
from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.models import PlacePool
from tierslieu.bookings.places.queries import members, places_of
from tierslieu.contributions import Panel
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import local_date, local_day_span
from tierslieu.kernel.work import Work
from tierslieu.resources.models import ResourcePart
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.queries import network

#: Bookings for which things are brought.
BROUGHT = ("confirmed", "checked_in")


def drawn(work: Work, place: str, subject: Mapping[str, Any]) -> Iterable[Panel]:
    """The piece of a page, by its place."""
    rows = list(subject.values())
    booking = next((each for each in rows if isinstance(each, Booking)), None)
    room = next((each for each in rows if isinstance(each, Room)), None)
    venue = next((each for each in rows if isinstance(each, Venue)), None)
    if place == "booking" and booking is not None:
        yield from of_booking(work, booking)
    elif place == "room" and room is not None:
        yield from _of_room(work, room)
    elif place == "today" and venue is not None:
        yield from _today(work, venue)
    elif place == "room_settings" and room is not None:
        yield from _setting_up(work, room)
    elif place == "venue_settings" and venue and work.actor.may("rooms.edit", venue=venue.id):
        url = url_for("bookings.things", slug=venue.slug)
        yield Panel("bookings/panels/things_card.html", {"url": url, "places_url": None}, 20)


def of_booking(work: Work, booking: Booking) -> Iterable[Panel]:
    """The places and things of one booking."""
    if not (booking.places or booking.things):
        return
    values = {
        "booking": booking,
        "places": places_of(work.session, [booking.id]).get(booking.id, []),
        "things": things_of(work.session, [booking.id]).get(booking.id, []),
    }
    yield Panel("bookings/panels/kit.html", values, 5)


def _of_room(work: Work, room: Room) -> Iterable[Panel]:
    # One question for the many rooms that have nothing of it.
    whole = sa.exists().where(ResourcePart.part_id == room.id)
    thing = sa.exists().where(Accessory.venue_id == room.venue_id)
    places = sa.exists().where(PlacePool.room_id == room.id)
    has = work.session.execute(sa.select(whole, places, thing)).one()
    if not any(has):
        return
    wholes = _wholes(work, room) if has[0] else []
    pool = work.session.get(PlacePool, room.id) if has[1] else None
    things = things_of_room(work.session, room.id) if has[2] else []
    things = [thing for thing in things if thing.offered and thing.limit]
    currency = network(work.session).currency
    values = {
        "wholes": wholes,
        "places": members(work.session, [pool.pool_id])[pool.pool_id] if pool else [],
        "hour": Money(pool.hour_cents, currency) if pool and pool.hour_cents else None,
        "things": [(thing, Money(thing.price_cents, currency)) for thing in things],
    }
    yield Panel("bookings/panels/room_kit.html", values, 5)


def _wholes(work: Work, room: Room) -> Sequence[Any]:
    question = (
        sa.select(Room.public_id, Room.name)
        .join(ResourcePart, ResourcePart.whole_id == Room.id)
        .where(ResourcePart.part_id == room.id, Room.retired_at.is_(None))
        .order_by(Room.rank, Room.name)
    )
    return work.session.execute(question).all()


def _today(work: Work, venue: Venue) -> Iterable[Panel]:
    zone = ZoneInfo(venue.zone)
    day = local_day_span(local_date(work.now, zone), zone)
    rows = [
        (row, things)
        for row, things in to_bring(work.session, venue.id, day, BROUGHT)
        if row.ends_at > work.now
    ]
    if rows:
        yield Panel("bookings/panels/to_bring.html", {"rows": rows, "venue": venue}, 10)


def _setting_up(work: Work, room: Room) -> Iterable[Panel]:
    if not work.actor.may("rooms.edit", venue=room.venue_id):
        return
    slug = work.session.get_one(Venue, room.venue_id).slug
    values = {
        "url": url_for("bookings.things", slug=slug),
        "places_url": url_for("bookings.room_places", slug=slug, public_id=room.public_id),
    }
    yield Panel("bookings/panels/things_card.html", values, 20)
