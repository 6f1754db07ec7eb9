"""When a room is free: now, and next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tierslieu.bookings.calendar.queries import held_of
from tierslieu.bookings.calendar.rules import Held
from tierslieu.bookings.cases.queries import RoomCase, rooms
from tierslieu.bookings.member.cases import Seen, seen_by
from tierslieu.bookings.rules.matrix import next_free
from tierslieu.kernel.span import Span, local_date, merged
from tierslieu.kernel.work import Work
from tierslieu.venues.rules import open_spans

#: How far ahead the next free time is looked for.
AHEAD: Final = timedelta(days=14)
AN_HOUR: Final = 60


@dataclass(frozen=True)
class RoomNow:
    """A room at this moment; ``until``: when that changes, where it is known."""

    state: str
    until: datetime | None


def room_now(case: RoomCase, held: Sequence[Held], now: datetime) -> RoomNow:
    """Whether a room is free, taken or closed now, and until when."""
    today = local_date(now, case.zone)
    opens = open_spans(case.facts.opening, today, today + timedelta(days=1), case.zone)
    inside = next((span for span in opens if span.contains(now)), None)
    if inside is None:
        return RoomNow("shut", next((s.starts_at for s in opens if s.starts_at > now), None))
    taken = merged(item.taken for item in held if item.occupies)
    busy = next((span for span in taken if span.contains(now)), None)
    if busy is not None:
        return RoomNow("busy", busy.ends_at)
    ends = [span.starts_at for span in taken if now < span.starts_at < inside.ends_at]
    return RoomNow("free", min([*ends, inside.ends_at]))


def next_slot(seen: Seen, held: Sequence[Held], now: datetime) -> Span | None:
    """The first time from now on that the room can be booked for about an hour."""
    case, policy = seen.case, seen.policy
    if not case.facts.bookable:
        return None
    start = max(policy.earliest(now, case.zone), now)
    first, last = local_date(start, case.zone), local_date(now + AHEAD, case.zone)
    opens = open_spans(case.facts.opening, first, last, case.zone) if first <= last else []
    busy = [item.taken for item in held if item.occupies]
    return next_free(opens, busy, policy, now, case.zone, AN_HOUR)


def next_slots(work: Work, venue_id: int) -> dict[int, Span | None]:
    """The next free time of each room of a venue, in few statements."""
    around = Span(work.now, work.now + AHEAD)
    first, last = around.starts_at.date(), around.ends_at.date() + timedelta(days=1)
    cases = rooms(work.session, first - timedelta(days=1), last).of_venue(venue_id)
    if not cases:
        return {}
    held = held_of(work, cases, around)
    readers = seen_by(work, cases)
    return {seen.case.id: next_slot(seen, held[seen.case.id], work.now) for seen in readers}
