"""Questions about photos."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.venues.models import Photo


def photo_by_public_id(session: Session, public_id: str) -> Photo:
    """The photo of that id. Raises NotFound."""
    photo = session.scalar(sa.select(Photo).where(Photo.public_id == public_id))
    if photo is None:
        raise NotFound
    return photo


def photos_of(session: Session, venue_id: int, room_id: int | None = None) -> list[Photo]:
    """Photos of a venue as such, or of one of its rooms, in order."""
    question = sa.select(Photo).where(Photo.venue_id == venue_id).order_by(Photo.rank, Photo.id)
    if room_id is None:
        return list(session.scalars(question.where(Photo.room_id.is_(None))))
    return list(session.scalars(question.where(Photo.room_id == room_id)))


def all_photos(session: Session, venue_id: int) -> list[Photo]:
    """Every photo of a venue, those of the venue as such first."""
    question = sa.select(Photo).where(Photo.venue_id == venue_id)
    order = (Photo.room_id.is_not(None), Photo.room_id, Photo.rank, Photo.id)
    return list(session.scalars(question.order_by(*order)))


def first_photos(session: Session, room_ids: Collection[int]) -> dict[int, Photo]:
    """The first photo of each room that has one."""
    question = sa.select(Photo).where(Photo.room_id.in_(room_ids))
    found: dict[int, Photo] = {}
    for photo in session.scalars(question.order_by(Photo.rank, Photo.id)):
        found.setdefault(photo.room_id or 0, photo)
    return found


def photos_by_room(session: Session, room_ids: Collection[int]) -> dict[int, list[Photo]]:
    """The photos of each of these rooms, in order."""
    question = sa.select(Photo).where(Photo.room_id.in_(room_ids))
    found: dict[int, list[Photo]] = {}
    for photo in session.scalars(question.order_by(Photo.rank, Photo.id)):
        found.setdefault(photo.room_id or 0, []).append(photo)
    return found
