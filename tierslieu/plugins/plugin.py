"""What the platform itself adds to menus, and what it does for plugins that cannot be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tierslieu.contributions import NavItem, Panel, PersonDataPart
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.plugins.privacy import forget, parts_of
from tierslieu.plugins.venues.panels import panel


@hookimpl
def nav_items(actor: Actor, place: str) -> Iterable[NavItem]:
    """The page of the plugins, for who may switch them."""
    if place == "admin" and actor.may("plugins.server"):
        yield NavItem(msg("Plugins"), "/admin/plugins", icon="plug", order=60)


@hookimpl
def panels(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """The plugins of a venue and of a room, on their set-up pages."""
    return panel(work, place, subject, venue_id)


@hookimpl
def person_data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """What plugins that are off or gone keep about her."""
    return parts_of(work, person_id)


@hookimpl
def person_erased(work: Work, person_id: int) -> None:
    """What plugins that are off or gone keep about her goes as they said it would."""
    forget(work, person_id)
