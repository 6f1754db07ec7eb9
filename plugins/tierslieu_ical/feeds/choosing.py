"""Putting an address together: whose calendars one may have, and what there is to choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical import queries
from tierslieu_ical.addresses import public_address, with_query
from tierslieu_ical.feeds.queries import Reader
from tierslieu_ical.feeds.rules import DETAILS, NAMES, Choice, Choices, query
from tierslieu_ical.feeds.showing import may_read

msg = tl.sentences("tierslieu_ical")

TITLES = {
    "kind": msg("Kinds of venues"),
    "venue": msg("Venues"),
    "room": msg("Rooms"),
    "purpose": msg("What for"),
    "what": msg("What is told"),
}
DETAIL_WORDS = {
    "public": msg("What everybody may know"),
    "member": msg("Titles for members too, where your card counts"),
    "private": msg("Everything, with titles and what waits for an answer"),
}


@dataclass(frozen=True)
class Whose:
    """A calendar that somebody may have: ``of`` names it in the form."""

    of: str
    label: tl.Message | str
    scope: str
    details: tuple[str, ...]
    venue: tl.Venue | None = None
    room: tl.Room | None = None
    body: tl.Organisation | None = None

    @property
    def key(self) -> str:
        """How its public address names it."""
        if self.room is not None:
            return str(self.room.public_id)
        return str(self.venue.slug) if self.venue is not None else ""


@dataclass(frozen=True)
class Group:
    """Things of one name to choose from: what is ticked is told, or (``without``) is not."""

    name: str
    title: tl.Message
    rows: list[dict[str, Any]] = field(hash=False)
    without: bool = False


def whose(work: tl.Work, of: str) -> Whose | None:
    """What the form names; None: there is none of that name for this actor."""
    scope, _, key = of.partition(":")
    found = None
    if scope == "own" and work.actor.person_id is not None:
        found = Whose("own", msg("My bookings"), "own", DETAILS["own"])
    elif scope == "network":
        found = Whose(of, tl.network(work.session).name, "network", ("public",))
    elif scope == "organisation":
        body = _body(work, key)
        found = Whose(of, body.name, scope, DETAILS[scope], body=body) if body else None
    elif scope == "venue" and (venue := queries.venue_by_slug(work.session, key)):
        found = Whose(of, venue.name, scope, ("public",), venue)
    elif scope == "room" and (row := queries.room_by_id(work.session, key)):
        found = Whose(of, f"{row[0].name}, {row[1].name}", scope, ("public",), row[1], row[0])
    if found and found.venue is not None and not tl.is_on(work, found.venue.id):
        return None
    return found and _allowed(work.actor, found)


def _body(work: tl.Work, public_id: str) -> tl.Organisation | None:
    asked = sa.select(tl.Organisation).where(
        tl.Organisation.public_id == public_id,
        tl.Organisation.id.in_(sorted(work.actor.organisations)),
    )
    return work.session.scalars(asked).first()


def _allowed(actor: tl.Actor, found: Whose) -> Whose:
    """With the details that this actor may have, of places beside what is public."""
    if found.details != ("public",) or actor.is_anonymous:
        return found
    member = found.venue is None or found.venue.id in actor.member_venues
    wanted = [each for each in DETAILS[found.scope] if each != "member" or member]
    more = tuple(each for each in wanted if may_read(actor, reader_of(found, each)))
    return Whose(**{**vars(found), "details": ("public", *more)})


def reader_of(found: Whose, detail: str) -> Reader:
    """What an address for it would open."""
    return Reader(
        0,
        0,
        "",
        "",
        found.scope,
        detail,
        found.venue.id if found.venue is not None else None,
        found.room.id if found.room is not None else None,
        found.body.id if found.body is not None else None,
    )


def all_whose(work: tl.Work) -> list[tuple[str, tl.Message | str]]:
    """Every calendar one may have, as options of a list: one's own, organisations, places."""
    found: list[tuple[str, tl.Message | str]] = []
    if work.actor.person_id is not None and not work.actor.is_anonymous:
        found.append(("own", msg("My bookings")))
    ids = sorted(work.actor.organisations)
    bodies = sa.select(tl.Organisation).where(tl.Organisation.id.in_(ids))
    found += [
        (f"organisation:{body.public_id}", body.name)
        for body in work.session.scalars(bodies.order_by(tl.Organisation.name))
    ]
    found.append(("network", msg("Everything in %(name)s", name=tl.network(work.session).name)))
    venues = sa.select(tl.Venue).where(tl.Venue.published, tl.Venue.archived_at.is_(None))
    found += [
        (f"venue:{venue.slug}", venue.name)
        for venue in work.session.scalars(venues.order_by(tl.Venue.name))
        if tl.is_on(work, venue.id)
    ]
    return found


