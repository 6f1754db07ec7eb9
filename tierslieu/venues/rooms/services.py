"""Verbs of rooms: add, change, divide, retire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from tierslieu.kernel.errors import Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.resources import services as engine
from tierslieu.resources.division.services import divide, unite
from tierslieu.resources.models import Resource
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.rooms.queries import parts_of
from tierslieu.venues.rooms.rules import RoomValues, people, reasons
from tierslieu.venues.services import changed, check_version, venue_for


def add_room(
    work: Work,
    venue_id: int,
    values: RoomValues,
    *,
    bookable: bool = True,
    parts: Sequence[int] = (),
) -> Room:
    """Add a room and its resource; ``parts``: ids of the rooms it is made of.

    Raises Refused, Forbidden, NotFound.
    """
    venue = venue_for(work, venue_id, "rooms.edit")
    refuse([*reasons(values), *_clashes(work, venue_id, values, None)])
    resource = engine.add_resource(
        work, venue_id=venue_id, kind="room", name=values.name, bookable=bookable
    )
    room = Room(id=resource.id, venue_id=venue_id, version=1, retired_at=None)
    _write(room, values)
    work.session.add(room)
    work.session.flush()
    if parts:
        divide(work, room.id, list(parts))
    changed(work, venue, "room.added", f"room:{room.public_id}")
    return room


def change_room(work: Work, room_id: int, values: RoomValues, version: int | None = None) -> Room:
    """Change what is said of a room; bookings stay as they are.

    Raises Refused, Conflict ``changed_meanwhile``, Forbidden, NotFound.
    """
    room, venue = _room_for(work, room_id)
    check_version(room, version)
    refuse([*reasons(values), *_clashes(work, venue.id, values, room_id)])
    before = values_of(room)
    touched = [f.name for f in fields(values) if getattr(before, f.name) != getattr(values, f.name)]
    if touched:
        _write(room, values)
        room.version += 1
        renamed = sa.update(Resource).where(Resource.id == room_id).values(name=values.name)
        work.session.execute(renamed)
        changed(work, venue, "room.changed", f"room:{room.public_id}", fields=touched)
    return room


def set_parts(work: Work, room_id: int, part_ids: Sequence[int]) -> None:
    """Make a room a whole of these rooms; none makes it one room again.

    Raises Conflict where what is booked stands against it, Invalid for parts that make no sense.
    """
    room, venue = _room_for(work, room_id)
    now = parts_of(work.session, room_id)
    rooms = set(work.session.scalars(sa.select(Room.id).where(Room.id.in_([*now, *part_ids]))))
    if set(now) & rooms == set(part_ids):
        return
    if set(now) - rooms:
        text = msg("This room is made of single places that are given out one by one.")
        raise Invalid("pooled", text, "parts")
    if now:
        unite(work, room_id)
        # Uniting takes parts out of use that belong to nothing else; these are rooms of their own.
        for part in now:
            if _is_in_use(work, part):
                engine.restore(work, part)
    if part_ids:
        divide(work, room_id, list(part_ids))
    room.version += 1
    changed(work, venue, "room.divided", f"room:{room.public_id}", parts=len(part_ids))


def retire_room(work: Work, room_id: int) -> Room:
    """Take a room out of use: nobody can book it any more; what is booked stays to be handled."""
    room, venue = _room_for(work, room_id)
    if room.retired_at is None:
        engine.retire(work, room_id)
        room.retired_at = work.now
        room.version += 1
        changed(work, venue, "room.retired", f"room:{room.public_id}")
    return room


def restore_room(work: Work, room_id: int) -> Room:
    """Put a retired room back into use."""
    room, venue = _room_for(work, room_id)
    if room.retired_at is not None:
        engine.restore(work, room_id)
        room.retired_at = None
        room.version += 1
        changed(work, venue, "room.restored", f"room:{room.public_id}")
    return room


def values_of(room: Room) -> RoomValues:
    """What is said of a room now."""
    values: dict[str, Any] = {f.name: getattr(room, f.name) for f in fields(RoomValues)}
    values["features"] = tuple(room.features)
    if room.capacity == max(room.layouts.values(), default=None):
        values["capacity"] = None
    return RoomValues(**values)


def _room_for(work: Work, room_id: int) -> tuple[Room, Venue]:
    room = work.session.get(Room, room_id)
    if room is None:
        raise NotFound
    venue = venue_for(work, room.venue_id, "rooms.edit")
    work.session.refresh(room)
    return room, venue


def _is_in_use(work: Work, room_id: int) -> bool:
    room = work.session.get(Room, room_id)
    return room is not None and room.retired_at is None


def _write(room: Room, values: RoomValues) -> None:
    for field in fields(values):
        setattr(room, field.name, getattr(values, field.name))
    room.layouts, room.features = dict(values.layouts), list(values.features)
    room.capacity = people(values)


def _clashes(work: Work, venue_id: int, values: RoomValues, room_id: int | None) -> list[Reason]:
    same = sa.select(Room.id).where(
        Room.venue_id == venue_id, Room.slug == values.slug, Room.id != (room_id or 0)
    )
    if work.session.scalar(same):
        text = msg("Another room of this venue already has this address.")
        return [Reason("slug_taken", text, "slug")]
    return []


def check_of(room: Room, venue_id: int) -> None:
    """Raise NotFound when the room is another venue's."""
    if room.venue_id != venue_id:
        raise NotFound
