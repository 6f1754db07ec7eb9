"""Another time for several dates of a series is one answer, like the series itself was."""

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
from tierslieu.bookings.models import Booking, PendingChange, Series
from tierslieu.bookings.series.answering import approve_series, decline_series
from tierslieu.bookings.series.changing import change_series
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Occupancy
from tierslieu.testing import csrf_token

At = Callable[..., Span]


@pytest.fixture
def asked(house: Any, at: At) -> list[str]:
    """Four Wednesdays in the studio, agreed to; an hour later is asked for from the second on."""
    new = NewBooking(house.rooms["studio"], at("2026-11-04 15:00", "17:00"), "Coro")
    with house.writing("ada") as work:
        made = book_series(work, NewSeries(new, parse("FREQ=WEEKLY;COUNT=4")))
        ids = [view.booking.public_id for view in made.views]
    with house.writing("manager") as work:
        approve_series(work, ids[0], "all")
    with house.writing("ada") as work:
        change_series(work, ids[1], Edit(span=at("2026-11-11 16:00", "18:00")), "following")
    return ids


def starts(house: Any) -> list[str]:
    with house.reading("admin") as work:
        question = sa.select(Booking.local_start).where(Booking.series_id.is_not(None))
        return [each[5:] for each in work.session.scalars(question.order_by(Booking.id))]


def rules(house: Any) -> list[str]:
    with house.reading("admin") as work:
        return list(work.session.scalars(sa.select(Series.local_start).order_by(Series.id)))


def count(house: Any, model: Any) -> int:
    with house.reading("admin") as work:
        return work.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def last_mail(house: Any, since: int) -> Any:
    with house.reading("admin") as work:
        [mail] = work.session.scalars(sa.select(Mail).order_by(Mail.id).offset(since)).all()
        return mail


OLD = ["11-04T15:00", "11-11T15:00", "11-18T15:00", "11-25T15:00"]


def test_one_answer_moves_all_dates_and_the_rule_with_them(house: Any, asked: list[str]) -> None:
    assert (starts(house), count(house, PendingChange)) == (OLD, 3)
    before = count(house, Mail)
    with house.writing("manager") as work:
        done = approve_series(work, asked[2], "all")
    assert len(done.views) == 3
    assert starts(house) == [OLD[0], "11-11T16:00", "11-18T16:00", "11-25T16:00"]
    assert rules(house) == ["2026-11-04T15:00", "2026-11-11T16:00"], "the rest is its own series"
    assert (count(house, PendingChange), count(house, Occupancy)) == (0, 4)
    assert "3 dates" in last_mail(house, before).body


def test_what_cannot_go_or_is_left_out_stays_as_it_is(house: Any, at: At, asked: list[str]) -> None:
    with house.writing("manager") as work:
        book(work, NewBooking(house.rooms["studio"], at("2026-11-18 17:00", "18:00"), "Visit"))
    before = count(house, Mail)
    with house.writing("manager") as work:
        done = approve_series(work, asked[1], "all", but=[asked[3]], reason="Inventory")
    assert [fate.outcome for fate in done.lost] == ["taken"]
    assert starts(house) == [OLD[0], "11-11T16:00", OLD[2], OLD[3]]
    assert count(house, PendingChange) == 0
    body = last_mail(house, before).body
    assert "These stay as they were:" in body
    assert "Inventory" in body


def test_a_refusal_leaves_all_of_them_and_is_told_once(house: Any, asked: list[str]) -> None:
    before = count(house, Mail)
    with house.writing("manager") as work:
        decline_series(work, asked[1], "all", "Too late in the evening")
    assert (starts(house), count(house, PendingChange)) == (OLD, 0)
    assert "your booking stands as it was" in last_mail(house, before).body


def test_a_single_date_may_be_answered_by_itself_and_leaves_the_rule(
    house: Any, asked: list[str]
) -> None:
    with house.writing("manager") as work:
        approve(work, asked[2])
    assert starts(house) == [*OLD[:2], "11-18T16:00", OLD[3]]
    assert rules(house) == ["2026-11-04T15:00"]
    with house.writing("manager") as work:
        assert len(approve_series(work, asked[1], "all").views) == 2
    assert starts(house) == [OLD[0], "11-11T16:00", "11-18T16:00", "11-25T16:00"]


@pytest.mark.parametrize("outcome", ["confirm", "decline"])
def test_in_a_chain_it_is_one_answer_a_step_and_one_when_nobody_answers(
    house: Any, at: At, asked: list[str], outcome: str
) -> None:
    with house.writing("manager") as work:
        decline_series(work, asked[1], "all")
    with house.site.writing() as work:
        steps = [
            Step("venue_manager"),
            Step("persons", deadline_hours=24, outcome=outcome, persons=(house.people["bice"],)),
        ]
        put_chain(work, house.venue, house.ids["studio"], steps)
    with house.writing("ada") as work:
        change_series(work, asked[1], Edit(span=at("2026-11-11 16:00", "18:00")), "following")
    with house.writing("manager") as work:
        assert approve_series(work, asked[1], "all").views == ()
    assert (starts(house), count(house, ApprovalProgress)) == (OLD, 3)
    before = count(house, Mail)
    with clock.frozen(clock.now() + timedelta(hours=25)), house.site.writing() as work:
        sweep(work)
    moved = outcome == "confirm"
    assert starts(house)[1:] == ["11-11T16:00", "11-18T16:00", "11-25T16:00"] if moved else OLD[1:]
    assert (count(house, PendingChange), count(house, ApprovalProgress)) == (0, 0)
    told = last_mail(house, before).subject
    assert told == ("Your booking has changed" if moved else "Your booking stays as it was")


def test_the_desk_answers_all_of_them_on_one_page(
    house: Any, asked: list[str], browser: Any
) -> None:
    page = browser("manager")
    today = page.get("/manage/alba").get_data(as_text=True)
    assert today.count("Answer all its dates") == 1
    address = f"/manage/alba/bookings/{asked[1]}/series"
    assert "Another time is asked for them" in page.get(address).get_data(as_text=True)
    sent = {"csrf_token": csrf_token(page, address), "shown": asked[1:], "date": asked[1:3],
            "approve": "1"}  # fmt: skip
    assert page.post(address, data=sent).status_code == 302
    assert starts(house) == [OLD[0], "11-11T16:00", "11-18T16:00", OLD[3]]
