"""Approval in steps: who answers when, what the clock does, and that one answer counts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.answers.services import approve, decline
from tierslieu.bookings.chains.models import ApprovalAnswer, ApprovalProgress
from tierslieu.bookings.chains.queries import standing, steps_for, waiting_for
from tierslieu.bookings.chains.rules import (
    Panel,
    Step,
    check_steps,
    is_complete,
    sentences,
    substitute_from,
    until,
)
from tierslieu.bookings.chains.services import go_away, put_chain
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.queries import booking_view, competing
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.people.rules import RoleFacts, grants_of
from tierslieu.testing import an_account

At = Callable[..., Span]
WHEN = ("2026-11-12 15:00", "17:00")
MANAGER, ADMIN = Step("venue_manager", deadline_hours=48), Step("network_admin", deadline_hours=24)

# -- rules ---------------------------------------------------------------------------------------

COMPLETE = {
    "one of any": ("any", Panel(frozenset({1, 2})), {2}, True),
    "nobody yet": ("any", Panel(frozenset({1, 2})), set(), False),
    "one of all": ("all", Panel(frozenset({1, 2})), {2}, False),
    "all of all": ("all", Panel(frozenset({1, 2})), {1, 2}, True),
    "the substitute for all": ("all", Panel(frozenset({1}), substitutes=frozenset({9})), {9}, True),
}


@pytest.mark.parametrize("case", COMPLETE.values(), ids=COMPLETE)
def test_a_step_is_complete(case: tuple[Any, ...]) -> None:
    mode, panel, said, complete = case
    assert is_complete(mode, panel, said) is complete


INSTEAD = {
    "not before their time": (Panel(frozenset({1}), substitutes=frozenset({9})), set()),
    "in their time": (Panel(frozenset({1}), substitutes=frozenset({9}), their_time=True), {9}),
    "when all are away": (Panel(frozenset({1}), frozenset({1}), frozenset({9})), {9}),
    "not when one is there": (Panel(frozenset({1, 2}), frozenset({1}), frozenset({9})), set()),
}


@pytest.mark.parametrize("case", INSTEAD.values(), ids=INSTEAD)
def test_a_substitute_may_answer(case: tuple[Panel, set[int]]) -> None:
    panel, may = case
    assert panel.may_substitute == may


def test_deadlines_end_at_the_start_and_substitutes_begin_at_half() -> None:
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    step = Step("venue_desk", deadline_hours=48, substitute="venue_manager")
    assert until(step, now, now + timedelta(hours=20)) == now + timedelta(hours=20)
    assert substitute_from(step, now) == now + timedelta(hours=24)
    assert substitute_from(Step("venue_desk", deadline_hours=48), now) is None


WRONG = {
    "no such role": (Step("mayor"), "role_1"),
    "nobody named": (Step("persons"), "persons_1"),
    "a substitute too late": (
        Step("venue_desk", deadline_hours=4, substitute="venue_manager", substitute_after_hours=4),
        "substitute_after_hours_1",
    ),
    "no time": (Step("venue_desk", deadline_hours=0), "deadline_hours_1"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_step_that_cannot_be_meant(case: tuple[Step, str]) -> None:
    step, field = case
    with pytest.raises(Invalid) as caught:
        check_steps([step])
    assert caught.value.reasons[0].field == field


def test_a_chain_is_told_in_words() -> None:
    told = " ".join(map(str, sentences([Step("venue_desk", deadline_hours=48, outcome="next"),
                                         Step("network_admin", mode="all")])))  # fmt: skip
    assert told.startswith("First the desk, within ")
    assert "Then all of the network's administrators, without a deadline." in told


# -- a chain at work -----------------------------------------------------------------------------


@pytest.fixture
def city(house: Any) -> Any:
    """The house with a desk and a councillor; its room “studio” asks, “kept” holds meanwhile."""
    with house.site.writing() as work:
        venue = type("Of", (), {"id": house.venue})()
        desk = an_account(work, "desk@example.org", role="venue_desk", venue=venue)
        council = an_account(work, "council@example.org")
        house.people |= {"desk": desk.person_id, "council": council.person_id}
    plain = house.act

    def act(name: str, *more: Any) -> Actor:
        if name == "desk":
            roles = [RoleFacts("venue_desk", house.venue)]
            return Actor(
                person_id=house.people[name], account_id=1, locale="en", name=name,
                grants=grants_of(signed_in=True, roles=roles, on=clock.now().date()),
            )  # fmt: skip
        return plain(name, *more)

    house.act = act
    return house


def chain(house: Any, *steps: Step, room: str = "studio") -> None:
    with house.site.writing() as work:
        put_chain(work, house.venue, house.ids[room], steps)


def asks(house: Any, at: At, who: str = "ada", room: str = "studio") -> str:
    with house.writing(who) as work:
        return book(work, NewBooking(house.rooms[room], at(*WHEN), "Sewing")).public_id


def says(house: Any, who: str, booking: str, act: Any = approve, *more: str) -> str:
    with house.writing(who) as work:
        return str(act(work, booking, *more).state)


def state(house: Any, public_id: str) -> str:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        return view.booking.state


def test_each_step_is_answered_in_turn_and_only_the_last_confirms(city: Any, at: At) -> None:
    council = Step("persons", persons=(city.people["council"],), deadline_hours=24)
    chain(city, Step("venue_desk", deadline_hours=48), council)
    asked = asks(city, at)
    for stranger, error in (("council", NotFound), ("rival", NotFound), ("ada", Forbidden)):
        with pytest.raises(error):
            says(city, stranger, asked)
    with pytest.raises(Conflict, match="turn"):
        says(city, "manager", asked)
    drain(city.site)
    assert says(city, "desk", asked) == "requested"
    drain(city.site)
    with city.site.reading() as work:
        told = work.session.scalars(
            sa.select(Mail.to_address)
            .where(Mail.body.contains(f"/answers/{asked}"))
            .order_by(Mail.id)
        ).all()
        assert told == ["desk@example.org", "council@example.org"]
        view = booking_view(work.session, asked)
        assert view is not None
        step = standing(work.session, view, work.now)
        assert step is not None
        assert (step.at, len(step.steps)) == (1, 2)
        assert view.booking.answer_by == work.now + timedelta(hours=24)
        assert [v.booking.public_id for v, _ in waiting_for(work, city.people["council"])] == [
            asked
        ]
    assert says(city, "council", asked) == "confirmed"
    with city.site.reading() as work:
        said = work.session.scalars(sa.select(ApprovalAnswer).order_by(ApprovalAnswer.id)).all()
        assert [each.person_id for each in said] == [city.people["desk"], city.people["council"]]
        verbs = list(work.session.scalars(sa.select(AuditEntry.verb)))
        assert verbs.count("bookings.approve_step") == 2


def test_one_refusal_ends_it(city: Any, at: At) -> None:
    chain(city, MANAGER, ADMIN)
    asked = asks(city, at)
    assert says(city, "manager", asked, decline, "The floor is wet.") == "declined"
    with city.site.reading() as work:
        said = work.session.scalars(sa.select(ApprovalAnswer)).one()
        assert (said.answer, said.reason) == ("decline", "The floor is wet.")
        assert work.session.scalars(sa.select(ApprovalProgress)).all() == []


def test_all_of_a_step_means_each_of_them(city: Any, at: At) -> None:
    both = Step("persons", mode="all", persons=(city.people["desk"], city.people["council"]))
    chain(city, both)
    asked = asks(city, at)
    assert says(city, "desk", asked) == "requested"
    with pytest.raises(Conflict, match="already"):
        says(city, "desk", asked)
    assert says(city, "council", asked) == "confirmed"


def test_a_chain_of_the_venue_counts_where_the_room_says_nothing(city: Any) -> None:
    with city.site.writing() as work:
        put_chain(work, None, None, [ADMIN])
        put_chain(work, city.venue, None, [MANAGER])
        put_chain(work, city.venue, city.ids["kept"], [])
    with city.site.reading() as work:
        roles = [
            [step.role for step in steps_for(work, venue, city.ids[room])]
            for venue, room in (
                (city.venue, "studio"), (city.venue, "kept"), (city.elsewhere, "night"),
            )
        ]  # fmt: skip
    assert roles == [["venue_manager"], [], ["network_admin"]]


def test_a_request_finishes_by_the_chain_it_was_asked_under(city: Any, at: At) -> None:
    chain(city, MANAGER)
    asked = asks(city, at)
    chain(city, ADMIN, ADMIN)
    assert says(city, "manager", asked) == "confirmed"


def test_asked_anew_it_starts_again(city: Any, at: At) -> None:
    chain(city, MANAGER, ADMIN)
    asked = asks(city, at)
    says(city, "manager", asked)
    with city.writing("ada") as work:
        change(work, asked, Edit(span=at("2026-11-13 15:00", "17:00")))
    with pytest.raises(Conflict):
        says(city, "admin", asked)
    assert says(city, "manager", asked) == "requested"
    assert says(city, "admin", asked) == "confirmed"


def test_a_change_of_what_is_confirmed_goes_through_the_chain(city: Any, at: At) -> None:
    chain(city, MANAGER, ADMIN)
    asked = asks(city, at)
    says(city, "manager", asked)
    says(city, "admin", asked)
    with city.writing("ada") as work:
        change(work, asked, Edit(span=at("2026-11-13 15:00", "17:00")))
    assert says(city, "manager", asked) == "confirmed"
    with city.site.reading() as work:
        assert work.session.scalars(sa.select(PendingChange)).one()
    with clock.frozen(clock.now() + timedelta(hours=25)), city.site.writing() as work:
        sweep(work)
    with city.site.reading() as work:
        assert work.session.scalars(sa.select(PendingChange)).all() == []
        view = booking_view(work.session, asked)
        assert view is not None
        assert view.span == at(*WHEN)


PASSED = {
    "it goes on": (("next", "expire"), "requested"),
    "it is confirmed": (("confirm", "expire"), "confirmed"),
    "it is declined": (("decline", "expire"), "declined"),
    "it expires": (("expire", "expire"), "expired"),
}


@pytest.mark.parametrize("case", PASSED.values(), ids=PASSED)
def test_the_deadline_of_a_step_passes(city: Any, at: At, case: tuple[Any, str]) -> None:
    outcomes, becomes = case
    chain(city, *(Step("venue_manager", deadline_hours=24, outcome=each) for each in outcomes))
    asked = asks(city, at)
    with clock.frozen(clock.now() + timedelta(hours=25)), city.site.writing() as work:
        sweep(work)
    assert state(city, asked) == becomes
    if becomes == "requested":
        assert says(city, "manager", asked) == "confirmed"


def test_a_substitute_answers_after_the_first_part_of_the_time(city: Any, at: At) -> None:
    chain(city, Step("venue_desk", deadline_hours=48, substitute="venue_manager"))
    asked = asks(city, at)
    with pytest.raises(Conflict):
        says(city, "manager", asked)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        with city.site.writing() as work:
            sweep(work)
        assert says(city, "manager", asked) == "confirmed"
    with city.site.reading() as work:
        assert work.session.scalars(sa.select(ApprovalAnswer)).one().as_substitute


def test_a_substitute_answers_at_once_for_who_is_away(city: Any, at: At) -> None:
    chain(city, Step("venue_desk", substitute="venue_manager"))
    asked = asks(city, at)
    with city.writing("desk") as work:
        go_away(work, work.now.date() + timedelta(days=9))
    assert says(city, "manager", asked) == "confirmed"


def test_a_step_nobody_holds_falls_to_the_venue(city: Any, at: At) -> None:
    chain(city, Step("organisation_admin"))
    assert says(city, "manager", asks(city, at)) == "confirmed"


def test_the_last_yes_for_a_time_taken_meanwhile_says_so_and_counts_nothing(
    city: Any, at: At
) -> None:
    chain(city, MANAGER)
    asked = asks(city, at)
    with city.writing("admin") as work:
        new = NewBooking(city.rooms["studio"], at(*WHEN), "Council", override="the council sits")
        book(work, new)
    with pytest.raises(Conflict, match="Taken"):
        says(city, "manager", asked)
    with city.site.reading() as work:
        assert work.session.scalars(sa.select(ApprovalAnswer)).all() == []


def test_complaint_08_approving_one_leaves_the_others_asked_and_says_what_they_lost(
    city: Any, at: At, browser: Any
) -> None:
    """Nobody is refused by somebody else's yes: the approver sees it first, and is asked after."""
    chain(city, MANAGER)
    first, second = asks(city, at), asks(city, at, "bice")
    manager = browser("manager")
    before = manager.get("/manage/alba/requests").get_data(as_text=True)
    assert before.count("asks for it too") == 2
    assert says(city, "manager", first) == "confirmed"
    assert state(city, second) == "requested"
    after = manager.get("/manage/alba/requests").get_data(as_text=True)
    assert "Now taken" in after
    with city.site.reading() as work:
        view = booking_view(work.session, first)
        assert view is not None
        assert [v.booking.public_id for v in competing(work.session, view)] == [second]
    assert "Decline them with this message" in manager.get(
        f"/manage/alba/bookings/{first}/others"
    ).get_data(as_text=True)


