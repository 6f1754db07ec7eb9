"""Verbs of getting ready: what is to be done, ticking it, walking round with photos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tierslieu.bookings.preparation import queries
from tierslieu.bookings.preparation.models import MOMENTS, Chore, ChoreList, ChorePhoto
from tierslieu.bookings.preparation.queries import ToDo
from tierslieu.bookings.preparation.rules import fresh, points_of, ticked
from tierslieu.bookings.queries import booking_view, locked_view
from tierslieu.bookings.services import known
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person, PersonVenue
from tierslieu.venues.photos.pictures import Picture, encode
from tierslieu.venues.rooms.queries import room_by_public_id

MANAGE = "rooms.edit"
DO = "bookings.check_in"
MOST_PHOTOS = 20
#: The one size in which a walk round is kept.
SIZE, EXTENSION = 960, "webp"


@dataclass(frozen=True)
class ListValues:
    """What a list says. ``room`` is a public id, "" = every room of the venue."""

    title: str
    moment: str
    points: str
    room: str = ""
    inspection: bool = False


def save_list(work: Work, venue_id: int, values: ListValues, public_id: str = "") -> ChoreList:
    """Write a list, new or anew; what was ticked before stays as it was. Raises Invalid."""
    work.require(MANAGE, venue=venue_id)
    title = clean(values.title, field="title")[:120]
    points = points_of(clean(values.points, lines=True, field="points"))
    if not title:
        raise Invalid("missing", msg("Give it a name."), "title")
    if not (points or values.inspection):
        raise Invalid("missing", msg("Write at least one point, one a line."), "points")
    known(values.moment, MOMENTS, "moment")
    row = queries.list_by_public_id(work.session, venue_id, public_id) if public_id else None
    if public_id and row is None:
        raise NotFound
    if row is None:
        row = ChoreList(venue_id=venue_id, created_at=work.now)
        work.session.add(row)
    row.title, row.moment, row.points = title, values.moment, points
    row.room_id, row.inspection = room_id_of(work, venue_id, values.room), values.inspection
    row.version = (row.version or 0) + 1
    work.session.flush()
    work.audit("chores.list", f"chore_list:{row.public_id}", venue=venue_id)
    return row


def stop_list(work: Work, venue_id: int, public_id: str) -> None:
    """A list is done no more; what was done stays."""
    work.require(MANAGE, venue=venue_id)
    row = queries.list_by_public_id(work.session, venue_id, public_id)
    if row is None:
        raise NotFound
    row.stopped_at = work.now
    work.audit("chores.stop", f"chore_list:{public_id}", venue=venue_id)


def item_for(work: Work, booking: str, chore_list: str) -> ToDo:
    """A list beside a booking, for the desk or for whom it was given to; NotFound for others.

    Only what takes place has chores: a cancelled booking has none.
    """
    look = locked_view if work.is_writing else booking_view
    view = look(work.session, booking)
    items = queries.beside(work.session, view) if view is not None else []
    found = next((each for each in items if each.plan.public_id == chore_list), None)
    if view is None or found is None or view.booking.state not in queries.GOING:
        raise NotFound
    mine = work.actor.person_id is not None and found.person_id == work.actor.person_id
    if not mine and not work.actor.may(DO, venue=view.venue_id):
        raise NotFound
    return found


def tick(
    work: Work, item: ToDo, done: Iterable[int], *, note: str = "", finish: bool = False
) -> Chore:
    """Write which points are done, and a note; ``finish``: all of it is.

    Raises Conflict when points are left and it is to be finished.
    """
    chore = _touched(work, item)
    chore.points = ticked(chore.points, done)
    chore.note = clean(note, lines=True, field="note")[:2000]
    left = sum(1 for point in chore.points if not point["done"])
    if finish and left:
        text = msg("Some points are not ticked yet.")
        raise Conflict(Reason("not_done", text, "points", kind="state"))
    chore.done_at = work.now if finish else None
    chore.done_by_id = work.actor.person_id if finish else None
    chore.version += 1
    work.session.flush()
    work.audit("chores.done" if finish else "chores.tick", f"chore:{chore.public_id}",
               venue=item.view.venue_id)  # fmt: skip
    return chore


def assign(work: Work, item: ToDo, who: str) -> Chore:
    """Give a chore to somebody of the venue: a public id, or an e-mail; "" = to nobody.

    Raises Invalid for somebody who has nothing to do with the venue.
    """
    work.require(DO, venue=item.view.venue_id)
    person_id = _person(work, item.view.venue_id, who.strip()) if who.strip() else None
    chore = _touched(work, item)
    chore.person_id = person_id
    chore.version += 1
    work.audit("chores.assign", f"chore:{chore.public_id}", venue=item.view.venue_id,
               person=person_id)  # fmt: skip
    return chore


def _person(work: Work, venue_id: int, who: str) -> int:
    question = (
        sa.select(Person.id)
        .join(PersonVenue, PersonVenue.person_id == Person.id)
        .where(
            PersonVenue.venue_id == venue_id,
            Person.erased_at.is_(None),
            sa.or_(Person.public_id == who, sa.func.lower(Person.email) == who.lower()),
        )
        .order_by(Person.id)
    )
    found = work.session.scalars(question.limit(1)).first()
    if found is None:
        text = msg("Nobody here has this e-mail. Register them first.")
        raise Invalid("unknown_person", text, "other")
    return found


def _touched(work: Work, item: ToDo) -> Chore:
    """The row of a list beside a booking, written the first time it is touched."""
    if item.chore is not None:
        return item.chore
    chore = Chore(
        booking_id=item.view.booking.id,
        list_id=item.plan.id,
        points=fresh(item.plan.points),
        note="",
        version=1,
    )
    work.session.add(chore)
    work.session.flush()
    return chore


def add_photo(work: Work, item: ToDo, data: bytes, shows: str) -> ChorePhoto:
    """Keep a photo of a walk round, encoded anew; never as it was sent.

    Raises Invalid (not a picture, too large, too many).
    """
    if not item.plan.inspection:
        raise NotFound
    chore = _touched(work, item)
    if len(queries.photos_of(work.session, chore.id)) >= MOST_PHOTOS:
        raise Invalid("too_many", msg("There are enough photos here."), "photo")
    picture = encode(data)
    photo = ChorePhoto(
        public_id=new_public_id(),
        chore_id=chore.id,
        shows=clean(shows, field="shows")[:300],
        width=picture.width,
        height=picture.height,
        taken_at=work.now,
        taken_by_id=work.actor.person_id,
    )
    work.session.add(photo)
    # Written before the commit: a file without a row is litter, a row without its file a hole.
    _write(path_of(work.site.uploads, photo.public_id), picture)
    work.session.flush()
    work.audit("chores.photo", f"chore:{chore.public_id}", venue=item.view.venue_id)
    return photo


def path_of(uploads: Path, public_id: str) -> Path:
    """Where a photo of a walk round is kept: not where everybody's photos are."""
    return uploads / "inspections" / public_id[:2] / f"{public_id}.{EXTENSION}"


def _write(path: Path, picture: Picture) -> None:
    file = next(f for f in picture.files if f.size == SIZE and f.extension == EXTENSION)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)


def room_id_of(work: Work, venue_id: int, room: str) -> int | None:
    """The row id of a venue's room, None for "" (every room). Raises NotFound for another's."""
    if not room:
        return None
    row = room_by_public_id(work.session, room, hidden=True)
    if row.venue_id != venue_id:
        raise NotFound
    return row.id
