"""The waiting list: who is offered what, in which order, and who holds it; on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.bookings.kits import desks, things
from tests.bookings.lines import entry, give_up, holders, link_in_mail, make, offer, refusal, wait
from tierslieu.bookings.accessories.queries import things_of
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Policy
from tierslieu.bookings.places.queries import places_of
from tierslieu.bookings.queries import booking_view, locked_view
from tierslieu.bookings.services import NewBooking, cancel
from tierslieu.bookings.waiting import services
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.queries import mine, of_venue, waiting_for
from tierslieu.bookings.waiting.services import (
    accept,
    accept_by_link,
    join,
    leave,
    put_at,
    refuse_by_link,
)
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.db import is_retryable
from tierslieu.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Refused
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.span import Span
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.testing import an_account

At = Callable[..., Span]


ROME = ZoneInfo("Europe/Rome")


def test_one_waits_for_what_is_taken_and_sees_her_place(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    first = wait(house, "bice", "sala", span)
    second = wait(house, "rival", "sala", at("2026-11-04 16:00", "18:00"))
    with house.reading("bice") as work:
        shown = mine(work.session, house.people["bice"], (), work.now)
        assert [(view.entry.public_id, view.place) for view in shown] == [(first, 1)]
        assert [v.place for v in of_venue(work.session, house.venue, work.now)] == [1, 2]
        assert waiting_for(work.session, house.ids["sala"], span) == 2
    with house.writing("bice") as work:
        leave(work, first)
    assert (entry(house, first).state, entry(house, second).state) == ("left", "waiting")


def test_for_a_free_time_there_is_nothing_to_wait_for(house: Any, at: At) -> None:
    error = refusal(lambda: wait(house, "bice", "sala", at("2026-11-04 15:00", "17:00")))
    assert (type(error), error.code) == (Conflict, "free")


def test_who_waits_once_does_not_wait_twice(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    wait(house, "bice", "sala", span)
    assert refusal(lambda: wait(house, "bice", "sala", span)).code == "already_waiting"


def test_what_could_never_be_booked_is_not_waited_for(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    error = refusal(lambda: wait(house, "bice", "sala", span, attendance=99))
    assert isinstance(error, Refused)
    assert error.code == "over_capacity"


def test_somebody_elses_entry_is_not_known(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    with pytest.raises(NotFound), house.writing("rival") as work:
        leave(work, waiting)


def test_a_manager_changes_the_order_with_a_reason_that_stays_written(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    first, second = wait(house, "bice", "sala", span), wait(house, "rival", "sala", span)
    with house.writing("manager") as work:
        assert refusal(lambda: put_at(work, second, 1, "")).code == "missing"
    with house.writing("manager") as work:
        put_at(work, second, 1, "The school has no other evening.")
    with pytest.raises(Forbidden), house.writing("bice") as work:
        put_at(work, first, 1, "Me first.")
    give_up(house, "ada", made)
    assert (entry(house, first).state, entry(house, second).state) == ("waiting", "offered")
    with house.site.reading() as work:
        written = work.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.verb == "waiting.order")
        ).one()
        assert written.detail["reason"] == "The school has no other evening."


def test_parts_and_wholes_wait_for_each_other(house: Any, at: At) -> None:
    from tierslieu.resources.division.services import divide

    with house.site.writing() as work:
        divide(work, house.ids["sala"], [house.ids["tidy"], house.ids["kept"]])
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "tidy", span)
    whole = wait(house, "bice", "sala", span)
    give_up(house, "ada", made)
    drain(house.site)
    assert entry(house, whole).state == "offered"


MANY = 20


def together(n: int, act: Callable[[int], str]) -> Counter[str]:
    """Do something n times at once."""
    ready = threading.Barrier(n)

    def one(k: int) -> str:
        ready.wait()
        try:
            return act(k)
        except Refusal as error:
            return error.code
        except NotFound:
            return "not_found"

    with ThreadPoolExecutor(n) as pool:
        return Counter(pool.map(one, range(n)))


def test_twenty_accept_one_offer_and_one_booking_holds_the_room(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    give_up(house, "ada", made)
    token = link_in_mail(house, "bice")

    def act(k: int) -> str:
        with house.site.writing() as work:
            if k % 4 == 3:
                return refuse_by_link(work, token).state
            return accept_by_link(work, token).state

    answers = together(MANY, act)
    kept = holders(house, "sala", span)
    final = entry(house, waiting).state
    assert (kept, final) in ((["confirmed"], "accepted"), ([], "left")), answers
    assert set(answers) <= {"confirmed", "cancelled", "wrong_state"}


def test_twenty_join_while_one_cancels_and_the_first_in_line_holds_it(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    with house.site.writing() as work:
        people = [an_account(work, f"p{n}@example.org").person_id for n in range(MANY)]

    def act(k: int) -> str:
        if k == MANY // 2:
            with house.writing("ada") as work:
                cancel(work, made)
            return "cancelled"
        with house.site.writing() as work:
            new = NewBooking(house.rooms["sala"], span, f"p{k}", person_id=people[k])
            join(work, new)
        return "joined"

    answers = together(MANY, act)
    assert answers["cancelled"] == 1
    with house.site.reading() as work:
        line = work.session.scalars(
            sa.select(WaitingEntry).order_by(WaitingEntry.rank, WaitingEntry.id)
        ).all()
    states = [each.state for each in line]
    # Whoever joined before the cancel is in line, and its first was offered the room: one holder.
    assert states.count("offered") == (1 if line else 0), (states, answers)
    assert states[:1] in (["offered"], [])
    assert holders(house, "sala", span) == (["held"] if line else [])
    assert answers["joined"] == len(line)


def test_what_was_declared_is_kept_and_answered_for_when_it_is_taken_up(house: Any, at: At) -> None:
    with house.site.writing() as work:
        for row in work.session.scalars(sa.select(Policy)):
            row.rules = row.rules | {"asks_for": ["alcohol"]}
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span, declared=("alcohol",))
    give_up(house, "ada", made)
    held = offer(house, waiting)
    with house.writing("bice") as work:
        assert accept(work, held).state == "requested"
    with house.site.reading() as work:
        assert booking_view(work.session, held).booking.declared == ["alcohol"]


def test_one_waits_for_a_place_and_has_the_one_that_becomes_free(house: Any, at: At) -> None:
    desks(house, 2)
    span = at("2026-11-12 15:00", "17:00")
    first = make(house, "ada", "desks", span, place="Desk 1")
    second = make(house, "ada", "desks", span, place="Desk 2")
    any_desk = wait(house, "bice", "desks", span, places=1)
    that_desk = wait(house, "rival", "desks", span, place="Desk 1")
    give_up(house, "ada", second)
    assert (entry(house, any_desk).state, entry(house, that_desk).state) == ("offered", "waiting")
    give_up(house, "ada", first)
    assert entry(house, that_desk).state == "offered"
    for who, waiting, desk in (("bice", any_desk, "Desk 2"), ("rival", that_desk, "Desk 1")):
        with house.writing(who) as work:
            taken = accept(work, offer(house, waiting))
            assert taken.state == "confirmed"
            assert [one.name for one in places_of(work.session, [taken.id])[taken.id]] == [desk]


def test_one_waits_for_things_and_has_them_with_the_room(house: Any, at: At) -> None:
    projector, chairs = things(house)
    span = at("2026-11-12 15:00", "17:00")
    wanted = ((projector, 1), (chairs, 5))
    lent = make(house, "ada", "tidy", span, things=((projector, 1),))
    waiting = wait(house, "bice", "sala", span, things=wanted)
    give_up(house, "ada", lent)
    with house.site.writing() as work:
        sweep(work)
    drain(house.site)
    held = offer(house, waiting)
    error = refusal(lambda: make(house, "ada", "tidy", span, things=((projector, 1),)))
    assert [r.code for r in error.reasons] == ["accessory_taken"], "it is held with the room"
    with house.writing("bice") as work:
        taken = accept(work, held)
        assert taken.state == "confirmed"
        [pieces] = things_of(work.session, [taken.id]).values()
    assert [(str(one.name), one.quantity) for one in pieces] == [("Projector", 1), ("Chairs", 5)]


def test_who_waits_for_a_taken_room_with_things_is_offered_both(house: Any, at: At) -> None:
    projector, _ = things(house)
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span, things=((projector, 1),))
    waiting = wait(house, "bice", "sala", span, things=((projector, 1),))
    give_up(house, "ada", made)
    assert entry(house, waiting).state == "waiting", "a job takes the locks in their order"
    drain(house.site)
    assert entry(house, waiting).state == "offered"


def test_what_cannot_be_had_here_at_all_is_not_waited_for(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    make(house, "ada", "sala", span)
    error = refusal(lambda: wait(house, "bice", "sala", span, things=(("chairs", 2),)))
    assert [(r.code, r.field) for r in error.reasons] == [("accessory_not_here", "accessories")]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("order", ["as it is", "the room first, as it was"])
def test_a_line_left_room_first_would_wait_in_a_circle_with_who_takes_the_offer(
    house: Any, at: At, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    give_up(house, "ada", made)
    held = offer(house, waiting)
    both = threading.Barrier(2)

    def meet() -> None:
        # Who holds what the other one needs comes here only when nobody waits for anybody yet.
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)

    def room_first(work: Any, entry: WaitingEntry) -> None:
        lock_leaves(work, [entry.room_id])
        meet()
        locked_view(work.session, held)
        work.session.refresh(entry)

    def after_the_booking(work: Any, rooms: Any, things: Any) -> None:
        meet()
        lock_kit(work, rooms, things)

    monkeypatch.setattr(services, "lock_kit", after_the_booking)
    if order != "as it is":
        monkeypatch.setattr(services, "_lock", room_first)

    def run(act: Callable[[Any], Any]) -> bool:
        """Whether the database had to end a circle."""
        try:
            with house.writing("bice") as work:
                act(work)
        except sa.exc.OperationalError as error:
            return is_retryable(error)
        except Refusal:
            pass
        return False

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(run, [lambda w: accept(w, held), lambda w: leave(w, waiting)]))
    assert any(ends) == (order != "as it is")
