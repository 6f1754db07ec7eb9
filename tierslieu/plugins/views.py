"""/admin/plugins: what is installed, what is on, what went wrong, and the switches."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.plugins.queries import hook_lines, overview
from tierslieu.plugins.suspension import go_on_without
from tierslieu.plugins.switching import ask_to_enable
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import allow, current_site, reading, writing

bp = Blueprint("plugins", __name__, template_folder="templates")


@bp.get("/admin/plugins")
@allow("plugins.server")
def plugins() -> str:
    """Every plugin of this installation."""
    site = current_site()
    with reading() as work:
        work.require("plugins.server")
        shown = overview(work.session, site.plugins)
    return page("plugins/plugins.html", shown=shown)


@bp.get("/admin/plugins/hooks")
@allow("plugins.server")
def hooks() -> str:
    """Which hooks each plugin answers, and what that took in this process."""
    site = current_site()
    with reading() as work:
        work.require("plugins.server")
        shown = overview(work.session, site.plugins)
    lines = {each.name: hook_lines(site.plugins, each.name) for each in shown}
    return page("plugins/hooks.html", shown=shown, lines=lines)


@bp.post("/admin/plugins/<name>/continue")
@allow("plugins.server")
def continue_without(name: str) -> Response:
    """Go on without a suspended plugin: what it refuses is no longer refused."""
    site = current_site()
    site.plugins.find(name)
    with writing() as work:
        go_on_without(work, name)
    site.plugins.switches.stale()
    flash_message(msg("Its rules are no longer asked. Switch it on to try it again."))
    return redirect(url_for("plugins.plugins"))


@bp.post("/admin/plugins/<name>/enable")
@allow("plugins.server")
def enable(name: str) -> Response:
    """Switch a plugin on; its tables are made by a job. Also ends a suspension."""
    site = current_site()
    site.plugins.find(name)
    with writing() as work:
        ask_to_enable(work, name)
    site.plugins.switches.stale()
    flash_message(msg("It is being switched on."))
    return redirect(url_for("plugins.plugins"))


@bp.post("/admin/plugins/<name>/disable")
@allow("plugins.server")
def disable(name: str) -> Response:
    """Switch a plugin off; what it keeps stays. Others that need it are asked about first."""
    site = current_site()
    with reading() as work:
        work.require("plugins.server")
    try:
        site.plugins.disable(site, name, work.actor, others=bool(request.form.get("others")))
    except Refusal as refusal:
        if refusal.reasons[0].code == "plugin_required":
            return redirect(url_for("plugin_venues.ask_off", name=name))
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(msg("It is off. What it keeps is still there."))
    return redirect(url_for("plugins.plugins"))