def chosen(get: Callable[[str], Sequence[str]], groups: Sequence[str] = NAMES) -> Choices:
    """What the form chooses: the ticked ones of each group, told or left out."""
    of = {}
    for name in groups:
        ticked = frozenset(value[:64] for value in get(name)[:50] if value)
        if ticked:
            without = "without" in get(f"way_{name}")
            of[name] = Choice(without=ticked) if without else Choice(only=ticked)
    return Choices(of, deadlines="1" in get("deadlines"))


def groups(work: tl.Work, found: Whose, choices: Choices) -> list[Group]:
    """What there is to choose in a calendar."""
    rows: dict[str, list[tuple[str, Any]]] = {}
    if found.scope == "network":
        kinds = sa.select(tl.VenueKind.key, tl.VenueKind.label).order_by(tl.VenueKind.rank)
        rows["kind"] = list(work.session.execute(kinds))
    if found.scope == "venue" and found.venue is not None:
        rooms = sa.select(tl.Room.public_id, tl.Room.name).where(tl.Room.venue_id == found.venue.id)
        ordered = rooms.order_by(tl.Room.rank, tl.Room.name)
        rows["room"] = list(work.session.execute(ordered))
    uses = tl.purposes_of(work.session, found.venue.id if found.venue is not None else None)
    rows["purpose"] = [(each.key, each.label) for each in uses]
    given = tl.dated_by(work)
    if given:
        rows["what"] = [("bookings", msg("Bookings")), *given]
    said = {name: [(key, _text(work, text)) for key, text in rows[name]] for name in rows}
    return [_group(name, said[name], choices[name]) for name in said if len(said[name]) > 1]


def _group(name: str, rows: Sequence[tuple[str, str]], choice: Choice) -> Group:
    ticked = choice.only | choice.without
    cards = [{"value": key, "label": label, "checked": key in ticked} for key, label in rows]
    return Group(name, TITLES[name], cards, bool(choice.without))


def _text(work: tl.Work, text: tl.Message | tl.Texts | str) -> str:
    if isinstance(text, tl.Texts):
        return text.best(work.locale, tl.network(work.session).locale)[1]
    return tl.say(text, work.locale)


@dataclass(frozen=True)
class Picked:
    """What the page of choices shows. ``address`` is "" where it is a secret, made by a press."""

    found: Whose
    detail: str
    groups: list[Group] = field(hash=False)
    deadlines: bool
    query: str
    address: str

    @property
    def details(self) -> list[tuple[str, tl.Message]]:
        """How much it may show, in words."""
        return [(each, DETAIL_WORDS[each]) for each in self.found.details]


def picked(work: tl.Work, of: str, get: Callable[[str], Sequence[str]]) -> Picked | None:
    """What was picked on the page; None before anything is. Raises NotFound for what is not."""
    if not of:
        return None
    found = whose(work, of)
    if found is None:
        raise tl.NotFound
    choices = chosen(get)
    asked = query(choices)
    wanted = next(iter(get("detail")), "")
    detail = wanted if wanted in found.details else found.details[0]
    is_secret = found.scope in ("own", "organisation") or detail != "public"
    address = "" if is_secret else public_address(work.site, found.scope, found.key, asked)
    shown = groups(work, found, choices)
    return Picked(found, detail, shown, choices.deadlines, with_query(asked)[1:], address)
