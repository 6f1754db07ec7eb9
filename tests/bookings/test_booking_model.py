"""The verbs of bookings against a plain model that counts hours, on both databases.

Four rooms: *open* is booked at once, *asked* needs an answer and holds nothing until then, *held*
needs an answer and holds its time meanwhile, and *hall* may come to consist of the first two.
People book, ask, answer, move, repeat, wait, accept, turn up or not, and close rooms, in whatever
order; after each step the database holds what the model says and nothing else: whoever occupies
has his hours, who only asks has none, nobody else's booking has moved, and who is offered a time
was the first in line who could have it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.bookings.booking_steps import Steps
from tests.bookings.week_model import (
    BEGIN,
    Hours,
    Thing,
    Wait,
    hours,
    lengths,
    people,
    rooms,
    which,
)
from tierslieu.bookings.attendance.services import check_in, miss
from tierslieu.bookings.attendance.services import leave as leave_room
from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.services import accept, join, leave, refuse_offer
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import Claim, Occupancy
from tierslieu.testing import ALL_DAY
from tierslieu.venues.models import OpeningPeriod
from tierslieu.venues.opening.services import close, reopen
from tierslieu.venues.rooms.services import set_parts

OPEN, ASKED, HELD, HALL = range(4)


class Machine(Steps):
    @rule(who=people, room=rooms, start=hours, length=lengths, n=st.none() | which)
    def somebody_waits(self, who: str, room: int, start: int, length: int, n: int | None) -> None:
        model, span = self.model, (start, start + length)
        busy = [t for t in model.things.values() if t.leaves]
        if n is not None and busy:
            room, span = busy[n % len(busy)].room, busy[n % len(busy)].span
        against = model.against(room, span)
        against = (against - {"taken"}) if "taken" in against else (against or {"free"})
        if not against and any(
            (wait.room, wait.span, wait.who) == (room, span, who)
            for wait in model.line.values()
            if wait.state in ("waiting", "offered")
        ):
            against = {"already_waiting"}
        made = self.does(who, against, lambda work: join(work, self.new(room, span)))
        if made is not None:
            model.line[made.public_id] = Wait(room, span, who)

    @precondition(lambda self: any(w.state == "offered" for w in self.model.line.values()))
    @rule(n=which, accepts=st.booleans())
    def an_offer_is_answered(self, n: int, accepts: bool) -> None:
        model = self.model
        entry = self.pick([k for k, w in model.line.items() if w.state == "offered"], n)
        assert entry is not None
        wait = model.line[entry]
        thing = model.things[wait.booking]
        if not accepts:
            against = {"past"} if thing.span[1] <= model.now else set()
            if self.does(wait.who, against, lambda w: refuse_offer(w, wait.booking)) is not None:
                model.end(wait.booking, "cancelled")
            return
        against = model.against(thing.room, thing.span, (wait.booking,))
        if self.does(wait.who, against, lambda work: accept(work, wait.booking)) is not None:
            wait.state = "accepted"
            thing.state = "requested" if thing.room in (ASKED, HELD) else "confirmed"
            model.occupy(thing)

    @rule(n=which)
    def somebody_stops_waiting(self, n: int) -> None:
        model = self.model
        entry = self.pick(list(model.line), n)
        if entry is None:
            return
        wait = model.line[entry]
        over = wait.state == "offered" and wait.span[1] <= model.now
        done = self.does(wait.who, {"past"} if over else set(), lambda work: leave(work, entry))
        if done is None:
            return
        if wait.state == "offered":
            model.end(wait.booking, "cancelled")
        elif wait.state == "waiting":
            wait.state = "left"

    # -- turning up

    @rule(n=which, act=st.sampled_from(("check_in", "miss", "leave")))
    def at_the_door(self, n: int, act: str) -> None:
        model = self.model
        began = [
            k for k in model.of("confirmed", "checked_in") if model.things[k].span[0] <= model.now
        ]
        key = self.pick(began or model.of("confirmed"), n)
        if key is None:
            return
        thing = model.things[key]
        against = set()
        if act == "check_in" and thing.state == "checked_in":
            pass  # Said twice is said once.
        elif thing.span[1] <= model.now and act != "miss":
            against.add("past")
        elif thing.state != ("checked_in" if act == "leave" else "confirmed"):
            against.add("wrong_state")
        elif thing.span[0] > model.now:
            against.add("too_early")
        verb: Any = {"check_in": check_in, "miss": miss, "leave": leave_room}[act]
        if self.does("manager", against, lambda work: verb(work, key)) is None:
            return
        if act == "check_in":
            thing.state = "checked_in"
            return
        thing.state = "no_show" if act == "miss" else thing.state
        thing.kept = thing.kept[0], min(thing.kept[1], model.now)

    # -- what managers do to rooms

    @rule(room=rooms, start=hours, length=lengths)
    def a_room_is_closed(self, room: int, start: int, length: int) -> None:
        span = start, start + length
        shut = self.does(
            "manager", set(),
            lambda work: close(work, self.house.venue, self.span(span), Texts(en="Paint"),
                               room_id=self.ids[room]),
        )  # fmt: skip
        self.model.closings[shut.public_id] = room, span

    @rule(n=which)
    def a_closing_ends(self, n: int) -> None:
        model = self.model
        key = self.pick(list(model.closings), n)
        if key is None:
            return
        room, (first, last) = model.closings[key]
        try:
            with self.frozen(), self.house.writing("manager") as work:
                reopen(work, self.house.venue, key)
        except Refusal:
            assert first < model.now
            return
        if first < model.now:
            model.closings[key] = room, (first, min(last, model.now))
        else:
            del model.closings[key]

    @precondition(lambda self: not self.model.divided)
    @rule()
    def the_hall_is_divided(self) -> None:
        model = self.model
        theirs = [
            key
            for key, thing in model.things.items()
            if HALL in thing.leaves and thing.kept[1] > model.now and not model.lapsed(thing)
        ]
        cells = model.cells(tuple(theirs))
        meets = any(
            (leaf, hour) in cells
            for key in theirs for leaf in (OPEN, ASKED) for hour in range(*model.things[key].kept)
        )  # fmt: skip
        parts = [self.ids[OPEN], self.ids[ASKED]]
        done = self.does("admin", {"taken"} if meets else set(),
                         lambda work: [set_parts(work, self.ids[HALL], parts)])  # fmt: skip
        if done is not None:
            model.divided = True
            for key in theirs:
                model.things[key].leaves = frozenset({OPEN, ASKED})

    # -- what must be so

    def is_kept(self, wait: Wait) -> bool:
        """Whether its time was accepted by somebody and waits for an answer."""
        things = self.model.things
        return any(
            other.room == wait.room and self.over(things[other.booking].span, wait.span)
            for other in self.model.line.values()
            if other.state == "accepted" and things[other.booking].state == "requested"
        )

    @staticmethod
    def over(one: Hours, other: Hours) -> bool:
        return one[0] < other[1] and other[0] < one[1]

    def offers_are_made(self) -> None:
        """Take up the offers of this step: each was to be had, and nobody was passed over."""
        model = self.model
        with self.house.site.reading() as work:
            question = (
                sa.select(WaitingEntry.public_id, Booking.public_id, Claim.expires_at)
                .join(Booking, Booking.id == WaitingEntry.booking_id)
                .join(Claim, Claim.id == Booking.id)
                .where(
                    WaitingEntry.state == "offered", WaitingEntry.public_id.in_(list(model.line))
                )
            )
            offers = {
                row[0]: (row[1], self.until(row[2])) for row in work.session.execute(question)
            }
        passed_over: list[Wait] = []
        for entry, wait in model.line.items():
            if wait.state != "waiting":
                continue
            could = not model.against(wait.room, wait.span) and not self.is_kept(wait)
            if entry not in offers:
                passed_over += [wait] if could else []
                continue
            assert could, "what is offered is free"
            assert not any(
                w.room == wait.room and self.over(w.span, wait.span) for w in passed_over
            )
            wait.state = "offered"
            wait.booking, until = offers[entry]
            thing = Thing(wait.room, wait.span, "held", wait.who, until=until)
            model.things[wait.booking] = thing
            model.occupy(thing)

    def until(self, moment: datetime | None) -> int | None:
        """The first whole hour at which a hold is over."""
        return None if moment is None else -((BEGIN - moment) // timedelta(hours=1))

    @invariant()
    def the_database_holds_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        self.offers_are_made()
        model = self.model
        with self.frozen(), self.house.site.reading() as work:
            rows = self.held_by(work)
            bookings = {
                key: (self.ids.index(room), (self.hour(start), self.hour(end)), state)
                for key, room, start, end, state in work.session.execute(
                    sa.select(Booking.public_id, Booking.room_id, Claim.starts_at, Claim.ends_at,
                              Booking.state)
                    .join(Claim, Claim.id == Booking.id)
                    .where(Booking.room_id.in_(self.ids))
                )
            }  # fmt: skip
            waiting = dict(
                work.session.execute(
                    sa.select(WaitingEntry.public_id, WaitingEntry.state).where(
                        WaitingEntry.room_id.in_(self.ids)
                    )
                ).all()
            )
            pending = set(work.session.scalars(
                sa.select(Booking.public_id)
                .join(PendingChange, PendingChange.booking_id == Booking.id)
                .where(Booking.room_id.in_(self.ids))
            ))  # fmt: skip
        assert bookings == {k: (t.room, t.span, t.state) for k, t in model.things.items()}
        assert rows == model.cells()
        assert waiting == {key: wait.state for key, wait in model.line.items()}
        assert pending == {key for key, thing in model.things.items() if thing.pending}

    def held_by(self, work: Any) -> dict[tuple[int, int], str]:
        """Every hour that is occupied and by whom; never by two."""
        found: dict[tuple[int, int], str] = {}
        question = (
            sa.select(Occupancy.resource_id, Booking.public_id, Occupancy.starts_at,
                      Occupancy.ends_at)
            .join(Booking, Booking.id == Occupancy.claim_id)
            .join(Claim, Claim.id == Booking.id)
            .where(Occupancy.resource_id.in_(self.ids))
            .where(sa.or_(Claim.expires_at.is_(None), Claim.expires_at > work.now))
        )  # fmt: skip
        for leaf, key, start, end in work.session.execute(question):
            for hour in range(self.hour(start), self.hour(end)):
                cell = self.ids.index(leaf), hour
                assert cell not in found
                found[cell] = key
        return found


def numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


@pytest.mark.slow
def test_bookings_do_what_a_plain_model_does(house: Any) -> None:
    class OnThisDatabase(Machine):
        pass

    OnThisDatabase.house = house
    with house.writing("admin") as work:
        work.session.execute(sa.update(OpeningPeriod).values(weekly=ALL_DAY))
    OnThisDatabase.shown = numbers().__next__  # type: ignore[assignment]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OnThisDatabase,
        settings=settings(
            max_examples=int(os.environ.get("TIERSLIEU_TEST_EXAMPLES", "6")),
            stateful_step_count=20,
            deadline=None,
            derandomize=bool(os.environ.get("CI")),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
