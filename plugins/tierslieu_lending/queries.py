"""Questions about things, items and loans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from tierslieu_lending import rules
from tierslieu_lending.models import Item, Loan, Thing

#: So far ahead the pages look for a free time.
AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class ThingView:
    """A thing as pages show it. ``items``: those in use; ``free_at``: when one is free first."""

    thing: Thing
    venue: tl.Venue
    owner: str
    items: tuple[Item, ...]
    free_at: datetime | None

    @property
    def is_of_a_neighbour(self) -> bool:
        """Whether a person lends it, and not the venue or an organisation."""
        return self.thing.owner_id is not None


@dataclass(frozen=True)
class LoanView:
    """A loan with what it is of, when, and whose."""

    loan: Loan
    claim: tl.Claim
    thing: Thing
    item: Item
    venue: tl.Venue
    person: tl.Person | None
    now: datetime

    @property
    def is_late(self) -> bool:
        """Whether it should be back by now and is not."""
        return self.loan.state == "out" and self.loan.due_at <= self.now

    @property
    def days_late(self) -> int:
        """Days of the calendar since it was due; 0 when it is not late."""
        zone = ZoneInfo(self.venue.zone)
        days = tl.local_date(self.now, zone) - tl.local_date(self.loan.due_at, zone)
        return max(days.days, 0) if self.is_late else 0


def venue_of(session: Session, slug: str) -> tl.Venue:
    """A published venue by its slug; raises NotFound."""
    venue = session.scalar(sa.select(tl.Venue).where(tl.Venue.slug == slug, tl.Venue.published))
    if venue is None:
        raise tl.NotFound
    return venue


def thing_by_id(session: Session, public_id: str, venue_id: int | None = None) -> Thing:
    """A thing by its public id, perhaps of one venue alone; raises NotFound."""
    asked = sa.select(Thing).where(Thing.public_id == public_id)
    if venue_id is not None:
        asked = asked.where(Thing.venue_id == venue_id)
    found = session.scalar(asked)
    if found is None:
        raise tl.NotFound
    return found


def item_by_id(session: Session, public_id: str, venue_id: int) -> tuple[Item, Thing]:
    """An item of a venue, with its thing; raises NotFound."""
    row = session.execute(
        sa.select(Item, Thing)
        .join(Thing, Thing.id == Item.thing_id)
        .where(Item.public_id == public_id, Thing.venue_id == venue_id)
    ).first()
    if row is None:
        raise tl.NotFound
    return row[0], row[1]


def items_of(session: Session, thing_id: int, *, in_use: bool = True) -> list[Item]:
    """The items of a thing by number; only those in use, or all."""
    asked = sa.select(Item).where(Item.thing_id == thing_id).order_by(Item.id)
    return list(session.scalars(asked.where(Item.state == "in_use") if in_use else asked))


def public_thing(work: tl.Work, public_id: str) -> Thing:
    """A thing that is offered, at a venue where lending is on; raises NotFound."""
    thing = thing_by_id(work.session, public_id)
    venue = work.session.get_one(tl.Venue, thing.venue_id)
    if not thing.offered or not venue.published or not tl.is_on(work, venue.id):
        raise tl.NotFound
    return thing


def library(
    work: tl.Work,
    *,
    venue: str = "",
    category: str = "",
    words: str = "",
    span: tl.Span | None = None,
) -> list[ThingView]:
    """What is lent, in the network or at a venue; with ``span`` only what is free all that time."""
    asked = (
        sa.select(Thing, tl.Venue)
        .join(tl.Venue, tl.Venue.id == Thing.venue_id)
        .where(Thing.offered, tl.Venue.published, tl.places(work).condition(Thing.venue_id))
    )
    if venue:
        asked = asked.where(tl.Venue.slug == venue)
    if category:
        asked = asked.where(Thing.category == category)
    rows = [
        (row[0], row[1])
        for row in work.session.execute(asked.order_by(Thing.id))
        if not words or tl.has_words(words, *row[0].name.values(), *row[0].description.values())
    ]
    found = _views(work, rows)
    if span is not None:
        ids = [item.id for view in found for item in view.items]
        free = tl.free(work.session, ids, span, work.now) if ids else set()
        found = [view for view in found if any(item.id in free for item in view.items)]
    return found


def view_of(work: tl.Work, thing: Thing) -> ThingView:
    """One thing as pages show it."""
    return _views(work, [(thing, work.session.get_one(tl.Venue, thing.venue_id))])[0]


def _views(work: tl.Work, rows: Sequence[tuple[Thing, tl.Venue]]) -> list[ThingView]:
    session = work.session
    ids = [thing.id for thing, _ in rows]
    items: dict[int, list[Item]] = {each: [] for each in ids}
    asked = sa.select(Item).where(Item.thing_id.in_(ids), Item.state == "in_use")
    for item in session.scalars(asked.order_by(Item.id)):
        items[item.thing_id].append(item)
    every = [item.id for each in items.values() for item in each]
    busy = busy_of(work, every, work.now + AHEAD)
    bodies = {thing.organisation_id for thing, _ in rows} - {None}
    asked_bodies = sa.select(tl.Organisation.id, tl.Organisation.name).where(
        tl.Organisation.id.in_(sorted(each for each in bodies if each is not None))
    )
    named = {row.id: row.name for row in session.execute(asked_bodies)}
    return [
        ThingView(
            thing,
            venue,
            named.get(thing.organisation_id or 0, ""),
            tuple(items[thing.id]),
            rules.first_free([busy[item.id] for item in items[thing.id]], work.now),
        )
        for thing, venue in rows
    ]


def busy_of(work: tl.Work, item_ids: Collection[int], until: datetime) -> dict[int, list[tl.Span]]:
    """When items are taken, from now on; every id is a key."""
    if not item_ids:
        return {}
    found = tl.busy_spans(work.session, item_ids, tl.Span(work.now, until), work.now)
    return {key: [each.span for each in spans] for key, spans in found.items()}


# -- loans ---------------------------------------------------------------------------------------


def loans(*conditions: Any) -> Any:
    """Loans with what belongs to them, those due first before the others."""
    return (
        sa.select(Loan, tl.Claim, Thing, Item, tl.Venue, tl.Person)
        .join(tl.Claim, tl.Claim.id == Loan.id)
        .join(Thing, Thing.id == Loan.thing_id)
        .join(Item, Item.id == Loan.item_id)
        .join(tl.Venue, tl.Venue.id == Loan.venue_id)
        .outerjoin(tl.Person, tl.Person.id == Loan.person_id)
        .where(*conditions)
        .order_by(tl.Claim.starts_at, Loan.id)
    )


def viewed(work: tl.Work, asked: Any) -> list[LoanView]:
    """The answers of `loans`."""
    return [
        LoanView(row[0], row[1], row[2], row[3], row[4], row[5], work.now)
        for row in work.session.execute(asked)
    ]


def loan_by_id(work: tl.Work, public_id: str) -> LoanView:
    """A loan by its public id; raises NotFound."""
    found = viewed(work, loans(Loan.public_id == public_id))
    if not found:
        raise tl.NotFound
    return found[0]


def loans_of(work: tl.Work, person_id: int, *, past: bool = False) -> list[LoanView]:
    """Somebody's loans: those that are not over, or the last of those that are."""
    asked = loans(Loan.person_id == person_id)
    if not past:
        return viewed(work, asked.where(Loan.state.in_(rules.HOLDING)))
    over = asked.where(Loan.state.not_in(rules.HOLDING)).order_by(None)
    return viewed(work, over.order_by(Loan.changed_at.desc()).limit(50))


