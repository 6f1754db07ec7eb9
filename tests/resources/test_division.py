"""Divisible rooms: what is taken when which part is (invariants 2, 8 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tierslieu.kernel import clock
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.resources import queries, services
from tierslieu.resources.division.services import divide, unite
from tierslieu.resources.pools.services import add_pool, add_to_pool
from tierslieu.resources.rules import Collision, Taken, Taking

if TYPE_CHECKING:
    from tests.resources.conftest import Place


@pytest.fixture(autouse=True)
def _early(place: Place) -> Iterator[None]:
    with clock.frozen(place.at(8)):
        yield


#: Two wholes that share a part. What is taken → what is then free at the same time.
SHARED = [
    ("a part blocks the whole it is in", "A", {"B", "C", "BC"}),
    ("the shared part blocks both wholes", "B", {"A", "C"}),
    ("the other part", "C", {"A", "B", "AB"}),
    ("a whole blocks its parts and the neighbour", "AB", {"C"}),
    ("the other whole", "BC", {"A"}),
]


@pytest.mark.parametrize(("case", "taken", "free"), SHARED, ids=[case[0] for case in SHARED])
def test_two_wholes_share_a_part(place: Place, case: str, taken: str, free: set[str]) -> None:
    with place.site.writing() as work:
        names = ("A", "B", "C", "AB", "BC")
        ids = dict(zip(names, place.rooms(work, *names), strict=True))
        divide(work, ids["AB"], [ids["A"], ids["B"]])
        divide(work, ids["BC"], [ids["B"], ids["C"]])
        place.taken(work, ids[taken], 18, 20)
        span = place.span(19, 21)
        answer = queries.free(work.session, list(ids.values()), span, work.now)
        assert answer == {ids[name] for name in free}
        for name in set(names) - free:
            (claim,) = place.claims(work, 1)
            with pytest.raises(Taken):
                services.take(work, [Taking(claim, [ids[name]], span)])
        for name in sorted(free, key=len)[:1]:
            place.taken(work, ids[name], 19, 21)


def test_a_part_of_a_part_is_a_leaf_of_all_above(place: Place) -> None:
    """Invariant 8."""
    with place.site.writing() as work:
        hall, left, right, front, back = place.rooms(work, "Hall", "L", "R", "F", "B")
        divide(work, hall, [left, right])
        divide(work, left, [front, back])
        assert queries.leaves(work.session, [hall, left, right]) == {
            hall: {right, front, back},
            left: {front, back},
            right: {right},
        }
        claim = place.taken(work, hall, 18, 20)
        assert {leaf for leaf, *_ in place.rows(work)} == {right, front, back}
        busy = queries.busy_spans(work.session, [hall, back], place.span(0, 24), work.now)
        assert [[one.claim_id for one in each] for each in busy.values()] == [[claim], [claim]]


def test_dividing_moves_what_is_to_come_and_leaves_what_is_past(place: Place) -> None:
    """Invariant 9; what is running moves too, or its parts would look free."""
    with place.site.writing() as work:
        hall, a, b, above, other = place.rooms(work, "Hall", "A", "B", "Above", "Other")
        divide(work, above, [hall, other])
        past = place.taken(work, hall, 4, 6)
        running = place.taken(work, hall, 7, 9)
        coming = place.taken(work, above, 10, 12)
        divide(work, hall, [a, b])
        assert place.rows(work) == {
            (hall, past, 4, 6),
            (a, running, 7, 9),
            (b, running, 7, 9),
            (a, coming, 10, 12),
            (b, coming, 10, 12),
            (other, coming, 10, 12),
        }


def test_dividing_is_refused_where_a_part_is_taken(place: Place) -> None:
    with place.site.writing() as work:
        hall, a, b = place.rooms(work, "Hall", "A", "B")
        mine = place.taken(work, hall, 10, 12)
        other = place.taken(work, a, 11, 13)
        before = place.rows(work)
        with pytest.raises(Taken) as refused:
            divide(work, hall, [a, b])
        assert refused.value.collisions == (
            Collision(mine, a, place.span(11, 13)),
            Collision(other, a, place.span(10, 12)),
        )
        assert place.rows(work) == before
        assert queries.leaves(work.session, [hall]) == {hall: {hall}}


def test_a_claim_that_has_the_whole_and_a_part_is_not_in_its_own_way(place: Place) -> None:
    with place.site.writing() as work:
        hall, a, b = place.rooms(work, "Hall", "A", "B")
        (claim,) = place.claims(work, 1)
        services.take(
            work,
            [Taking(claim, [hall], place.span(10, 12)), Taking(claim, [a], place.span(11, 14))],
        )
        divide(work, hall, [a, b])
        assert place.rows(work) == {(a, claim, 10, 14), (b, claim, 10, 12)}


def test_a_past_hold_is_in_nobodys_way(place: Place) -> None:
    with place.site.writing() as work:
        hall, a, b = place.rooms(work, "Hall", "A", "B")
        held = place.claims(work, 1)[0]
        services.hold(work, [Taking(held, [a], place.span(11, 13))], place.at(9))
    with clock.frozen(place.at(10)), place.site.writing() as work:
        mine = place.taken(work, hall, 11, 13)
        divide(work, hall, [a, b])
        assert place.rows(work) == {(a, mine, 11, 13), (b, mine, 11, 13)}


def test_uniting_gives_the_whole_what_held_all_of_it(place: Place) -> None:
    """Invariant 9; a part that another whole has stays in use, and taken."""
    with place.site.writing() as work:
        a, b, c, ab, bc = place.rooms(work, "A", "B", "C", "AB", "BC")
        divide(work, ab, [a, b])
        divide(work, bc, [b, c])
        past = place.taken(work, ab, 4, 6)
        claim = place.taken(work, ab, 10, 12)
        elsewhere = place.taken(work, c, 10, 12)
        unite(work, ab)
        assert place.rows(work) == {
            (a, past, 4, 6),
            (b, past, 4, 6),
            (ab, claim, 10, 12),
            (b, claim, 10, 12),
            (c, elsewhere, 10, 12),
        }
        free = queries.free(work.session, None, place.span(20, 21), work.now)
        assert free == {ab, b, c, bc}, "A has no room left to be a part of"


def test_uniting_is_refused_where_only_a_part_is_taken(place: Place) -> None:
    with place.site.writing() as work:
        hall, a, b = place.rooms(work, "Hall", "A", "B")
        divide(work, hall, [a, b])
        claim = place.taken(work, a, 10, 12)
        before = place.rows(work)
        with pytest.raises(Taken):
            unite(work, hall)
        assert place.rows(work) == before
        services.release(work, [claim])
        unite(work, hall)
        divide(work, hall, [a, b])


NONSENSE = [
    ("one part", "divide", "AB", ("A",), "too_few_parts"),
    ("the same part twice", "divide", "AB", ("A", "A"), "too_few_parts"),
    ("itself", "divide", "A", ("A", "B"), "circle"),
    ("a part of its part", "divide", "A", ("Hall", "B"), "circle"),
    ("divided already", "divide", "Hall", ("C", "B"), "divided_already"),
    ("of a pool", "divide", "Lane", ("B", "C"), "pooled"),
    ("of nowhere", "divide", "AB", ("A", "nowhere"), "not_here"),
    ("not divided", "unite", "AB", (), "not_divided"),
]


@pytest.mark.parametrize(
    ("case", "verb", "whole", "parts", "code"), NONSENSE, ids=[case[0] for case in NONSENSE]
)
def test_what_makes_no_sense_is_refused(
    place: Place, case: str, verb: str, whole: str, parts: tuple[str, ...], code: str
) -> None:
    """Invariant 8."""
    with place.site.writing() as work:
        names = ("A", "B", "C", "AB", "Hall", "Lane")
        ids = dict(zip(names, place.rooms(work, *names), strict=True)) | {"nowhere": 999_999}
        pool = add_pool(work, venue_id=place.venue_id, kind="lane", name="Lanes")
        add_to_pool(work, pool.id, [ids["Lane"]])
        divide(work, ids["Hall"], [ids["A"], ids["C"]])
        parted = [ids[part] for part in parts]
        act = partial(divide, part_ids=parted) if verb == "divide" else unite
        with pytest.raises(Invalid, match=code):
            act(work, ids[whole])
        with pytest.raises(NotFound):
            divide(work, 999_999, [ids["A"], ids["B"]])
