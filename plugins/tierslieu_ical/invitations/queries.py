"""What an invitation is made of, whom a reply is from, what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

import tierslieu.toolkit as tl
from tierslieu_ical.invitations.models import CalendarReply, NoInvitations
from tierslieu_ical.models import Fragment


@dataclass(frozen=True)
class Invited:
    """A booking as its mail tells it."""

    text: str
    zone: str
    state: str
    uid: str
    person_id: int
    email: str
    name: str
    venue: str


def invited(session: Session, booking_id: int) -> Invited | None:
    """What to write beside the mail of a booking; None when she has no address or wants none."""
    row = session.connection().execute(_invited(), {"booking": booking_id}).first()
    return Invited(*row) if row else None


@cache
def _invited() -> Any:
    booking, one, other = tl.Booking, aliased(tl.Booking), aliased(tl.Booking)
    whose: Any = sa.bindparam("booking", type_=sa.Integer)
    series = sa.select(one.series_id).where(one.id == whose).scalar_subquery()
    # The first booking of a series carries the text of all its dates. Two lists of ids put
    # together: with "or", PostgreSQL would read all bookings there are.
    with_text = sa.union(
        sa.select(one.id).where(one.id == whose),
        sa.select(other.id).where(other.series_id == series),
    )
    return (
        sa.select(
            Fragment.own_text,
            Fragment.zone,
            booking.state,
            booking.uid,
            tl.Person.id,
            tl.Person.email,
            tl.Person.name,
            tl.Venue.name,
        )
        .select_from(booking)
        .join(Fragment, Fragment.claim_id.in_(with_text))
        .join(tl.Person, tl.Person.id == booking.booked_for_id)
        .join(tl.Venue, tl.Venue.id == Fragment.venue_id)
        .outerjoin(NoInvitations, NoInvitations.person_id == tl.Person.id)
        .where(
            booking.id == whose,
            Fragment.own_text != "",
            tl.Person.email.is_not(None),
            NoInvitations.person_id.is_(None),
        )
    )


@dataclass(frozen=True)
class Answered:
    """A booking that a reply is about."""

    booking: tl.Booking
    person: tl.Person
    title: str
    venue_id: int


def bookings_of(session: Session, uid: str) -> list[Answered]:
    """The bookings of a UID with whom they are for; the dates of a series in order."""
    asked = (
        sa.select(tl.Booking, tl.Person, tl.Claim.label, tl.Claim.venue_id)
        .join(tl.Claim, tl.Claim.id == tl.Booking.id)
        .join(tl.Person, tl.Person.id == tl.Booking.booked_for_id)
        .where(tl.Booking.uid == uid, tl.Person.erased_at.is_(None))
        .order_by(tl.Booking.original_starts_at)
    )
    return [Answered(*row) for row in session.execute(asked)]


def kept(session: Session, uid: str, person_id: int, at: datetime | None) -> CalendarReply | None:
    """The answer that is known of one date, or of all."""
    same = CalendarReply.original_starts_at.is_(None)
    asked = sa.select(CalendarReply).where(
        CalendarReply.uid == uid,
        CalendarReply.person_id == person_id,
        same if at is None else CalendarReply.original_starts_at == at,
    )
    return session.scalars(asked).first()


def answer_to(session: Session, booking: tl.Booking) -> CalendarReply | None:
    """The newest answer about a booking, of its date or of its whole series."""
    at = CalendarReply.original_starts_at
    asked = (
        sa.select(CalendarReply)
        .where(
            CalendarReply.uid == booking.uid,
            CalendarReply.person_id == booking.booked_for_id,
            sa.or_(at.is_(None), at == booking.original_starts_at),
        )
        .order_by(CalendarReply.written_at.desc(), CalendarReply.id.desc())
        .limit(1)
    )
    return session.scalars(asked).first()


def replies_of(session: Session, person_id: int) -> list[CalendarReply]:
    """All that somebody answered from her calendar; for herself."""
    asked = sa.select(CalendarReply).where(CalendarReply.person_id == person_id)
    return list(session.scalars(asked.order_by(CalendarReply.id)))


def wants_invitations(session: Session, person_id: int) -> bool:
    """Whether somebody's mails carry invitations."""
    return session.get(NoInvitations, person_id) is None
