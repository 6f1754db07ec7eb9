"""What administration adds to menus."""

from __future__ import annotations

from collections.abc import Iterable

from flask import url_for

from tierslieu.contributions import NavItem
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.messages import msg


@hookimpl
def nav_items(actor: Actor, place: str) -> Iterable[NavItem]:
    """Jobs and mails."""
    if place != "admin":
        return
    if actor.may("jobs.read"):
        yield NavItem(msg("Jobs"), url_for("operations.jobs"), "gear", 85)
    if actor.may("mails.read"):
        yield NavItem(msg("Mails"), url_for("operations.mails"), "mail", 86)
