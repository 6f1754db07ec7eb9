"""Verbs of photos: add, describe, remove."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Photo, Room, Venue
from tierslieu.venues.photos.pictures import FORMATS, SIZES, KeptPicture, Picture, encode, path_of
from tierslieu.venues.photos.queries import photo_by_public_id
from tierslieu.venues.services import changed, venue_for

#: A venue's page with more pictures than this is an album.
MOST_PHOTOS = 60


def add_photo(
    work: Work, venue_id: int, data: bytes, alt: Texts, *, room_id: int | None = None
) -> Photo:
    """Keep a photo of a venue or one of its rooms, encoded anew in three sizes.

    Raises Invalid (no words, not a picture, too large), Forbidden, NotFound.
    """
    permission = "venues.edit" if room_id is None else "rooms.edit"
    venue = venue_for(work, venue_id, permission)
    _check_alt(alt)
    if room_id is not None and _venue_of(work, room_id) != venue_id:
        raise NotFound
    count = sa.select(sa.func.count()).where(Photo.venue_id == venue_id)
    have = work.session.scalar(count) or 0
    if have >= MOST_PHOTOS:
        raise Invalid("too_many", msg("There are enough photos; remove one first."), "photo")
    picture = encode(data)
    photo = Photo(
        public_id=new_public_id(),
        venue_id=venue_id,
        room_id=room_id,
        alt=alt,
        width=picture.width,
        height=picture.height,
        rank=have,
        created_at=work.now,
    )
    work.session.add(photo)
    # Written before the commit: a file without a row is litter, a row without its file a hole.
    _write(work.site.uploads, photo.public_id, picture)
    changed(work, venue, "photo.added", f"photo:{photo.public_id}", room=room_id)
    return photo


def describe_photo(
    work: Work, venue_id: int, public_id: str, alt: Texts, rank: int | None = None
) -> Photo:
    """Write anew what a photo shows, and its place among the others."""
    photo, venue = _photo_for(work, venue_id, public_id)
    _check_alt(alt)
    photo.alt = alt
    photo.rank = photo.rank if rank is None else rank
    changed(work, venue, "photo.described", f"photo:{public_id}")
    return photo


def remove_photo(work: Work, venue_id: int, public_id: str) -> None:
    """Take a photo away, with its files once that is durable."""
    photo, venue = _photo_for(work, venue_id, public_id)
    work.session.delete(photo)
    changed(work, venue, "photo.removed", f"photo:{public_id}")
    work.after_commit(lambda: _forget(work.site.uploads, public_id))


def _photo_for(work: Work, venue_id: int, public_id: str) -> tuple[Photo, Venue]:
    photo = photo_by_public_id(work.session, public_id)
    if photo.venue_id != venue_id:
        raise NotFound
    permission = "venues.edit" if photo.room_id is None else "rooms.edit"
    return photo, venue_for(work, venue_id, permission)


def _check_alt(alt: Texts) -> None:
    if not alt:
        text = msg("Say in at least one language what the photo shows.")
        raise Invalid("missing", text, "alt")


def _venue_of(work: Work, room_id: int) -> int | None:
    return work.session.scalar(sa.select(Room.venue_id).where(Room.id == room_id))


def keep_picture(work: Work, data: bytes) -> KeptPicture:
    """Keep a picture of a feature's own, encoded anew; whoever knows its address may see it.

    Raises Invalid for what is no picture, is too large or too small.
    """
    picture = encode(data)
    kept = KeptPicture(new_public_id(), picture.width, picture.height)
    _write(work.site.uploads, kept.public_id, picture)
    return kept


def forget_picture(work: Work, public_id: str) -> None:
    """Take away a picture that was kept, once that is durable."""
    work.after_commit(lambda: _forget(work.site.uploads, public_id))


def _write(uploads: Path, public_id: str, picture: Picture) -> None:
    for file in picture.files:
        path = path_of(uploads, public_id, file.size, file.extension)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)


def _forget(uploads: Path, public_id: str) -> None:
    for size in SIZES:
        for extension in FORMATS:
            with suppress(OSError):
                path_of(uploads, public_id, size, extension).unlink()
