"""All that is in the rooms of a span, room by room and in one answer: what a calendar draws."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from tierslieu.bookings.cases.queries import RoomCase, rooms
from tierslieu.bookings.listing.queries import (
    READER,
    Reader,
    told,
    values_of,
    visible,
    within,
)
from tierslieu.bookings.models import Booking
from tierslieu.bookings.timeline.queries import SHOWN as IN_SIGHT
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.resources.queries import is_sqlite

#: A month and its edges.
LONGEST: Final = timedelta(days=42)


def calendar(work: Work, span: Span, venue: str | None = None) -> list[dict[str, Any]]:
    """The rooms of the venues everybody sees, or of one (by slug), each with its bookings by start.

    One's own and those one may read are whole; of others only the span, and a title that is there
    to be read. One statement beside the facts. Raises Invalid for more than ``LONGEST``, NotFound
    for a venue that is not there.
    """
    if span.duration > LONGEST:
        raise Invalid("too_long", msg("At most %(n)s days at once.", n=LONGEST.days), "ends_before")
    shown = _shown(work, venue)
    found: dict[int, list[dict[str, Any]]] = {case.id: [] for case in shown}
    reader = Reader(work.actor)
    whole, title_for = reader.whole, reader.title
    values, everything = values_of(work.actor, span)
    asked = _question(everything, sqlite=is_sqlite(work.session))
    for room, number, state, start, end, title, visibility, *who in work.run(asked, values):
        here = found.get(room)
        if here is None:
            continue
        if whole(*who):
            here.append(
                {"id": number, "state": state, "starts_at": start, "ends_at": end, "title": title}
            )
        else:
            said = title_for(title, visibility, who[0])
            here.append({"starts_at": start, "ends_at": end, "title": said})
    return [
        {
            "room_id": case.public_id,
            "name": case.name,
            "venue": case.venue_slug,
            "timezone": case.zone.key,
            "bookings": found[case.id],
        }
        for case in shown
    ]


def _shown(work: Work, venue: str | None) -> list[RoomCase]:
    today = work.now.date()
    everything = rooms(work.session, today, today).published
    shown = [case for case in everything if venue in (None, case.venue_slug)]
    if venue is not None and not shown:
        raise NotFound
    return shown


@cache
def _question(everything: bool, *, sqlite: bool) -> Any:
    booking, claim = (each.metadata.tables[each.__tablename__] for each in (Booking, Claim))
    question = (
        sa.select(
            booking.c.room_id,
            booking.c.public_id,
            booking.c.state,
            told(claim.c.starts_at, sqlite=sqlite),
            told(claim.c.ends_at, sqlite=sqlite),
            claim.c.label,
            claim.c.visibility,
            *READER,
        )
        .select_from(booking)
        .join(claim, claim.c.id == booking.c.id)
        .where(*within(), booking.c.state.in_(IN_SIGHT))
        .order_by(claim.c.starts_at, claim.c.id)
    )
    return question if everything else question.where(visible())
