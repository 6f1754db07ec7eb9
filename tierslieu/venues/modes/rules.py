"""How many people a mode lets into a room on a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.texts import Texts

Kind = Literal["open", "limited", "closed"]
KINDS: Final[tuple[Kind, ...]] = ("limited", "closed", "open")


@dataclass(frozen=True)
class Mode:
    """What a manager said: a kind, its days (``last`` None = until further notice), its ceilings.

    ``share``: percent of the room; ``m2``: square metres for each person; ``people``: at most in
    any room; ``rooms``: room id → at most in that room, which beats the other three.
    """

    key: str
    kind: Kind
    first: date
    last: date | None = None
    share: int | None = None
    m2: float | None = None
    people: int | None = None
    rooms: Mapping[int, int] = field(default_factory=dict, hash=False)
    reason: Texts = Texts()  # noqa: RUF009 (immutable)
    #: Counts up: of two that say as much the later one speaks.
    made: int = 0

    def covers(self, day: date) -> bool:
        """Whether it speaks about this day."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def length(self) -> timedelta:
        """How long it lasts; without an end longer than anything."""
        return timedelta.max if self.last is None else self.last - self.first


def mode_on(modes: Iterable[Mode], day: date) -> Mode | None:
    """The mode in force on a day: the shortest period that covers it, then the latest made."""
    covering = [mode for mode in modes if mode.covers(day)]
    return min(covering, key=lambda mode: (mode.length, -mode.made), default=None)


def ceiling(mode: Mode, room_id: int, capacity: int | None, area_m2: int | None) -> int | None:
    """How many people the mode lets into a room; None = it says nothing of this room."""
    if mode.kind != "limited":
        return None
    if room_id in mode.rooms:
        return mode.rooms[room_id]
    said = [
        mode.people,
        capacity * mode.share // 100 if mode.share is not None and capacity is not None else None,
        int(area_m2 / mode.m2) if mode.m2 and area_m2 is not None else None,
    ]
    return min((people for people in said if people is not None), default=None)


@dataclass(frozen=True)
class Limits:
    """What the modes of a venue mean for one room."""

    modes: tuple[Mode, ...]
    room_id: int
    capacity: int | None = None
    area_m2: int | None = None

    def on(self, day: date) -> tuple[int, Mode] | None:
        """How many people a day allows and by which mode; None where no mode lowers it."""
        mode = mode_on(self.modes, day)
        if mode is None:
            return None
        people = ceiling(mode, self.room_id, self.capacity, self.area_m2)
        if people is None or (self.capacity is not None and people >= self.capacity):
            return None
        return people, mode

    def lowest(self, days: Iterable[date]) -> tuple[int, Mode] | None:
        """The lowest of several days."""
        found = [limit for day in days if (limit := self.on(day)) is not None]
        return min(found, key=lambda limit: limit[0], default=None)


def least(capacity: int | None, limit: tuple[int, Mode] | None) -> int | None:
    """The smaller of what a layout holds and what a mode allows; None = nobody knows."""
    if limit is None:
        return capacity
    return limit[0] if capacity is None else min(capacity, limit[0])


def limit_words(people: int, mode: Mode, normally: int | None) -> Message:
    """How many fit now, until when, and how many normally: "20 people until 31 March…"."""
    now = nmsg("%(n)s person", "%(n)s people", people)
    if mode.last is None:
        said = msg("%(people)s until further notice", people=now)
    else:
        said = msg("%(people)s until %(day)s", people=now, day=mode.last)
    if normally is None:
        return said
    return msg("%(now)s, normally %(n)s", now=said, n=normally)


Run = tuple[Mode, date, date]


def closed_runs(modes: Sequence[Mode], first: date, last: date) -> Iterator[Run]:
    """The runs of days between two that a mode closes, each with its mode, both days included."""
    if not any(mode.kind == "closed" for mode in modes):
        return
    run: Run | None = None
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        mode = mode_on(modes, day)
        closed = mode is not None and mode.kind == "closed"
        if run is not None and (not closed or mode is not run[0]):
            yield run
            run = None
        if closed and mode is not None:
            run = (mode, run[1] if run else day, day)
    if run is not None:
        yield run


def check_mode(mode: Mode) -> None:
    """Raise Invalid for a mode that says nothing, or whose days are turned round."""
    if mode.kind not in KINDS:
        raise Invalid("invalid", msg("This is not one of the possible values."), "kind")
    if mode.last is not None and mode.last < mode.first:
        raise Invalid("bad_days", msg("The last day is before the first."), "last")
    numbers = [mode.people, mode.share, mode.m2, *mode.rooms.values()]
    if mode.kind == "limited" and all(number is None for number in numbers):
        text = msg("Say how many people: a share, square metres for each, or a number.")
        raise Invalid("missing", text, "share")
    if mode.share is not None and not 1 <= mode.share <= 100:
        raise Invalid("invalid", msg("From %(min)s to %(max)s, please.", min=1, max=100), "share")
    if mode.m2 is not None and not 0.1 <= mode.m2 <= 1000:
        raise Invalid("invalid", msg("From %(min)s to %(max)s, please.", min=1, max=1000), "m2")
    if any(n is not None and n < 1 for n in [mode.people, *mode.rooms.values()]):
        raise Invalid("invalid", msg("At least %(min)s, please.", min=1), "people")
