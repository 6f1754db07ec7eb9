"""Pages of photos: the files themselves, and the manager's album."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, send_file, url_for
from werkzeug.exceptions import NotFound as NoSuchFile
from werkzeug.wrappers import Response as Answer

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.venues.blueprint import bp
from tierslieu.venues.managing import managed
from tierslieu.venues.models import Venue
from tierslieu.venues.photos.forms import AltForm, PhotoForm
from tierslieu.venues.photos.pictures import FORMATS, SIZES, path_of, sources
from tierslieu.venues.photos.queries import all_photos
from tierslieu.venues.photos.services import add_photo, describe_photo, remove_photo
from tierslieu.venues.rooms.queries import room_by_public_id, rooms_of
from tierslieu.web.forms import texts_of
from tierslieu.web.limits import limit
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import PUBLIC, allow, current_site, reading, writing

#: A photo never changes under its address, so it may be kept for a year.
FOR_EVER = "public, max-age=31536000, immutable"


@bp.get("/photos/<name>-<int:size>.<extension>")
@allow(PUBLIC)
def photo(name: str, size: int, extension: str) -> Response:
    """One file of a photo, as we encoded it."""
    if size not in SIZES or extension not in FORMATS or not (name.isascii() and name.isalnum()):
        raise NoSuchFile
    path = path_of(current_site().uploads.resolve(), name, size, extension)
    if not path.is_file():
        raise NoSuchFile
    answer = send_file(path, mimetype=FORMATS[extension][1], conditional=True, etag=True)
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@bp.get("/manage/<slug>/settings/photos")
@allow("venues.edit")
def edit_photos(slug: str) -> str:
    """The album: what there is, and a form for one more."""
    return _album(managed(slug, "venues.edit"), None)


@bp.post("/manage/<slug>/settings/photos")
@allow("venues.edit")
@limit("60/hour")
def add_photo_submit(slug: str) -> Answer | tuple[str, int]:
    """Add a photo."""
    venue = managed(slug, "venues.edit")
    form = _photo_form(venue)
    if not form.validate_on_submit():
        return _album(venue, form), 422
    try:
        with writing() as work:
            chosen = form.room.data
            room = room_by_public_id(work.session, chosen, hidden=True).id if chosen else None
            add_photo(work, venue.id, form.photo.data.read(), texts_of(form, "alt"), room_id=room)
    except Refusal as refusal:
        form.refuse(refusal, {"alt": "alt_it"})
        return _album(venue, form), refusal.status
    flash_message(msg("The photo is there."))
    return redirect(url_for("venues.edit_photos", slug=slug))


@bp.post("/manage/<slug>/settings/photos/<public_id>")
@allow("venues.edit")
def describe_photo_submit(slug: str, public_id: str) -> Answer | tuple[str, int]:
    """Write anew what a photo shows, or remove it."""
    venue = managed(slug, "venues.edit")
    form = AltForm()
    try:
        with writing() as work:
            if request.form.get("remove"):
                remove_photo(work, venue.id, public_id)
            else:
                describe_photo(work, venue.id, public_id, texts_of(form, "alt"), form.place)
    except Refusal as refusal:
        empty = _photo_form(venue)
        empty.refuse(refusal, {"alt": ""})
        return _album(venue, empty), refusal.status
    removed = bool(request.form.get("remove"))
    flash_message(msg("The photo is gone.") if removed else msg("Saved."))
    return redirect(url_for("venues.edit_photos", slug=slug))


def _photo_form(venue: Venue) -> PhotoForm:
    with reading() as work:
        return PhotoForm(rooms_of(work.session, venue.id))


def _album(venue: Venue, form: PhotoForm | None) -> str:
    with reading() as work:
        rooms = rooms_of(work.session, venue.id, retired=True)
        shown: list[dict[str, Any]] = []
        names = {room.id: room.name for room in rooms}
        for row in all_photos(work.session, venue.id):
            room = names.get(row.room_id or 0)
            shown.append({"row": row, "form": AltForm.of(row), "room": room, **sources(row)})
    return page(
        "venues/edit_photos.html",
        venue=venue,
        form=form or _photo_form(venue),
        photos=shown,
        **desk(venue),
    )
