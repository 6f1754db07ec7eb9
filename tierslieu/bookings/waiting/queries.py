"""Who waits for what, in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tierslieu.bookings.models import Booking
from tierslieu.bookings.waiting.models import WaitingEntry, WaitingLink
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import hash_token
from tierslieu.resources.models import Claim, ResourceLeaf
from tierslieu.venues.models import Room, Venue

#: Buffers reach no farther than this.
REACH = timedelta(days=2)
OPEN = ("waiting", "offered")


@dataclass(frozen=True)
class WaitingView:
    """One entry with what is shown beside it; ``ahead``: how many are before it in line."""

    entry: WaitingEntry
    room_name: str
    room_public_id: str
    venue_id: int
    venue_name: str
    venue_slug: str
    accent: str
    zone: str
    booking: str | None
    ahead: int = 0

    @property
    def span(self) -> Span:
        return Span(self.entry.starts_at, self.entry.ends_at)

    @property
    def place(self) -> int:
        """The place in line, from one."""
        return self.ahead + 1


@cache
def _views() -> Any:
    before = aliased(WaitingEntry)
    ahead = (
        sa.select(sa.func.count())
        .where(
            before.room_id == WaitingEntry.room_id,
            before.state.in_(OPEN),
            before.ends_at > WaitingEntry.starts_at,
            before.starts_at < WaitingEntry.ends_at,
            sa.tuple_(before.rank, before.id) < sa.tuple_(WaitingEntry.rank, WaitingEntry.id),
        )
        .correlate(WaitingEntry)
        .scalar_subquery()
    )
    return (
        sa.select(
            WaitingEntry, Room.name, Room.public_id, Venue.id, Venue.name, Venue.slug,
            Venue.accent, Venue.zone, Booking.public_id, ahead,
        )
        .join(Room, Room.id == WaitingEntry.room_id)
        .join(Venue, Venue.id == Room.venue_id)
        .outerjoin(Booking, Booking.id == WaitingEntry.booking_id)
    )  # fmt: skip


def _shown(session: Session, question: Any) -> list[WaitingView]:
    return [WaitingView(*row) for row in session.execute(question)]


def waiting_view(session: Session, public_id: str) -> WaitingView | None:
    """One entry by its public id; whether the reader may is the caller's to ask."""
    found = _shown(session, _views().where(WaitingEntry.public_id == public_id))
    return found[0] if found else None


def mine(
    session: Session, person_id: int, organisations: Iterable[int], now: datetime
) -> list[WaitingView]:
    """What somebody waits for, herself or for the bodies she acts for, the soonest first."""
    bodies = tuple(organisations)
    whose = sa.or_(
        sa.and_(WaitingEntry.person_id == person_id, WaitingEntry.organisation_id.is_(None)),
        WaitingEntry.organisation_id.in_(bodies),
    )
    question = _views().where(whose, WaitingEntry.state.in_(OPEN), WaitingEntry.ends_at > now)
    return _shown(session, question.order_by(WaitingEntry.starts_at, WaitingEntry.id))


def of_venue(session: Session, venue_id: int, now: datetime, limit: int = 200) -> list[WaitingView]:
    """Everybody in line at a venue, by room and time, each list in its order."""
    question = (
        _views()
        .where(
            Room.venue_id == venue_id,
            WaitingEntry.state.in_(OPEN),
            WaitingEntry.ends_at > now,
        )
        .order_by(WaitingEntry.starts_at, Room.name, WaitingEntry.rank, WaitingEntry.id)
        .limit(limit)
    )
    return _shown(session, question)


def waiting_inside(session: Session, venue_id: int, span: Span) -> list[WaitingView]:
    """Who is in line at a venue for a time that meets a span, and was offered nothing yet."""
    question = (
        _views()
        .where(
            Room.venue_id == venue_id,
            WaitingEntry.state == "waiting",
            WaitingEntry.ends_at > span.starts_at,
            WaitingEntry.starts_at < span.ends_at,
            WaitingEntry.person_id.is_not(None),
        )
        .order_by(WaitingEntry.starts_at, WaitingEntry.rank, WaitingEntry.id)
    )
    return _shown(session, question)


