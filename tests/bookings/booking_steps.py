"""What people and the clock do to bookings, to the house and to the model alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)

from tests.bookings.week_model import (
    ANY_TIME,
    BEGIN,
    NAMES,
    PEOPLE,
    RULES,
    WEEK,
    Hours,
    Model,
    Thing,
    hours,
    lengths,
    rooms,
    scopes,
    shifted,
    which,
    whose,
)
from tierslieu.bookings.answers.services import approve, decline
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Booking
from tierslieu.bookings.series.changing import cancel_series, change_series
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.bookings.waiting.offers import offer_rooms
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.testing import a_room
from tierslieu.venues.models import Venue

OPEN, ASKED, HELD, HALL = range(4)

OPEN, ASKED, HELD, HALL = range(4)

OPEN, ASKED, HELD, HALL = range(4)

OPEN, ASKED, HELD, HALL = range(4)


class Steps(RuleBasedStateMachine):
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
