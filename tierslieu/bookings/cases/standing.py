"""What somebody has at a venue already: bookings, requests, and whether she lives nearby."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.models import Booking
from tierslieu.bookings.rules.states import OPEN
from tierslieu.people.models import PersonVenue
from tierslieu.resources.models import Claim

if TYPE_CHECKING:
    from tierslieu.bookings.cases.queries import Party


@dataclass(frozen=True)
class Standing:
    """What a party has at a venue: bookings not yet over, requests among them, if she lives by."""

    bookings: int = 0
    requests: int = 0
    resident: bool = False


NOTHING = Standing()


def standings(
    session: Session, party: Party, now: datetime, ignoring: Collection[int] = ()
) -> dict[int, Standing]:
    """By venue, what the party (the organisation, if any) has there; one statement."""
    if party.organisation_id is not None:
        whose = Booking.organisation_id == party.organisation_id
    elif party.person_id is not None:
        whose = sa.and_(Booking.booked_for_id == party.person_id, Booking.organisation_id.is_(None))
    else:
        return {}
    waits = sa.case((Booking.state == "requested", 1), else_=0)
    question = (
        sa.select(Claim.venue_id, sa.func.count(), sa.func.sum(waits), sa.literal(0))
        .join(Booking, Booking.id == Claim.id)
        .where(whose, Booking.state.in_(OPEN), Claim.ends_at > now)
        .group_by(Claim.venue_id)
    )
    if ignoring:
        question = question.where(Booking.id.not_in(sorted(ignoring)))
    lives = sa.select(PersonVenue.venue_id, sa.literal(0), sa.literal(0), sa.literal(1)).where(
        PersonVenue.person_id == party.person_id, PersonVenue.resident
    )
    found: dict[int, Standing] = {}
    for venue_id, bookings, requests, lives_by in session.execute(question.union_all(lives)):
        one = found.get(venue_id, NOTHING)
        found[venue_id] = Standing(
            one.bookings + int(bookings),
            one.requests + int(requests),
            one.resident or bool(lives_by),
        )
    return found
