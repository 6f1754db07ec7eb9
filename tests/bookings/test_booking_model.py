"""The verbs of bookings against a plain model that counts hours, on both databases.

Four rooms: *open* is booked at once, *asked* needs an answer and holds nothing until then, *held*
needs an answer and holds its time meanwhile, and *hall* may come to consist of the first two.
People book, ask, answer, move, repeat, wait, accept, turn up or not, and close rooms, in whatever
order; after each step the database holds what the model says and nothing else: whoever occupies
has his hours, who only asks has none, nobody else's booking has moved, and who is offered a time
was the first in line who could have it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
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

from tierslieu.bookings.answers.services import approve, decline
from tierslieu.bookings.attendance.services import check_in, miss
from tierslieu.bookings.attendance.services import leave as leave_room
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.series.changing import cancel_series, change_series
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.offers import offer_rooms
from tierslieu.bookings.waiting.services import accept, join, leave, refuse_offer
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import Claim, Occupancy
from tierslieu.testing import ALL_DAY, a_room
from tierslieu.venues.models import OpeningPeriod, Venue
from tierslieu.venues.opening.services import close, reopen
from tierslieu.venues.rooms.services import set_parts

#: A Tuesday, ten in the morning in Rome; hours are counted from it, in winter time throughout.
BEGIN = datetime(2026, 11, 3, 9, tzinfo=UTC)
WEEK = 168
OPEN, ASKED, HELD, HALL = range(4)
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


class Machine(RuleBasedStateMachine):
    house: Any
    shown: Callable[[], int]

    @initialize()
    def furnish(self) -> None:
        self.model = Model()
        number = type(self).shown()
        with self.frozen(), self.house.writing("admin") as work:
            venue = work.session.get_one(Venue, self.house.venue)
            made = [
                a_room(work, venue, f"{name}-{number}", capacity=9, rules=RULES[n] | ANY_TIME)
                for n, name in enumerate(NAMES)
            ]
            self.ids = [room.id for room in made]
            self.names = [room.public_id for room in made]
        # Something to quarrel about, so that every rule finds what it is for.
        for n, room in enumerate((OPEN, ASKED, HELD)):
            self.somebody_books(PEOPLE[n], room, n, 2)
        self.somebody_books_a_series("manager", HALL, 1, 2, 3, skip=False)

    def frozen(self) -> Any:
        return clock.frozen(self.at(self.model.now))

    @staticmethod
    def at(hour: int) -> datetime:
        return BEGIN + timedelta(hours=hour)

    def span(self, span: Hours) -> Span:
        return Span(self.at(span[0]), self.at(span[1]))

    def hour(self, moment: datetime) -> int:
        return int((moment - BEGIN) // timedelta(hours=1))

    def new(self, room: int, span: Hours) -> NewBooking:
        return NewBooking(self.names[room], self.span(span), "Choir")

    def does(self, who: str, against: set[str], act: Callable[[Any], Any]) -> Any:
        """Do it; refused with nothing but what is against it, or done where nothing is."""
        try:
            with self.frozen(), self.house.writing(who) as work:
                done = act(work)
        except Refusal as refusal:
            codes = {reason.code for reason in refusal.reasons}
            assert codes
            assert codes <= against, (codes, against)
            return None
        assert not against, against
        return done

    def pick(self, keys: list[str], n: int) -> str | None:
        return keys[n % len(keys)] if keys else None

    # -- time and its job

    @rule(by=st.sampled_from((1, 2, 26, WEEK - 30)))
    def time_passes(self, by: int) -> None:
        self.model.now += by

    @rule()
    def the_job_runs(self) -> None:
        model = self.model
        model.pass_time()
        with self.frozen(), self.house.site.writing() as work:
            sweep(work)
        for job in self.jobs():
            with self.frozen(), self.house.site.writing() as work:
                offer_rooms(work, **job)
        # Offers are made before unanswered requests end, and once more by these.
        for key in model.of("requested"):
            if model.things[key].span[0] <= model.now:
                model.end(key, "expired")
        self.offers_are_made()
        for wait in model.line.values():
            could = not model.against(wait.room, wait.span) and not self.is_kept(wait)
            assert wait.state != "waiting" or not could, "nobody waits for what is free"

    def jobs(self) -> list[dict[str, Any]]:
        with self.house.site.writing() as work:
            rows = work.session.scalars(sa.select(Job).where(Job.name == "waiting.offer")).all()
            found = [dict(row.payload) for row in rows]
            work.session.execute(sa.delete(Job))
        return found

    # -- what members and managers do

    @rule(who=whose, room=rooms, start=hours, length=lengths)
    def somebody_books(self, who: str, room: int, start: int, length: int) -> None:
        span = start, start + length
        made = self.does(
            who, self.model.against(room, span), lambda work: book(work, self.new(room, span))
        )
        if made is not None:
            self.add(made.public_id, room, span, who)

    def add(self, key: str, room: int, span: Hours, who: str, series: int | None = None) -> None:
        state = "requested" if who != "manager" and room in (ASKED, HELD) else "confirmed"
        thing = self.model.things[key] = Thing(room, span, state, who, series=series)
        self.model.occupy(thing)

    @rule(who=whose, room=rooms, start=hours, length=lengths, times=st.integers(2, 3),
          skip=st.booleans())  # fmt: skip
    def somebody_books_a_series(
        self, who: str, room: int, start: int, length: int, times: int, skip: bool
    ) -> None:
        model = self.model
        spans = [shifted((start, start + length), WEEK * n) for n in range(times)]
        against = {span: model.against(room, span) for span in spans}
        free = [span for span in spans if not against[span]]
        refused = set().union(*against.values())
        new = NewSeries(self.new(room, spans[0]), parse(f"FREQ=WEEKLY;COUNT={times}"),
                        skip_conflicts=skip)  # fmt: skip
        made = self.does(who, set() if skip and free else refused, lambda w: book_series(w, new))
        if made is None:
            return
        assert [self.hour(view.span.starts_at) for view in made.views] == [s[0] for s in free]
        for view, span in zip(made.views, free, strict=True):
            self.add(view.booking.public_id, room, span, who, made.series.id)

    @rule(n=which, approves=st.booleans())
    def a_manager_answers(self, n: int, approves: bool) -> None:
        model = self.model
        keys = [k for k, t in model.things.items() if t.state == "requested" or t.pending]
        key = self.pick(keys, n) or self.pick(list(model.things), n)
        if key is None:
            return
        thing = model.things[key]
        room, span = thing.pending or (thing.room, thing.span)
        against = set()
        if thing.state != "requested" and not thing.pending:
            against.add("wrong_state")
        if thing.span[1] <= model.now:
            against.add("past")
        if approves and not against:
            # A closing only warns whoever answers.
            against = model.against(room, span, (key,)) - {"closure"}
        answer = approve if approves else decline
        done = self.does("manager", against, lambda work: answer(work, key))
        if done is None:
            return
        if approves:
            thing.room, thing.span, thing.state, thing.pending = room, span, "confirmed", None
            model.occupy(thing)
        elif thing.pending:
            thing.pending = None
        else:
            model.end(key, "declined")

    @rule(n=which, clerk=st.booleans(), room=st.none() | rooms, start=hours, length=lengths)
    def somebody_moves(
        self, n: int, clerk: bool, room: int | None, start: int, length: int
    ) -> None:
        model = self.model
        key = self.pick(model.of("requested", "confirmed") or list(model.things), n)
        if key is None:
            return
        thing, span = model.things[key], (start, start + length)
        to = thing.room if room is None else room
        if (to, span) == (thing.room, thing.span):
            return
        against = set()
        if thing.span[1] <= model.now:
            against.add("past")
        elif thing.state not in ("requested", "confirmed"):
            against.add("wrong_state")
        else:
            against = model.against(to, span, (key,))
        who = "manager" if clerk else thing.who
        edit = Edit(span=self.span(span), room=None if room is None else self.names[room])
        if self.does(who, against, lambda work: change(work, key, edit)) is None:
            return
        if thing.state == "confirmed" and who != "manager" and to in (ASKED, HELD):
            thing.pending = to, span
            return
        thing.room, thing.span, thing.alone = to, span, True
        model.occupy(thing)

    @rule(n=which, clerk=st.booleans())
    def somebody_cancels(self, n: int, clerk: bool) -> None:
        model = self.model
        key = self.pick(list(model.things), n)
        if key is None:
            return
        thing = model.things[key]
        against = set()
        if thing.span[1] <= model.now and thing.state != "cancelled":
            against.add("past")
        elif thing.state not in ("requested", "held", "confirmed", "cancelled"):
            against.add("wrong_state")
        who = "manager" if clerk else thing.who
        done = self.does(who, against, lambda work: cancel(work, key))
        if done is not None and thing.state != "cancelled":
            model.end(key, "cancelled")

    # -- series

    def dates(self, n: int, *states: str) -> tuple[str, list[str]]:
        """One date of a series, and all those of it that are still to come, in their order."""
        things = self.model.things
        key = self.pick([k for k, thing in things.items() if thing.series is not None], n)
        if key is None:
            return "", []
        with self.house.site.reading() as work:
            series = sa.select(Booking.series_id).where(Booking.public_id == key)
            row = sa.select(Booking.public_id).where(Booking.series_id == series.scalar_subquery())
            all_ = work.session.scalars(row.order_by(Booking.original_starts_at)).all()
        return key, [
            each for each in all_
            if things[each].span[0] > self.model.now and things[each].state in states
        ] if all_ else []  # fmt: skip

    def scoped(self, key: str, dates: list[str], scope: str) -> list[str]:
        with self.house.site.reading() as work:
            rows = sa.select(Booking.public_id, Booking.original_starts_at)
            originals = dict(
                work.session.execute(rows.where(Booking.public_id.in_([key, *dates]))).all()
            )
        if scope == "this":
            return [each for each in dates if each == key]
        return [k for k in dates if scope == "all" or originals[k] >= originals[key]]

    @rule(n=which, scope=scopes)
    def some_dates_are_cancelled(self, n: int, scope: Any) -> None:
        key, dates = self.dates(n, "requested", "held", "confirmed")
        if not key:
            return
        targets = self.scoped(key, dates, scope)
        who = self.model.things[key].who
        against = set() if targets else {"past"}
        if self.does(who, against, lambda work: cancel_series(work, key, scope)) is not None:
            for each in targets:
                self.model.end(each, "cancelled")

    @rule(n=which, scope=scopes, by=st.sampled_from((-1, 1, 2)), skip=st.booleans())
    def some_dates_are_shifted(self, n: int, scope: Any, by: int, skip: bool) -> None:
        """By the manager, who needs no answer: each date that follows moves by so many hours."""
        model = self.model
        key, dates = self.dates(n, "requested", "confirmed")
        if not key or model.things[key].alone:
            return  # the others follow to where it stands, not by so many hours
        targets = self.scoped(key, dates, scope)
        moved = {each: shifted(model.things[each].span, by) for each in targets}
        against = {each: model.against(model.things[each].room, span, tuple(targets))
                   for each, span in moved.items()}  # fmt: skip
        # One that stays may be in the way of the others.
        for one, other in combinations(targets, 2):
            if any(self.meet(moved[a], a, model.things[b].span, b)
                   for a, b in ((one, other), (other, one))):  # fmt: skip
                against[one].add("taken")
                against[other].add("taken")
        known = [each for each in targets if not model.things[each].alone]
        edit = Edit(span=self.span(shifted(model.things[key].span, by)))
        try:
            with self.frozen(), self.house.writing("manager") as work:
                done = change_series(work, key, edit, scope, skip_conflicts=skip)
        except Refusal as refusal:
            codes = {reason.code for reason in refusal.reasons}
            assert codes <= set().union({"past"} if not targets else set(), *against.values())
            assert codes
            return
        after = {v.booking.public_id: self.hour(v.span.starts_at) for v in done.views}
        went = {each for each, hour in after.items() if hour != model.things[each].span[0]}
        assert went <= set(targets)
        for each in known:
            assert each in went or (skip and against[each]), "it had no reason to stay"
        for each in targets:
            thing = model.things[each]
            if each in went:
                assert not against[each] or skip
                thing.span = moved[each]
                model.occupy(thing)
            thing.alone = thing.alone or scope == "this" or each not in went

    def meet(self, one: Hours, a: str, other: Hours, b: str) -> bool:
        things = self.model.things
        same = self.model.leaves(things[a].room) & self.model.leaves(things[b].room)
        return bool(same) and one[0] < other[1] and other[0] < one[1]

    # -- the waiting list

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
