"""What a feed shows, whose it is, and whether any of it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.util import identity_key

import tierslieu.toolkit as tl
from tierslieu_ical.models import Feed, Fragment
from tierslieu_ical.rules import FORMAT, day_of
from tierslieu_ical.settings import MOST_DAYS_BACK

#: How far back fragments are kept up to date.
REACHES_BACK = timedelta(days=MOST_DAYS_BACK)


@dataclass(frozen=True)
class Reader:
    """Who a secret address belongs to."""

    feed_id: int
    person_id: int
    name: str
    locale: str


def reader(session: Session, token: str) -> Reader | None:
    """Whose address this is; None when it never was one, was stopped, or she may not come in."""
    # Asked by every programme every few minutes: of the connection, which makes no objects.
    asked = {"token_hash": tl.hash_token(token)}
    row = session.connection().execute(_reader(), asked).first()
    return Reader(*row) if row else None


@cache
def _reader() -> sa.Select[int, int, str, str]:
    return (
        sa.select(Feed.id, tl.Person.id, tl.Person.name, tl.Person.locale)
        .join(tl.Person, tl.Person.id == Feed.person_id)
        .join(tl.Account, tl.Account.person_id == tl.Person.id)
        .where(
            Feed.token_hash == sa.bindparam("token_hash"),
            Feed.revoked_at.is_(None),
            tl.Person.erased_at.is_(None),
            tl.Account.suspended_at.is_(None),
        )
    )


def feeds_of(session: Session, person_id: int) -> list[Feed]:
    """A person's addresses that work, the newest first; for herself."""
    asked = sa.select(Feed).where(Feed.person_id == person_id, Feed.revoked_at.is_(None))
    return list(session.scalars(asked.order_by(Feed.id.desc())))


def feed_of(session: Session, person_id: int, public_id: str) -> Feed | None:
    """One of a person's own addresses that works."""
    asked = sa.select(Feed).where(
        Feed.public_id == public_id, Feed.person_id == person_id, Feed.revoked_at.is_(None)
    )
    return session.scalars(asked).first()


@dataclass(frozen=True)
class Entries:
    """What a feed shows: one of the questions below, and what to put into its gaps.

    ``places``: the venues that are told of; where calendars are off, fragments are out of date.
    """

    kind: str
    values: Mapping[str, Any]
    places: tl.Places = tl.Places()  # noqa: RUF009 - it is frozen


def own_entries(person_id: int, now: datetime, days_back: int, places: tl.Places) -> Entries:
    """Fragments of a person and of the organisations she acts for today, each once."""
    reach = _reach(now, days_back)
    return Entries("own", {"whose": person_id, "today": now.date(), **reach}, places)


def acts_for(work: tl.Work, person_id: int) -> list[int]:
    """Ids of the organisations a person acts for today."""
    asked = {"whose": person_id, "today": work.now.date()}
    return list(work.session.connection().scalars(_theirs(), asked))


@cache
def _theirs() -> sa.CompoundSelect[Any]:
    return _acts_for(sa.bindparam("whose", type_=sa.Integer))


def venue_entries(venue_id: int, now: datetime, days_back: int) -> Entries:
    """Fragments of a venue, as everybody may read them."""
    return Entries("venue", {"whose": venue_id, **_reach(now, days_back)})


def room_entries(room_id: int, now: datetime, days_back: int) -> Entries:
    """Fragments of a room, as everybody may read them."""
    return Entries("room", {"whose": room_id, **_reach(now, days_back)})


def _reach(now: datetime, days_back: int) -> dict[str, datetime]:
    return {"since": day_of(now) - timedelta(days=days_back), "day": day_of(now)}


def etag(session: Session, entries: Entries, *settings: str) -> str:
    """A hash over everything a feed shows: one question, answered by an index alone.

    The marks are added up, so a change counts whenever its transaction ends.
    """
    question = _marks(entries.kind, entries.places)
    count, total = session.connection().execute(question, dict(entries.values)).one()
    text = "\x1f".join([str(FORMAT), str(count), str(int(total)), *settings])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def texts(session: Session, entries: Entries) -> tuple[str, list[str]]:
    """The fragments joined, in a stable order, and the zones they speak of."""
    question = _texts(entries.kind, entries.places)
    rows = session.connection().execute(question, dict(entries.values)).all()
    # Sorted here: a database would carry the texts along while it sorts.
    ordered = sorted(rows, key=itemgetter(0))
    return "".join([row[1] for row in ordered]), sorted({row[2] for row in rows})


