"""Lists of bookings, for pages; whoever asks says who may see what is answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.models import Booking, PendingChange, is_requested
from tierslieu.bookings.rules.doors import HARD_LONGEST
from tierslieu.bookings.rules.uses import FACTS
from tierslieu.kernel.db import UtcDateTime
from tierslieu.kernel.messages import Message
from tierslieu.kernel.span import Span
from tierslieu.people.models import Organisation
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue


@dataclass(frozen=True)
class BookingView:
    """One booking with what is shown beside it; who may see it decided by whoever asked."""

    booking: Booking
    claim: Claim
    room_name: str
    room_public_id: str
    venue_id: int
    venue_name: str
    venue_slug: str
    accent: str

    @property
    def span(self) -> Span:
        return Span(self.claim.starts_at, self.claim.ends_at)

    @property
    def zone(self) -> str:
        return self.booking.zone

    @property
    def declared(self) -> tuple[Message, ...]:
        """What was declared of it, in words."""
        return tuple(FACTS[key] for key in FACTS if key in self.booking.declared)

    def is_over(self, now: datetime) -> bool:
        return self.claim.ends_at <= now


@cache
def _views() -> Any:
    return (
        sa.select(
            Booking,
            Claim,
            Room.name,
            Room.public_id,
            Venue.id,
            Venue.name,
            Venue.slug,
            Venue.accent,
        )
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .join(Venue, Venue.id == Room.venue_id)
    )


@cache
def _view() -> Any:
    return _views().where(Booking.public_id == sa.bindparam("public_id"))


@cache
def _fresh_view() -> Any:
    return _view().execution_options(populate_existing=True)


def _shown(session: Session, question: Any, said: Any = None) -> list[BookingView]:
    return [BookingView(*row) for row in session.execute(question, said)]


def _table(model: type[Any]) -> sa.Table:
    table: sa.Table = model.__table__
    return table


def booking_view(session: Session, public_id: str) -> BookingView | None:
    """One booking by its public id; whether the reader may is the caller's to ask."""
    just_made: BookingView | None = session.info.get("just_made", {}).get(public_id)
    if just_made is not None:
        return just_made
    found = _shown(session, _view(), {"public_id": public_id})
    return found[0] if found else None


def locked_view(session: Session, public_id: str) -> BookingView | None:
    """One booking as it is now, kept so until the work ends: two answers come one by one.

    A work of SQLite that writes is alone already.
    """
    question = sa.select(Booking.id).where(Booking.public_id == public_id)
    if session.get_bind().dialect.name != "sqlite":
        session.execute(question.with_for_update())
    found = _shown(session, _fresh_view(), {"public_id": public_id})
    return found[0] if found else None


def remember(session: Session, view: BookingView) -> None:
    """Keep the view of a booking this work has just made or answered: mails show it next."""
    session.info.setdefault("just_made", {})[view.booking.public_id] = view


class OwnRow(NamedTuple):
    """A line of one's own list of bookings; ``asked_from`` and ``asked_until``: another time that
    is asked for it."""

    id: int
    public_id: str
    state: str
    series_id: int | None
    zone: str
    local_start: str
    attendance: int | None
    layout: str | None
    answer_by: datetime | None
    reason: str
    title: str
    visibility: str
    starts_at: datetime
    ends_at: datetime
    room_name: str
    room_public_id: str
    venue_name: str
    accent: str
    organisation: str | None
    asked_from: datetime | None
    asked_until: datetime | None


def bookings_of(
    session: Session,
    person_id: int,
    organisations: Iterable[int],
    now: datetime,
    *,
    past: bool = False,
    limit: int = 50,
) -> list[OwnRow]:
    """A person's own bookings and her organisations': what is next, or what was."""
    bodies = sorted(organisations)
    asked: dict[str, Any] = {"person": person_id, "now": now, "limit": limit}
    if bodies:
        asked["bodies"] = bodies
    found = session.execute(_own(past, bool(bodies)), asked)
    return [OwnRow._make(row) for row in found]