# -- races ---------------------------------------------------------------------------------------


def test_an_answer_races_the_deadline_and_its_substitute_and_one_of_them_counts(
    city: Any, at: At
) -> None:
    """Seven answer at once: desk, its substitute and the clock; exactly one is written."""
    chain(city, Step("venue_desk", deadline_hours=24, outcome="decline",
                     substitute="venue_manager", substitute_after_hours=1))  # fmt: skip
    asked = asks(city, at)
    late = clock.now() + timedelta(hours=24)
    ready = threading.Barrier(7)

    def act(n: int) -> str:
        ready.wait()
        try:
            if n == 0:
                with city.site.writing() as work:
                    sweep(work)
                return "swept"
            return says(city, "desk" if n % 2 else "manager", asked)
        except Refusal as error:
            return error.code

    with clock.frozen(late), ThreadPoolExecutor(7) as pool:
        answers = Counter(pool.map(act, range(7)))
    with city.site.reading() as work:
        said = work.session.scalars(sa.select(ApprovalAnswer)).all()
        booking = work.session.scalars(sa.select(Booking)).one()
    if booking.state == "confirmed":
        assert (len(said), answers["confirmed"]) == (1, 1)
    else:
        assert (booking.state, len(said), answers["confirmed"]) == ("declined", 0, 0)
    assert set(answers) <= {"swept", "confirmed", "wrong_state"}
