"""Whose rules a page is about, for whoever may set them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.rooms.queries import rooms_of


@dataclass(frozen=True)
class Place:
    """Whose rules a page is about: the network's, a venue's, or a room's."""

    venue: Venue | None = None
    room: Room | None = None
    rooms: tuple[Room, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.venue.id if self.venue else None, self.room.id if self.room else None)

    def url(self, endpoint: str, **more: Any) -> str:
        """The address of a page about the same place."""
        name = ("bookings.rules" if self.venue else "bookings.admin_rules") + endpoint
        values: dict[str, Any] = {"slug": self.venue.slug} if self.venue else {}
        return url_for(name, **values, room=self.room.public_id if self.room else None, **more)

    def uses_url(self) -> str:
        """The page of the uses that are known there."""
        if self.venue is None:
            return url_for("bookings.admin_purposes")
        return url_for("bookings.purposes", slug=self.venue.slug)


def of_venue(work: Work, slug: str) -> Place:
    """The venue, or the room of it that the address names, for whoever sets its rules."""
    venue = desk_of(work, slug, "policies.edit")
    rooms = tuple(rooms_of(work.session, venue.id))
    asked = request.values.get("room", "")
    room = next((each for each in rooms if each.public_id == asked), None)
    if asked and room is None:
        raise NotFound
    return Place(venue, room, rooms)


def of_network(work: Work) -> Place:
    """The network, for whoever sets its rules."""
    work.require("policies.edit")
    return Place()
