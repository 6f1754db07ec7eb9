"""The switchboard of the network, and a venue's own column of it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.plugins.held import give_back, held_at
from tierslieu.plugins.platform import Plugins
from tierslieu.plugins.venues import services
from tierslieu.plugins.venues.board import ELSEWHERE, Board, board, falling, pressed
from tierslieu.plugins.venues.queries import at_venue as plugins_at
from tierslieu.venues.managing import managed
from tierslieu.venues.models import Venue
from tierslieu.venues.places.queries import venues
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, current_site, reading, writing

bp = Blueprint("plugin_venues", __name__)


@bp.get("/admin/plugins/switchboard")
@allow("plugins.server")
def switchboard() -> str:
    """Plugins × venues."""
    with reading() as work:
        work.require("plugins.server")
    return page("plugins/switchboard.html", board=_board(), typed=None, falls=[])


@bp.post("/admin/plugins/switchboard")
@allow("plugins.server")
def switchboard_submit() -> Response | tuple[str, int]:
    """Press switches; what would go off with others is shown first."""
    shown, plugins = _board(), _plugins()
    presses = pressed(shown, request.form)
    falls = [] if request.form.get("others") else falling(plugins, shown, presses)
    if falls:
        html = page("plugins/switchboard.html", board=shown, typed=request.form, falls=falls)
        return html, 422
    try:
        with writing() as work:
            for place, wanted in presses.items():
                if place == ELSEWHERE:
                    for name, on in wanted.items():
                        services.at_other_venues(work, plugins, name, on)
                else:
                    services.switch(work, plugins, shown.ids[place], wanted, others=True)
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(msg("Saved. What was switched off is hidden; what it keeps is still there."))
    return redirect(url_for("plugin_venues.switchboard"))


@bp.get("/admin/plugins/<name>/off")
@allow("plugins.server")
def ask_off(name: str) -> str:
    """Which others go off with a plugin, before it is switched off."""
    with reading() as work:
        work.require("plugins.server")
    plugins = _plugins()
    return page(
        "plugins/off.html",
        item=plugins.find(name),
        users=_titles(plugins.users(name)),
        url=url_for("plugins.disable", name=name),
        back=url_for("plugins.plugins"),
        venue=None,
        layout="web/admin.html",
    )


@bp.get("/manage/<slug>/plugins")
@allow("plugins.venue")
def at_venue(slug: str) -> str:
    """What a venue has of the plugins that the network allows."""
    venue = managed(slug, "plugins.venue")
    with reading() as work:
        shown = plugins_at(work.session, _plugins(), venue.id)
        held = held_at(work.session, _plugins(), venue.id, work.now)
    return page("plugins/at_venue.html", venue=venue, shown=shown, held=held, **desk(venue))


@bp.post("/manage/<slug>/plugins/<name>/on")
@allow("plugins.venue")
def on_at_venue(slug: str, name: str) -> Response:
    """Switch a plugin on at a venue."""
    venue = managed(slug, "plugins.venue")
    try:
        with writing() as work:
            services.switch(work, _plugins(), venue.id, {name: True})
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(msg("It is on here."))
    return redirect(url_for("plugin_venues.at_venue", slug=slug))


@bp.post("/manage/<slug>/plugins/<name>/off")
@allow("plugins.venue")
def off_at_venue(slug: str, name: str) -> Response | str:
    """Switch a plugin off at a venue; which others go off with it is asked first."""
    venue = managed(slug, "plugins.venue")
    try:
        with writing() as work:
            others = bool(request.form.get("others"))
            services.switch(work, _plugins(), venue.id, {name: False}, others=others)
    except Refusal as refusal:
        if refusal.reasons[0].code == "plugin_required":
            return _ask_off_at(venue, name)
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(msg("It is off here. What it keeps is still there."))
    return redirect(url_for("plugin_venues.at_venue", slug=slug))


@bp.post("/manage/<slug>/held/<public_id>")
@allow("plugins.venue")
def give_back_submit(slug: str, public_id: str) -> Response:
    """Give back what a plugin holds that is off."""
    venue = managed(slug, "plugins.venue")
    try:
        with writing() as work:
            give_back(work, _plugins(), venue.id, public_id)
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(msg("It is free again."))
    return redirect(url_for("plugin_venues.at_venue", slug=slug))


def _ask_off_at(venue: Venue, name: str) -> str:
    plugins = _plugins()
    return page(
        "plugins/off.html",
        item=plugins.find(name),
        users=_titles(services.users_at(plugins, name, venue.id)),
        url=request.path,
        back=url_for("plugin_venues.at_venue", slug=venue.slug),
        venue=venue,
        layout="web/desk.html",
        **desk(venue),
    )


def _plugins() -> Plugins:
    plugins: Plugins = current_site().plugins
    return plugins


def _titles(names: Iterable[str]) -> list[object]:
    return [_plugins().find(name).title for name in names]


def _board() -> Board:
    with reading() as work:
        found = [row for row in venues(work.session, hidden=True) if row.archived_at is None]
    return board(_plugins(), [(row.id, row.slug, row.name) for row in found])