def in_line(
    session: Session, room_ids: Collection[int], span: Span, now: datetime
) -> list[WaitingEntry]:
    """Who waits for something of these rooms near a span, in order; parts and wholes included."""
    freed, shared = aliased(ResourceLeaf), aliased(ResourceLeaf)
    rooms = (
        sa.select(shared.resource_id)
        .join(freed, freed.leaf_id == shared.leaf_id)
        .where(freed.resource_id.in_(sorted(room_ids)))
    )
    question = (
        sa.select(WaitingEntry)
        .where(
            WaitingEntry.state == "waiting",
            WaitingEntry.room_id.in_(rooms),
            WaitingEntry.ends_at > span.starts_at - REACH,
            WaitingEntry.starts_at < span.ends_at + REACH,
            WaitingEntry.starts_at > now,
            WaitingEntry.person_id.is_not(None),
        )
        .order_by(WaitingEntry.rank, WaitingEntry.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(question))


def beside(session: Session, entry: WaitingEntry) -> list[WaitingEntry]:
    """Who waits for the same room at an overlapping time, in order, the entry included."""
    question = (
        sa.select(WaitingEntry)
        .where(
            WaitingEntry.room_id == entry.room_id,
            WaitingEntry.state == "waiting",
            WaitingEntry.ends_at > entry.starts_at,
            WaitingEntry.starts_at < entry.ends_at,
        )
        .order_by(WaitingEntry.rank, WaitingEntry.id)
    )
    return list(session.scalars(question))


def waiting_for(session: Session, room_id: int, span: Span) -> int:
    """How many wait for a room during a span ("n people wait")."""
    question = sa.select(sa.func.count()).where(
        WaitingEntry.room_id == room_id,
        WaitingEntry.state.in_(OPEN),
        WaitingEntry.ends_at > span.starts_at,
        WaitingEntry.starts_at < span.ends_at,
    )
    return session.scalar(question) or 0


def taken_up(session: Session, room_ids: Collection[int]) -> list[Span]:
    """Times accepted from an offer that now wait for approval: not to be offered again."""
    question = (
        sa.select(Claim.starts_at, Claim.ends_at)
        .join(WaitingEntry, WaitingEntry.booking_id == Claim.id)
        .join(Booking, Booking.id == Claim.id)
        .where(
            WaitingEntry.state == "accepted",
            Booking.state == "requested",
            Booking.room_id.in_(sorted(room_ids)),
        )
    )
    return [Span(row.starts_at, row.ends_at) for row in session.execute(question)]


def rooms_in_line(session: Session, now: datetime, venue_id: int | None = None) -> list[int]:
    """Rooms for which anybody waits, of one venue or of all."""
    question = (
        sa.select(WaitingEntry.room_id)
        .where(WaitingEntry.state == "waiting", WaitingEntry.starts_at > now)
        .distinct()
        .order_by(WaitingEntry.room_id)
    )
    if venue_id is not None:
        here = sa.select(Room.id).where(Room.venue_id == venue_id)
        question = question.where(WaitingEntry.room_id.in_(here))
    return list(session.scalars(question))


def entry_of(session: Session, booking_id: int) -> WaitingEntry | None:
    """The entry from which an offer was made."""
    question = sa.select(WaitingEntry).where(WaitingEntry.booking_id == booking_id)
    return session.scalars(question).first()


def entry_by_link(session: Session, token: str) -> WaitingEntry | None:
    """The entry a living link is about."""
    question = (
        sa.select(WaitingEntry)
        .join(WaitingLink, WaitingLink.entry_id == WaitingEntry.id)
        .where(WaitingLink.token_hash == hash_token(token), WaitingLink.revoked_at.is_(None))
    )
    return session.scalars(question).first()


def names_of(session: Session, views: Sequence[WaitingView]) -> dict[int, str]:
    """For whom each entry is, by its id: the body or the person."""
    from tierslieu.bookings.desk.queries import organisation_names
    from tierslieu.people.queries import names

    people = names(session, {v.entry.person_id for v in views if v.entry.person_id})
    bodies = organisation_names(
        session, {v.entry.organisation_id for v in views if v.entry.organisation_id}
    )
    return {
        v.entry.id: bodies.get(v.entry.organisation_id or 0)
        or people.get(v.entry.person_id or 0, "")
        for v in views
    }