def loans_at(work: tl.Work, venue_id: int) -> list[LoanView]:
    """The loans of a venue that are not over."""
    return viewed(work, loans(Loan.venue_id == venue_id, Loan.state.in_(rules.HOLDING)))


def coming_of(work: tl.Work, item_id: int) -> list[LoanView]:
    """What an item is promised for, and has not begun."""
    states = ("requested", "offered", "reserved")
    return viewed(work, loans(Loan.item_id == item_id, Loan.state.in_(states)))


def count_of(session: Session, person_id: int, venue_id: int) -> int:
    """How many things of a venue somebody has or will have."""
    asked = sa.select(sa.func.count()).select_from(Loan)
    asked = asked.where(
        Loan.person_id == person_id, Loan.venue_id == venue_id, Loan.state.in_(rules.COUNTED)
    )
    return session.scalar(asked) or 0


def stock(session: Session, venue_id: int) -> list[tuple[Thing, list[Item]]]:
    """Everything of a venue with its items, out of use and lost ones, too."""
    things = session.scalars(sa.select(Thing).where(Thing.venue_id == venue_id).order_by(Thing.id))
    found = {thing.id: (thing, list[Item]()) for thing in things}
    for item in session.scalars(sa.select(Item).where(Item.thing_id.in_(found)).order_by(Item.id)):
        found[item.thing_id][1].append(item)
    return list(found.values())


def person_by_id(session: Session, public_id: str) -> tl.Person:
    """A person by her public id; raises NotFound."""
    found = session.scalar(
        sa.select(tl.Person).where(tl.Person.public_id == public_id, tl.Person.erased_at.is_(None))
    )
    if found is None:
        raise tl.NotFound
    return found


def bodies(session: Session) -> Iterable[tl.Organisation]:
    """Organisations that may own a thing, by name."""
    asked = sa.select(tl.Organisation).where(tl.Organisation.state == "accepted")
    return session.scalars(asked.order_by(tl.Organisation.name))
