"""The page on which a manager says that a room is booked by place."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.member.own import version_of
from tierslieu.bookings.places import services
from tierslieu.bookings.places.forms import places_form
from tierslieu.bookings.places.models import PlacePool
from tierslieu.bookings.places.queries import all_places
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.rooms.queries import room_by_public_id
from tierslieu.venues.rooms.services import check_of
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, current_locale, reading, writing

WORDS = {
    "desk": msg("Work desk"),
    "lane": msg("Lane"),
    "allotment": msg("Plot"),
    "bar": msg("Table"),
}


@bp.get("/manage/<slug>/rooms/<public_id>/places")
@allow("rooms.edit")
def room_places(slug: str, public_id: str) -> str:
    """The places of a room, or how to begin."""
    with reading() as work:
        venue, room = _room(work, slug, public_id)
        return _page(work, venue, room, _form(work, room, sent=False))


@bp.post("/manage/<slug>/rooms/<public_id>/places")
@allow("rooms.edit")
def room_places_submit(slug: str, public_id: str) -> Any:
    """Save the places; bookings keep what they have."""
    with reading() as work:
        venue, room = _room(work, slug, public_id)
        form = _form(work, room, sent=True)
        if not form.validate():
            return _page(work, venue, room, form), 422
    try:
        with writing() as work:
            services.put_places(work, room.id, form.said(), version_of(form.version.data) or None)
    except Refusal as refusal:
        form.refuse(refusal, {"version": ""})
        with reading() as work:
            return _page(work, venue, room, form), refusal.status
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(url_for("bookings.room_places", slug=slug, public_id=public_id), 303)


@bp.post("/manage/<slug>/rooms/<public_id>/places/drop")
@allow("rooms.edit")
def room_places_drop(slug: str, public_id: str) -> Any:
    """The room is booked whole only again."""
    with reading() as work:
        venue, room = _room(work, slug, public_id)
    try:
        with writing() as work:
            services.drop_places(work, room.id)
    except Refusal as refusal:
        with reading() as work:
            form = _form(work, room, sent=False)
            form.validate()
            form.refuse(refusal, {"starts_at": ""})
            return _page(work, venue, room, form), refusal.status
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(url_for("bookings.room_places", slug=slug, public_id=public_id), 303)


def _room(work: Work, slug: str, public_id: str) -> tuple[Venue, Room]:
    venue = desk_of(work, slug, "rooms.edit")
    room = room_by_public_id(work.session, public_id, hidden=True)
    check_of(room, venue.id)
    return venue, room


def _form(work: Work, room: Room, *, sent: bool) -> Any:
    pool = work.session.get(PlacePool, room.id)
    known = all_places(work.session, pool.pool_id) if pool else []
    word = say(WORDS.get(room.kind, msg("Place")), current_locale())
    return places_form(known, pool, word, sent=sent)


def _page(work: Work, venue: Venue, room: Room, form: Any) -> str:
    by_place = work.session.get(PlacePool, room.id) is not None
    values = {"venue": venue, "room": room, "form": form, "by_place": by_place}
    return page("bookings/room_places.html", **values, **desk(venue))
