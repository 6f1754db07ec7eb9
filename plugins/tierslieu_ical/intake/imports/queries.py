"""Questions: which imports there are, and what would become of each event today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from tierslieu_ical.intake.imports.models import Import, Imported
from tierslieu_ical.intake.imports.rules import Item, item_of

msg = tl.sentences("tierslieu_ical")


@dataclass(frozen=True)
class Fate:
    """What would become of an item: ``code`` is booked, asked, some, there, twice, refused or odd.

    ``dates``: how many of its dates could be had; ``reasons`` why not the others; ``others``: the
    titles of what is in the way.
    """

    item: Item
    code: str
    dates: int = 0
    reasons: tuple[tl.Message | str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def can_be_had(self) -> bool:
        return self.code in {"booked", "asked", "some"}


def import_by_id(session: Session, venue_id: int, public_id: str) -> Import | None:
    """An import of this venue."""
    asked = sa.select(Import).where(Import.public_id == public_id, Import.venue_id == venue_id)
    return session.scalars(asked).first()


def imports_of(session: Session, venue_id: int, limit: int = 20) -> list[tuple[Import, str]]:
    """The files brought to a venue of late, with their room's name; for whoever manages it."""
    asked = (
        sa.select(Import, tl.Room.name)
        .join(tl.Room, tl.Room.id == Import.room_id)
        .where(Import.venue_id == venue_id)
        .order_by(Import.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(asked)]


def imports_about(session: Session, person_id: int) -> list[Import]:
    """The files that were brought for a person or by her; for her own export."""
    hers = sa.or_(Import.person_id == person_id, Import.made_by_id == person_id)
    return list(session.scalars(sa.select(Import).where(hers).order_by(Import.id)))


def items(row: Import) -> list[Item]:
    """The events of a file."""
    return [item_of(kept) for kept in row.items]


def known(session: Session, room_id: int, keys: Sequence[str]) -> set[str]:
    """Which of these events have become bookings of the room already."""
    asked = sa.select(Imported.key).where(Imported.room_id == room_id, Imported.key.in_(keys))
    return set(session.scalars(asked))


def fates(work: tl.Work, row: Import) -> list[Fate]:
    """What would become of every item if it were made now; nothing is written."""
    room = work.session.get_one(tl.Room, row.room_id)
    every = items(row)
    there = known(work.session, room.id, [item.key for item in every])
    found: list[Fate] = []
    taken: list[tl.Span] = []
    for item in every:
        if item.odd:
            found.append(Fate(item, item.odd))
        elif item.key in there:
            found.append(Fate(item, "there"))
        elif any(span.overlaps(item.span) for span in taken):
            found.append(Fate(item, "twice"))
        else:
            fate = _fate(work, row, room, item)
            found.append(fate)
            if fate.can_be_had:
                taken.append(item.span)
    return found


def _fate(work: tl.Work, row: Import, room: tl.Room, item: Item) -> Fate:
    try:
        seen = tl.preview_series(work, wish(row, room, item))
    except tl.Refusal as refusal:
        return Fate(item, "refused", 0, tuple(reason.message for reason in refusal.reasons))
    said = [reason for fate in seen.refused for reason in fate.reasons] + list(seen.whole)
    reasons = tuple(dict.fromkeys(reason.message for reason in said))
    had = 0 if seen.whole else len(seen.fates) - len(seen.refused)
    hit = next((f.date.span for f in seen.refused if f.outcome == "taken"), None)
    others = _titles(work, room, hit) if hit else ()
    if not had:
        return Fate(item, "refused", 0, reasons, others)
    code = "some" if seen.refused else "asked" if _waits(work, row, seen) else "booked"
    return Fate(item, code, had, reasons, others)


def _waits(work: tl.Work, row: Import, seen: tl.SeriesPreview) -> bool:
    """Whether somebody would have to answer: whoever may pass rules asks nobody."""
    passes = bool(row.override) or work.actor.may("bookings.override", venue=row.venue_id)
    return seen.asks and not passes


def _titles(work: tl.Work, room: tl.Room, span: tl.Span) -> tuple[str, ...]:
    held = tl.claims_between(work.session, [room.id], span, work.now)
    return tuple(dict.fromkeys(claim.label for claim in held if claim.label))[:3]


def wish(row: Import, room: tl.Room, item: Item) -> tl.NewSeries:
    """An item as a series is asked for; a single date is one of a single date."""
    ours = row.person_id is None and row.organisation_id is None
    first = tl.NewBooking(
        room=room.public_id,
        span=item.span,
        title=item.title,
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        override=row.override,
        kind="staff" if ours else "normal",
    )
    rule = tl.parse_rule(item.rule) if item.rule else None
    return tl.NewSeries(first, rule, without=item.days_without, skip_conflicts=True)


def body_by_id(session: Session, public_id: str) -> int | None:
    """An association that may book; "" is none. Raises NotFound for another."""
    if not public_id:
        return None
    asked = sa.select(tl.Organisation.id).where(
        tl.Organisation.public_id == public_id, tl.Organisation.state == "accepted"
    )
    found = session.scalar(asked)
    if found is None:
        raise tl.NotFound
    return found


def person_by_email(session: Session, email: str) -> int | None:
    """The person of exactly this address; "" is nobody. Raises Invalid when there is none."""
    if not email:
        return None
    asked = sa.select(tl.Person.id).where(
        sa.func.lower(tl.Person.email) == email.lower(), tl.Person.erased_at.is_(None)
    )
    found = session.scalars(asked.limit(2)).all()
    if len(found) != 1:
        text = msg("Nobody is known by exactly this address: register her at the desk first.")
        raise tl.Invalid("whom", text, "email")
    return found[0]


def room_named(session: Session, name: str) -> tl.Room | None:
    """A room by its id, or by the names of its venue and its own: ``gattaglio/lisiere``."""
    venue, _, slug = name.partition("/")
    asked = sa.select(tl.Room).join(tl.Venue, tl.Venue.id == tl.Room.venue_id)
    if slug:
        asked = asked.where(tl.Venue.slug == venue, tl.Room.slug == slug)
    else:
        asked = asked.where(tl.Room.public_id == name)
    return session.scalars(asked).first()
