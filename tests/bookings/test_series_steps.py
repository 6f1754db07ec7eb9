"""A series in a chain is answered once a step; what a moved series leaves is offered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.answers.services import approve
from tierslieu.bookings.chains.models import ApprovalProgress
from tierslieu.bookings.chains.rules import Step
from tierslieu.bookings.chains.services import put_chain
from tierslieu.bookings.changes.services import Edit
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Booking
from tierslieu.bookings.series.answering import approve_series, decline_series
from tierslieu.bookings.series.changing import change_series
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.services import join
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, NotFound
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Occupancy
from tierslieu.testing import csrf_token

At = Callable[..., Span]


@pytest.fixture
def chain(house: Any) -> None:
    """In the studio the manager answers, then Bice, who works nowhere."""
    with house.site.writing() as work:
        steps = [Step("venue_manager"), Step("persons", persons=(house.people["bice"],))]
        put_chain(work, house.venue, house.ids["studio"], steps)


def choir(house: Any, at: At, room: str = "studio", count: int = 3) -> list[str]:
    new = NewBooking(house.rooms[room], at("2026-11-04 15:00", "17:00"), "Coro")
    with house.writing("ada") as work:
        made = book_series(work, NewSeries(new, parse(f"FREQ=WEEKLY;COUNT={count}")))
        return [view.booking.public_id for view in made.views]


def answers(house: Any, who: str, booking: str, act: Any = approve_series, **more: Any) -> Any:
    with house.writing(who) as work:
        return act(work, booking, "all", **more)


def states(house: Any) -> list[str]:
    with house.reading("admin") as work:
        question = sa.select(Booking.state).where(Booking.series_id.is_not(None))
        return list(work.session.scalars(question.order_by(Booking.original_starts_at)))


def count(house: Any, model: Any) -> int:
    with house.reading("admin") as work:
        return work.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.mark.usefixtures("chain")
def test_one_answer_moves_all_dates_of_a_series_one_step_on(house: Any, at: At) -> None:
    made = choir(house, at)
    for stranger, error in (("bice", NotFound), ("rival", NotFound), ("admin", Conflict)):
        with pytest.raises(error):
            answers(house, stranger, made[0])
    drain(house.site)
    before = count(house, Mail)
    assert answers(house, "manager", made[1]).views == ()
    with pytest.raises(Conflict, match="turn"):
        answers(house, "manager", made[1])
    assert states(house) == ["requested"] * 3
    assert count(house, Occupancy) == 0
    drain(house.site)
    assert count(house, Mail) == before + 1
    assert len(answers(house, "bice", made[0]).views) == 3
    assert states(house) == ["confirmed"] * 3
    assert (count(house, Occupancy), count(house, ApprovalProgress)) == (3, 0)
    assert count(house, Mail) == before + 2


@pytest.mark.usefixtures("chain")
def test_dates_left_out_of_a_step_are_declined_and_one_answered_alone_goes_ahead(
    house: Any, at: At
) -> None:
    made = choir(house, at, count=4)
    with house.writing("manager") as work:
        approve(work, made[0])
    answers(house, "manager", made[1], but=[made[2]], reason="Inventory")
    assert states(house) == ["requested", "requested", "declined", "requested"]
    with house.writing("manager") as work:
        book(work, NewBooking(house.rooms["studio"], at("2026-11-11 15:00", "16:00"), "Visit"))
    done = answers(house, "bice", made[0])
    assert [fate.outcome for fate in done.lost] == ["taken"]
    assert states(house) == ["confirmed", "declined", "declined", "confirmed"]
    assert count(house, ApprovalProgress) == 0


@pytest.mark.usefixtures("chain")
def test_one_refusal_ends_a_whole_series(house: Any, at: At) -> None:
    made = choir(house, at)
    answers(house, "manager", made[0])
    answers(house, "bice", made[0], decline_series, reason="Too loud")
    assert states(house) == ["declined"] * 3
    assert count(house, ApprovalProgress) == 0


@pytest.mark.usefixtures("chain")
def test_a_series_that_moves_while_it_is_asked_for_is_asked_anew(house: Any, at: At) -> None:
    made = choir(house, at)
    answers(house, "manager", made[0])
    with house.writing("ada") as work:
        change_series(work, made[0], Edit(span=at("2026-11-04 16:00", "18:00")), "all")
    with pytest.raises(NotFound):
        answers(house, "bice", made[0])
    answers(house, "manager", made[0])
    assert len(answers(house, "bice", made[0]).views) == 3


def test_what_a_moved_series_leaves_is_offered_to_who_waits(house: Any, at: At) -> None:
    made = choir(house, at, room="sala")
    with house.writing("bice") as work:
        span = at("2026-11-11 15:00", "16:00")
        join(work, NewBooking(house.rooms["sala"], span, "Tombola"))
    with house.writing("ada") as work:
        change_series(work, made[0], Edit(span=at("2026-11-05 15:00", "17:00")), "all")
    with house.reading("admin") as work:
        assert work.session.scalars(sa.select(WaitingEntry.state)).all() == ["offered"]


def test_neighbours_of_a_moved_series_have_their_buffers_back(house: Any, at: At) -> None:
    with house.writing("ada") as work:
        after = NewBooking(house.rooms["tidy"], at("2026-11-04 17:00", "18:00"), "Prove")
        neighbour = book(work, after).id
    made = choir(house, at, room="tidy")

    def taken() -> str:
        with house.reading("admin") as work:
            row = sa.select(Occupancy.starts_at).where(Occupancy.claim_id == neighbour)
            return f"{work.session.scalar(row):%H:%M}"

    assert taken() == "16:00"
    with house.writing("ada") as work:
        change_series(work, made[0], Edit(span=at("2026-11-05 15:00", "17:00")), "all")
    assert taken() == "15:50"


@pytest.mark.usefixtures("chain")
def test_whoever_answers_sees_a_series_once_and_answers_all_of_it(
    house: Any, at: At, browser: Any
) -> None:
    made = choir(house, at)
    for who in ("manager", "bice"):
        page = browser(who)
        assert page.get("/answers").get_data(as_text=True).count('class="ask"') == 1
        address = f"/answers/{made[0]}"
        assert "3 dates wait for one answer" in page.get(address).get_data(as_text=True)
        sent = {"csrf_token": csrf_token(page, address)}
        assert page.post(f"{address}/approve", data=sent).status_code == 303
    assert states(house) == ["confirmed"] * 3


PASSED = {
    "it goes on, and the next are told once": ("next", "requested", "A request to answer"),
    "all are confirmed": ("confirm", "confirmed", "Your booking is confirmed"),
    "all are declined": ("decline", "declined", "Your request was declined"),
    "all expire": ("expire", "expired", "Your request expired"),
}


@pytest.mark.parametrize("case", PASSED.values(), ids=PASSED)
def test_a_deadline_passes_for_all_dates_of_a_series_with_one_mail(
    house: Any, at: At, case: tuple[str, str, str]
) -> None:
    outcome, becomes, said = case
    with house.site.writing() as work:
        steps = [
            Step("venue_manager", deadline_hours=24, outcome=outcome),
            Step("persons", persons=(house.people["bice"],)),
        ]
        put_chain(work, house.venue, house.ids["studio"], steps)
    choir(house, at, count=4)
    drain(house.site)
    before = count(house, Mail)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        with house.site.writing() as work:
            sweep(work)
        drain(house.site)
    assert states(house) == [becomes] * 4
    with house.reading("admin") as work:
        mails = work.session.scalars(sa.select(Mail).order_by(Mail.id).offset(before)).all()
        assert [mail.subject.startswith(said) for mail in mails] == [True]


@pytest.mark.usefixtures("chain")
def test_a_date_taken_meanwhile_is_skipped_when_the_clock_confirms_the_others(
    house: Any, at: At
) -> None:
    with house.site.writing() as work:
        steps = [Step("venue_manager", deadline_hours=24, outcome="confirm")]
        put_chain(work, house.venue, house.ids["studio"], steps)
    choir(house, at)
    with house.writing("manager") as work:
        book(work, NewBooking(house.rooms["studio"], at("2026-11-11 15:00", "16:00"), "Visit"))
    with clock.frozen(clock.now() + timedelta(hours=25)), house.site.writing() as work:
        sweep(work)
    assert states(house) == ["confirmed", "declined", "confirmed"]
    assert count(house, SkippedDate) == 1
