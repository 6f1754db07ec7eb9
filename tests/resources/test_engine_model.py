# ruff: noqa: PT017 — what a refusal says is compared with the model, whether it comes or not
"""The engine against a plain model that does the same by counting hours, on both databases.

The machine takes, moves, swaps, shifts, holds, releases, divides, unites, retires, fills from a
pool and uses stock, in whatever order; after each step what the database holds, and what the
queries call free, is what the model says (invariants 1 to 10 and 12)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.resources.plain_model import (
    CHAIRS,
    CLAIMS,
    HOURS,
    LANES,
    NAMES,
    Model,
    Thing,
    Working,
    lengths,
    numbers,
    rooms,
    starts,
)
from tierslieu.kernel import clock, guards
from tierslieu.kernel.errors import Conflict, Invalid
from tierslieu.resources import queries, services
from tierslieu.resources.division.services import divide, unite
from tierslieu.resources.models import StockUse
from tierslieu.resources.pools.services import add_pool, add_to_pool, take_from_pool
from tierslieu.resources.rules import PoolTaking, StockTaking, Taken, Taking
from tierslieu.resources.stock.services import add_stock, use_stock

if TYPE_CHECKING:
    from tests.resources.conftest import Place


class Machine(RuleBasedStateMachine):
    place: Place

    @initialize()
    def furnish(self) -> None:
        self.model = Model()
        with self.work() as work:
            self.rooms = self.place.rooms(work, *NAMES)
            self.claims = self.place.claims(work, CLAIMS)
            self.pool = add_pool(work, venue_id=self.place.venue_id, kind="lane", name="L").id
            add_to_pool(work, self.pool, [self.rooms[lane] for lane in LANES])
            stock = add_stock(work, venue_id=self.place.venue_id, name="Chairs", quantity=CHAIRS)
            self.stock = stock.id

    def work(self) -> Any:
        return Working(self)

    def span(self, span: tuple[int, int]) -> Any:
        return self.place.span(*span)

    # -- what people do

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours: int) -> None:
        self.model.now += hours
        self.model.forget()

    @rule(
        wanted=st.dictionaries(
            numbers,
            st.tuples(st.sets(rooms, min_size=1, max_size=2), starts, lengths),
            min_size=1,
            max_size=3,
        ),
        hold=st.none() | st.integers(1, 4),
    )
    def take(self, wanted: dict[int, tuple[set[int], int, int]], hold: int | None) -> None:
        self.takes({n: (r, (s, s + length)) for n, (r, s, length) in wanted.items()}, hold)

    @rule(by=st.integers(-2, 2))
    def everything_shifts(self, by: int) -> None:
        things = self.model.things
        wanted = {n: self.moved(t, by) for n, t in enumerate(things) if self.movable(t)}
        self.takes(wanted, None)

    @rule(one=numbers, two=numbers)
    def two_swap(self, one: int, two: int) -> None:
        first, second = self.model.things[one], self.model.things[two]
        if one != two and self.movable(first) and self.movable(second):
            self.takes({one: self.moved(second, 0), two: self.moved(first, 0)}, None)

    def movable(self, thing: Thing) -> bool:
        return bool(thing.leaves) and all(not self.model.parts[leaf] for leaf in thing.leaves)

    def moved(self, thing: Thing, by: int) -> tuple[set[int], tuple[int, int]]:
        return set(thing.leaves), (thing.span[0] + by, thing.span[1] + by)

    def takes(self, wanted: dict[int, tuple[set[int], tuple[int, int]]], hold: int | None) -> None:
        model = self.model
        until = None if hold is None else model.now + hold
        leaves = {
            n: (set().union(*map(model.leaves, asked)), span) for n, (asked, span) in wanted.items()
        }
        retired = any(
            not model.active[room] and not model.leaves(room) <= model.things[n].leaves
            for n, (asked, _) in wanted.items()
            for room in asked
        )
        blocked = model.blocked(leaves)
        takings = [
            Taking(self.claims[n], [self.rooms[room] for room in asked], self.span(span))
            for n, (asked, span) in wanted.items()
        ]
        told: set[tuple[int, int]] | None = set()
        with self.work() as work:
            preview = queries.collisions(work.session, takings, work.now)
            try:
                if until is None:
                    services.take(work, takings)
                else:
                    services.hold(work, takings, self.place.at(until))
            except Taken as refused:
                assert list(refused.collisions) == preview
                told = {
                    (self.claims.index(c.claim_id), self.rooms.index(c.resource_id))
                    for c in refused.collisions
                }
            except Conflict as refused:
                assert refused.code == "resource_retired"
                told = None
        assert told == (None if retired else blocked)
        if not told and told is not None:
            for n, (held, span) in leaves.items():
                thing = model.things[n]
                thing.leaves, thing.span, thing.until = held, span, until

    @rule(number=numbers)
    def somebody_gives_back(self, number: int) -> None:
        with self.work() as work:
            services.release(work, [self.claims[number]])
        self.model.things[number] = Thing()

    @rule()
    def the_job_runs(self) -> None:
        lapsed = {
            n
            for n, thing in enumerate(self.model.things)
            if thing.until is not None and thing.until <= self.model.now
        }
        with self.work() as work:
            told = {self.claims.index(hold.claim_id) for hold in services.expire(work)}
        assert told == lapsed
        for n in lapsed:
            self.model.things[n] = Thing()

    @rule(
        number=numbers,
        start=starts,
        length=lengths,
        quantity=st.integers(1, 3),
        other=numbers,
    )
    def lanes_are_wanted(
        self, number: int, start: int, length: int, quantity: int, other: int
    ) -> None:
        """One claim, and another right after it, that should get the same lanes if they can."""
        model = self.model
        wants = {number: (start, start + length)}
        if other != number:
            wants[other] = (start + length, start + 2 * length)
        free = {
            n: {
                lane
                for lane in LANES
                if model.active[lane] and model.is_free(lane, span, set(wants))
            }
            for n, span in wants.items()
        }
        given: dict[int, list[int]] = {}
        with self.work() as work:
            asked = [
                PoolTaking(self.claims[n], quantity, self.span(span)) for n, span in wants.items()
            ]
            try:
                given = take_from_pool(work, self.pool, asked)
            except Conflict as refused:
                short = sum(len(lanes) < quantity for lanes in free.values())
                assert [reason.code for reason in refused.reasons] == ["pool_full"] * short
        assert bool(given) == all(len(lanes) >= quantity for lanes in free.values())
        for n, span in wants.items() if given else ():
            lanes = {self.rooms.index(one) for one in given[self.claims[n]]}
            assert len(lanes) == quantity
            assert lanes <= free[n]
            thing = model.things[n]
            thing.leaves, thing.span, thing.until = lanes, span, None
        if given and other != number and len(free[number] & free[other]) >= quantity:
            assert model.things[number].leaves == model.things[other].leaves

    @rule(number=numbers, start=starts, length=lengths, quantity=st.integers(0, CHAIRS + 1))
    def chairs_are_wanted(self, number: int, start: int, length: int, quantity: int) -> None:
        thing = self.model.things[number]
        if thing.until is not None and thing.until <= self.model.now:
            return  # what a past hold uses counts for nobody, the model has no word for it
        span = (start, start + length)
        free = self.model.chairs_free(span, number)
        with self.work() as work:
            use = StockTaking(self.claims[number], self.stock, quantity, self.span(span))
            try:
                use_stock(work, [use])
                fine = True
            except Conflict as refused:
                assert refused.reasons[0].message.n == free
                fine = False
        assert fine == (quantity <= free)
        if fine:
            thing.chairs, thing.chair_span = quantity, span

    # -- what managers do

    @rule(room=rooms)
    def a_room_goes_out_of_use(self, room: int) -> None:
        with self.work() as work:
            services.retire(work, self.rooms[room])
        self.model.active[room] = False

    @precondition(lambda self: not all(self.model.active.values()))
    @rule()
    def all_rooms_come_back(self) -> None:
        for room, active in self.model.active.items():
            if not active:
                with self.work() as work:
                    services.restore(work, self.rooms[room])
                self.model.active[room] = True

    @rule(pair=st.sampled_from([(3, (0, 1)), (4, (1, 2)), (5, (6, 7)), (5, (3, 2))]))
    def a_room_is_divided(self, pair: tuple[int, tuple[int, ...]]) -> None:
        self.divides(*pair)

    @rule(whole=rooms, parts=st.sets(rooms, min_size=1, max_size=3))
    def something_is_divided(self, whole: int, parts: set[int]) -> None:
        self.divides(whole, tuple(parts))

    def divides(self, whole: int, parts: tuple[int, ...]) -> None:
        model = self.model
        nonsense = (
            bool(model.parts[whole])
            or len(parts) < 2
            or whole in LANES
            or any(whole in model.under(part) for part in parts)
        )
        below = set() if nonsense else set().union(*map(model.leaves, parts))
        wanted = {
            n: (t.leaves - {whole} | below, t.span)
            for n, t in enumerate(model.things)
            if whole in t.leaves and t.span[1] > model.now
        }
        with self.work() as work:
            try:
                divide(work, self.rooms[whole], [self.rooms[part] for part in parts])
                answer = "done"
            except Invalid:
                answer = "nonsense"
            except Taken:
                answer = "taken"
        taken = bool(model.blocked(wanted))
        assert answer == ("nonsense" if nonsense else "taken" if taken else "done")
        if answer == "done":
            model.parts[whole] = set(parts)
            for n, (leaves, _) in wanted.items():
                model.things[n].leaves = leaves

    @precondition(lambda self: any(self.model.parts.values()))
    @rule(whole=rooms)
    def a_room_is_united(self, whole: int) -> None:
        model = self.model
        leaves = model.leaves(whole)
        # What stands in another whole stays in use, unless it stands there as a part of this one.
        under = model.under(whole)
        kept = {
            part
            for other in model.parts
            if other not in under and model.parts[other]
            for part in model.under(other, besides=whole)
        }
        unused = under - {whole} - kept
        involved = {
            n: t for n, t in enumerate(model.things) if t.leaves & leaves and t.span[1] > model.now
        }
        partly = any(not leaves <= t.leaves for t in involved.values())
        wanted = {n: (t.leaves - unused | {whole}, t.span) for n, t in involved.items()}
        with self.work() as work:
            try:
                unite(work, self.rooms[whole])
                answer = "done"
            except Invalid:
                answer = "nonsense"
            except Taken:
                answer = "taken"
        taken = partly or bool(model.blocked(wanted))
        assert answer == ("nonsense" if not model.parts[whole] else "taken" if taken else "done")
        if answer == "done":
            model.parts[whole] = set()
            for part in unused:
                model.active[part] = False
            for n, (held, _) in wanted.items():
                model.things[n].leaves = held

    # -- what must be so

    @invariant()
    def the_database_holds_what_the_model_says(self) -> None:
        """Invariants 1, 2, 3, 8 and 10."""
        if not hasattr(self, "model"):
            return
        expected = {
            (self.rooms[leaf], hour): self.claims[number]
            for (leaf, hour), number in self.model.cells().items()
        }
        present: dict[tuple[int, int], int] = {}
        past = {
            self.claims[n]
            for n, t in enumerate(self.model.things)
            if t.until is not None and t.until <= self.model.now
        }
        with clock.frozen(self.place.at(self.model.now)), self.place.site.reading() as work:
            for leaf, claim, start, end in self.place.rows(work):
                for hour in range(int(start), int(end)) if claim not in past else ():
                    assert (leaf, hour) not in present
                    present[leaf, hour] = claim
            known = queries.leaves(work.session, self.rooms)
            chairs = work.session.execute(
                sa.select(StockUse.claim_id, StockUse.quantity).where(
                    StockUse.claim_id.not_in(past)
                )
            )
            used = {claim: quantity for claim, quantity in chairs}  # noqa: C416
        expected = {cell: claim for cell, claim in expected.items() if claim in self.claims}
        present = {cell: claim for cell, claim in present.items() if claim in self.claims}
        assert present == expected
        assert known == {
            self.rooms[room]: {self.rooms[leaf] for leaf in self.model.leaves(room)}
            for room in self.model.parts
        }
        things = enumerate(self.model.things)
        assert {c: q for c, q in used.items() if c in self.claims} == {
            self.claims[n]: thing.chairs for n, thing in things if thing.chairs
        }

    @invariant()
    def free_is_what_the_model_calls_free(self) -> None:
        """Invariants 6 and 12."""
        if not hasattr(self, "model"):
            return
        spans = [(self.model.now % HOURS, self.model.now % HOURS + 2), (3, 4), (0, HOURS)]
        with clock.frozen(self.place.at(self.model.now)), self.place.site.reading() as work:
            answers = queries.free_in_spans(
                work.session,
                self.rooms,
                [self.span(span) for span in spans],
                work.now,
                ignoring=[self.claims[0]],
            )
            day = queries.busy_spans(work.session, self.rooms, self.span((3, 7)), work.now)
        for span, answer in zip(spans, answers, strict=True):
            assert answer == {
                self.rooms[room]
                for room, active in self.model.active.items()
                if active and self.model.is_free(room, span, {0})
            }
        for room, busy in enumerate(day[one] for one in self.rooms):
            cells = self.model.cells()
            assert {each.claim_id for each in busy} == {
                self.claims[cells[leaf, hour]]
                for leaf in self.model.leaves(room)
                for hour in range(3, 7)
                if (leaf, hour) in cells
            }

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.work() as work:
            services.release(work, self.claims)
            assert guards.missing(work.session.connection()) == []


def test_the_engine_does_what_a_plain_model_does(place: Place) -> None:
    class OnThisDatabase(Machine):
        pass

    OnThisDatabase.place = place
    ci = bool(os.environ.get("CI"))
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OnThisDatabase,
        settings=settings(
            max_examples=int(os.environ.get("TIERSLIEU_TEST_EXAMPLES", "30")),
            stateful_step_count=30,
            deadline=None,
            derandomize=ci,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
