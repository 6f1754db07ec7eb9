"""What the switchboard adds to the pages of a manager."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from tierslieu.contributions import Panel
from tierslieu.kernel.work import Work
from tierslieu.plugins.settings.rules import settings_at
from tierslieu.venues.models import Venue


def panel(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """The way to a venue's plugins, and to a room's settings of those that have any."""
    if venue_id is None or not work.actor.may("plugins.venue", venue=venue_id):
        return
    if place == "venue_settings":
        url = url_for("plugin_venues.at_venue", slug=subject[place].slug)
        yield Panel("plugins/panels/venue_card.html", {"url": url}, 90)
    elif place == "room_settings":
        rows = _of_room(work, subject[place], venue_id)
        if rows:
            yield Panel("plugins/panels/room_card.html", {"rows": rows}, 90)


def _of_room(work: Work, room: Any, venue_id: int) -> list[tuple[Any, str]]:
    plugins = work.site.plugins
    slug = work.session.get_one(Venue, venue_id).slug
    return [
        (
            item.title,
            url_for("plugin_settings.room", slug=slug, public_id=room.public_id, name=item.name),
        )
        for item in plugins.all
        if settings_at(item.settings, "room") and plugins.is_on(item.name, venue_id)
    ]
