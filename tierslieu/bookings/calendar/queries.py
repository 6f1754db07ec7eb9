"""What is on and what is held, as each reader may see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.calendar.rules import Held
from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.models import Booking, is_requested
from tierslieu.bookings.places.queries import busy_places, members
from tierslieu.bookings.places.rules import crowded
from tierslieu.bookings.queries import during
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.resources.queries import ClaimRow, claims_between
from tierslieu.venues.models import Room, Venue

#: What happens or happened: the states that stand on a notice board.
SURE = ("confirmed", "checked_in")


@dataclass(frozen=True)
class Event:
    """Something that stands on the notice board: its title is for this reader to read."""

    key: str
    title: str
    span: Span
    zone: str
    room_name: str
    room_public_id: str
    venue_name: str
    venue_slug: str
    accent: str


def events(
    session: Session,
    span: Span,
    *,
    members_at: Collection[int] = (),
    venue_id: int | None = None,
    limit: int | None = None,
) -> list[Event]:
    """What overlaps a span, by start: public things, and members' at the venues named."""
    question = (
        sa.select(
            Claim.public_id,
            Claim.label,
            Claim.starts_at,
            Claim.ends_at,
            Booking.zone,
            Room.name,
            Room.public_id.label("room"),
            Venue.name.label("venue_name"),
            Venue.slug,
            Venue.accent,
        )
        .join(Booking, Booking.id == Claim.id)
        .join(Room, Room.id == Booking.room_id)
        .join(Venue, Venue.id == Claim.venue_id)
        .where(*_shown(span, members_at, venue_id))
        .order_by(Claim.starts_at, Claim.id)
        .limit(limit)
    )
    return [
        Event(
            key=row.public_id,
            title=row.label,
            span=Span(row.starts_at, row.ends_at),
            zone=row.zone,
            room_name=row.name,
            room_public_id=row.room,
            venue_name=row.venue_name,
            venue_slug=row.slug,
            accent=row.accent,
        )
        for row in session.execute(question)
    ]


def starts_of_public(session: Session, span: Span) -> list[tuple[datetime, str]]:
    """When public things begin in a span, with their zone: for counting days."""
    question = (
        sa.select(Claim.starts_at, Booking.zone)
        .join(Booking, Booking.id == Claim.id)
        .join(Venue, Venue.id == Claim.venue_id)
        .where(*_shown(span, (), None), Claim.starts_at >= span.starts_at)
    )
    return [(row.starts_at, row.zone) for row in session.execute(question)]


def _shown(
    span: Span, members_at: Collection[int], venue_id: int | None
) -> list[sa.ColumnElement[bool]]:
    readable: sa.ColumnElement[bool] = Claim.visibility == "public"
    if members_at:
        members = sa.and_(Claim.visibility == "members", Claim.venue_id.in_(sorted(members_at)))
        readable = sa.or_(readable, members)
    found: list[sa.ColumnElement[bool]] = [
        readable,
        Booking.state.in_(SURE),
        *during(span),
        Venue.published.is_(True),
        Venue.archived_at.is_(None),
    ]
    if venue_id is not None:
        found.append(Claim.venue_id == venue_id)
    return found


def held_in(work: Work, room_ids: Collection[int], span: Span) -> dict[int, list[Held]]:
    """What holds or asks for each room in a span, titled as the actor may read it.

    Three statements for any number of rooms.
    """
    found: dict[int, list[Held]] = {room_id: [] for room_id in room_ids}
    claims = claims_between(work.session, room_ids, span, work.now)
    owners = _owners(work.session, {row.claim_id for row in claims})
    for row in claims:
        owner = owners.get(row.claim_id)
        found[row.resource_id].append(
            Held(
                seen=Span(row.starts_at, row.ends_at),
                taken=Span(row.taken_from, row.taken_until),
                title=_title(work.actor, row, owner),
                waits=owner is not None and owner.state in ("requested", "held"),
            )
        )
    for room_id, seen in _asked(work.session, room_ids, span, {row.claim_id for row in claims}):
        found[room_id].append(Held(seen, seen, waits=True, occupies=False))
    return found


def held_of(work: Work, cases: Collection[RoomCase], span: Span) -> dict[int, list[Held]]:
    """The same for rooms whose cases are known: one booked by place is held when no place is free.

    Two statements more where there are such rooms.
    """
    by_place = [case for case in cases if case.places is not None]
    whole = [case.id for case in cases if case.places is None]
    found = held_in(work, whole, span) if whole or not by_place else {}
    if not by_place:
        return found
    known = members(work.session, {case.places.pool_id for case in by_place if case.places})
    every = [place for places in known.values() for place in places]
    busy = busy_places(work.session, every, span, work.now)
    for case in by_place:
        places = known[case.places.pool_id] if case.places else []
        full = crowded({place.id: busy[place.id] for place in places}, 1)
        found[case.id] = [Held(each, each) for each in full]
    return found


def _owners(session: Session, claim_ids: Collection[int]) -> dict[int, Any]:
    if not claim_ids:
        return {}
    question = sa.select(
        Booking.id, Booking.state, Booking.booked_for_id, Booking.organisation_id, Claim.venue_id
    ).join(Claim, Claim.id == Booking.id)
    return {
        row.id: row for row in session.execute(question.where(Booking.id.in_(sorted(claim_ids))))
    }


def _title(actor: Actor, row: ClaimRow, owner: Any) -> str | None:
    """The title of a claim for one reader: never a person's or an organisation's name."""
    if row.visibility == "public":
        return row.label
    if owner is None:
        return None
    if row.visibility == "members" and owner.venue_id in actor.member_venues:
        return row.label
    if owner.organisation_id is not None:
        own = owner.organisation_id in actor.organisations
    else:
        own = owner.booked_for_id is not None and owner.booked_for_id == actor.person_id
    all_of_it = own or actor.may("bookings.change", venue=owner.venue_id)
    return row.label if all_of_it else None


def _asked(
    session: Session, room_ids: Collection[int], span: Span, without: Collection[int]
) -> list[tuple[int, Span]]:
    question = (
        sa.select(Booking.id, Booking.room_id, Claim.starts_at, Claim.ends_at)
        .join(Claim, Claim.id == Booking.id)
        .where(
            Booking.room_id.in_(sorted(room_ids)),
            is_requested(),
            Claim.ends_at > span.starts_at,
            Claim.starts_at < span.ends_at,
        )
    )
    return [
        (row.room_id, Span(row.starts_at, row.ends_at))
        for row in session.execute(question)
        if row.id not in without
    ]
