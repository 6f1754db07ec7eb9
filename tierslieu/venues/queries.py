"""Questions about the places."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.span import Span
from tierslieu.venues.calendars import public_holidays
from tierslieu.venues.keeping.queries import kept
from tierslieu.venues.models import (
    Closure,
    LocalHoliday,
    Network,
    OpeningException,
    OpeningPeriod,
    Room,
    Venue,
    VenueMode,
)
from tierslieu.venues.modes.queries import closed_spans, mode_of
from tierslieu.venues.modes.rules import Mode
from tierslieu.venues.rules import (
    Closing,
    DayException,
    Holiday,
    Interval,
    OpeningFacts,
    Period,
    Scope,
    intervals_from,
    weekly_from,
)


def network(session: Session) -> Network:
    """The network of this installation, to read; before it is set up, with built-in settings."""
    return kept(session, "network", 1, lambda: _network(session))


def _network(session: Session) -> Network:
    row = session.execute(sa.select(*Network.__table__.columns)).first()
    if row is not None:
        return Network(**row._mapping)
    return Network(
        id=1,
        name="Tierslieu",
        place="",
        zone="Europe/Rome",
        locale="it",
        currency="EUR",
        accent="persiana",
        holiday_country="IT",
        holiday_subdivision="RE",
        version=1,
    )


def opening_facts(
    session: Session, rooms: Mapping[int, int], first: date, last: date
) -> dict[int, OpeningFacts]:
    """When each room is open between two days: ``rooms`` maps room id to venue id.

    The venue's facts and the room's own, in four statements for any number of rooms. Rooms that
    are open alike have the same object, so that whoever judges many judges them once.
    """
    venues = set(rooms.values())
    by_venue, by_room = _facts_of(session, venues, set(rooms), first, last)
    known: dict[OpeningFacts, OpeningFacts] = {}
    by_venue = {venue: known.setdefault(facts, facts) for venue, facts in by_venue.items()}
    found: dict[int, OpeningFacts] = {}
    keys = _rooms_with_keys(session, set(rooms))
    for room_id, venue_id in rooms.items():
        facts, own = by_venue[venue_id], by_room.get(room_id)
        if own is not None or room_id in keys:
            facts = facts if own is None else _joined(facts, own)
            facts = replace(facts, keys=True) if room_id in keys else facts
            facts = known.setdefault(facts, facts)
        found[room_id] = facts
    return found


def venue_opening_facts(
    session: Session, venues: Collection[int], first: date, last: date
) -> dict[int, OpeningFacts]:
    """When venues as such are open between two days."""
    return _facts_of(session, set(venues), set(), first, last)[0]


def _rooms_with_keys(session: Session, rooms: set[int]) -> set[int]:
    question = sa.select(Room.id).where(Room.keys.is_(True))
    if len(rooms) <= MANY:
        question = question.where(Room.id.in_(rooms))
    return set(session.scalars(question))


#: Above so many ids a question asks for all rows and sorts them out here.
MANY = 60


def _facts_of(
    session: Session, venues: set[int], rooms: set[int], first: date, last: date
) -> tuple[dict[int, OpeningFacts], dict[int, OpeningFacts]]:
    holidays = holidays_between(session, first, last)
    by_venue = dict.fromkeys(venues, OpeningFacts(holidays=holidays))
    by_venue |= _venues_as_such(session, venues, first, last, holidays)
    by_room: dict[int, OpeningFacts] = {}
    for venue_id, room_id, fact in _all_facts(session, venues, first, last):
        if room_id is None:
            if venue_id in by_venue:
                by_venue[venue_id] = _joined(by_venue[venue_id], fact)
        elif room_id in rooms:
            by_room[room_id] = _joined(by_room.get(room_id, OpeningFacts()), fact)
    return by_venue, by_room


def _venues_as_such(
    session: Session, venues: set[int], first: date, last: date, holidays: tuple[Holiday, ...]
) -> dict[int, OpeningFacts]:
    """What is said of venues as a whole: closed on holidays or not, and in which modes they are."""
    days = sa.and_(
        VenueMode.venue_id == Venue.id,
        VenueMode.from_day <= last + AROUND,
        sa.or_(VenueMode.until_day.is_(None), VenueMode.until_day >= first - AROUND),
    )
    question = sa.select(
        Venue.id.label("venue_id"), Venue.closed_on_holidays, Venue.zone, *_MODE
    ).outerjoin(VenueMode, days)
    modes: dict[int, list[Mode]] = {}
    found: dict[int, tuple[bool, str]] = {}
    for row in session.execute(_of(question, Venue.id, venues).order_by(VenueMode.id)):
        found[row.venue_id] = (row.closed_on_holidays, row.zone)
        if row.id is not None:
            modes.setdefault(row.venue_id, []).append(mode_of(row))
    return {
        venue: OpeningFacts(
            closings=tuple(
                Closing(span, reason=mode.reason, mode=mode)
                for mode, span in closed_spans(
                    modes.get(venue, ()), first - AROUND, last + AROUND, ZoneInfo(zone)
                )
            ),
            holidays=holidays,
            closed_on_holidays=on_holidays,
            modes=tuple(modes.get(venue, ())),
        )
        for venue, (on_holidays, zone) in found.items()
        if venue in venues
    }


#: Facts reach a little beyond the days they are asked for.
AROUND = timedelta(days=2)
_MODE = (
    VenueMode.id,
    VenueMode.public_id,
    VenueMode.mode,
    VenueMode.from_day,
    VenueMode.until_day,
    VenueMode.share,
    VenueMode.m2,
    VenueMode.people,
    VenueMode.rooms,
    VenueMode.reason,
)


def _of(question: Any, column: Any, venues: set[int]) -> Any:
    return question.where(column.in_(venues)) if len(venues) <= MANY else question


def _all_facts(
    session: Session, venues: set[int], first: date, last: date
) -> Iterator[tuple[int, int | None, OpeningFacts]]:
    week = sa.select(
        OpeningPeriod.venue_id,
        OpeningPeriod.room_id,
        OpeningPeriod.weekly,
        OpeningPeriod.valid_from,
        OpeningPeriod.valid_until,
        OpeningPeriod.priority,
    ).where(
        sa.or_(OpeningPeriod.valid_from.is_(None), OpeningPeriod.valid_from <= last),
        sa.or_(OpeningPeriod.valid_until.is_(None), OpeningPeriod.valid_until >= first),
    )
    for row in session.execute(_of(week, OpeningPeriod.venue_id, venues)):
        scope: Scope = "venue" if row.room_id is None else "room"
        weekly = _weekly(json.dumps(row.weekly, sort_keys=True))
        period = Period(scope, weekly, row.valid_from, row.valid_until, row.priority)
        yield row.venue_id, row.room_id, OpeningFacts(periods=(period,))
    days = sa.select(
        OpeningException.venue_id,
        OpeningException.room_id,
        OpeningException.day,
        OpeningException.intervals,
        OpeningException.note,
    ).where(OpeningException.day.between(first, last))
    for row in session.execute(_of(days, OpeningException.venue_id, venues)):
        scope = "venue" if row.room_id is None else "room"
        day = DayException(row.day, intervals_from(row.intervals), scope, row.note)
        yield row.venue_id, row.room_id, OpeningFacts(exceptions=(day,))
    start = datetime.combine(first, time(), UTC) - timedelta(days=1)
    end = datetime.combine(last, time(), UTC) + timedelta(days=2)
    shut = sa.select(
        Closure.venue_id, Closure.room_id, Closure.starts_at, Closure.ends_at, Closure.reason
    ).where(Closure.ends_at > start, Closure.starts_at < end)
    for row in session.execute(_of(shut, Closure.venue_id, venues)):
        scope = "venue" if row.room_id is None else "room"
        closing = Closing(Span(row.starts_at, row.ends_at), scope, row.reason)
        yield row.venue_id, row.room_id, OpeningFacts(closings=(closing,))


@lru_cache(maxsize=512)
def _weekly(stored: str) -> Mapping[int, tuple[Interval, ...]]:
    return weekly_from(json.loads(stored))


def _joined(one: OpeningFacts, other: OpeningFacts) -> OpeningFacts:
    return replace(
        one,
        periods=one.periods + other.periods,
        exceptions=one.exceptions + other.exceptions,
        closings=one.closings + other.closings,
    )


def holidays_between(session: Session, first: date, last: date) -> tuple[Holiday, ...]:
    """Public holidays of the network's country and place, and the place's own."""
    here = network(session)
    known = {
        day: Holiday(day, name)
        for year in range(first.year, last.year + 1)
        for day, name in public_holidays(here.holiday_country, here.holiday_subdivision, year)
        if first <= day <= last
    }
    for local in session.scalars(sa.select(LocalHoliday)):
        for year in range(first.year, last.year + 1):
            with suppress(ValueError):
                day = date(year, local.month, local.day)
                if first <= day <= last:
                    known[day] = Holiday(day, local.name)
    return tuple(known[day] for day in sorted(known))


def room_zone(session: Session, room: str | None) -> ZoneInfo:
    """The zone of a room (public id, or ``venue.room`` slugs); the network's without one.

    Raises NotFound.
    """
    if room is None:
        return ZoneInfo(network(session).zone)
    question = sa.select(Venue.zone).join(Room, Room.venue_id == Venue.id)
    if "." in room:
        venue, _, slug = room.partition(".")
        question = question.where(Venue.slug == venue, Room.slug == slug)
    else:
        question = question.where(Room.public_id == room)
    found = session.scalar(question)
    if found is None:
        raise NotFound
    return ZoneInfo(found)
