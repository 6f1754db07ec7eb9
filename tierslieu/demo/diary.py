"""What is taken and what is open while the demo's year is written: local minutes, one day each."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tierslieu.demo.hours import intervals, is_shut
from tierslieu.demo.records import ZONE, DemoNetwork, DemoRoom, DemoVenue

ROME = ZoneInfo(ZONE)
#: An opening that begins this many minutes after a wished start is waited for.
PATIENCE = 30


@cache
def local_midnight(day: date) -> datetime:
    """The moment from which the day's wall minutes count, in UTC.

    The offset is that of noon, so every wall time after the clocks change is right; nothing here
    begins before six in the morning.
    """
    noon = datetime.combine(day, time(12), ROME).astimezone(UTC)
    return noon - timedelta(hours=12)


def at(day: date, minutes: int) -> datetime:
    """Wall minutes of a day as UTC."""
    return local_midnight(day) + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Slot:
    """Free time in a room: minutes of one day and the leaves it takes."""

    day: date
    start: int
    end: int
    leaves: tuple[str, ...]


class Diary:
    """Keeps every leaf's taken minutes, so that nothing is written twice in one place."""

    def __init__(self, network: DemoNetwork) -> None:
        self._closures = network.closures
        self._shut: dict[tuple[str, date], bool] = {}
        self._taken: dict[tuple[str, str, date], list[tuple[int, int]]] = defaultdict(list)

    def open_intervals(
        self, venue: DemoVenue, room: DemoRoom, day: date
    ) -> tuple[tuple[int, int], ...]:
        """When the room is open that day, holidays and closures counted."""
        key = (venue.slug, day)
        shut = self._shut.get(key)
        if shut is None:
            shut = self._shut[key] = is_shut(venue, self._closures, day)
        return () if shut else intervals(venue, room, day)

    def find(
        self,
        venue: DemoVenue,
        room: DemoRoom,
        day: date,
        wished: Iterable[int],
        minutes: int,
        many: int = 1,
    ) -> Slot | None:
        """The first wished start at which the room is open and free; ``many`` units of a pool."""
        opened = self.open_intervals(venue, room, day)
        for start in wished:
            begins = _within(opened, start, minutes)
            if begins is None:
                continue
            leaves = self._free(venue, room, day, begins, begins + minutes, many)
            if leaves:
                return Slot(day, begins, begins + minutes, leaves)
        return None

    def take(self, venue: DemoVenue, room: DemoRoom, slot: Slot) -> None:
        """Write the slot down, with the room's buffers."""
        for leaf in slot.leaves:
            self._taken[venue.slug, leaf, slot.day].append(
                _with_buffers(room, slot.start, slot.end)
            )

    def _free(
        self, venue: DemoVenue, room: DemoRoom, day: date, start: int, end: int, many: int
    ) -> tuple[str, ...]:
        begins, ends = _with_buffers(room, start, end)
        free = [
            leaf
            for leaf in room.leaves
            if all(
                ends <= taken or until <= begins
                for taken, until in self._taken.get((venue.slug, leaf, day), ())
            )
        ]
        if room.units:
            return tuple(free[:many]) if len(free) >= many else ()
        return tuple(free) if len(free) == len(room.leaves) else ()


def _with_buffers(room: DemoRoom, start: int, end: int) -> tuple[int, int]:
    return start - room.before_minutes, end + room.after_minutes


def _within(opened: Sequence[tuple[int, int]], start: int, minutes: int) -> int | None:
    """The start, or the opening shortly after it, when the whole length is open."""
    for opens, closes in opened:
        begins = max(start, opens) if start + PATIENCE >= opens else start
        if opens <= begins and begins + minutes <= closes:
            return begins
    return None


def half_hours(rng: random.Random, first: int, last: int, count: int) -> list[int]:
    """Some starts on the half hour between two minutes of the day, in random order."""
    return [rng.randrange(first // 30, last // 30 + 1) * 30 for _ in range(count)]
