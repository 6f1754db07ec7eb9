"""Questions: which calendars there are, which are due, what collides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from tierslieu_ical.intake.external.models import Busy, External


class Shown(NamedTuple):
    """A calendar with its room's name and how many of its busy times collide."""

    row: External
    room: str
    collisions: int

    @property
    def hint(self) -> str:
        """Enough of the address to know it by; the rest may be a secret."""
        return f"{urlsplit(self.row.address).hostname or '?'}/…{self.row.address[-4:]}"


@dataclass(frozen=True)
class Collision:
    """A busy time that could not be taken whole, and what has some of it."""

    room: str
    span: tl.Span
    others: tuple[tl.Claim, ...]


def calendars_of(
    session: Session, venue_id: int, now: datetime, room_id: int | None = None
) -> list[Shown]:
    """The calendars of a venue, or of one of its rooms; for whoever manages it."""
    hits = sa.select(sa.func.count()).where(
        Busy.external_id == External.id, Busy.collides, Busy.ends_at > now
    )
    asked = (
        sa.select(External, tl.Room.name, hits.scalar_subquery())
        .join(tl.Room, tl.Room.id == External.room_id)
        .where(External.venue_id == venue_id)
        .order_by(tl.Room.name, External.id)
    )
    if room_id is not None:
        asked = asked.where(External.room_id == room_id)
    return [Shown._make(row) for row in session.execute(asked)]


def calendar_by_id(session: Session, venue_id: int, public_id: str) -> External | None:
    """A calendar of this venue."""
    asked = sa.select(External).where(
        External.public_id == public_id, External.venue_id == venue_id
    )
    return session.scalars(asked).first()


def due(session: Session, now: datetime, places: tl.Places) -> list[int]:
    """Ids of the calendars that are to be asked now."""
    asked = sa.select(External.id).where(
        External.next_at <= now, places.condition(External.venue_id)
    )
    return list(session.scalars(asked.order_by(External.next_at).limit(200)))


def rows_of(session: Session, external_id: int, now: datetime) -> list[Busy]:
    """The busy times of a calendar that are not over."""
    asked = sa.select(Busy).where(Busy.external_id == external_id, Busy.ends_at > now)
    return list(session.scalars(asked.order_by(Busy.starts_at, Busy.id)))


def collisions(session: Session, venue_id: int, now: datetime, limit: int = 50) -> list[Collision]:
    """The busy times of a venue that somebody has a part of, the next first."""
    asked = (
        sa.select(Busy, tl.Room)
        .join(External, External.id == Busy.external_id)
        .join(tl.Room, tl.Room.id == External.room_id)
        .where(External.venue_id == venue_id, Busy.collides, Busy.ends_at > now)
        .order_by(Busy.starts_at, Busy.id)
        .limit(limit)
    )
    found = []
    for busy, room in session.execute(asked):
        span = tl.Span(busy.starts_at, busy.ends_at)
        held = tl.claims_between(session, [room.id], span, now)
        others = _claims(session, {row.claim_id for row in held} - {busy.claim_id})
        found.append(Collision(room.name, span, others))
    return found


def _claims(session: Session, ids: Collection[int]) -> tuple[tl.Claim, ...]:
    asked = sa.select(tl.Claim).where(tl.Claim.id.in_(sorted(ids)), tl.Claim.kind != "external")
    return tuple(session.scalars(asked.order_by(tl.Claim.starts_at)))


def rooms_of(session: Session, venue_id: int) -> list[tl.Room]:
    """The rooms of a venue that are in use, by name."""
    asked = (
        sa.select(tl.Room)
        .join(tl.Resource, tl.Resource.id == tl.Room.id)
        .where(tl.Room.venue_id == venue_id, tl.Resource.active)
    )
    return list(session.scalars(asked.order_by(tl.Room.name)))
