"""Records of missed bookings, as long as they count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, _views
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room


@dataclass(frozen=True)
class Missed:
    """A booking to which nobody came, with its record."""

    view: BookingView
    record: NoShow


def counts(now: datetime) -> Any:
    """A condition: the record was not forgiven and is not too old."""
    return sa.and_(
        NoShow.forgiven_at.is_(None),
        sa.or_(NoShow.expires_at.is_(None), NoShow.expires_at > now),
    )


def at_venue(session: Session, venue_id: int, now: datetime, limit: int = 200) -> list[Missed]:
    """What a venue's manager reviews, the newest first: forgiven ones too, forgotten ones not."""
    alive = sa.or_(NoShow.expires_at.is_(None), NoShow.expires_at > now)
    return _listed(session, sa.and_(Claim.venue_id == venue_id, alive), limit)


def of_person(session: Session, person_id: int, now: datetime, limit: int = 50) -> list[Missed]:
    """A person's own records that still count, the newest first."""
    return _listed(session, sa.and_(Booking.booked_for_id == person_id, counts(now)), limit)


def _listed(session: Session, where: Any, limit: int) -> list[Missed]:
    question = (
        _views()
        .add_columns(NoShow)
        .join(NoShow, NoShow.booking_id == Booking.id)
        .where(where, Booking.state == "no_show")
        .order_by(Claim.starts_at.desc())
        .limit(limit)
    )
    return [Missed(BookingView(*row[:-1]), row[-1]) for row in session.execute(question)]


def times(
    session: Session, venue_id: int, people: Collection[int], now: datetime
) -> dict[int, int]:
    """How many records count for each of these people at a venue: a hint for the desk."""
    if not people:
        return {}
    question = (
        sa.select(Booking.booked_for_id, sa.func.count())
        .join(NoShow, NoShow.booking_id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .where(
            Room.venue_id == venue_id,
            Booking.booked_for_id.in_(people),
            Booking.state == "no_show",
            counts(now),
        )
        .group_by(Booking.booked_for_id)
    )
    return {row[0]: row[1] for row in session.execute(question) if row[0] is not None}
