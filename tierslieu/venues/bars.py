"""The main bar and the foot of every page, as far as places are in them."""

from __future__ import annotations

from flask import url_for

from tierslieu.contributions import NavItem
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.messages import msg


def main(actor: Actor) -> list[NavItem]:
    """Search, venues, and the doors of whoever works here."""
    found = [
        NavItem(msg("Search"), url_for("venues.home"), icon="search", order=10),
        NavItem(msg("Venues"), url_for("venues.venues"), icon="venue", order=30),
    ]
    if actor.may_anywhere("today.read"):
        url = url_for("venues.manage")
        found.append(NavItem(msg("My desk"), url, icon="desk", order=40))
    if actor.may_anywhere("network.edit"):
        found.append(NavItem(msg("Network"), url_for("venues.admin_home"), icon="map", order=45))
    return found


def foot() -> list[NavItem]:
    """What everybody may want to know."""
    return [
        NavItem(msg("Look for a name"), url_for("venues.names"), "search", 5),
        NavItem(msg("Numbers and hours of all venues"), url_for("venues.venues"), "phone", 10),
        NavItem(
            msg("Accessibility, and saying what is in the way"),
            url_for("web.accessibility"),
            "info",
            20,
        ),
        NavItem(msg("What we keep about you"), url_for("web.privacy"), "key", 30),
        NavItem(msg("Style guide"), url_for("web.style"), "grid", 90),
    ]
