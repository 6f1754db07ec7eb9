"""What comes in, on other pages: a room's settings, a venue's, and its desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_ical.intake.external import queries
from tierslieu_ical.intake.words import problem


def incoming(work: tl.Work, place: str, subject: Mapping[str, Any]) -> Iterable[tl.Panel]:
    """The cards of calendars elsewhere, for whoever manages the rooms."""
    if place == "venue_settings" and _manages(work, subject[place].id):
        yield tl.Panel("ical/intake_card.html", {"venue": subject[place]}, order=45)
    elif place == "room_settings" and _manages(work, subject[place].venue_id):
        yield from _room(work, subject[place])
    elif place == "today" and _manages(work, subject[place].id):
        hits = queries.collisions(work.session, subject[place].id, work.now)
        if hits:
            values = {"venue": subject[place], "n": len(hits)}
            yield tl.Panel("ical/collisions_today.html", values, order=8)


def _room(work: tl.Work, room: tl.Room) -> Iterable[tl.Panel]:
    venue = work.session.get_one(tl.Venue, room.venue_id)
    found = queries.calendars_of(work.session, venue.id, work.now, room.id)
    values = {"venue": venue, "room": room, "calendars": found, "problem": problem}
    yield tl.Panel("ical/room_calendars.html", values, order=45)


def _manages(work: tl.Work, venue_id: int) -> bool:
    return work.actor.may("rooms.edit", venue=venue_id)
