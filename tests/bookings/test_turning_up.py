"""Turning up: links and references at the door, the gentle record, reminders, asking again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.arrivals import asks, at_time, booking, made, mails, swept
from tierslieu.bookings.attendance import services as attendance
from tierslieu.bookings.attendance.queries import check_in_path, link_of
from tierslieu.bookings.attendance.rules import scanned_link, written_reference
from tierslieu.bookings.displays.models import Display
from tierslieu.bookings.displays.services import new_display
from tierslieu.bookings.missed import queries as records
from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.missed.services import forget, forgive, take_back
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import is_signed, sign
from tierslieu.people.services import register_person

At = Callable[..., Span]


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
