"""Free/busy (RFC 5545, VFREEBUSY): when rooms are taken, without whose and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical.addresses import public_base
from tierslieu_ical.rules import CALENDAR_TAIL, calendar_head, escaped, joined, plain, utc

msg = tl.sentences("tierslieu_ical")

#: Days that are told, if nothing else is asked, and at most.
DAYS, MOST_DAYS = 31, 92
#: The busy time of one room at most; it holds no more claims than minutes in any case.
MOST_PERIODS = 10_000

Period = tuple[datetime, datetime]


def free_busy(
    work: tl.Work, venue: tl.Venue, room: tl.Room | None, asked: Mapping[str, str]
) -> str:
    """A calendar with a VFREEBUSY for the room, or for each room of the venue."""
    span = window(work.now, ZoneInfo(venue.zone), asked.get("from", ""), asked.get("days", ""))
    rooms = [room] if room is not None else _rooms(work, venue.id)
    busy = _busy(work, [each.id for each in rooms], span)
    name = venue.name if room is None else f"{room.name}, {venue.name}"
    base = public_base(work.site)
    # As old as an answer may be, so that one asked twice within that is the same.
    stamp = work.now.replace(minute=work.now.minute - work.now.minute % 5, second=0, microsecond=0)
    parts = [calendar_head(name)]
    for each in rooms:
        url = f"{base}/rooms/{each.public_id}"
        parts.append(vfreebusy(each.public_id, each.name, url, span, busy[each.id], stamp))
    return "".join([*parts, CALENDAR_TAIL])


def window(now: datetime, zone: ZoneInfo, first: str, days: str) -> tl.Span:
    """The local days that are asked for, as a span. Raises Invalid for what is no day or number."""
    try:
        day = date.fromisoformat(first) if first else now.astimezone(zone).date()
        length = max(1, min(int(days or DAYS), MOST_DAYS))
        begins, ends = (
            datetime.combine(each, time(), zone).astimezone(UTC)
            for each in (day, day + timedelta(days=length))
        )
    except (ValueError, OverflowError):
        raise tl.Invalid(
            "not_a_day", msg("Give the first day as 2026-11-24, and a number of days.")
        ) from None
    return tl.Span(begins, ends)


def vfreebusy(
    key: str, name: str, url: str, span: tl.Span, busy: Iterable[Period], stamp: datetime
) -> str:
    """One VFREEBUSY component; the periods in UTC, in order, none touching another."""
    lines = [
        "BEGIN:VFREEBUSY",
        f"UID:busy-{plain(key)}@tierslieu",
        f"DTSTAMP:{utc(stamp)}",
        f"DTSTART:{utc(span.starts_at)}",
        f"DTEND:{utc(span.ends_at)}",
        f"COMMENT:{escaped(name)}",
        f"URL:{plain(url)}",
        *(f"FREEBUSY;FBTYPE=BUSY:{utc(start)}/{utc(end)}" for start, end in busy),
        "END:VFREEBUSY",
    ]
    return joined(lines)


def merged(periods: Iterable[Period]) -> list[Period]:
    """Periods in order, put together where they touch or overlap."""
    found: list[Period] = []
    for start, end in sorted(periods):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _busy(work: tl.Work, rooms: list[int], span: tl.Span) -> dict[int, list[Period]]:
    """Of each room its busy time, cut to the span: what people see, without buffers."""
    found: dict[int, list[Period]] = {room: [] for room in rooms}
    for claim in tl.claims_between(work.session, rooms, span, work.now):
        start, end = max(claim.starts_at, span.starts_at), min(claim.ends_at, span.ends_at)
        if start < end:
            found[claim.resource_id].append((start, end))
    return {room: merged(periods)[:MOST_PERIODS] for room, periods in found.items()}


def _rooms(work: tl.Work, venue_id: int) -> list[tl.Room]:
    asked = (
        sa.select(tl.Room)
        .join(tl.Resource, tl.Resource.id == tl.Room.id)
        .where(tl.Room.venue_id == venue_id, tl.Resource.active)
        .order_by(tl.Room.rank, tl.Room.name)
    )
    return list(work.session.scalars(asked))
