"""Questions about modes: what is written, what is in force, how many a room holds on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.span import Span, at_wall
from tierslieu.venues.models import Room, VenueMode
from tierslieu.venues.modes.rules import Kind, Limits, Mode, closed_runs


def mode_of(row: Any) -> Mode:
    """A row of ``venue_mode`` (or its columns) as the rules read it."""
    return Mode(
        key=row.public_id,
        kind=cast(Kind, row.mode),
        first=row.from_day,
        last=row.until_day,
        share=row.share,
        m2=row.m2,
        people=row.people,
        rooms={int(room): int(people) for room, people in (row.rooms or {}).items()},
        reason=row.reason,
        made=row.id,
    )


def modes_of(session: Session, venue_id: int, since: date) -> list[Mode]:
    """A venue's modes that are not over, by first day."""
    question = (
        sa.select(VenueMode)
        .where(
            VenueMode.venue_id == venue_id,
            sa.or_(VenueMode.until_day.is_(None), VenueMode.until_day >= since),
        )
        .order_by(VenueMode.from_day, VenueMode.id)
    )
    return [mode_of(row) for row in session.scalars(question)]


def mode_row(session: Session, venue_id: int, public_id: str) -> VenueMode:
    """One mode of a venue; raises NotFound."""
    row = session.scalar(sa.select(VenueMode).where(VenueMode.public_id == public_id))
    if row is None or row.venue_id != venue_id:
        raise NotFound
    return row


def limits_of(modes: Iterable[Mode], room: Room) -> Limits:
    """What modes mean for one room."""
    return Limits(tuple(modes), room.id, room.capacity, room.area_m2)


def modes_by_venue(
    session: Session, venues: Collection[int], today: date
) -> dict[int, tuple[Mode, ...]]:
    """The modes of several venues that may be in force around a day, in one statement."""
    found: dict[int, tuple[Mode, ...]] = dict.fromkeys(venues, ())
    day = timedelta(days=1)
    question = sa.select(VenueMode).where(
        VenueMode.from_day <= today + day,
        sa.or_(VenueMode.until_day.is_(None), VenueMode.until_day >= today - day),
    )
    for row in session.scalars(question.order_by(VenueMode.id)):
        if row.venue_id in found:
            found[row.venue_id] = (*found[row.venue_id], mode_of(row))
    return found


def days_span(first: date, last: date, zone: ZoneInfo) -> Span:
    """Whole local days as a span, the last one included."""
    return Span(at_wall(first, 0, zone), at_wall(last.fromordinal(last.toordinal() + 1), 0, zone))


def closed_spans(
    modes: Iterable[Mode], first: date, last: date, zone: ZoneInfo
) -> list[tuple[Mode, Span]]:
    """What modes close between two days."""
    return [
        (mode, days_span(begin, end, zone))
        for mode, begin, end in closed_runs(tuple(modes), first, last)
    ]
