"""What is to be reminded of, and which series are to be asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.attendance.models import Arrival
from tierslieu.bookings.attendance.queries import FOR_PEOPLE, LONGEST, where_said
from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.queries import BookingView, _shown, _views
from tierslieu.bookings.reminders.models import Reconfirmation, ReminderStop
from tierslieu.bookings.reminders.rules import AHEAD
from tierslieu.people.models import Person
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue


def to_remind(session: Session, now: datetime, limit: int) -> list[BookingView]:
    """Confirmed bookings that begin within a day and of which nobody was reminded, by person."""
    stopped = sa.select(ReminderStop.person_id)
    question = (
        _views()
        .join(Person, Person.id == Booking.booked_for_id)
        .outerjoin(Arrival, Arrival.booking_id == Booking.id)
        .where(
            Booking.state == "confirmed",
            Booking.kind.in_(FOR_PEOPLE),
            Claim.venue_id.in_(sa.select(Venue.id)),
            Claim.ends_at > now,
            Claim.ends_at < now + AHEAD + LONGEST,
            Claim.starts_at > now,
            Claim.starts_at <= now + AHEAD,
            Arrival.reminded_at.is_(None),
            sa.func.coalesce(Arrival.quiet, sa.false()).is_(sa.false()),
            Person.email.is_not(None),
            Person.erased_at.is_(None),
            Person.id.not_in(stopped),
        )
        .order_by(Booking.booked_for_id, Claim.starts_at)
        .limit(limit)
    )
    return _shown(session, question)


@dataclass(frozen=True)
class Due:
    """A series with dates ahead. ``known``: when it was made, or last answered."""

    series_id: int
    next_id: int
    known: datetime


def ahead(session: Session, now: datetime, beyond: datetime) -> list[Due]:
    """Series with dates beyond a day, in rooms that ask again, of which no question waits."""
    where = where_said(session, "reconfirm_weeks")
    if where is None:
        return []
    waiting = sa.select(Reconfirmation.series_id).where(Reconfirmation.answer == "waiting")
    last = (
        sa.select(sa.func.max(Reconfirmation.asked_at))
        .where(Reconfirmation.series_id == Series.id)
        .scalar_subquery()
    )
    question = (
        sa.select(Series.id, sa.func.min(Booking.id), Series.created_at, last)
        .join(Booking, Booking.series_id == Series.id)
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .where(
            where,
            Booking.state == "confirmed",
            Claim.starts_at > beyond,
            Series.created_at <= now - timedelta(weeks=2),
            Series.id.not_in(waiting),
        )
        .group_by(Series.id, Series.created_at)
    )
    rows: Sequence[Any] = session.execute(question).all()
    return [Due(row[0], row[1], max(row[2], row[3] or row[2])) for row in rows]


def future_dates(session: Session, series_id: int, after: datetime) -> list[BookingView]:
    """The confirmed dates of a series that begin after a moment."""
    question = _views().where(
        Booking.series_id == series_id, Booking.state == "confirmed", Claim.starts_at > after
    )
    return _shown(session, question.order_by(Claim.starts_at))


def by_public_id(session: Session, public_id: str) -> Reconfirmation | None:
    """One question."""
    return session.scalar(sa.select(Reconfirmation).where(Reconfirmation.public_id == public_id))


def unanswered(session: Session, now: datetime) -> list[Reconfirmation]:
    """Questions whose time to answer is over."""
    question = sa.select(Reconfirmation).where(
        Reconfirmation.answer == "waiting", Reconfirmation.answer_by <= now
    )
    return list(session.scalars(question.order_by(Reconfirmation.id).limit(100)))


@dataclass(frozen=True)
class Asked:
    """A question with what is shown beside it: one date of the series, and how many it touches."""

    row: Reconfirmation
    view: BookingView
    dates: int


def asked_at(session: Session, venue_id: int, now: datetime) -> list[Asked]:
    """What a venue's desk reviews: what waits, and what was freed in the last months."""
    question = (
        sa.select(Reconfirmation)
        .join(Series, Series.id == Reconfirmation.series_id)
        .join(Room, Room.id == Series.room_id)
        .where(
            Room.venue_id == venue_id,
            Reconfirmation.answer.in_(("waiting", "released", "given_up", "put_back")),
            Reconfirmation.asked_at > now - timedelta(days=90),
        )
        .order_by(Reconfirmation.id.desc())
        .limit(50)
    )
    rows = list(session.scalars(question))
    shown = _one_each(session, {row.series_id for row in rows})
    return [
        Asked(row, shown[row.series_id], len(row.released))
        for row in rows
        if row.series_id in shown
    ]


def _one_each(session: Session, series: Collection[int]) -> dict[int, BookingView]:
    """The last date of each series: its title, room and holder."""
    if not series:
        return {}
    last = (
        sa.select(sa.func.max(Booking.id))
        .where(Booking.series_id.in_(series))
        .group_by(Booking.series_id)
    )
    views = _shown(session, _views().where(Booking.id.in_(last)))
    return {view.booking.series_id or 0: view for view in views}


def one_of(session: Session, series_id: int) -> BookingView | None:
    """The last date of one series."""
    return _one_each(session, {series_id}).get(series_id)


def is_stopped(session: Session, person_id: int) -> bool:
    """Whether a person wants no reminders."""
    return session.get(ReminderStop, person_id) is not None
