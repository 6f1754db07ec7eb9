"""Who gets which slot of a season, and why not; pure.

Deferred acceptance: applications propose slots in their own order, and a slot keeps who has most
points. Every slot ranks applications alike (by points, then who asked first, then the public id),
so proposals are taken from the top down: whoever was accepted is never sent away again. That is
also why slots that exclude each other, as a hall and its halves do, leave the result stable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

STATES: Final = ("draft", "open", "scoring", "proposed", "published", "closed")
#: In which states a verb may be used, and the state after it.
VERBS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "open": (("draft", "scoring"), "open"),
    "close": (("open",), "scoring"),
    "run": (("scoring", "proposed"), "proposed"),
    "publish": (("proposed",), "published"),
    "book": (("published", "closed"), "closed"),
}
MOST_TIMES: Final = 7


@dataclass(frozen=True)
class RoomFacts:
    """What of a room decides whether a group fits."""

    id: int
    name: str
    capacity: int | None = None
    step_free: bool = False


@dataclass(frozen=True)
class Slot:
    """Hours of a weekday in a room, minutes from midnight; ``leaves``: the parts it takes."""

    id: int
    room_id: int
    weekday: int
    start: int
    end: int
    leaves: frozenset[int]

    def meets(self, other: Slot) -> bool:
        """Whether both cannot be given: they share some time and a part of a room."""
        return self.at_once(other) and bool(self.leaves & other.leaves)

    def at_once(self, other: Slot) -> bool:
        """Whether they share some time."""
        return self.weekday == other.weekday and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Window:
    """A suitable time: a weekday, from and until, in minutes."""

    weekday: int
    start: int
    end: int

    def holds(self, slot: Slot) -> bool:
        """Whether a slot lies inside."""
        return self.weekday == slot.weekday and self.start <= slot.start and slot.end <= self.end


@dataclass(frozen=True)
class Wish:
    """An application as it is judged. Rooms and windows stand in the applicant's order.

    ``time_first``: a better time in a worse room is preferred to a worse time in a better room.
    """

    id: int
    public_id: str
    title: str
    score: int
    applied_at: datetime
    times: int
    size: int
    rooms: tuple[int, ...]
    windows: tuple[Window, ...]
    time_first: bool = True
    step_free: bool = False
    two_a_day: bool = False

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """The published order: most points, then who asked first, then the public id."""
        return (-self.score, self.applied_at, self.public_id)


@dataclass(frozen=True)
class Placed:
    """A slot given to an application; ``by_hand``: it stays when the method runs again."""

    wish: int
    slot: int
    by_hand: bool = False
    reason: str = ""


MissedCode = Literal["held", "by_hand", "removed", "same_day", "at_once", "free"]


@dataclass(frozen=True)
class Missed:
    """A slot that would have suited and was not had: who has it instead, or what forbids it."""

    slot: Slot
    code: MissedCode
    holder: Wish | None = None
    reason: str = ""


WhyNone = Literal["too_small", "not_step_free", "no_slot"]


@dataclass(frozen=True)
class Fate:
    """What became of an application. ``unmet``: why no slot suits at all."""

    wish: Wish
    got: tuple[tuple[Slot, Placed], ...]
    missed: tuple[Missed, ...]
    unmet: WhyNone | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it has as many times as it wanted."""
        return len(self.got) >= self.wish.times


def fits(wish: Wish, room: RoomFacts) -> bool:
    """Whether a group can be in a room."""
    return _large(wish, room) and (room.step_free or not wish.step_free)


def _large(wish: Wish, room: RoomFacts) -> bool:
    return room.capacity is None or wish.size <= room.capacity


def candidates(wish: Wish, slots: Iterable[Slot], rooms: Mapping[int, RoomFacts]) -> list[Slot]:
    """The slots that suit an application, in its own order."""
    found = []
    for slot in slots:
        if slot.room_id not in wish.rooms or slot.room_id not in rooms:
            continue
        if not fits(wish, rooms[slot.room_id]):
            continue
        window = next((n for n, one in enumerate(wish.windows) if one.holds(slot)), None)
        if window is None:
            continue
        room = wish.rooms.index(slot.room_id)
        order = (window, room) if wish.time_first else (room, window)
        found.append((order, slot.start, slot.end, slot.id, slot))
    return [row[-1] for row in sorted(found, key=lambda row: row[:-1])]


