"""The switchboard as it is looked at: one place, or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.messages import Message
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.models import PluginVenue
from tierslieu.plugins.settings.rules import settings_at

if TYPE_CHECKING:
    from tierslieu.plugins.platform import Plugins


@dataclass(frozen=True)
class At:
    """One plugin at one venue; ``barred``: the network said no here."""

    name: str
    title: Message
    sentence: Message
    is_on: bool
    barred: bool
    needs: tuple[Message, ...]
    has_settings: bool
    changed_at: datetime | None


def at_venue(session: Session, plugins: Plugins, venue_id: int) -> list[At]:
    """The plugins that the network has switched on, as they are at a venue."""
    asked = sa.select(PluginVenue.plugin, PluginVenue.changed_at).where(
        PluginVenue.venue_id == venue_id
    )
    changed: dict[str, datetime] = {row[0]: row[1] for row in session.execute(asked)}
    return [
        At(
            item.name,
            item.title,
            item.sentence,
            plugins.is_on(item.name, venue_id),
            plugins.switches.get(item.name).said.get(venue_id) == "barred",
            tuple(plugins.find(need).title for need in item.requires),
            bool(settings_at(item.settings, "venue")),
            changed.get(item.name),
        )
        for item in allowed(plugins)
    ]


def allowed(plugins: Plugins) -> list[Installed]:
    """The plugins that are on in the network: those a venue may have."""
    return [item for item in plugins.all if plugins.is_on(item.name)]


def state_at(plugins: Plugins, venue_id: int) -> dict[str, bool]:
    """Each plugin that a venue may have, and whether it has it."""
    return {item.name: plugins.is_on(item.name, venue_id) for item in allowed(plugins)}
