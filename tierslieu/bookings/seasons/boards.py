"""A timetable as a week of rooms: what each page draws of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from tierslieu.bookings.rules.uses import WEEKDAYS
from tierslieu.bookings.seasons.models import SeasonApplication
from tierslieu.bookings.seasons.queries import Timetable
from tierslieu.bookings.seasons.rules import Placed, Slot
from tierslieu.bookings.seasons.words import clock
from tierslieu.kernel.messages import Message
from tierslieu.venues.models import Room


@dataclass(frozen=True)
class Cell:
    """A slot on the board: who has it, or with which other room it is taken."""

    slot: Slot
    public_id: str
    placed: Placed | None
    application: SeasonApplication | None
    taken_with: str = ""


@dataclass(frozen=True)
class Line:
    """Hours of a day, and each room's cell."""

    hours: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class BoardDay:
    """A weekday with its lines."""

    weekday: int
    name: Message
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Board:
    """The rooms that have slots, and each weekday with some."""

    rooms: tuple[Room, ...]
    days: tuple[BoardDay, ...]


def board(found: Timetable) -> Board:
    """The week of a round."""
    used = {slot.room_id for slot in found.slots}
    rooms = tuple(room for room in found.rooms.values() if room.id in used)
    holders: Mapping[int, Placed] = {each.slot: each for each in found.placed}
    ordered = sorted(found.slots, key=lambda one: (one.weekday, one.start, one.end))
    days = []
    for weekday, of_day in groupby(ordered, key=lambda one: one.weekday):
        lines = []
        for (start, end), of_time in groupby(of_day, key=lambda one: (one.start, one.end)):
            here = {slot.room_id: slot for slot in of_time}
            cells = tuple(_cell(found, here.get(room.id), holders) for room in rooms)
            lines.append(Line(f"{clock(start)}–{clock(end)}", cells))
        days.append(BoardDay(weekday, WEEKDAYS[weekday], tuple(lines)))
    return Board(rooms, tuple(days))


def _cell(found: Timetable, slot: Slot | None, holders: Mapping[int, Placed]) -> Cell | None:
    if slot is None:
        return None
    placed = holders.get(slot.id)
    row = found.applied[placed.wish].row if placed is not None else None
    others = (other for other in found.slots if other.id in holders and other.meets(slot))
    other = next(others, None) if placed is None else None
    with_ = found.rooms[other.room_id].name if other is not None else ""
    return Cell(slot, found.slot_ids[slot.id], placed, row, with_)