# The questions are put together once: that takes longer than answering them.


@lru_cache(maxsize=64)
def _marks(kind: str, places: tl.Places) -> sa.Select[Any]:
    # Nothing but marks is selected, so that the index alone can answer.
    shown = _shown(kind, [_fragment.c[f"{_audience(kind)}_mark"].label("mark")], places)
    total = sa.func.coalesce(sa.func.sum(shown.c.mark), 0)
    return sa.select(sa.func.count(), total).select_from(shown)


@lru_cache(maxsize=64)
def _texts(kind: str, places: tl.Places) -> sa.Select[Any]:
    text = _fragment.c[f"{_audience(kind)}_text"].label("text")
    shown = _shown(kind, [_fragment.c.claim_id.label("id"), text, _fragment.c.zone], places)
    return sa.select(shown)


_fragment = Fragment.metadata.tables["ical_fragment"]


def _audience(kind: str) -> str:
    return "own" if kind == "own" else "public"


def _shown(kind: str, columns: Sequence[sa.ColumnElement[Any]], places: tl.Places) -> sa.Subquery:
    whose = sa.bindparam("whose", type_=sa.Integer)
    told = sa.select(*columns).where(
        _fragment.c.ends_at >= sa.bindparam("since"),
        _fragment.c[f"{_audience(kind)}_until"] > sa.bindparam("day"),
    )
    if not places.is_everywhere:
        told = told.where(places.condition(_fragment.c.venue_id))
    if kind != "own":
        return told.where(_fragment.c[f"{kind}_id"] == whose).subquery()
    hers = told.where(_fragment.c.person_id == whose)
    theirs = told.where(
        _fragment.c.organisation_id.in_(_acts_for(whose)),
        sa.or_(_fragment.c.person_id.is_(None), _fragment.c.person_id != whose),
    )
    return hers.union_all(theirs).subquery()


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


class Location(NamedTuple):
    """Where a booking is, as its fragment tells it."""

    room_id: int
    room: str
    venue_id: int
    venue: str
    street: str
    town: str


Source = tuple[tl.Booking, tl.Claim, Location]


def sources(session: Session, booking_ids: Sequence[int]) -> list[Source]:
    """Bookings, and all dates of their series, with what their fragments tell.

    For the one who keeps fragments, nobody else.
    """
    pairs = _at_hand(session, booking_ids)
    if pairs is None:
        pairs = [(row[0], row[1]) for row in session.execute(_with_series(), {"ids": booking_ids})]
    rooms = sorted({booking.room_id for booking, _ in pairs})
    rows = session.connection().execute(_locations(), {"rooms": rooms})
    found = {row[0]: Location(*row) for row in rows}
    return [(booking, claim, found[booking.room_id]) for booking, claim in pairs]


def _at_hand(
    session: Session, booking_ids: Sequence[int]
) -> list[tuple[tl.Booking, tl.Claim]] | None:
    """Bookings of no series that this work has made or read already; None when any is not."""
    found = []
    for one in sorted(booking_ids):
        booking = session.identity_map.get(identity_key(tl.Booking, one))
        claim = session.identity_map.get(identity_key(tl.Claim, one))
        if booking is None or claim is None or booking.series_id is not None:
            return None
        found.append((booking, claim))
    return found


@cache
def _with_series() -> sa.Select[tl.Booking, tl.Claim]:
    ids: Any = sa.bindparam("ids", expanding=True)
    one, other = aliased(tl.Booking), aliased(tl.Booking)
    series = sa.select(one.series_id).where(one.id.in_(ids), one.series_id.is_not(None))
    # Two lists of ids put together: with "or", PostgreSQL would read all bookings there are.
    wanted = sa.union(
        sa.select(one.id).where(one.id.in_(ids)),
        sa.select(other.id).where(other.series_id.in_(series)),
    )
    return (
        sa.select(tl.Booking, tl.Claim)
        .join(tl.Claim, tl.Claim.id == tl.Booking.id)
        .where(tl.Booking.id.in_(wanted))
        .order_by(tl.Booking.id)
    )


