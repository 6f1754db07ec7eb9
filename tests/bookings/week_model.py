"""A plain model of bookings, hour by hour, and what is drawn at random for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import strategies as st

OPEN, ASKED, HELD, HALL = range(4)

OPEN, ASKED, HELD, HALL = range(4)

OPEN, ASKED, HELD, HALL = range(4)

OPEN, ASKED, HELD, HALL = range(4)


#: A Tuesday, ten in the morning in Rome; hours are counted from it, in winter time throughout.
BEGIN = datetime(2026, 11, 3, 9, tzinfo=UTC)


WEEK = 168


NAMES = ("open", "asked", "held", "hall")


PEOPLE = ("ada", "bice", "rival")


OCCUPYING = ("held", "confirmed", "checked_in")


ANY_TIME = {"notice_change": "none", "notice_cancel": "none", "longest_minutes": "none"}


RULES = {
    OPEN: {},
    ASKED: {"approval": "asked"},
    HELD: {"approval": "asked", "requests": "hold"},
    HALL: {},
}


rooms = st.integers(OPEN, HALL)


people = st.sampled_from(PEOPLE)


whose = st.sampled_from((*PEOPLE, "manager"))


#: Nearly everybody wants the same few hours.
hours = st.builds(lambda week, hour: week * WEEK + hour, st.integers(0, 2), st.integers(0, 4))


lengths = st.integers(1, 3)


which = st.integers(0, 999)


scopes = st.sampled_from(("this", "following", "all"))


Hours = tuple[int, int]


@dataclass
class Thing:
    """A booking as the model sees it; ``kept``: the hours it holds of some leaves."""

    room: int
    span: Hours
    state: str
    who: str
    leaves: frozenset[int] = frozenset()
    kept: Hours = (0, 0)
    until: int | None = None
    pending: tuple[int, Hours] | None = None
    series: int | None = None
    alone: bool = False


@dataclass
class Wait:
    """Somebody in line."""

    room: int
    span: Hours
    who: str
    state: str = "waiting"
    booking: str = ""


@dataclass
class Model:
    """What should be so."""

    now: int = -24
    divided: bool = False
    things: dict[str, Thing] = field(default_factory=dict)
    line: dict[str, Wait] = field(default_factory=dict)
    closings: dict[str, tuple[int, Hours]] = field(default_factory=dict)

    def leaves(self, room: int) -> frozenset[int]:
        return frozenset({OPEN, ASKED} if room == HALL and self.divided else {room})

    def cells(self, without: tuple[str, ...] = ()) -> dict[tuple[int, int], str]:
        """Who holds each hour of each leaf at this moment."""
        return {
            (leaf, hour): key
            for key, thing in self.things.items()
            if key not in without and not self.lapsed(thing)
            for leaf in thing.leaves
            for hour in range(*thing.kept)
        }

    def lapsed(self, thing: Thing) -> bool:
        return thing.until is not None and thing.until <= self.now

    def is_free(self, room: int, span: Hours, without: tuple[str, ...] = ()) -> bool:
        cells = self.cells(without)
        return not any((leaf, h) in cells for leaf in self.leaves(room) for h in range(*span))

    def is_closed(self, room: int, span: Hours) -> bool:
        return any(
            where == room and first < span[1] and span[0] < last
            for where, (first, last) in self.closings.values()
        )

    def against(self, room: int, span: Hours, without: tuple[str, ...] = ()) -> set[str]:
        """What is against having a room then."""
        found = set()
        if span[0] <= self.now:
            found.add("past")
        if self.is_closed(room, span):
            found.add("closure")
        if not self.is_free(room, span, without):
            found.add("taken")
        return found

    def occupy(self, thing: Thing) -> None:
        """Give a booking what its state says it holds."""
        holds = thing.state in OCCUPYING or (thing.state == "requested" and thing.room == HELD)
        thing.leaves = self.leaves(thing.room) if holds else frozenset()
        thing.kept = thing.span
        thing.until = thing.until if thing.state == "held" else None

    def end(self, key: str, state: str) -> None:
        thing = self.things[key]
        thing.state, thing.leaves, thing.until, thing.pending = state, frozenset(), None, None
        for wait in self.line.values():
            if wait.booking == key and wait.state == "offered":
                wait.state = "lapsed" if state == "expired" else "left"

    def pass_time(self) -> None:
        """What time alone brings about: offers lapse, and nobody waits for what has begun."""
        for key in self.of("held"):
            if self.lapsed(self.things[key]):
                self.end(key, "expired")
        for wait in self.line.values():
            if wait.state == "waiting" and wait.span[0] <= self.now:
                wait.state = "lapsed"

    def of(self, *states: str) -> list[str]:
        return [key for key, thing in self.things.items() if thing.state in states]


def shifted(span: Hours, by: int) -> Hours:
    return span[0] + by, span[1] + by
