"""What the database adds up: one answer for all figures, one for days, one for organisations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.figures.rules import HOUSE, MEMBER, PERSON, STOOD, Cell
from tierslieu.bookings.models import Booking, Tariff
from tierslieu.contributions import ReportAsked
from tierslieu.people.models import Organisation
from tierslieu.resources.models import Claim, ResourceLeaf
from tierslieu.venues.models import Room


@dataclass(frozen=True)
class Partner:
    """An organisation with what it booked."""

    id: int
    public_id: str
    name: str
    kind: str
    n: int
    seconds: int


@dataclass(frozen=True)
class Days:
    """Minutes by undivided room and local day: booked, and kept by the house."""

    booked: Mapping[int, Mapping[date, int]]
    blocked: Mapping[int, Mapping[date, int]]


def _seconds(session: Session) -> Any:
    """How long a claim is, as the database counts it."""
    if session.get_bind().dialect.name == "sqlite":
        ends, starts = (
            sa.func.strftime("%s", sa.type_coerce(at, sa.String()))
            for at in (Claim.ends_at, Claim.starts_at)
        )
        return sa.cast(ends, sa.BigInteger()) - sa.cast(starts, sa.BigInteger())
    return sa.cast(sa.extract("epoch", Claim.ends_at - Claim.starts_at), sa.BigInteger())


def begun(asked: ReportAsked, venue_id: int) -> sa.ColumnElement[bool]:
    """The condition of every figure: of that venue, begun in those days, of that organisation."""
    span = asked.span
    where = [
        Claim.venue_id == venue_id,
        # Said for the index by venue and end; what begins then ends later.
        Claim.ends_at > span.starts_at,
        Claim.starts_at >= span.starts_at,
        Claim.starts_at < span.ends_at,
    ]
    if asked.organisation_id is not None:
        where.append(Booking.organisation_id == asked.organisation_id)
    return sa.and_(*where)


def _who() -> Any:
    return sa.case(
        (Booking.kind == "staff", HOUSE),
        (Organisation.kind.is_not(None), Organisation.kind),
        (Booking.membership_id.is_not(None), MEMBER),
        else_=PERSON,
    )


def _whole(value: Any) -> Any:
    """A sum as a whole number: PostgreSQL adds big ones up as decimals."""
    return sa.cast(sa.func.coalesce(sa.func.sum(value), 0), sa.BigInteger())


def cells(session: Session, asked: ReportAsked, venue_id: int) -> list[Cell]:
    """Every booking that began then, added up; what the house blocked is none."""
    who = _who().label("who")
    month = sa.func.substr(Booking.local_start, 1, 7).label("month")
    free = sa.case((Booking.price_cents == 0, 1), else_=0).label("free")
    apart = (Booking.room_id, Booking.state, Booking.purpose, who, month, free)
    question = (
        sa.select(
            *apart,
            sa.func.count(),
            _whole(_seconds(session)),
            _whole(Booking.attendance),
            _whole(Booking.price_cents),
        )
        .join(Claim, Claim.id == Booking.id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(begun(asked, venue_id), Booking.kind != "blocked")
        .group_by(*(sa.text(str(place)) for place in range(1, 7)))
    )
    return [
        Cell(room, state, purpose, one, when, bool(nothing), n, seconds, people, cents)
        for room, state, purpose, one, when, nothing, n, seconds, people, cents in session.execute(
            question
        )
    ]


def days(session: Session, asked: ReportAsked, venue_id: int) -> Days:
    """Minutes of each undivided room on each local day."""
    day = sa.func.substr(Booking.local_start, 1, 10)
    kept = sa.case((Booking.kind == "blocked", 1), else_=0)
    question = (
        sa.select(ResourceLeaf.leaf_id, day, kept, _whole(_seconds(session)))
        .join(Claim, Claim.id == Booking.id)
        .join(ResourceLeaf, ResourceLeaf.resource_id == Booking.room_id)
        .where(begun(asked, venue_id), Booking.state.in_(STOOD))
        .group_by(*(sa.text(str(place)) for place in range(1, 4)))
        .select_from(Booking)
    )
    booked: dict[int, dict[date, int]] = {}
    blocked: dict[int, dict[date, int]] = {}
    for leaf, when, is_kept, seconds in session.execute(question):
        of_leaf = (blocked if is_kept else booked).setdefault(leaf, {})
        of_leaf[date.fromisoformat(when)] = seconds // 60
    return Days(booked, blocked)


def divided(session: Session, room_ids: list[int]) -> frozenset[int]:
    """Of some rooms, those that consist of others."""
    asked = sa.select(ResourceLeaf.resource_id).where(
        ResourceLeaf.resource_id.in_(room_ids), ResourceLeaf.leaf_id != ResourceLeaf.resource_id
    )
    return frozenset(session.scalars(asked.distinct()))


def partners(session: Session, asked: ReportAsked, venue_id: int) -> list[Partner]:
    """The organisations that used a venue, those with the most hours first."""
    seconds = _whole(_seconds(session)).label("seconds")
    who = (Organisation.id, Organisation.public_id, Organisation.name, Organisation.kind)
    question = (
        sa.select(*who, sa.func.count(), seconds)
        .join(Booking, Booking.organisation_id == Organisation.id)
        .join(Claim, Claim.id == Booking.id)
        .where(begun(asked, venue_id), Booking.state.in_(STOOD), Booking.kind != "blocked")
        .group_by(*who)
        .order_by(seconds.desc(), Organisation.name, Organisation.id)
    )
    return [Partner(*row) for row in session.execute(question)]


def tariffs(session: Session, venue_id: int) -> dict[int, int]:
    """What an hour of each room costs, in minor units."""
    asked = sa.select(Tariff.room_id, Tariff.hour_cents).join(Room, Room.id == Tariff.room_id)
    return {key: n for key, n in session.execute(asked.where(Room.venue_id == venue_id))}  # noqa: C416


def each_booking(
    session: Session, asked: ReportAsked, venue_id: int, where: sa.ColumnElement[bool]
) -> list[Any]:
    """Bookings one by one: start, room, state, who, purpose, seconds, people, cents; no names."""
    question = (
        sa.select(
            Booking.local_start,
            Room.name,
            Booking.state,
            _who(),
            Booking.purpose,
            _seconds(session),
            Booking.attendance,
            Booking.price_cents,
        )
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(begun(asked, venue_id), Booking.kind != "blocked", where)
        .order_by(Claim.starts_at, Claim.id)
    )
    return list(session.execute(question))