@cache
def _locations() -> sa.Select[int, str, int, str, str, str]:
    return (
        sa.select(
            tl.Room.id, tl.Room.name, tl.Venue.id, tl.Venue.name, tl.Venue.street, tl.Venue.town
        )
        .join(tl.Venue, tl.Venue.id == tl.Room.venue_id)
        .where(tl.Room.id.in_(sa.bindparam("rooms", expanding=True)))
    )


def bookings_after(
    session: Session, now: datetime, after: int, limit: int, venue_id: int | None = None
) -> list[int]:
    """Ids of the bookings that feeds reach, from one on, in order."""
    asked = (
        sa.select(tl.Booking.id)
        .join(tl.Claim, tl.Claim.id == tl.Booking.id)
        .where(tl.Booking.id > after, tl.Claim.ends_at >= day_of(now) - REACHES_BACK)
        .order_by(tl.Booking.id)
        .limit(limit)
    )
    if venue_id is not None:
        asked = asked.where(tl.Claim.venue_id == venue_id)
    return list(session.scalars(asked))


def one_booking(session: Session, public_id: str, actor: tl.Actor) -> tuple[str, str] | None:
    """The text and the zone of a booking of the actor's, or of a body she acts for."""
    hers = sa.and_(
        tl.Booking.booked_for_id == actor.person_id, tl.Booking.organisation_id.is_(None)
    )
    theirs = tl.Booking.organisation_id.in_(sorted(actor.organisations))
    wanted = aliased(tl.Booking)
    same = sa.or_(
        Fragment.claim_id == wanted.id,
        sa.and_(wanted.series_id.is_not(None), tl.Booking.series_id == wanted.series_id),
    )
    asked = (
        sa.select(Fragment.own_text, Fragment.zone)
        .join(tl.Booking, tl.Booking.id == Fragment.claim_id)
        .join(wanted, same)
        .where(wanted.public_id == public_id, sa.or_(hers, theirs), Fragment.own_text != "")
    )
    row = session.execute(asked).first()
    return (row[0], row[1]) if row else None


def behind(session: Session, now: datetime, recipe: str, places: tl.Places) -> tuple[int, int]:
    """How many bookings have no fragment, and how many fragments are of another recipe."""
    reach = day_of(now) - REACHES_BACK
    missing = (
        sa.select(sa.func.count())
        .select_from(tl.Booking)
        .join(tl.Claim, tl.Claim.id == tl.Booking.id)
        .outerjoin(Fragment, Fragment.claim_id == tl.Booking.id)
        .where(
            Fragment.claim_id.is_(None),
            tl.Claim.ends_at >= reach,
            places.condition(tl.Claim.venue_id),
        )
    )
    other = sa.select(sa.func.count()).where(
        Fragment.recipe != recipe,
        Fragment.ends_at >= reach,
        places.condition(Fragment.venue_id),
    )
    return session.execute(missing).scalar_one(), session.execute(other).scalar_one()


def venue_by_slug(session: Session, slug: str) -> tl.Venue | None:
    """A venue that everybody may see."""
    asked = sa.select(tl.Venue).where(
        tl.Venue.slug == slug, tl.Venue.published, tl.Venue.archived_at.is_(None)
    )
    return session.scalars(asked).first()


def room_by_id(session: Session, public_id: str) -> tuple[tl.Room, tl.Venue] | None:
    """A room that everybody may see, with its venue."""
    asked = (
        sa.select(tl.Room, tl.Venue)
        .join(tl.Venue, tl.Venue.id == tl.Room.venue_id)
        .where(tl.Room.public_id == public_id, tl.Venue.published, tl.Venue.archived_at.is_(None))
    )
    row = session.execute(asked).first()
    return (row[0], row[1]) if row else None
