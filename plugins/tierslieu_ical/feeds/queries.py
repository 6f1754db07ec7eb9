"""What a calendar shows, whose it is, and whether any of it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from tierslieu_ical.feeds.rules import Choice, Choices
from tierslieu_ical.models import Feed, Fragment
from tierslieu_ical.rules import FORMAT, day_of


@dataclass(frozen=True)
class Reader:
    """Who a secret address belongs to, and what it opens."""

    feed_id: int
    person_id: int
    name: str
    locale: str
    scope: str = "own"
    detail: str = "private"
    venue_id: int | None = None
    room_id: int | None = None
    organisation_id: int | None = None


def reader(session: Session, token: str) -> Reader | None:
    """Whose address this is; None when it never was one, was stopped, or she may not come in."""
    # Asked by every programme every few minutes: of the connection, which makes no objects.
    asked = {"token_hash": tl.hash_token(token)}
    row = session.connection().execute(_reader(), asked).first()
    return Reader(*row) if row else None


@cache
def _reader() -> Any:
    return (
        sa.select(
            Feed.id,
            tl.Person.id,
            tl.Person.name,
            tl.Person.locale,
            Feed.scope,
            Feed.detail,
            Feed.venue_id,
            Feed.room_id,
            Feed.organisation_id,
        )
        .join(tl.Person, tl.Person.id == Feed.person_id)
        .join(tl.Account, tl.Account.person_id == tl.Person.id)
        .where(
            Feed.token_hash == sa.bindparam("token_hash"),
            Feed.revoked_at.is_(None),
            tl.Person.erased_at.is_(None),
            tl.Account.suspended_at.is_(None),
        )
    )


Whose = Literal["person", "organisation", "room", "venue", "network"]
Audience = Literal["own", "public", "member"]


@dataclass(frozen=True)
class Shape:
    """A question without its values: put together once, asked every few minutes.

    ``titled``: only what has a title for this audience. ``given``: which choices it has.
    """

    whose: Whose
    audience: Audience
    places: tl.Places = tl.Places()  # noqa: RUF009 - it is frozen
    titled: bool = False
    given: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entries:
    """What a feed shows: a question and what to put into its gaps."""

    shape: Shape
    values: Mapping[str, Any]

    def chosen(self, choices: Choices, rooms: Choice) -> Entries:
        """The same, less what the address leaves out; ``rooms`` as row ids."""
        values, given = dict(self.values), set(self.shape.given)
        for name, choice in (("room", rooms), ("purpose", choices["purpose"])):
            for suffix, chosen in (("", choice.only), ("_not", choice.without)):
                if chosen:
                    given.add(name + suffix)
                    values[name + suffix] = sorted(chosen)
        return Entries(replace(self.shape, given=frozenset(given)), values)


def entries(
    whose: Whose,
    ids: int | None,
    audience: Audience,
    now: datetime,
    days_back: int,
    places: tl.Places = tl.Places(),  # noqa: B008 - it is frozen
    *,
    titled: bool = False,
    members_at: Iterable[int] = (),
) -> Entries:
    """Fragments of one scope; ``ids``: its row id. ``places``: the venues that are told of."""
    values: dict[str, Any] = {"since": day_of(now) - timedelta(days=days_back), "day": day_of(now)}
    if whose != "network":
        values["whose"] = ids
    if whose == "person":
        values["today"] = now.date()
    if audience == "member":
        values["members_at"] = sorted(members_at)
    return Entries(Shape(whose, audience, places, titled), values)


def own_entries(person_id: int, now: datetime, days_back: int, places: tl.Places) -> Entries:
    """Fragments of a person and of the organisations she acts for today, each once."""
    return entries("person", person_id, "own", now, days_back, places)


def etag(session: Session, shown: Entries, *settings: str) -> str:
    """A hash over everything a feed shows: one question, answered by an index alone.

    The marks are added up, so a change counts whenever its transaction ends.
    """
    question = _marks(shown.shape)
    count, total = session.connection().execute(question, dict(shown.values)).one()
    return hashed(str(FORMAT), str(count), str(int(total)), *settings)


def hashed(*parts: str) -> str:
    """An ETag of what an answer is made of."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def texts(session: Session, shown: Entries) -> tuple[str, list[str]]:
    """The fragments joined, in a stable order, and the zones they speak of."""
    rows = session.connection().execute(_texts(shown.shape), dict(shown.values)).all()
    # Sorted here: a database would carry the texts along while it sorts.
    ordered = sorted(rows, key=itemgetter(0))
    return "".join([row[1] for row in ordered]), sorted({row[2] for row in rows})


# The questions are put together once: that takes longer than answering them.


@lru_cache(maxsize=128)
def _marks(shape: Shape) -> sa.Select[Any]:
    # Nothing but marks is selected, so that the index alone can answer.
    shown = _shown(shape, [_side(shape, "mark").label("mark")])
    total = sa.func.coalesce(sa.func.sum(shown.c.mark), 0)
    return sa.select(sa.func.count(), total).select_from(shown)


@lru_cache(maxsize=128)
def _texts(shape: Shape) -> sa.Select[Any]:
    text = _side(shape, "text").label("text")
    return sa.select(_shown(shape, [_fragment.c.claim_id.label("id"), text, _fragment.c.zone]))


_fragment = Fragment.metadata.tables["ical_fragment"]
_claim = tl.Claim.metadata.tables["claim"]


