"""Adding up what was counted, and how full rooms were. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

#: Bookings that took place, or will: their time was used.
STOOD: Final = ("confirmed", "checked_in")
#: Asked for and not had.
NOT_HAD: Final = ("declined", "expired")
HOUSE, MEMBER, PERSON = "house", "member", "person"


@dataclass(frozen=True)
class Cell:
    """Bookings that are alike in all that is told apart, added up by the database.

    ``who``: `HOUSE`, `MEMBER`, `PERSON` or the kind of an organisation; ``free``: nothing was
    asked for it. ``seconds``: how long they are together; ``cents``: what was asked.
    """

    room_id: int
    state: str
    purpose: str
    who: str
    month: str
    free: bool
    n: int
    seconds: int
    people: int
    cents: int


@dataclass(frozen=True)
class Sum:
    """Bookings, minutes, people and cents of some cells together."""

    n: int = 0
    minutes: int = 0
    people: int = 0
    cents: int = 0


def added(cells: Iterable[Cell]) -> Sum:
    """All of them together; seconds become minutes only once."""
    found = list(cells)
    return Sum(
        sum(each.n for each in found),
        sum(each.seconds for each in found) // 60,
        sum(each.people for each in found),
        sum(each.cents for each in found),
    )


def by(cells: Iterable[Cell], key: Callable[[Cell], str]) -> dict[str, Sum]:
    """The same, told apart by a key."""
    apart: dict[str, list[Cell]] = {}
    for each in cells:
        apart.setdefault(key(each), []).append(each)
    return {name: added(some) for name, some in apart.items()}


def stood(cells: Iterable[Cell]) -> list[Cell]:
    """Those whose time was used."""
    return [each for each in cells if each.state in STOOD]


def value_cents(cells: Iterable[Cell], hour_cents: Mapping[int, int]) -> int:
    """What free use would have cost by the rooms' tariffs, rounded half up once a room."""
    rooms: dict[int, int] = {}
    for each in cells:
        if each.free:
            rooms[each.room_id] = rooms.get(each.room_id, 0) + each.seconds
    return sum((s * hour_cents.get(room, 0) * 2 + 3600) // 7200 for room, s in rooms.items())


def taken_and_open(
    opened: Mapping[date, int], booked: Mapping[date, int], blocked: Mapping[date, int]
) -> tuple[int, int]:
    """Minutes taken, and minutes that could be: day by day, so that neither passes the other.

    >>> day = date(2026, 11, 2)
    >>> taken_and_open({day: 480}, {day: 600}, {day: 60})
    (420, 420)
    """
    taken = could = 0
    for day, minutes in opened.items():
        left = max(0, minutes - blocked.get(day, 0))
        could += left
        taken += min(left, booked.get(day, 0))
    return taken, could
