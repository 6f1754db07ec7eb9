"""Questions about opening: what is written, the week as it will be, who is touched by closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from tierslieu.kernel.span import Span, at_wall, local_date
from tierslieu.kernel.texts import Texts
from tierslieu.resources.queries import claims_between
from tierslieu.venues.models import Closure, OpeningException, OpeningPeriod, Room, Venue
from tierslieu.venues.queries import opening_facts, venue_opening_facts
from tierslieu.venues.rules import Interval, OpeningFacts, day_hours, is_open

Condition = sa.ColumnElement[bool]

#: How far ahead days unlike the others are told.
AHEAD = 45
#: How far ahead a change of hours is asked whom it touches.
FORESEEN = 120


@dataclass(frozen=True)
class Touched:
    """A claim that lies inside a closure, made or thought of."""

    claim_id: int
    public_id: str
    room_id: int
    room: str
    kind: str
    label: str
    span: Span


@dataclass(frozen=True)
class ShownDay:
    """One day of a week as people read it; ``name``: why it is unlike the others."""

    day: date
    intervals: tuple[Interval, ...]
    today: bool
    name: Texts


@dataclass(frozen=True)
class Coming:
    """Something unlike the usual week: a day, or a closure of the whole place."""

    first: date
    last: date
    intervals: tuple[Interval, ...]
    name: Texts
    span: Span | None = None


def weeks_of(session: Session, venue_id: int, room_id: int | None = None) -> list[OpeningPeriod]:
    """Weekly hours as they are written: of the venue, or of one room."""
    return list(
        session.scalars(
            sa.select(OpeningPeriod)
            .where(OpeningPeriod.venue_id == venue_id, _room(OpeningPeriod.room_id, room_id))
            .order_by(OpeningPeriod.priority, OpeningPeriod.valid_from, OpeningPeriod.id)
        )
    )


def exceptions_of(
    session: Session, venue_id: int, since: date, room_id: int | None = None
) -> list[OpeningException]:
    """Single days as they are written, from a day on."""
    return list(
        session.scalars(
            sa.select(OpeningException)
            .where(
                OpeningException.venue_id == venue_id,
                _room(OpeningException.room_id, room_id),
                OpeningException.day >= since,
            )
            .order_by(OpeningException.day)
        )
    )


def closures_of(session: Session, venue_id: int, now: datetime) -> list[Closure]:
    """Closures of a venue and of its rooms that are not over, in order."""
    return list(
        session.scalars(
            sa.select(Closure)
            .where(Closure.venue_id == venue_id, Closure.ends_at > now)
            .order_by(Closure.starts_at, Closure.id)
        )
    )


def _room(column: InstrumentedAttribute[int | None], room_id: int | None) -> Condition:
    return column.is_(None) if room_id is None else column == room_id


def touched(
    session: Session, venue_id: int, room_id: int | None, span: Span, now: datetime
) -> list[Touched]:
    """What is to come inside a span: in one room, or in any room of the venue.

    Whatever holds a room is listed: bookings, staff blocks, things of plugins. What only waits
    for an answer holds nothing and is not.
    """
    if span.ends_at <= now:
        return []
    names = dict(
        session.execute(
            sa.select(Room.id, Room.name).where(
                Room.venue_id == venue_id, sa.true() if room_id is None else Room.id == room_id
            )
        ).all()
    )
    found: dict[int, Touched] = {}
    ahead = Span(max(span.starts_at, now), span.ends_at)
    for row in claims_between(session, list(names), ahead, now):
        when = Span(row.starts_at, row.ends_at)
        if when.overlaps(ahead) and row.claim_id not in found:
            found[row.claim_id] = Touched(
                row.claim_id,
                row.public_id,
                row.resource_id,
                names[row.resource_id],
                row.kind,
                row.label,
                when,
            )
    return sorted(found.values(), key=lambda item: (item.span, item.room))


def outside_hours(session: Session, venue_id: int, now: datetime) -> dict[int, Touched]:
    """What is to come in a venue's rooms while they are not open, by claim, for `FORESEEN` days."""
    venue = session.get_one(Venue, venue_id)
    zone = ZoneInfo(venue.zone)
    ahead = Span(now, now + timedelta(days=FORESEEN))
    coming = touched(session, venue_id, None, ahead, now)
    first = local_date(now, zone) - timedelta(days=1)
    rooms = {item.room_id: venue_id for item in coming}
    facts = opening_facts(session, rooms, first, first + timedelta(days=FORESEEN + 3))
    return {
        item.claim_id: item for item in coming if not is_open(facts[item.room_id], item.span, zone)
    }


def to_be_handled(session: Session, venue_id: int, now: datetime) -> list[Touched]:
    """What is to come inside closures that were made all the same, each once."""
    found = {
        item.claim_id: item
        for closure in closures_of(session, venue_id, now)
        for item in touched(
            session, venue_id, closure.room_id, Span(closure.starts_at, closure.ends_at), now
        )
    }
    return sorted(found.values(), key=lambda item: (item.span, item.room))


def facts_ahead(session: Session, venue: Venue, now: datetime) -> OpeningFacts:
    """When a venue is open from this week until `AHEAD` days from now."""
    first = local_date(now, ZoneInfo(venue.zone)) - timedelta(days=7)
    last = first + timedelta(days=AHEAD + 21)
    return venue_opening_facts(session, [venue.id], first, last)[venue.id]


def week_shown(facts: OpeningFacts, today: date) -> list[ShownDay]:
    """This week, Monday to Sunday, as it really is."""
    monday = today - timedelta(days=today.weekday())
    found = []
    for offset in range(7):
        day = monday + timedelta(days=offset)
        hours = day_hours(facts, day)
        found.append(ShownDay(day, hours.intervals, day == today, hours.name))
    return found


def coming(facts: OpeningFacts, today: date, zone: ZoneInfo) -> list[Coming]:
    """What is to come that is unlike the usual week: closures, and days after this week."""
    sunday = 6 - today.weekday()
    found = [
        Coming(
            local_date(item.span.starts_at, zone),
            local_date(item.span.ends_at - timedelta(seconds=1), zone),
            (),
            item.reason,
            item.span,
        )
        for item in facts.closings
        if local_date(item.span.ends_at, zone) > today
    ]
    for offset in range(sunday + 1, AHEAD + 1):
        day = today + timedelta(days=offset)
        hours = day_hours(facts, day)
        if hours.source in ("holiday", "venue_exception") and not _covered(found, day):
            found.append(Coming(day, day, hours.intervals, hours.name))
    return sorted(found, key=lambda item: (item.first, item.last))


def whole_days(span: Span, zone: ZoneInfo) -> tuple[date, date] | None:
    """The first and last local day when it covers whole days, else None."""
    first, after = local_date(span.starts_at, zone), local_date(span.ends_at, zone)
    if (at_wall(first, 0, zone), at_wall(after, 0, zone)) != (span.starts_at, span.ends_at):
        return None
    return first, after - timedelta(days=1)


def _covered(closings: Sequence[Coming], day: date) -> bool:
    return any(item.first <= day <= item.last for item in closings if item.span)