@cache
def _own(past: bool, bodies: bool) -> Any:
    """Asked at every look at one's own page, so it is put together once; rows, not objects."""
    booking, claim, room, venue, body, change = (
        _table(each) for each in (Booking, Claim, Room, Venue, Organisation, PendingChange)
    )
    now = sa.bindparam("now", type_=UtcDateTime())
    whose = booking.c.booked_for_id == sa.bindparam("person")
    if bodies:
        theirs = booking.c.organisation_id.in_(sa.bindparam("bodies", expanding=True))
        whose = sa.or_(whose, theirs)
    names = ("id", "public_id", "state", "series_id", "zone", "local_start", "attendance",
             "layout", "answer_by", "reason")  # fmt: skip
    question = (
        sa.select(
            *(booking.c[name] for name in names),
            claim.c.label,
            claim.c.visibility,
            claim.c.starts_at,
            claim.c.ends_at,
            room.c.name,
            room.c.public_id,
            venue.c.name,
            venue.c.accent,
            body.c.name,
            change.c.starts_at,
            change.c.ends_at,
        )
        .select_from(booking)
        .join(claim, claim.c.id == booking.c.id)
        .join(room, room.c.id == booking.c.room_id)
        .join(venue, venue.c.id == room.c.venue_id)
        .outerjoin(body, body.c.id == booking.c.organisation_id)
        .outerjoin(change, change.c.booking_id == booking.c.id)
        .where(whose)
        .limit(sa.bindparam("limit", type_=sa.Integer()))
    )
    if past:
        return question.where(claim.c.ends_at <= now).order_by(claim.c.starts_at.desc())
    return question.where(
        claim.c.ends_at > now, booking.c.state.not_in(("cancelled", "declined", "expired"))
    ).order_by(claim.c.starts_at, claim.c.id)


def during(span: Span) -> tuple[sa.ColumnElement[bool], ...]:
    """Bookings that overlap a span. No booking is longer than the longest, so an index is read
    from one bound to the other, and not to the end of all that is to come."""
    return (
        Claim.ends_at > span.starts_at,
        Claim.starts_at < span.ends_at,
        Claim.starts_at > span.starts_at - HARD_LONGEST,
        Claim.ends_at < span.ends_at + HARD_LONGEST,
    )


def bookings_between(
    session: Session,
    venue_id: int | None,
    span: Span,
    *,
    states: Sequence[str] = (),
    room_ids: Collection[int] | None = None,
) -> list[BookingView]:
    """A venue's bookings that overlap a span, by start: for the venue's own desk.

    None: of all venues, for whoever runs the network.
    """
    question = _views().where(*during(span))
    if venue_id is not None:
        question = question.where(Claim.venue_id == venue_id)
    if states:
        question = question.where(Booking.state.in_(states))
    if room_ids is not None:
        question = question.where(Booking.room_id.in_(room_ids))
    return _shown(session, question.order_by(Claim.starts_at, Claim.id))


def requests_waiting(
    session: Session, venues: Collection[int] | None, now: datetime, limit: int = 100
) -> list[BookingView]:
    """Requests that wait for an answer at some venues (None: everywhere), the soonest first.

    Of a series its first date: it is answered as one.
    """
    waits = is_requested(), Claim.ends_at > now
    firsts = (
        sa.select(sa.func.min(Booking.id))
        .join(Claim, Claim.id == Booking.id)
        .where(*waits, Booking.series_id.is_not(None))
        .group_by(Booking.series_id)
    )
    one_each = sa.or_(Booking.series_id.is_(None), Booking.id.in_(firsts))
    question = _views().where(*waits, one_each)
    if venues is not None:
        question = question.where(Claim.venue_id.in_(venues))
    return _shown(session, question.order_by(Claim.starts_at, Claim.id).limit(limit))


def competing(session: Session, view: BookingView) -> list[BookingView]:
    """Other requests for the same room and an overlapping time: whom an approval would hurt."""
    question = _views().where(
        Booking.room_id == view.booking.room_id,
        Booking.state == "requested",
        Booking.id != view.booking.id,
        Claim.ends_at > view.claim.starts_at,
        Claim.starts_at < view.claim.ends_at,
    )
    return _shown(session, question.order_by(Claim.starts_at, Claim.id))


def asked_for_by(session: Session, room_ids: Collection[int], span: Span) -> dict[int, int]:
    """How many requests ask for each room during a span ("asked for by n")."""
    during = {"start": span.starts_at, "end": span.ends_at}
    # Few wait at a time: their rooms are sorted out here.
    return {room: n for room, n in session.execute(_asked_for(), during) if room in room_ids}


@cache
def _asked_for() -> Any:
    """Asked by every search, so it is put together once."""
    booking, claim = _table(Booking), _table(Claim)
    return (
        sa.select(booking.c.room_id, sa.func.count())
        .join(claim, claim.c.id == booking.c.id)
        .where(
            is_requested(),
            claim.c.ends_at > sa.bindparam("start", type_=UtcDateTime()),
            claim.c.starts_at < sa.bindparam("end", type_=UtcDateTime()),
        )
        .group_by(booking.c.room_id)
    )
