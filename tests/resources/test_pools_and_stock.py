"""Pools and stock: who gets which desk, and how many chairs are left (invariant 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, Invalid, NotFound
from tierslieu.resources import services
from tierslieu.resources.division.services import divide
from tierslieu.resources.pools.services import add_pool, add_to_pool, take_from_pool
from tierslieu.resources.rules import PoolTaking, StockTaking, Taking
from tierslieu.resources.stock.services import add_stock, change_stock, use_stock

if TYPE_CHECKING:
    from tests.resources.conftest import Place


@pytest.fixture(autouse=True)
def _early(place: Place) -> Iterator[None]:
    with clock.frozen(place.at(-24)):
        yield


@pytest.fixture
def desks(place: Place) -> tuple[int, list[int]]:
    with place.site.writing() as work:
        pool = add_pool(work, venue_id=place.venue_id, kind="desk", name="Desks")
        members = place.rooms(work, "1", "2", "3")
        add_to_pool(work, pool.id, members)
        return pool.id, members


def test_a_pool_gives_the_first_that_is_free(place: Place, desks: tuple[int, list[int]]) -> None:
    pool, (one, two, three) = desks
    with place.site.writing() as work:
        place.taken(work, one, 9, 12)
        a, b, c = place.claims(work, 3)
        span = place.span(11, 13)
        assert take_from_pool(work, pool, [PoolTaking(a, 1, span)]) == {a: [two]}
        assert take_from_pool(work, pool, [PoolTaking(b, 1, span)]) == {b: [three]}
        with pytest.raises(Conflict) as refused:
            take_from_pool(work, pool, [PoolTaking(c, 1, span)])
        assert refused.value.code == "pool_full"
        assert refused.value.reasons[0].message.n == 0


def test_a_series_keeps_its_desk_where_it_can(place: Place, desks: tuple[int, list[int]]) -> None:
    pool, (one, two, three) = desks
    with place.site.writing() as work:
        place.taken(work, one, 24, 26)
        place.taken(work, two, 48, 50)
        claims = place.claims(work, 4)
        wants = [
            PoolTaking(claim, 1, place.span(24 * day, 24 * day + 2))
            for day, claim in enumerate(claims)
        ]
        assert take_from_pool(work, pool, wants) == {claim: [three] for claim in claims}
        moved = [
            PoolTaking(want.claim_id, 1, place.span(24 * day + 1, 24 * day + 3))
            for day, want in enumerate(wants)
        ]
        assert take_from_pool(work, pool, moved) == {claim: [three] for claim in claims}
        (late,) = place.claims(work, 1)
        asked = [PoolTaking(late, 1, place.span(200, 201))]
        assert take_from_pool(work, pool, asked, preferred=[two]) == {late: [two]}


def test_one_call_never_gives_one_desk_twice(place: Place, desks: tuple[int, list[int]]) -> None:
    pool, members = desks
    with place.site.writing() as work:
        a, b, c = place.claims(work, 3)
        span = place.span(10, 12)
        given = take_from_pool(work, pool, [PoolTaking(a, 2, span), PoolTaking(b, 1, span)])
        assert sorted(given[a] + given[b]) == members
        with pytest.raises(Conflict):
            take_from_pool(work, pool, [PoolTaking(c, 1, place.span(11, 13))])


def test_only_undivided_things_of_the_venue_are_pooled(
    place: Place, desks: tuple[int, list[int]]
) -> None:
    pool, members = desks
    with place.site.writing() as work:
        hall, a, b = place.rooms(work, "Hall", "A", "B")
        divide(work, hall, [a, b])
        with pytest.raises(Invalid, match="not_poolable"):
            add_to_pool(work, pool, [hall])
        with pytest.raises(NotFound):
            add_to_pool(work, 999_999, [a])
        with pytest.raises(NotFound):
            take_from_pool(work, 999_999, [])
        add_to_pool(work, pool, members)
        services.retire(work, members[0])
        (claim,) = place.claims(work, 1)
        asked = [PoolTaking(claim, 1, place.span(1, 2))]
        assert take_from_pool(work, pool, asked) == {claim: [members[1]]}


#: (from, to, pieces) in use of ten → how many are free from 10 to 14.
PEAKS = [
    ("nothing", [], 10),
    ("all of the time", [(9, 15, 4)], 6),
    ("two that never meet", [(10, 12, 4), (12, 14, 4)], 6),
    ("two that meet for an hour", [(10, 13, 4), (12, 14, 3)], 3),
    ("before and after", [(8, 10, 9), (14, 16, 9)], 10),
]


@pytest.mark.parametrize(("case", "uses", "free"), PEAKS, ids=[case[0] for case in PEAKS])
def test_stock_is_counted_at_its_peak(
    place: Place, case: str, uses: list[tuple[int, int, int]], free: int
) -> None:
    with place.site.writing() as work:
        chairs = add_stock(work, venue_id=place.venue_id, name="Chairs", quantity=10).id
        for (start, end, pieces), claim in zip(uses, place.claims(work, len(uses)), strict=True):
            use_stock(work, [StockTaking(claim, chairs, pieces, place.span(start, end))])
        (mine,) = place.claims(work, 1)
        span = place.span(10, 14)
        with pytest.raises(Conflict) as refused:
            use_stock(work, [StockTaking(mine, chairs, free + 1, span)])
        assert refused.value.reasons[0].message.n == free
        use_stock(work, [StockTaking(mine, chairs, free, span)])
        use_stock(work, [StockTaking(mine, chairs, free, span)])


def test_uses_of_one_call_count_against_each_other(place: Place) -> None:
    with place.site.writing() as work:
        chairs = add_stock(work, venue_id=place.venue_id, name="Chairs", quantity=10).id
        a, b = place.claims(work, 2)
        both = place.span(10, 12)
        with pytest.raises(Conflict) as refused:
            use_stock(work, [StockTaking(a, chairs, 6, both), StockTaking(b, chairs, 6, both)])
        assert [reason.message.n for reason in refused.value.reasons] == [4, 4]


def test_a_release_and_a_past_hold_give_pieces_back(place: Place) -> None:
    with place.site.writing() as work:
        chairs = add_stock(work, venue_id=place.venue_id, name="Chairs", quantity=10).id
        a, b, c = place.claims(work, 3)
        span = place.span(10, 12)
        services.hold(work, [Taking(b, [], None)], place.at(0))
        use_stock(work, [StockTaking(a, chairs, 5, span), StockTaking(b, chairs, 5, span)])
        services.release(work, [a])
        with pytest.raises(Conflict):
            use_stock(work, [StockTaking(c, chairs, 10, span)])
    with clock.frozen(place.at(0)), place.site.writing() as work:
        use_stock(work, [StockTaking(c, chairs, 10, span)])
        services.take(work, [Taking(b, [], None)])
        change_stock(work, chairs, 3)
        with pytest.raises(Conflict) as refused:
            use_stock(work, [StockTaking(b, chairs, 1, span)])
        assert refused.value.reasons[0].message.n == 0, "fewer than are in use is still none"


def test_less_than_none_is_refused(place: Place) -> None:
    with place.site.writing() as work:
        chairs = add_stock(work, venue_id=place.venue_id, name="Chairs", quantity=0).id
        (claim,) = place.claims(work, 1)
        with pytest.raises(Invalid):
            change_stock(work, chairs, -1)
        with pytest.raises(Invalid):
            use_stock(work, [StockTaking(claim, chairs, -1, place.span(1, 2))])
        with pytest.raises(NotFound):
            use_stock(work, [StockTaking(claim, 999_999, 1, place.span(1, 2))])
