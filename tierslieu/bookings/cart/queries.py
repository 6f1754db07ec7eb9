"""Questions about the list: its lines, with their rooms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.cart.models import CartLine
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel.span import Span
from tierslieu.venues.models import Room, Venue


@dataclass(frozen=True)
class Line:
    """One wish of a list, with where it is."""

    row: CartLine
    room_name: str
    room_public_id: str
    venue_name: str
    venue_slug: str
    accent: str
    zone: ZoneInfo

    @property
    def span(self) -> Span:
        return Span(self.row.starts_at, self.row.ends_at)

    def wish(self, accepts: Collection[str] = ()) -> NewBooking:
        """What is asked for; ``accepts``: public ids of the terms that are accepted with it."""
        row = self.row
        return NewBooking(
            room=self.room_public_id,
            span=self.span,
            title=row.title,
            attendance=row.attendance,
            visibility=row.visibility,
            layout=row.layout,
            note=row.note,
            purpose=row.purpose,
            declared=tuple(row.declared),
            organisation_id=row.organisation_id,
            places=row.places,
            place=row.place,
            things=tuple((each["id"], each["quantity"]) for each in row.things),
            accept_terms=tuple(accepts),
        )


def lines_of(session: Session, person_id: int) -> list[Line]:
    """What a person has gathered, by time."""
    question = (
        sa.select(
            CartLine, Room.name, Room.public_id, Venue.name, Venue.slug, Venue.accent, Venue.zone
        )
        .join(Room, Room.id == CartLine.room_id)
        .join(Venue, Venue.id == Room.venue_id)
        .where(CartLine.person_id == person_id)
        .order_by(CartLine.starts_at, CartLine.id)
    )
    return [Line(*row[:-1], ZoneInfo(row[-1])) for row in session.execute(question)]


def how_many(session: Session, person_id: int) -> int:
    """How many lines a person has gathered."""
    question = sa.select(sa.func.count()).where(CartLine.person_id == person_id)
    return session.scalar(question) or 0
