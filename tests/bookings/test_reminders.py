"""Reminders, and long series that are asked about again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.arrivals import asks, at_time, booking, made, mails
from tierslieu.bookings.attendance.queries import check_in_path
from tierslieu.bookings.jobs import ask_again, remind
from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.reminders import services as reminders
from tierslieu.bookings.reminders.models import Reconfirmation
from tierslieu.kernel.errors import Conflict, Forbidden
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.people.services import register_person

At = Callable[..., Span]


def reminded(house: Any) -> list[Mail]:
    with house.site.writing() as work:
        remind(work)
    return [row for row in mails(house) if "No more reminders" in row.body]


def test_a_person_is_reminded_once_of_all_that_begins_within_a_day(house: Any, at: At) -> None:
    first = made(house, "ada", "sala", at("2026-11-05 09:00", "10:00"), title="Chess")
    made(house, "ada", "sala", at("2026-11-05 11:00", "12:00"), title="Choir")
    assert reminded(house) == []
    with at_time(12, day=4):
        sent = reminded(house)
        assert len(sent) == 1
        assert "Chess" in sent[0].body
        assert "Choir" in sent[0].body
        with house.site.reading() as work:
            assert check_in_path(work, first) in sent[0].body
        assert len(reminded(house)) == 1


def test_who_wants_no_reminders_gets_none(house: Any, at: At) -> None:
    one = made(house, "ada", "sala", at("2026-11-05 09:00", "10:00"))
    made(house, "bice", "sala", at("2026-11-05 11:00", "12:00"))
    made(house, "manager", "sala", at("2026-11-05 15:00", "16:00"))
    with house.writing("ada") as work:
        reminders.quiet(work, one, stop=True)
    with house.site.writing() as work:
        reminders.stop_reminders(work, house.people["bice"])
    with at_time(16, day=4):
        assert [row.to_address for row in reminded(house)] == ["manager@example.org"]


def test_what_was_booked_yesterday_evening_is_not_reminded_of(house: Any, at: At) -> None:
    with at_time(20, day=3):
        made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    with at_time(8, day=4):
        assert reminded(house) == []


def weekly(house: Any, who: str, at: At, *, weeks: int, **more: Any) -> list[str]:
    """A series of so many Wednesdays, made on the second of November."""
    days = [date(2026, 11, 4) + timedelta(weeks=n) for n in range(weeks)]
    found = [made(house, who, "kept", at(f"{day} 15:00", "16:00"), **more) for day in days]
    with house.site.writing() as work:
        series = Series(
            uid=f"{who}@test", rrule="FREQ=WEEKLY", local_start="2026-11-04T15:00", minutes=60,
            zone="Europe/Rome", room_id=house.ids["kept"], created_at=work.now,
        )  # fmt: skip
        work.session.add(series)
        work.session.flush()
        work.session.execute(
            sa.update(Booking).where(Booking.public_id.in_(found)).values(series_id=series.id)
        )
    return found


def hourly(house: Any) -> None:
    with house.site.writing() as work:
        ask_again(work)


def states(house: Any, ids: list[str]) -> list[str]:
    return [booking(house, each).state for each in ids]


def question(house: Any) -> Reconfirmation:
    with house.site.reading() as work:
        return work.session.scalars(
            sa.select(Reconfirmation).order_by(Reconfirmation.id.desc()).limit(1)
        ).one()


@pytest.fixture
def asked_again(house: Any) -> None:
    asks(house, "kept", approval="none", reconfirm_weeks=4)


def test_complaint_06_a_weekly_booking_that_nobody_cancels_is_freed_gently(
    house: Any, at: At, asked_again: None
) -> None:
    """No free rooms, and rooms not used: the holder is asked, then the dates that follow go."""
    dates = weekly(house, "ada", at, weeks=10)
    with at_time(12, day=29):
        hourly(house)
    assert not mails(house, "/still-needed/")
    with at_time(12, day=1, month=12):
        hourly(house)
        hourly(house)
    asking = mails(house, "/still-needed/")
    assert [mail.to_address for mail in asking] == ["ada@example.org"]
    with at_time(11, day=8, month=12):
        hourly(house)
    assert states(house, dates) == ["confirmed"] * 10
    with at_time(13, day=8, month=12):
        hourly(house)
        hourly(house)
    assert states(house, dates) == ["confirmed"] * 5 + ["cancelled"] * 5
    told = [row for row in mails(house) if "5 dates are free for others again" in row.body]
    assert len(told) == 1
    with at_time(14, day=8, month=12):
        made(house, "bice", "kept", at("2026-12-09 15:00", "16:00"))


def test_what_was_freed_is_put_back_where_it_is_still_free(
    house: Any, at: At, asked_again: None
) -> None:
    dates = weekly(house, "ada", at, weeks=8)
    with at_time(12, day=1, month=12):
        hourly(house)
    with at_time(13, day=8, month=12):
        hourly(house)
        made(house, "bice", "kept", at("2026-12-16 15:00", "16:00"))
        with house.writing("rival") as work, pytest.raises(Forbidden):
            reminders.put_back(work, house.venue, question(house).public_id)
        with house.writing("manager") as work:
            assert reminders.put_back(work, house.venue, question(house).public_id) == (2, 1)
        with house.writing("manager") as work, pytest.raises(Conflict):
            reminders.put_back(work, house.venue, question(house).public_id)
    assert states(house, dates)[5:] == ["confirmed", "cancelled", "confirmed"]


@pytest.mark.parametrize(("keep", "after"), [(True, "confirmed"), (False, "cancelled")])
def test_the_holder_says_whether_it_is_still_needed(
    house: Any, at: At, asked_again: None, keep: bool, after: str
) -> None:
    dates = weekly(house, "ada", at, weeks=8)
    with at_time(12, day=1, month=12):
        hourly(house)
        with house.site.writing() as work:
            row = work.session.get_one(Reconfirmation, question(house).id)
            freed = reminders.answer(work, row, keep=keep)
            assert freed == (0 if keep else 4)
        with house.site.writing() as work:
            row = work.session.get_one(Reconfirmation, question(house).id)
            with pytest.raises(Conflict):
                reminders.answer(work, row, keep=keep)
    with at_time(13, day=10, month=12):
        hourly(house)
    assert states(house, dates)[-1] == after
    assert states(house, dates)[0] == "confirmed"
    # Asked again four weeks after the last question, if it still runs.
    assert len(mails(house, "/still-needed/")) == 1


def test_who_has_no_mail_is_asked_by_voice_and_loses_nothing_by_the_clock(
    house: Any, at: At, asked_again: None
) -> None:
    with house.site.writing() as work:
        person = register_person(work, house.venue, "Elda").id
    dates = weekly(house, "manager", at, weeks=8, person_id=person)
    with at_time(12, day=1, month=12):
        hourly(house)
    with at_time(12, day=20, month=12):
        hourly(house)
    assert states(house, dates) == ["confirmed"] * 8
