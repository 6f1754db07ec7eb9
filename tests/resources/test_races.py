"""Processes that race for one room on both databases (invariants 1 and 11), and the control:
without the guards the very same race ends in a double booking."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel import guards
from tierslieu.resources.division.services import divide

if TYPE_CHECKING:
    from tests.resources.conftest import Place

pytestmark = pytest.mark.slow
RACERS = 6
ROUNDS = 8


class Racers:
    """Processes that get an order at the same moment; started once, they race in every test."""

    def __init__(self) -> None:
        script = str(Path(__file__).with_name("racer.py"))
        self.processes = [
            subprocess.Popen(
                [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(RACERS)
        ]
        assert self.answers() == ["ready"] * RACERS

    def answers(self) -> list[str]:
        return [process.stdout.readline().strip() for process in self.processes if process.stdout]

    def send(self, orders: list[dict[str, Any]]) -> list[str]:
        for process, order in zip(self.processes, orders, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        return self.answers()

    def stop(self) -> None:
        for process in self.processes:
            process.communicate(timeout=20)


@dataclass
class Race:
    """Everybody at one place, each with a claim."""

    racers: Racers
    place: Place
    claims: list[int]
    rooms: list[int]

    def all(self, verb: str, wanted: list[list[int]], start: float, end: float) -> list[str]:
        """Everybody does ``verb`` for his own resources; what came of it, in their order."""
        order = {
            "verb": verb,
            "url": self.place.site.db.url.render_as_string(hide_password=False),
            "start": self.place.at(start).isoformat(),
            "end": self.place.at(end).isoformat(),
        }
        return self.racers.send(
            [
                {**order, "claim": claim, "resources": resources}
                for claim, resources in zip(self.claims, wanted, strict=True)
            ]
        )


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    started = Racers()
    yield started
    started.stop()


@pytest.fixture
def race(place: Place, racers: Racers) -> Iterator[Race]:
    with place.site.writing() as work:
        rooms = place.rooms(work, "A", "B", "C", "AB", "BC")
        a, b, c, ab, bc = rooms
        divide(work, ab, [a, b])
        divide(work, bc, [b, c])
        claims = place.claims(work, RACERS)
    here = Race(racers, place, claims, rooms)
    yield here
    here.all("leave", [[]] * RACERS, 0, 1)


def overlaps(place: Place) -> int:
    """How many pairs of rows hold one leaf at one moment: what must never be found."""
    with place.site.reading() as work:
        rows = place.rows(work)
    return sum(
        one[0] == other[0] and one[2] < other[3] and other[2] < one[3]
        for one, other in combinations(rows, 2)
    )


def test_of_all_who_race_for_one_slot_exactly_one_gets_it(place: Place, race: Race) -> None:
    """Invariant 11."""
    a = race.rooms[0]
    for number in range(ROUNDS):
        start = 30 * number
        answers = race.all("take", [[a]] * RACERS, start, start + 2)
        assert Counter(answers) == {"won": 1, "taken": RACERS - 1}
        assert overlaps(place) == 0


def test_races_for_wholes_and_parts_in_any_order_neither_overlap_nor_hang(
    place: Place, race: Race
) -> None:
    """Invariants 1 and 11: everybody wants B, by another name and in another order."""
    a, b, c, ab, bc = race.rooms
    wanted = [[ab, c], [c, b, a], [bc], [ab], [bc, a], [b]]
    for number in range(ROUNDS):
        start = 30 * number
        answers = race.all("take", wanted, start, start + 2)
        assert Counter(answers) == {"won": 1, "taken": RACERS - 1}
        assert overlaps(place) == 0


@contextmanager
def unguarded(place: Place) -> Iterator[None]:
    """The database without what keeps it from overlaps; put back at the end."""
    db = place.site.db
    with db.writer.begin() as connection:
        for name in ("occupancy_no_overlap", "occupancy_no_overlap_update"):
            if db.is_sqlite:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        if not db.is_sqlite:
            connection.exec_driver_sql("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap")
    try:
        yield
    finally:
        with db.writer.begin() as connection:
            connection.execute(sa.text("DELETE FROM occupancy"))
            guards.install(connection)


def check_then_insert(race: Race, room: int) -> list[str]:
    """All look, and only when all have looked all write: the worst case, each time."""
    orders: list[Any] = [[room]] * RACERS
    assert race.all("check", orders, 10, 12) == ["free"] * RACERS
    return race.all("insert", orders, 10, 12)


def test_without_the_guard_looking_first_is_no_protection(place: Place, race: Race) -> None:
    """The negative control: these tests can see an overlap."""
    a = race.rooms[0]
    with unguarded(place):
        assert check_then_insert(race, a) == ["won"] * RACERS
        assert overlaps(place) == RACERS * (RACERS - 1) / 2


def test_without_the_guard_the_engine_itself_would_overlap(place: Place, race: Race) -> None:
    """The negative control of the race above: it is the database that refuses."""
    a = race.rooms[0]
    with unguarded(place):
        race.all("take", [[a]] * RACERS, 10, 12)
        assert overlaps(place) > 0


def test_with_the_guard_even_code_without_an_engine_cannot_overlap(
    place: Place, race: Race
) -> None:
    """Invariant 1."""
    a = race.rooms[0]
    answers = check_then_insert(race, a)
    assert answers.count("won") == 1
    assert overlaps(place) == 0
