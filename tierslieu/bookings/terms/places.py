"""Whose terms and preconditions a page is about: the network's, a venue's or a room's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.queries import network
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.pages import desk


@dataclass(frozen=True)
class Whose:
    """A scope as a page names it; ``slug`` empty: the network."""

    zone: ZoneInfo
    venue: Venue | None = None
    room: Room | None = None
    rooms: tuple[Room, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.venue.id if self.venue else None, self.room.id if self.room else None)

    def url(self, endpoint: str, **more: Any) -> str:
        """The address of a page (``terms``, ``preconditions``…) about the same scope."""
        if self.venue is None:
            return url_for(f"bookings.admin_{endpoint}", **more)
        room = self.room.public_id if self.room else None
        return url_for(f"bookings.desk_{endpoint}", slug=self.venue.slug, room=room, **more)

    def around(self) -> dict[str, Any]:
        """What the layout of the page needs."""
        return desk(self.venue) if self.venue else {"desk": None}


def of_venue(work: Work, slug: str) -> Whose:
    """A venue's, or with ``?room=`` one of its rooms'. Raises NotFound, Forbidden."""
    venue = desk_of(work, slug, "policies.edit")
    rooms = tuple(rooms_of(work.session, venue.id))
    asked = request.values.get("room", "")
    room = next((each for each in rooms if each.public_id == asked), None)
    if asked and room is None:
        raise NotFound
    return Whose(ZoneInfo(venue.zone), venue, room, rooms)


def of_network(work: Work) -> Whose:
    """The network's own."""
    work.require("policies.edit")
    return Whose(ZoneInfo(network(work.session).zone))
