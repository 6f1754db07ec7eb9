"""Turning up: links and references at the door, the gentle record, reminders, asking again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.attendance import services as attendance
from tierslieu.bookings.attendance.queries import check_in_path, link_of
from tierslieu.bookings.attendance.rules import scanned_link, written_reference
from tierslieu.bookings.displays.models import Display
from tierslieu.bookings.displays.services import new_display
from tierslieu.bookings.jobs import ask_again, remind, sweep
from tierslieu.bookings.missed import queries as records
from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.missed.services import forget, forgive, take_back
from tierslieu.bookings.models import Booking, Policy, Series
from tierslieu.bookings.reminders import services as reminders
from tierslieu.bookings.reminders.models import Reconfirmation
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import is_signed, sign
from tierslieu.people.services import register_person

At = Callable[..., Span]


def made(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, **({"title": "Sewing"} | more))
        return book(work, new).public_id


def asks(house: Any, room: str, **rules: Any) -> None:
    """The room's policy says more."""
    with house.site.writing() as work:
        row = work.session.scalars(sa.select(Policy).where(Policy.room_id == house.ids[room])).one()
        row.rules = {**row.rules, **rules}


def booking(house: Any, public_id: str) -> Booking:
    with house.site.reading() as work:
        return work.session.scalars(sa.select(Booking).where(Booking.public_id == public_id)).one()


def mails(house: Any, about: str = "") -> list[Mail]:
    with house.site.reading() as work:
        rows = work.session.scalars(sa.select(Mail).order_by(Mail.id)).all()
        return [row for row in rows if about in row.about or about in row.body]


def at_time(
    hour: int, minute: int = 0, day: int = 2, month: int = 11
) -> AbstractContextManager[None]:
    """A moment by the clock of Rome in November (an hour before is UTC)."""
    return clock.frozen(datetime(2026, month, day, hour - 1, minute, tzinfo=UTC))


def swept(house: Any) -> None:
    with house.site.writing() as work:
        sweep(work)


# -- what is written and scanned -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "reference"),
    [("abcd2345", "ABCD2345"), (" ab cd-23 45 ", "ABCD2345"), ("AB.CD.23.45", "ABCD2345")],
)
def test_a_reference_is_read_as_people_write_it(written: str, reference: str) -> None:
    assert written_reference(written) == reference


def test_a_scanner_types_the_address_of_a_link() -> None:
    assert scanned_link("https://x.org/check-in/abc.d-e_f\n") == "abc.d-e_f"
    assert scanned_link("ABCD2345") is None
    assert scanned_link("https://x.org/bookings/abc") is None


def test_a_link_opens_what_it_was_signed_for_and_nothing_else() -> None:
    token = sign("key", "check-in", "abc", 3)
    assert is_signed("key", "check-in", token, 3)
    for wrong in (
        is_signed("key", "check-in", token, 4),
        is_signed("key", "reminders", token, 3),
        is_signed("other", "check-in", token, 3),
        is_signed("key", "check-in", token.replace("abc", "abd"), 3),
        is_signed("key", "check-in", token + "x", 3),
        is_signed("key", "check-in", "", 3),
    ):
        assert not wrong


# -- at the door -----------------------------------------------------------------------------------


