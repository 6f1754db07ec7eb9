"""Verbs of a manager: things are added, described, numbered, taken out of use."""

from __future__ import annotations

from dataclasses import dataclass

import tierslieu.toolkit as tl
from tierslieu_lending import queries, replacing, rules
from tierslieu_lending.models import Item, Thing

msg = tl.sentences("tierslieu_lending")


@dataclass(frozen=True)
class ThingSaid:
    """A thing as a form says it; money in cents, None: as the venue says."""

    name: tl.Texts
    description: tl.Texts
    category: str = "other"
    manual: str = ""
    checks: tuple[str, ...] = ()
    organisation_id: int | None = None
    audience: str = "account"
    value_cents: int = 0
    deposit_cents: int = 0
    longest_days: int | None = None
    notice_hours: int | None = None
    offered: bool = True
    picture: bytes = b""


FACTS = (
    "name",
    "description",
    "category",
    "manual",
    "organisation_id",
    "audience",
    "value_cents",
    "deposit_cents",
    "longest_days",
    "notice_hours",
    "offered",
)


def put_thing(work: tl.Work, venue_id: int, said: ThingSaid, thing: Thing | None = None) -> Thing:
    """Add a thing to a venue, or say anew what it is. Raises Invalid, Forbidden."""
    work.require("lending.edit", venue=venue_id)
    _check(said)
    if thing is None:
        thing = Thing(venue_id=venue_id, name=said.name, created_at=work.now, changed_at=work.now)
        work.session.add(thing)
    for name in FACTS:
        setattr(thing, name, getattr(said, name))
    thing.checks, thing.changed_at = list(said.checks), work.now
    if said.picture:
        _picture(work, thing, said.picture)
    work.session.flush()
    work.audit("lending.thing_saved", f"thing:{thing.public_id}", venue=venue_id)
    return thing


def _check(said: ThingSaid) -> None:
    if not said.name:
        raise tl.Invalid("missing", msg("Say in at least one language what it is."), "name")
    if said.manual and not said.manual.startswith(("https://", "http://")):
        raise tl.Invalid("bad_link", msg("A link begins with https://."), "manual")
    for name, known in (("category", rules.CATEGORIES), ("audience", rules.AUDIENCES)):
        if getattr(said, name) not in known:
            raise tl.Invalid("unknown", msg("Please choose one of those shown."), name)


def _picture(work: tl.Work, thing: Thing, data: bytes) -> None:
    before = thing.picture
    kept = tl.keep_picture(work, data)
    thing.picture = kept.public_id
    thing.picture_width, thing.picture_height = kept.width, kept.height
    if before is not None:
        tl.forget_picture(work, before)


def add_items(work: tl.Work, thing: Thing, how_many: int, number: str = "") -> list[Item]:
    """Add numbered items; ``number`` for a single one, else they are counted on."""
    work.require("lending.edit", venue=thing.venue_id)
    have = [item.number for item in queries.items_of(work.session, thing.id, in_use=False)]
    if number and number in have:
        raise tl.Conflict(tl.Reason("number_taken", msg("This number is taken."), "number"))
    prefix = rules.prefix_of(thing.name.best("it", "it")[1])
    made = []
    for _ in range(how_many):
        said = number or rules.next_number(prefix, have)
        name = f"{thing.name.best('it', 'it')[1]} {said}"
        resource = tl.add_resource(
            work, venue_id=thing.venue_id, kind="thing", name=name, bookable=False
        )
        made.append(Item(id=resource.id, thing_id=thing.id, number=said, seen_on=work.now.date()))
        have.append(said)
    work.session.add_all(made)
    work.session.flush()
    numbers = [item.number for item in made]
    work.audit(
        "lending.items_added", f"thing:{thing.public_id}", venue=thing.venue_id, numbers=numbers
    )
    return made


def put_item(
    work: tl.Work, thing: Thing, item: Item, state: str, condition: str, note: str
) -> None:
    """Say in what condition an item is, and whether it is in use."""
    work.require("lending.desk", venue=thing.venue_id)
    if state not in rules.ITEM_STATES or condition not in rules.CONDITIONS:
        raise tl.Invalid("unknown", msg("Please choose one of those shown."), "state")
    item.condition, item.note = condition, note
    if state != item.state:
        replacing.put_state(work, thing, item, state)
    work.session.flush()
    work.audit("lending.item_saved", f"item:{item.public_id}", venue=thing.venue_id, state=state)
