"""A plugin's settings for the network, a venue or a room: one page, made of its manifest."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.settings import forms, services
from tierslieu.plugins.settings.queries import shown
from tierslieu.plugins.settings.rules import Place
from tierslieu.venues.managing import managed
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.rooms.queries import room_by_public_id
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, current_site, reading, writing

bp = Blueprint("plugin_settings", __name__)

Answer = str | Response | tuple[str, int]


@bp.get("/admin/plugins/<name>/settings")
@bp.post("/admin/plugins/<name>/settings")
@allow("plugins.server")
def network(name: str) -> Answer:
    """What a plugin's settings are for the whole network."""
    with reading() as work:
        work.require("plugins.server")
    back = url_for("plugins.plugins")
    return _answered(current_site().plugins.find(name), Place(), back)


@bp.get("/manage/<slug>/plugins/<name>")
@bp.post("/manage/<slug>/plugins/<name>")
@allow("plugins.venue")
def venue(slug: str, name: str) -> Answer:
    """What they are for a venue."""
    row = managed(slug, "plugins.venue")
    back = url_for("plugin_venues.at_venue", slug=slug)
    return _answered(_on_at(row, name), Place(row.id), back, row)


@bp.get("/manage/<slug>/rooms/<public_id>/plugins/<name>")
@bp.post("/manage/<slug>/rooms/<public_id>/plugins/<name>")
@allow("plugins.venue")
def room(slug: str, public_id: str, name: str) -> Answer:
    """What they are for a room."""
    row = managed(slug, "plugins.venue")
    with reading() as work:
        of = room_by_public_id(work.session, public_id, hidden=True)
    if of.venue_id != row.id:
        raise NotFound
    back = url_for("venues.edit_room", slug=slug, public_id=public_id)
    return _answered(_on_at(row, name), Place(row.id, of.id), back, row, of)


def _on_at(venue: Venue, name: str) -> Installed:
    """The plugin, where it is on at the venue: elsewhere nothing of it is seen."""
    plugins = current_site().plugins
    if not plugins.is_on(name, venue.id):
        raise NotFound
    found: Installed = plugins.find(name)
    return found


def _answered(
    item: Installed, place: Place, back: str, venue: Venue | None = None, room: Room | None = None
) -> Answer:
    plugins = current_site().plugins
    rows = shown(plugins, item.name, place)
    if not rows:
        raise NotFound
    form, status = forms.form_of(rows, item.package), 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                with writing() as work:
                    services.say(work, plugins, item.name, place, forms.texts_of(form, rows))
            except Refusal as refusal:
                forms.refuse(form, rows, refusal)
            else:
                flash_message(msg("Saved. It holds from now on."))
                return redirect(back)
    html = page(
        "plugins/settings.html",
        item=item,
        form=form,
        rows=forms.rows_of(form, rows, item.package),
        place=place,
        back=back,
        venue=venue,
        room=room,
        layout="web/desk.html" if venue else "web/admin.html",
        **(desk(venue) if venue else {}),
    )
    return html, status