def allocate(
    wishes: Iterable[Wish],
    slots: Sequence[Slot],
    rooms: Mapping[int, RoomFacts],
    pinned: Iterable[Placed] = (),
    barred: Collection[tuple[int, int]] = frozenset(),
) -> list[Placed]:
    """The whole timetable: what was placed by hand first, then each application from the top.

    ``barred``: (application, slot) taken away by hand, not to be given again.
    """
    by_id = {slot.id: slot for slot in slots}
    given = [placed for placed in pinned if placed.slot in by_id]
    taken = [by_id[placed.slot] for placed in given]
    for wish in sorted(wishes, key=lambda one: one.rank):
        own = [by_id[placed.slot] for placed in given if placed.wish == wish.id]
        for slot in candidates(wish, slots, rooms):
            if len(own) >= wish.times:
                break
            if (wish.id, slot.id) in barred or any(slot.meets(other) for other in taken):
                continue
            if clash(wish, slot, own) is not None:
                continue
            own.append(slot)
            taken.append(slot)
            given.append(Placed(wish.id, slot.id))
    return given


def clash(wish: Wish, slot: Slot, own: Iterable[Slot]) -> Literal["at_once", "same_day"] | None:
    """What forbids an application a slot beside those it has."""
    for other in own:
        if slot.at_once(other):
            return "at_once"
        if slot.weekday == other.weekday and not wish.two_a_day:
            return "same_day"
    return None


def fates(
    wishes: Sequence[Wish],
    slots: Sequence[Slot],
    rooms: Mapping[int, RoomFacts],
    placed: Sequence[Placed],
    removed: Mapping[tuple[int, int], str] | None = None,
) -> list[Fate]:
    """What became of each application, the highest first. ``removed``: reasons by hand."""
    by_id, by_wish = {slot.id: slot for slot in slots}, {wish.id: wish for wish in wishes}
    held = [(by_id[one.slot], one) for one in placed if one.slot in by_id]
    found = []
    for wish in sorted(wishes, key=lambda one: one.rank):
        got = [(slot, one) for slot, one in held if one.wish == wish.id]
        got.sort(key=lambda pair: (pair[0].weekday, pair[0].start))
        own = [slot for slot, _ in got]
        suiting = candidates(wish, slots, rooms)
        missed: list[Missed] = []
        if len(own) < wish.times:
            missed = [
                _missed(wish, slot, own, held, by_wish, removed or {})
                for slot in suiting
                if slot not in own
            ]
        unmet = None if suiting or own else _unmet(wish, rooms)
        found.append(Fate(wish, tuple(got), tuple(missed), unmet))
    return found


def _missed(
    wish: Wish,
    slot: Slot,
    own: Sequence[Slot],
    held: Sequence[tuple[Slot, Placed]],
    by_wish: Mapping[int, Wish],
    removed: Mapping[tuple[int, int], str],
) -> Missed:
    if (wish.id, slot.id) in removed:
        return Missed(slot, "removed", reason=removed[wish.id, slot.id])
    against = clash(wish, slot, own)
    if against is not None:
        return Missed(slot, against)
    holders = [
        (not one.by_hand, by_wish[one.wish].rank, one)
        for other, one in held
        if other.meets(slot) and one.wish in by_wish
    ]
    if not holders:
        return Missed(slot, "free")
    one = min(holders, key=lambda row: row[:2])[2]
    code: MissedCode = "by_hand" if one.by_hand else "held"
    return Missed(slot, code, by_wish[one.wish])


def _unmet(wish: Wish, rooms: Mapping[int, RoomFacts]) -> WhyNone:
    named = [rooms[room] for room in wish.rooms if room in rooms]
    if named and not any(_large(wish, room) for room in named):
        return "too_small"
    if named and not any(fits(wish, room) for room in named):
        return "not_step_free"
    return "no_slot"


def weekly_slots(
    hours: Iterable[tuple[int, int]], start: int, end: int, minutes: int
) -> list[tuple[int, int]]:
    """Hours of one day cut into slots of equal length, between two times of the day."""
    found = []
    for opens, closes in hours:
        at = max(opens, start)
        while at + minutes <= min(closes, end):
            found.append((at, at + minutes))
            at += minutes
    return found
