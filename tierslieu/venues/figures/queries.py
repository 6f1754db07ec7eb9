"""Opening hours as they really were, and what is known of getting into the rooms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.contributions import (
    Figure,
    ReportAsked,
    ReportColumn,
    ReportLine,
    ReportRows,
    ReportSection,
    ReportTable,
)
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room
from tierslieu.venues.queries import opening_facts, venue_opening_facts
from tierslieu.venues.rules import OpeningFacts, open_spans

OPEN_DAYS = "venues.open_days"
ROOMS = "venues.rooms"
#: The longest of days, when the clock goes back.
MINUTES_OF_A_DAY = 1500

#: What is asked of each room on the way in: column, its name, what it means.
ACCESS: tuple[tuple[str, Message, Message], ...] = (
    ("step_free", msg("Step-free"), msg("Rooms that are reached without a step.")),
    (
        "accessible_toilet",
        msg("Accessible toilet"),
        msg("Rooms with a toilet for wheelchair users."),
    ),
    ("hearing_loop", msg("Hearing loop"), msg("Rooms with an induction loop for hearing aids.")),
    ("lift", msg("Lift"), msg("Rooms reached by a lift, where one is needed.")),
)


@dataclass(frozen=True)
class Opened:
    """Open minutes by local day: of the venue as such, and of each room."""

    venue: Mapping[date, int]
    rooms: Mapping[int, Mapping[date, int]]
    usual: frozenset[date]


def rooms_of(session: Session, venue_id: int, span: Span) -> list[Room]:
    """The rooms there were in a span, in order."""
    still = sa.or_(Room.retired_at.is_(None), Room.retired_at > span.starts_at)
    asked = sa.select(Room).where(Room.venue_id == venue_id, still)
    return list(session.scalars(asked.order_by(Room.rank, Room.id)))


def opened(session: Session, asked: ReportAsked, venue_id: int) -> Opened:
    """When a venue and its rooms were really open: weeks, exceptions, holidays, closures, modes."""
    first, last, zone = asked.first, asked.last, ZoneInfo(asked.zone)
    rooms = {room.id: venue_id for room in rooms_of(session, venue_id, asked.span)}
    alike: dict[OpeningFacts, Mapping[date, int]] = {}

    def by_day(facts: OpeningFacts) -> Mapping[date, int]:
        if facts not in alike:
            alike[facts] = minutes_by_day(facts, first, last, zone)
        return alike[facts]

    as_such = venue_opening_facts(session, [venue_id], first, last)[venue_id]
    of_rooms = opening_facts(session, rooms, first, last)
    week = replace(as_such, exceptions=(), closings=(), holidays=(), modes=())
    return Opened(
        by_day(as_such),
        {room: by_day(facts) for room, facts in of_rooms.items()},
        frozenset(by_day(week)),
    )


def minutes_by_day(
    facts: OpeningFacts, first: date, last: date, zone: ZoneInfo
) -> Mapping[date, int]:
    """Open minutes of each day with any, between two days; a span counts on the day it begins.

    One of more than a day, of a place that never closes, counts on each of its days.
    """
    found: dict[date, int] = {}
    for span in open_spans(facts, first, last, zone):
        for each in _by_days(span, zone) if span.minutes > MINUTES_OF_A_DAY else [span]:
            day = local_date(each.starts_at, zone)
            found[day] = found.get(day, 0) + each.minutes
    return found


def _by_days(span: Span, zone: ZoneInfo) -> Iterator[Span]:
    """A span cut at each local midnight."""
    start = span.starts_at
    while start < span.ends_at:
        tomorrow = local_date(start, zone) + timedelta(days=1)
        midnight = datetime.combine(tomorrow, time(), zone).astimezone(UTC)
        end = min(midnight, span.ends_at)
        yield Span(start, end)
        start = end


def months(first: date, last: date) -> list[str]:
    """The months that the days lie in, ``YYYY-MM``, in order."""
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(day.isoformat()[:7])
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def month_lines(
    asked: ReportAsked, cells: Mapping[str, tuple[int | None, ...]], width: int
) -> tuple[ReportLine, ...]:
    """A line for each month of what is asked about, with noughts where nothing was."""
    return tuple(
        ReportLine(month, month, cells.get(month, (0,) * width))
        for month in months(asked.first, asked.last)
    )


def sections(work: Work, asked: ReportAsked, venue_id: int | None) -> Iterator[ReportSection]:
    """Opening and access of one venue; nothing of an organisation, which has no hours."""
    if venue_id is None or asked.organisation_id is not None:
        return
    yield _opening(opened(work.session, asked, venue_id), asked)
    yield _access(rooms_of(work.session, venue_id, asked.span))


def _opening(hours: Opened, asked: ReportAsked) -> ReportSection:
    figures = (
        Figure(
            "open",
            msg("Opening hours"),
            sum(hours.venue.values()),
            msg(
                "Hours for which the venue was open: its week, days unlike the others, holidays, "
                "closures and modes as they were. An opening over midnight counts on the day it "
                "begins."
            ),
            "minutes",
            leading=True,
            rows=OPEN_DAYS,
        ),
        Figure(
            "days",
            msg("Days open"),
            len(hours.venue),
            msg("Days on which the venue was open at all."),
            rows=OPEN_DAYS,
        ),
        Figure(
            "shut",
            msg("Days closed out of turn"),
            len(hours.usual - set(hours.venue)),
            msg("Days that are open by the week's hours and were not: holidays, closures, modes."),
        ),
        Figure(
            "room_hours",
            msg("Opening hours of the rooms"),
            sum(sum(days.values()) for days in hours.rooms.values()),
            msg("Hours for which the rooms were open, added up over all rooms."),
            "minutes",
        ),
    )
    by_month: dict[str, tuple[int | None, ...]] = {}
    for day, minutes in hours.venue.items():
        month = day.isoformat()[:7]
        before, days = by_month.get(month, (0, 0))
        by_month[month] = ((before or 0) + minutes, (days or 0) + 1)
    columns = (
        ReportColumn("open", msg("Opening hours"), "minutes"),
        ReportColumn("days", msg("Days open")),
    )
    table = ReportTable(
        "by_month",
        msg("Opening hours by month"),
        columns,
        month_lines(asked, by_month, 2),
        chart="line",
    )
    return ReportSection("opening", msg("Opening"), figures, (table,), order=10)


def _access(rooms: list[Room]) -> ReportSection:
    total = len(rooms)
    figures = tuple(
        Figure(
            name,
            label,
            sum(1 for room in rooms if getattr(room, name)),
            what,
            "share",
            of=total,
            rows=ROOMS,
        )
        for name, label, what in ACCESS
    )
    columns = tuple(ReportColumn(name, label) for name, label, _ in ACCESS)
    lines = tuple(
        ReportLine(
            f"room:{room.public_id}", room.name, tuple(_known(room, n) for n, _, _ in ACCESS)
        )
        for room in rooms
    )
    table = ReportTable(
        "rooms",
        msg("Accessibility of the rooms"),
        columns,
        lines,
        msg("1: yes. 0: no. A dash: nobody has said."),
        places=True,
    )
    rooms_there = Figure(
        "rooms", msg("Rooms"), total, msg("Rooms that were not given up before."), rows=ROOMS
    )
    return ReportSection(
        "access", msg("Accessibility"), (rooms_there, *figures), (table,), order=80
    )


def _known(room: Room, name: str) -> int | None:
    value = getattr(room, name)
    return None if value is None else int(value)


def rows(work: Work, name: str, asked: ReportAsked, venue_id: int | None) -> Iterator[ReportRows]:
    """The days, or the rooms, that were counted."""
    if venue_id is None:
        return
    if name == OPEN_DAYS:
        days = sorted(opened(work.session, asked, venue_id).venue.items())
        yield ReportRows((msg("Day"), msg("Minutes open")), tuple(days))
    elif name == ROOMS:
        heads = (msg("Room"), *(label for _, label, _ in ACCESS))
        found = rooms_of(work.session, venue_id, asked.span)
        names = [name for name, _, _ in ACCESS]
        told = tuple((room.name, *(_known(room, each) for each in names)) for room in found)
        yield ReportRows(heads, told)
