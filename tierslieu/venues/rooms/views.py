"""Pages of rooms: what everybody sees, and what a manager writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu import hookspecs
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.venues.blueprint import bp
from tierslieu.venues.forms import is_stale
from tierslieu.venues.managing import managed
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.opening.queries import touched
from tierslieu.venues.opening.services import fingerprint
from tierslieu.venues.photos.pictures import sources
from tierslieu.venues.photos.queries import photos_of
from tierslieu.venues.rooms import services
from tierslieu.venues.rooms.forms import RoomForm
from tierslieu.venues.rooms.queries import parts_of, room_by_public_id, rooms_of
from tierslieu.venues.words import (
    access_facts,
    feature_icon,
    feature_label,
    layout_kind,
    layout_label,
    layouts_of,
)
from tierslieu.web.forms import texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import PUBLIC, allow, current_actor, reading, writing
from tierslieu.web.sharing import shared

#: How far ahead bookings of a room that goes out of use are looked for.
AHEAD = timedelta(days=3660)


@bp.get("/rooms/<public_id>")
@allow(PUBLIC)
@shared
def room(public_id: str) -> str:
    """One room: photos, how many and how, what is there, access as facts."""
    with reading() as work:
        row = room_by_public_id(work.session, public_id, hidden=True)
        venue = work.session.get_one(Venue, row.venue_id)
        if not current_actor().may("rooms.edit", venue=venue.id):
            row = room_by_public_id(work.session, public_id)
        parts = [work.session.get(Room, part) for part in parts_of(work.session, row.id)]
        return page(
            "venues/room.html",
            room=row,
            venue=venue,
            parts=[part for part in parts if part is not None],
            photos=[sources(photo) for photo in photos_of(work.session, venue.id, row.id)],
            chips=access_facts(row),
            layouts=[
                {"kind": layout_kind(key), "capacity": seats, "label": layout_label(key)}
                for key, seats in layouts_of(row)
            ],
            features=[(feature_icon(key), feature_label(key)) for key in row.features],
        )


@bp.get("/manage/<slug>/rooms")
@allow("rooms.edit")
def rooms_list(slug: str) -> str:
    """The rooms of a venue, those out of use too."""
    venue = managed(slug, "rooms.edit")
    with reading() as work:
        rooms = rooms_of(work.session, venue.id, retired=True)
    return page("venues/rooms.html", venue=venue, rooms=rooms, **desk(venue))


@bp.get("/manage/<slug>/rooms/new")
@allow("rooms.edit")
def new_room(slug: str) -> str:
    """A form for a new room."""
    venue = managed(slug, "rooms.edit")
    return _room_page(venue, RoomForm(_others(venue, None), formdata=None), None)


@bp.post("/manage/<slug>/rooms/new")
@allow("rooms.edit")
def new_room_submit(slug: str) -> Response | tuple[str, int]:
    """Add a room."""
    venue = managed(slug, "rooms.edit")
    form = RoomForm(_others(venue, None))
    if not form.validate_on_submit():
        return _room_page(venue, form, None), 422
    try:
        with writing() as work:
            parts = _ids(venue, form.parts.data)
            row = services.add_room(work, venue.id, form.values(), parts=parts)
    except Refusal as refusal:
        form.refuse(refusal)
        return _room_page(venue, form, None), refusal.status
    flash_message(msg("“%(room)s” is there, and can be booked by your rules.", room=row.name))
    return redirect(url_for("venues.rooms_list", slug=slug))


@bp.get("/manage/<slug>/rooms/<public_id>")
@allow("rooms.edit")
def edit_room(slug: str, public_id: str) -> str:
    """What is said of a room."""
    venue = managed(slug, "rooms.edit")
    row = _room_of(venue, public_id)
    return _room_page(venue, _form_of(venue, row), row)


@bp.post("/manage/<slug>/rooms/<public_id>")
@allow("rooms.edit")
def edit_room_submit(slug: str, public_id: str) -> Response | tuple[str, int]:
    """Save what is said of a room; a wrong or old form is shown again as it was typed."""
    venue = managed(slug, "rooms.edit")
    row = _room_of(venue, public_id)
    form = RoomForm(_others(venue, row))
    if not form.validate_on_submit():
        return _room_page(venue, form, row), 422
    try:
        with writing() as work:
            services.change_room(work, row.id, form.values(services.values_of(row)), form.seen)
            services.set_parts(work, row.id, _ids(venue, form.parts.data))
    except Refusal as refusal:
        form.refuse(refusal)
        if is_stale(refusal):
            form.set_beside(_form_of(venue, _room_of(venue, public_id)))
        return _room_page(venue, form, row), refusal.status
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(url_for("venues.rooms_list", slug=slug))


@bp.post("/manage/<slug>/rooms/<public_id>/use")
@allow("rooms.edit")
def use_room_submit(slug: str, public_id: str) -> Any:
    """Take a room out of use, or put it back; who is touched is shown first."""
    venue = managed(slug, "rooms.edit")
    row = _room_of(venue, public_id)
    with writing() as work:
        if request.form.get("on") != "1" and (asked := _asked_first(work, venue, row)):
            return asked
        if request.form.get("on") == "1":
            services.restore_room(work, row.id)
        else:
            services.retire_room(work, row.id)
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(url_for("venues.rooms_list", slug=slug))


def _asked_first(work: Work, venue: Venue, room: Room) -> str:
    """The page that shows who is touched; empty where nobody is, or it was shown already."""
    span = Span(work.now, work.now + AHEAD)
    hurt = touched(work.session, venue.id, room.id, span, work.now)
    known = fingerprint(hurt)
    if room.retired_at is not None or request.form.get("known") == known:
        return ""
    subject = {"venue": venue, "span": span, "room": room.id}
    if not hurt and not work.hooks.gather(
        hookspecs.panels, work=work, place="closing", subject=subject, venue_id=venue.id
    ):
        return ""
    return page(
        "venues/retire_room.html",
        venue=venue,
        room=room,
        span=span,
        hurt=hurt,
        known=known,
        **desk(venue),
    )


def _room_of(venue: Venue, public_id: str) -> Room:
    with reading() as work:
        row = room_by_public_id(work.session, public_id, hidden=True)
        services.check_of(row, venue.id)
        return row


def _others(venue: Venue, row: Room | None) -> list[Room]:
    with reading() as work:
        every = rooms_of(work.session, venue.id)
    return [room for room in every if row is None or room.id != row.id]


def _form_of(venue: Venue, row: Room) -> RoomForm:
    others = _others(venue, row)
    with reading() as work:
        parts = set(parts_of(work.session, row.id))
    return RoomForm.of(row, others, [room.public_id for room in others if room.id in parts])


def _ids(venue: Venue, public_ids: list[str] | None) -> list[int]:
    return [room.id for room in _others(venue, None) if room.public_id in (public_ids or ())]


def _room_page(venue: Venue, form: RoomForm, row: Room | None) -> str:
    texts: dict[str, Any] = {
        "description_rows": texts_rows(form, "description"),
        "access_rows": texts_rows(form, "access_note"),
    }
    return page("venues/edit_room.html", venue=venue, form=form, room=row, **texts, **desk(venue))