def test_who_holds_the_link_checks_in_without_signing_in(house: Any, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    with house.site.reading() as work:
        token = link_of(work, booking(house, made_id)).rpartition("/")[2]
    assert token in mails(house, made_id)[0].body
    with at_time(14), house.site.writing() as work, pytest.raises(Refused) as refused:
        attendance.check_in_by_link(work, token)
    assert refused.value.code == "too_early"
    with at_time(14, 55), house.site.writing() as work:
        attendance.check_in_by_link(work, token)
        attendance.check_in_by_link(work, token)
    assert booking(house, made_id).state == "checked_in"
    with at_time(15, 30), house.site.writing() as work:
        attendance.leave_by_link(work, token)
    assert booking(house, made_id).left_at is not None


def test_a_link_made_anew_closes_the_one_before(house: Any, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    with house.writing("bice") as work, pytest.raises(NotFound):
        attendance.new_link(work, made_id)
    with house.writing("ada") as work:
        old = link_of(work, booking(house, made_id))
        attendance.new_link(work, made_id)
    with at_time(15), house.site.writing() as work:
        with pytest.raises(NotFound):
            attendance.check_in_by_link(work, old.rpartition("/")[2])
        new = link_of(work, booking(house, made_id))
        assert new != old
        attendance.check_in_by_link(work, new.rpartition("/")[2])
    assert booking(house, made_id).state == "checked_in"


def test_a_reference_opens_its_own_door_only(house: Any, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    reference = booking(house, made_id).reference
    with at_time(15), house.site.writing() as work:
        for venue, room, code in (
            (house.elsewhere, None, "unknown_reference"),
            (house.venue, house.ids["studio"], "other_room"),
        ):
            with pytest.raises(Invalid) as refused:
                attendance.check_in_by_reference(work, venue, reference, room_id=room)
            assert refused.value.code == code
        with pytest.raises(Invalid):
            attendance.check_in_by_reference(work, house.venue, "XXXX2345")
        attendance.check_in_by_reference(
            work, house.venue, reference.lower(), room_id=house.ids["sala"]
        )
    assert booking(house, made_id).state == "checked_in"


def test_the_desk_may_scan_the_link_itself(house: Any, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    with at_time(15), house.site.writing() as work:
        address = "http://localhost" + check_in_path(work, made_id)
        attendance.check_in_by_reference(work, house.venue, address, by="desk")
    assert booking(house, made_id).state == "checked_in"


# -- nobody came -----------------------------------------------------------------------------------


def test_nobody_is_noted_as_missing_without_a_notice_first(house: Any, at: At) -> None:
    asks(house, "sala", check_in=True, no_show_after_minutes=15)
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "17:00"))
    with at_time(15, 5):
        swept(house)
    assert not mails(house, "nobody has said")
    with at_time(15, 10):
        swept(house)
        swept(house)
    notices = mails(house, "nobody has said")
    assert len(notices) == 1
    assert "free again at 15:15" in notices[0].body
    assert booking(house, made_id).state == "confirmed"
    with at_time(15, 16):
        swept(house)
    assert booking(house, made_id).state == "no_show"
    with house.site.reading() as work:
        record = work.session.scalars(sa.select(NoShow)).one()
        assert (record.notice, record.noted_by_id) == ("mail", None)
    # Free from now on, and somebody else comes in.
    with at_time(15, 20):
        made(house, "manager", "sala", at("2026-11-02 15:30", "16:30"), override="walked in")


def test_a_late_sweep_still_leaves_time_to_answer(house: Any, at: At) -> None:
    asks(house, "sala", check_in=True, no_show_after_minutes=15)
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "17:00"))
    with at_time(15, 40):
        swept(house)
    with at_time(15, 43):
        swept(house)
    assert booking(house, made_id).state == "confirmed"
    with at_time(15, 45):
        swept(house)
    assert booking(house, made_id).state == "no_show"


@pytest.mark.parametrize("screen", ["none", "off", "elsewhere", "on"])
def test_who_has_no_mail_is_told_by_a_screen_that_is_on_or_left_to_the_desk(
    house: Any, at: At, screen: str
) -> None:
    asks(house, "sala", check_in=True, no_show_after_minutes=10)
    with house.site.writing() as work:
        person = register_person(work, house.venue, "Elda").id
    made_id = made(house, "manager", "sala", at("2026-11-02 15:00", "17:00"), person_id=person)
    if screen != "none":
        room = house.rooms["studio"] if screen == "elsewhere" else house.rooms["sala"]
        with house.writing("manager") as work:
            display, _ = new_display(work, house.venue, room=room)
            seen = at("2026-11-02 14:30" if screen != "off" else "2026-11-02 09:30", "14:45")
            work.session.get_one(Display, display.id).last_used_at = seen.starts_at
    for minute in (6, 12):
        with at_time(15, minute):
            swept(house)
    expected = "no_show" if screen == "on" else "confirmed"
    assert booking(house, made_id).state == expected


def test_a_record_is_forgiven_with_a_reason_taken_back_and_forgotten(house: Any, at: At) -> None:
    asks(house, "sala", no_show_kept_days=30)
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "17:00"))

    def counted() -> dict[int, int]:
        with house.site.reading() as work:
            return records.times(work.session, house.venue, [house.people["ada"]], work.now)

    with at_time(15, 20):
        with house.writing("ada") as work, pytest.raises(Forbidden):
            attendance.miss(work, made_id)
        with house.writing("manager") as work:
            attendance.miss(work, made_id)
        assert counted() == {house.people["ada"]: 1}
        with house.writing("ada") as work, pytest.raises(Forbidden):
            attendance.undo_no_show(work, made_id)
        with house.writing("rival") as work, pytest.raises(NotFound):
            forgive(work, house.elsewhere, made_id, "x")
        with house.writing("manager") as work:
            with pytest.raises(Invalid):
                forgive(work, house.venue, made_id, "  ")
            forgive(work, house.venue, made_id, "The bus broke down.")
            with pytest.raises(Conflict):
                forgive(work, house.venue, made_id, "Again.")
        assert counted() == {}
        with house.writing("manager") as work:
            take_back(work, house.venue, made_id)
        assert counted() == {house.people["ada"]: 1}
    with at_time(16, day=3, month=12):
        assert counted() == {}
        with house.site.writing() as work:
            assert forget(work) == 1
            assert records.at_venue(work.session, house.venue, work.now) == []


def test_they_did_come_after_all_leaves_no_record(house: Any, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "17:00"))
    with at_time(15, 20):
        with house.writing("manager") as work:
            attendance.miss(work, made_id)
        with house.writing("manager") as work:
            attendance.undo_no_show(work, made_id)
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(NoShow)).all() == []


# -- reminders -------------------------------------------------------------------------------------


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


# -- asking again ----------------------------------------------------------------------------------


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
