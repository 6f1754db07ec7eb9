"""A plain model of what is taken, hour by hour, and what is drawn at random for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tierslieu.kernel import clock

HOURS = 14


NAMES = ("A", "B", "C", "AB", "BC", "Hall", "Lane 1", "Lane 2")


LANES = (6, 7)


CLAIMS = 7


CHAIRS = 5


rooms = st.integers(0, len(NAMES) - 1)


numbers = st.integers(0, CLAIMS - 1)


starts = st.integers(0, HOURS - 1)


lengths = st.integers(1, 4)


@dataclass
class Thing:
    """A claim as the model sees it: hours it holds, of which leaves, until when, with chairs."""

    span: tuple[int, int] = (0, 1)
    leaves: set[int] = field(default_factory=set)
    until: int | None = None
    chairs: int = 0
    chair_span: tuple[int, int] = (0, 1)


class Model:
    """What should be so. Rooms and claims are numbers, time is whole hours."""

    def __init__(self) -> None:
        self.now = 0
        self.parts: dict[int, set[int]] = {one: set() for one in range(len(NAMES))}
        self.active = dict.fromkeys(range(len(NAMES)), True)
        self.things = [Thing() for _ in range(CLAIMS)]

    def leaves(self, room: int) -> set[int]:
        below = self.parts[room]
        return set().union(*map(self.leaves, below)) if below else {room}

    def under(self, room: int, besides: int | None = None) -> set[int]:
        parts = () if room == besides else self.parts[room]
        return {room}.union(*(self.under(part, besides) for part in parts))

    def forget(self) -> None:
        """A hold that is past holds nothing."""
        for thing in self.things:
            if thing.until is not None and thing.until <= self.now:
                thing.leaves, thing.chairs = set(), 0

    def cells(self, without: set[int] = frozenset()) -> dict[tuple[int, int], int]:  # type: ignore[assignment]
        return {
            (leaf, hour): number
            for number, thing in enumerate(self.things)
            if number not in without
            for leaf in thing.leaves
            for hour in range(*thing.span)
        }

    def is_free(self, room: int, span: tuple[int, int], without: set[int]) -> bool:
        cells = self.cells(without)
        return not any((leaf, h) in cells for leaf in self.leaves(room) for h in range(*span))

    def blocked(self, wanted: dict[int, tuple[set[int], tuple[int, int]]]) -> set[tuple[int, int]]:
        """(claim, leaf) that cannot be had: somebody's, or wanted by two."""
        cells = self.cells(set(wanted))
        found = set()
        for number, (leaves, span) in wanted.items():
            for leaf in leaves:
                for hour in range(*span):
                    rivals = [
                        other
                        for other, (theirs, when) in wanted.items()
                        if other != number and leaf in theirs and hour in range(*when)
                    ]
                    if rivals or (leaf, hour) in cells:
                        found.add((number, leaf))
        return found

    def chairs_free(self, span: tuple[int, int], without: int) -> int:
        return min(
            CHAIRS
            - sum(
                thing.chairs
                for number, thing in enumerate(self.things)
                if number != without and hour in range(*thing.chair_span)
            )
            for hour in range(*span)
        )


class Working:
    """Writing work at the model's hour."""

    def __init__(self, machine: Any) -> None:
        self.frozen = clock.frozen(machine.place.at(machine.model.now))
        self.opened = machine.place.site.writing()

    def __enter__(self) -> Any:
        self.frozen.__enter__()
        return self.opened.__enter__()

    def __exit__(self, *error: Any) -> None:
        try:
            self.opened.__exit__(*error)
        finally:
            self.frozen.__exit__(*error)
