"""What places add to the bars: the ways through the public pages, the desk and the network."""

from __future__ import annotations

from collections.abc import Iterable

from flask import url_for

from tierslieu.contributions import NavItem
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.messages import msg


@hookimpl
def nav_items(actor: Actor, place: str, venue_id: int | None, venue_slug: str) -> Iterable[NavItem]:
    """Entries of the main bar, the foot, a venue's desk and the network's bar."""
    if place == "main":
        return _main(actor)
    if place == "foot":
        return _foot()
    if place == "desk" and actor.may("venues.edit", venue=venue_id):
        url = url_for("venues.settings", slug=venue_slug)
        return [NavItem(msg("Set up"), url, icon="gear", order=90)]
    if place == "admin" and actor.may_anywhere("network.edit"):
        return [
            NavItem(msg("Network"), url_for("venues.admin_home"), icon="map", order=10),
            NavItem(msg("Venues"), url_for("venues.admin_venues"), icon="venue", order=15),
            NavItem(msg("Settings"), url_for("venues.admin_network"), icon="gear", order=80),
        ]
    return []


def _main(actor: Actor) -> list[NavItem]:
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


def _foot() -> list[NavItem]:
    return [
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
