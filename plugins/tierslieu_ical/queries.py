"""What a feed shows, whose it is, and whether any of it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.util import identity_key

import tierslieu.toolkit as tl
from tierslieu_ical.models import Feed, Fragment
from tierslieu_ical.rules import day_of
from tierslieu_ical.settings import MOST_DAYS_BACK

#: How far back fragments are kept up to date.
REACHES_BACK = timedelta(days=MOST_DAYS_BACK)


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


def names_of(session: Session, feeds: Iterable[Feed]) -> dict[str, str]:
    """What each address opens, by its public id; nothing for a person's own."""
    room = sa.select(Feed.public_id, tl.Room.name).join(tl.Room, tl.Room.id == Feed.room_id)
    venue = (
        sa.select(Feed.public_id, tl.Venue.name)
        .join(tl.Venue, tl.Venue.id == Feed.venue_id)
        .where(Feed.room_id.is_(None))
    )
    body = sa.select(Feed.public_id, tl.Organisation.name).join(
        tl.Organisation, tl.Organisation.id == Feed.organisation_id
    )
    ids = [feed.public_id for feed in feeds if feed.scope != "own"]
    if not ids:
        return {}
    asked = sa.union_all(*(each.where(Feed.public_id.in_(ids)) for each in (room, venue, body)))
    found = dict(session.execute(asked).all())
    ours = tl.network(session).name
    return {each: found.get(each, ours) for each in ids}


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
