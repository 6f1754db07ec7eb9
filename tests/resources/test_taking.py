"""Taking: who gets what, who is refused and what he is told (invariants 3 to 7 and 12)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, NotFound
from tierslieu.kernel.site import Site
from tierslieu.resources import queries, services
from tierslieu.resources.models import Claim
from tierslieu.resources.rules import Collision, Taken, Taking

if TYPE_CHECKING:
    from tests.resources.conftest import Place


@pytest.fixture(autouse=True)
def _before_it_all(place: Place) -> Iterator[None]:
    with clock.frozen(place.at(-24)):
        yield


CASES = [
    ("the same time", (18, 20), (18, 20), False),
    ("one second of it", (18, 20), (19.99972222, 22), False),
    ("inside", (18, 20), (18.5, 19), False),
    ("around", (18, 20), (17, 21), False),
    ("begins when the other ends", (18, 20), (20, 22), True),
    ("ends when the other begins", (18, 20), (16, 18), True),
    ("far away", (18, 20), (40, 42), True),
]


@pytest.mark.parametrize(("case", "first", "second", "fine"), CASES, ids=[c[0] for c in CASES])
def test_one_leaf_is_taken_once_at_a_time(
    place: Place, case: str, first: tuple[float, float], second: tuple[float, float], fine: bool
) -> None:
    """Invariants 1 and 12."""
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        place.taken(work, room, *first)
        (claim,) = place.claims(work, 1)
        start, end = (round(hour * 3600) / 3600 for hour in second)
        taking = Taking(claim, [room], place.span(start, end))
        assert (room in queries.free(work.session, [room], taking.span, work.now)) is fine
        assert (queries.collisions(work.session, [taking], work.now) == []) is fine
        if fine:
            services.take(work, [taking])
        else:
            with pytest.raises(Taken) as refused:
                services.take(work, [taking])
            assert refused.value.collisions == (Collision(claim, room, place.span(*first)),)


def test_a_refusal_says_all_collisions_at_once_and_writes_nothing(place: Place) -> None:
    """Invariant 4: a series of four that meets two, and the work goes on."""
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        place.taken(work, room, 24, 26)
        place.taken(work, room, 73, 74)
        before = place.rows(work)
        claims = place.claims(work, 4)
        takings = [
            Taking(claim, [room], place.span(24 * day, 24 * day + 2))
            for day, claim in enumerate(claims)
        ]
        with pytest.raises(Taken) as refused:
            services.take(work, takings)
        assert place.rows(work) == before
        assert refused.value.collisions == (
            Collision(claims[1], room, place.span(24, 26)),
            Collision(claims[3], room, place.span(73, 74)),
        )
        assert [reason.code for reason in refused.value.reasons] == ["taken", "taken"]
        assert {reason.kind for reason in refused.value.reasons} == {"conflict"}
        services.take(work, [takings[0], takings[2]])
    with place.site.reading() as work:
        assert len(place.rows(work)) == 4


def test_a_refused_move_leaves_what_one_had(place: Place) -> None:
    """Invariant 4."""
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        mine = place.taken(work, room, 10, 12)
        place.taken(work, room, 14, 16)
        before = place.rows(work)
        with pytest.raises(Taken):
            services.take(work, [Taking(mine, [room], place.span(13, 15))])
        assert place.rows(work) == before


def test_two_of_one_call_in_each_others_way_are_both_told(place: Place) -> None:
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        one, two = place.claims(work, 2)
        with pytest.raises(Taken) as refused:
            services.take(
                work,
                [
                    Taking(one, [room], place.span(10, 12)),
                    Taking(two, [room], place.span(11, 13)),
                ],
            )
        assert refused.value.collisions == (
            Collision(one, room, place.span(11, 13)),
            Collision(two, room, place.span(10, 12)),
        )


def test_two_claims_swap_their_rooms(place: Place) -> None:
    """Invariant 5."""
    with place.site.writing() as work:
        a, b = place.rooms(work, "A", "B")
        one, two = place.taken(work, a, 10, 12), place.taken(work, b, 10, 12)
        both = place.span(10, 12)
        services.take(work, [Taking(one, [b], both), Taking(two, [a], both)])
        assert place.rows(work) == {(b, one, 10, 12), (a, two, 10, 12)}


def test_a_series_shifts_onto_itself(place: Place) -> None:
    """Invariant 5: every date moves to where the next one was."""
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        claims = [place.taken(work, room, 2 * n, 2 * n + 2) for n in range(52)]
        services.take(
            work,
            [
                Taking(claim, [room], place.span(2 * n + 1, 2 * n + 3))
                for n, claim in enumerate(claims)
            ],
        )
        assert place.rows(work) == {
            (room, claim, 2 * n + 1, 2 * n + 3) for n, claim in enumerate(claims)
        }


def test_several_takings_of_one_claim_add_up(place: Place) -> None:
    with place.site.writing() as work:
        a, b = place.rooms(work, "A", "B")
        (claim,) = place.claims(work, 1)
        services.take(
            work,
            [
                Taking(claim, [a, b], place.span(10, 12)),
                Taking(claim, [b], place.span(11, 14)),
                Taking(claim, [a], place.span(20, 21)),
            ],
        )
        assert place.rows(work) == {(a, claim, 10, 12), (a, claim, 20, 21), (b, claim, 10, 14)}


def test_an_empty_taking_and_a_release_give_everything_back(place: Place) -> None:
    with place.site.writing() as work:
        a, b = place.rooms(work, "A", "B")
        one, two = place.taken(work, a, 10, 12), place.taken(work, b, 10, 12)
        services.take(work, [Taking(one, [], None)])
        assert place.rows(work) == {(b, two, 10, 12)}
        services.release(work, [two])
        assert place.rows(work) == set()


def test_a_hold_is_free_for_all_once_it_is_past(place: Place) -> None:
    """Invariant 6: nothing has run between."""
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        held, other = place.claims(work, 2)
        span = place.span(10, 12)
        services.hold(work, [Taking(held, [room], span)], place.at(5))
    with clock.frozen(place.at(4)), place.site.writing() as work:
        assert queries.free(work.session, [room], span, work.now) == set()
        with pytest.raises(Taken):
            services.take(work, [Taking(other, [room], span)])
    with clock.frozen(place.at(5)), place.site.writing() as work:
        assert queries.free(work.session, [room], span, work.now) == {room}
        assert queries.busy_spans(work.session, [room], span, work.now) == {room: []}
        assert queries.claims_between(work.session, [room], span, work.now) == []
        services.take(work, [Taking(other, [room], span)])
        assert place.rows(work) == {(room, other, 10, 12)}


def test_a_hold_that_is_accepted_late_gets_it_only_while_it_is_free(place: Place) -> None:
    with place.site.writing() as work:
        a, b = place.rooms(work, "A", "B")
        lucky, late = place.claims(work, 2)
        span = place.span(10, 12)
        services.hold(work, [Taking(lucky, [a], span), Taking(late, [b], span)], place.at(5))
    with clock.frozen(place.at(6)), place.site.writing() as work:
        place.taken(work, b, 11, 13)
        services.take(work, [Taking(lucky, [a], span)])
        with pytest.raises(Taken):
            services.take(work, [Taking(late, [b], span)])


def test_taking_makes_firm_so_that_waiting_frees_nothing(place: Place) -> None:
    """Invariant 7."""
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        (claim,) = place.claims(work, 1, expires_at=place.at(5))
        span = place.span(10, 12)
        services.hold(work, [Taking(claim, [room], span)], place.at(5))
        services.take(work, [Taking(claim, [room], span)])
        assert work.session.get_one(Claim, claim).expires_at is None
    with clock.frozen(place.at(9)), place.site.writing() as work:
        assert services.expire(work) == []
        assert queries.free(work.session, [room], span, work.now) == set()


def test_a_hold_ends_in_the_future(place: Place) -> None:
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        (claim,) = place.claims(work, 1)
        with pytest.raises(ValueError, match="future"):
            services.hold(work, [Taking(claim, [room], place.span(1, 2))], work.now)


def test_the_job_releases_past_holds_and_says_which(place: Place) -> None:
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        past, running = place.claims(work, 2)
        services.hold(work, [Taking(past, [room], place.span(10, 12))], place.at(5))
        services.hold(work, [Taking(running, [room], place.span(14, 16))], place.at(8))
    with clock.frozen(place.at(6)), place.site.writing() as work:
        assert [hold.claim_id for hold in services.expire(work)] == [past]
        assert services.expire(work) == []
        assert place.rows(work) == {(room, running, 14, 16)}
        assert work.session.get_one(Claim, past).expires_at is None


def test_what_is_out_of_use_cannot_be_taken_but_left_early(place: Place) -> None:
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        claim = place.taken(work, room, 10, 12)
        (other,) = place.claims(work, 1)
        services.retire(work, room)
        assert queries.free(work.session, [room], place.span(20, 21), work.now) == set()
        with pytest.raises(Conflict, match="resource_retired"):
            services.take(work, [Taking(other, [room], place.span(20, 21))])
        services.take(work, [Taking(claim, [room], place.span(10, 11))])
        services.restore(work, room)
        services.take(work, [Taking(other, [room], place.span(20, 21))])
        assert place.rows(work) == {(room, claim, 10, 11), (room, other, 20, 21)}


def test_a_resource_that_does_not_exist_is_not_found(place: Place) -> None:
    with place.site.writing() as work:
        (claim,) = place.claims(work, 1)
        with pytest.raises(NotFound):
            services.take(work, [Taking(claim, [999_999], place.span(1, 2))])
        with pytest.raises(NotFound):
            services.lock_leaves(work, [999_999])


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "SAVEPOINT" not in statement and not statement.startswith("BEGIN"):
            statements.append(statement)

    sa.event.listen(site.db.writer, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(site.db.writer, "before_cursor_execute", note)


@pytest.mark.parametrize("dates", [1, 52])
def test_taking_costs_five_statements_however_many_dates(place: Place, dates: int) -> None:
    with place.site.writing() as work:
        rooms = place.rooms(work, "A", "B")
        claims = place.claims(work, dates)
        takings = [
            Taking(claim, rooms, place.span(24 * day, 24 * day + 2))
            for day, claim in enumerate(claims)
        ]
        with counted(place.site) as statements:
            services.take(work, takings)
        assert len(statements) <= 5, statements
        with counted(place.site) as statements:
            services.release(work, claims)
        assert len(statements) <= 5, statements


def test_claims_of_a_series_are_made_in_one_statement_in_their_order(place: Place) -> None:
    with place.site.writing() as work, counted(place.site) as statements:
        new = [
            services.NewClaim(place.venue_id, "booking", place.span(n, n + 1)) for n in range(52)
        ]
        made = services.new_claims(work, new)
        assert [claim.starts_at for claim in made] == [one.span.starts_at for one in new]
        assert len({claim.id for claim in made}) == 52
    assert len(statements) == 1
