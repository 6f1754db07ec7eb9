"""A winter with fewer people at one venue, and a day of works over two bookings at another."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.kernel.span import local_date
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Closure, Room, Venue, VenueMode
from tierslieu.venues.modes.queries import days_span

LIMITED, CLOSED = "orologio", "gattaglio"
WINTER: Final = Texts(
    it="Impianto dell'aria in revisione: meno persone per sala.",
    fr="Ventilation en révision : moins de monde par salle.",
    en="The ventilation is being overhauled: fewer people in each room.",
)
WORKS: Final = Texts(
    it="Si rifà il pavimento.", fr="On refait le sol.", en="The floor is being redone."
)


def close_and_limit(work: Work) -> None:
    """Something for managers to handle; nothing where a venue of the story is not there."""
    today = local_date(work.now, ZoneInfo("Europe/Rome"))
    venues = dict(work.session.execute(sa.select(Venue.slug, Venue.id)).all())
    if LIMITED in venues:
        year = today.year + (today.month > 3)
        work.session.add(
            VenueMode(
                venue_id=venues[LIMITED],
                mode="limited",
                from_day=today - timedelta(days=10),
                until_day=date(year, 3, 31),
                share=75,
                rooms={},
                reason=WINTER,
                created_at=work.now,
            )
        )
    if CLOSED in venues:
        _works(work, venues[CLOSED], today)
    work.session.flush()


def _works(work: Work, venue_id: int, today: date) -> None:
    """Close a room for the first day, three weeks from now, on which it has two bookings."""
    zone = ZoneInfo("Europe/Rome")
    ahead = days_span(today + timedelta(days=20), today + timedelta(days=80), zone)
    rows = work.session.execute(
        sa.select(Booking.room_id, Claim.starts_at)
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .where(
            Room.venue_id == venue_id,
            Booking.state == "confirmed",
            Claim.starts_at.between(ahead.starts_at, ahead.ends_at),
        )
        .order_by(Claim.starts_at, Claim.id)
    )
    days: dict[tuple[date, int], int] = {}
    for room_id, starts_at in rows:
        key = (local_date(starts_at, zone), room_id)
        days[key] = days.get(key, 0) + 1
    found = next((key for key, n in sorted(days.items()) if n == 2), None)
    if found is None:
        return
    span = days_span(found[0], found[0], zone)
    work.session.add(
        Closure(
            venue_id=venue_id,
            room_id=found[1],
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            reason=WORKS,
            created_at=work.now,
        )
    )