def _side(shape: Shape, what: str) -> sa.ColumnElement[Any]:
    """A fragment's text, mark or end for an audience; of members' the public one, if the same."""
    if shape.audience != "member":
        return _fragment.c[f"{shape.audience}_{what}"]
    hers = sa.and_(_fragment.c.member_text.is_not(None), _fragment.c.venue_id.in_(_members_at()))
    return sa.case((hers, _fragment.c[f"member_{what}"]), else_=_fragment.c[f"public_{what}"])


def _members_at() -> sa.BindParameter[Any]:
    return sa.bindparam("members_at", expanding=True, type_=sa.Integer)


def _shown(shape: Shape, columns: Sequence[sa.ColumnElement[Any]]) -> sa.Subquery:
    whose = sa.bindparam("whose", type_=sa.Integer)
    told = sa.select(*columns).where(
        _fragment.c.ends_at >= sa.bindparam("since"),
        _side(shape, "until") > sa.bindparam("day"),
        *_limits(shape),
    )
    if shape.whose == "network":
        return told.where(_fragment.c.venue_id.in_(_published())).subquery()
    if shape.whose != "person":
        return told.where(_fragment.c[f"{shape.whose}_id"] == whose).subquery()
    hers = told.where(_fragment.c.person_id == whose)
    theirs = told.where(
        _fragment.c.organisation_id.in_(_acts_for(whose)),
        sa.or_(_fragment.c.person_id.is_(None), _fragment.c.person_id != whose),
    )
    return hers.union_all(theirs).subquery()


def _limits(shape: Shape) -> Iterable[sa.ColumnElement[bool]]:
    """What is left out by places, by titles and by the choices of the address."""
    if not shape.places.is_everywhere:
        yield shape.places.condition(_fragment.c.venue_id)
    if shape.titled:
        yield _fragment.c.claim_id.in_(sa.select(_claim.c.id).where(_has_title(shape)))
    for name, column in (("room", _fragment.c.room_id), ("purpose", None)):
        if name in shape.given:
            yield _among(name, column, name)
        if f"{name}_not" in shape.given:
            yield ~_among(name, column, f"{name}_not")


def _among(name: str, column: Any, gap: str) -> sa.ColumnElement[bool]:
    values: Any = sa.bindparam(gap, expanding=True)
    if name == "room":
        found: sa.ColumnElement[bool] = column.in_(values)
        return found
    chosen = sa.select(tl.Booking.id).where(tl.Booking.purpose.in_(values))
    return _fragment.c.claim_id.in_(chosen)


def _has_title(shape: Shape) -> sa.ColumnElement[bool]:
    public = _claim.c.visibility == "public"
    if shape.audience == "member":
        for_members = _claim.c.visibility == "members"
        return sa.or_(public, sa.and_(for_members, _claim.c.venue_id.in_(_members_at())))
    return public


def _published() -> sa.Select[int]:
    return sa.select(tl.Venue.id).where(tl.Venue.published, tl.Venue.archived_at.is_(None))


def acts_for(session: Session, person_id: int, now: datetime) -> list[int]:
    """Ids of the organisations a person acts for today."""
    asked = {"whose": person_id, "today": now.date()}
    return list(session.connection().scalars(_theirs(), asked))


@cache
def _theirs() -> sa.CompoundSelect[Any]:
    return _acts_for(sa.bindparam("whose", type_=sa.Integer))


def _acts_for(person_id: sa.BindParameter[int]) -> sa.CompoundSelect[Any]:
    """The organisations a person may act for, as the actor of her requests has them."""
    member, role = tl.OrganisationPerson, tl.RoleGrant
    by_function = (
        sa.select(member.organisation_id)
        .join(tl.Organisation, tl.Organisation.id == member.organisation_id)
        .where(
            member.person_id == person_id,
            member.may_act,
            tl.Organisation.state == "accepted",
            *_in_force(member),
        )
    )
    by_role = sa.select(role.organisation_id).where(
        role.person_id == person_id, role.organisation_id.is_not(None), *_in_force(role)
    )
    return by_function.union(by_role)


def _in_force(table: Any) -> Iterable[Any]:
    today = sa.bindparam("today", type_=sa.Date)
    yield sa.or_(table.starts_on.is_(None), table.starts_on <= today)
    yield sa.or_(table.ends_on.is_(None), table.ends_on >= today)


# -- the choices of an address, as row ids ---------------------------------------------------------


def chosen_places(session: Session, choices: Choices) -> tl.Places:
    """The venues that an address chooses, by their slugs and kinds."""
    venue, kind = choices["venue"], choices["kind"]
    if not venue and not kind:
        return tl.Places()
    asked = sa.select(tl.Venue.id, tl.Venue.slug, tl.Venue.kind)
    rows = session.execute(asked).all()
    return tl.Places(frozenset(r[0] for r in rows if venue.has(r[1]) and kind.has(r[2])), only=True)


def chosen_rooms(session: Session, choice: Choice) -> Choice:
    """The rooms that an address names by their public ids, as row ids in text's place."""
    if not choice:
        return choice
    names = sorted(choice.only | choice.without)
    asked = sa.select(tl.Room.public_id, tl.Room.id).where(tl.Room.public_id.in_(names))
    ids: dict[Any, Any] = dict(session.execute(asked).all())
    # Rooms that are no more: nothing, and not everything.
    only = frozenset(ids.get(name, 0) for name in choice.only)
    return Choice(only, frozenset(ids[name] for name in choice.without if name in ids))
