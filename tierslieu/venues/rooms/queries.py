"""Questions about rooms: one, those of a venue, what a room is made of."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.resources.models import Resource, ResourcePart
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.places.rules import is_slug


def room_by_public_id(session: Session, public_id: str, *, hidden: bool = False) -> Room:
    """The room of that public id, or of ``<venue-slug>.<room-slug>``. Raises NotFound.

    Rooms of venues that are not shown to everybody are found only with ``hidden``.
    """
    question = sa.select(Room).join(Venue, Venue.id == Room.venue_id)
    venue, dot, slug = public_id.partition(".")
    if not (is_slug(venue) and (is_slug(slug) or not dot)):
        raise NotFound
    if dot:
        question = question.where(Venue.slug == venue, Room.slug == slug)
    else:
        question = question.where(Room.public_id == public_id)
    if not hidden:
        question = question.where(Venue.published, Venue.archived_at.is_(None))
    room = session.scalar(question)
    if room is None:
        raise NotFound
    return room


def rooms_of(session: Session, venue_id: int, *, retired: bool = False) -> list[Room]:
    """The rooms of a venue, in the order of its page; ``retired``: also those out of use."""
    question = sa.select(Room).where(Room.venue_id == venue_id).order_by(Room.rank, Room.name)
    if not retired:
        question = question.where(Room.retired_at.is_(None))
    return list(session.scalars(question))


def shown_rooms(
    session: Session,
    venue_ids: Collection[int] | None = None,
    *,
    after: str = "",
    limit: int | None = None,
) -> list[tuple[Room, Venue]]:
    """Rooms in use of venues shown to everybody, by public id; ``after``: the last one seen."""
    question = (
        sa.select(Room, Venue)
        .join(Venue, Venue.id == Room.venue_id)
        .where(Room.retired_at.is_(None), Venue.published, Venue.archived_at.is_(None))
        .order_by(Room.public_id)
        .limit(limit)
    )
    if venue_ids is not None:
        question = question.where(Room.venue_id.in_(venue_ids))
    if after:
        question = question.where(Room.public_id > after)
    return list(session.execute(question).all())


def parts_of(session: Session, room_id: int) -> list[int]:
    """Ids of the resources that a divisible room is made of; none = undivided."""
    question = sa.select(ResourcePart.part_id).where(ResourcePart.whole_id == room_id)
    return sorted(session.scalars(question))


def is_bookable(session: Session, room_id: int) -> bool:
    """Whether it can be booked at all."""
    question = sa.select(Resource.bookable).where(Resource.id == room_id)
    return bool(session.scalar(question))


def parts_by_whole(session: Session, room_ids: Collection[int]) -> dict[int, list[str]]:
    """Public ids of the rooms that divisible rooms are made of."""
    question = (
        sa.select(ResourcePart.whole_id, Room.public_id)
        .join(Room, Room.id == ResourcePart.part_id)
        .where(ResourcePart.whole_id.in_(room_ids))
        .order_by(Room.rank, Room.public_id)
    )
    found: dict[int, list[str]] = {}
    for whole, part in session.execute(question):
        found.setdefault(whole, []).append(part)
    return found
