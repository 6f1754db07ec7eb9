"""Closing, limiting, and what becomes of whoever is touched."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.touched import FIRST, LAST, NOON, WHY, limited, titles, venue_of
from tierslieu.bookings.handling.queries import grouped, to_handle, touched_by
from tierslieu.bookings.handling.rules import Shut
from tierslieu.bookings.handling.services import Decision, handle, tell_again
from tierslieu.bookings.handling.waits import waits_to_handle
from tierslieu.bookings.models import Booking
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.services import join
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Forbidden, NotFound, Refused
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.testing import csrf_token
from tierslieu.venues.models import Room
from tierslieu.venues.modes.rules import Mode
from tierslieu.venues.modes.services import end_mode, set_mode
from tierslieu.venues.opening.services import close, reopen
from tierslieu.venues.rooms.services import retire_room


def test_asking_who_is_touched_saves_nothing(house: Any, taken: Any, at: Any) -> None:
    week = Span(at("2026-11-09 00:00", "01:00").starts_at, at("2026-11-15 00:00", "01:00").ends_at)
    with house.reading("manager") as work:
        venue = venue_of(work, house)
        shut = touched_by(work.session, venue, Shut("closure:x", week), work.now)
        studio = Shut("closure:x", week, house.ids["studio"])

        assert titles(shut) == ["Choir", "Tea", "Chess"]
        assert shut[0].email == "ada@example.org"
        assert touched_by(work.session, venue, studio, work.now) == []
        assert titles(touched_by(work.session, venue, limited(people=12), work.now)) == [
            "Choir",
            "Chess",
        ]
        assert titles(touched_by(work.session, venue, limited(share=75), work.now)) == ["Choir"]
        assert len(grouped(shut)) == 3
        assert to_handle(work.session, venue, work.now) == []


def test_a_limited_venue_refuses_at_every_door_and_names_the_end(house: Any, at: Any) -> None:
    with house.writing("manager") as work:
        set_mode(work, house.venue, limited(people=12))
    day = at("2026-11-12 15:00", "17:00")
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book(work, NewBooking(house.rooms["sala"], day, "Choir", attendance=13))
    reason = refused.value.reasons[0]

    assert reason.code == "over_capacity"
    assert "12 people" in str(reason.message) or reason.nearest[0].values == {"attendance": "12"}
    with house.writing("ada") as work:
        book(work, NewBooking(house.rooms["sala"], day, "Choir", attendance=12))
        book(
            work,
            NewBooking(house.rooms["sala"], at("2026-11-16 15:00", "17:00"), "All", attendance=28),
        )


def test_a_closed_venue_is_closed_until_it_is_ended(house: Any, at: Any) -> None:
    day = at("2026-11-12 15:00", "17:00")
    with house.writing("manager") as work:
        mode = set_mode(work, house.venue, Mode("", "closed", FIRST, None, reason=WHY))
        key = mode.public_id
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book(work, NewBooking(house.rooms["sala"], day, "Choir"))
    assert "closure" in [reason.code for reason in refused.value.reasons]
    with house.writing("manager") as work:
        end_mode(work, house.venue, key)
    with house.writing("ada") as work:
        book(work, NewBooking(house.rooms["sala"], day, "Choir"))


def test_back_to_normal_restores_nothing_and_tells_once(house: Any, taken: Any) -> None:
    with house.writing("manager") as work:
        key = set_mode(work, house.venue, Mode("", "closed", FIRST, LAST)).public_id
        ids = [taken["choir"], taken["tea"], taken["chess"]]
        handle(work, house.venue, ids[:2], Decision("cancel", "Closed."))
        handle(work, house.venue, ids[2:], Decision("keep", "The tournament."))
        end_mode(work, house.venue, key)
        work.session.execute(sa.delete(Mail))
    with house.writing("manager") as work:
        venue = venue_of(work, house)
        assert to_handle(work.session, venue, work.now) == []
        states = work.session.scalars(sa.select(Booking.state)).all()
        assert sorted(states) == ["cancelled", "cancelled", "confirmed", "confirmed"]
        assert work.session.scalars(sa.select(Mail)).all() == []
        assert tell_again(work, house.venue, f"mode:{key}") == 1
        assert [m.to_address for m in work.session.scalars(sa.select(Mail))] == ["ada@example.org"]
        with pytest.raises(NotFound):
            tell_again(work, house.venue, f"mode:{key}")


def test_closures_and_rooms_out_of_use_are_causes_too(house: Any, taken: Any, at: Any) -> None:
    with house.writing("manager") as work:
        venue = venue_of(work, house)
        shut = close(work, house.venue, at("2026-11-09 14:00", "18:00"), WHY)
        assert titles(to_handle(work.session, venue, work.now)) == ["Choir"]
        reopen(work, house.venue, shut.public_id)
        retire_room(work, house.ids["sala"])
        assert titles(to_handle(work.session, venue, work.now)) == [
            "Choir",
            "Tea",
            "Chess",
            "Later",
        ]


def test_a_room_is_taken_out_of_use_once_who_is_touched_was_shown(
    house: Any, taken: Any, browser: Any
) -> None:
    desk, rooms = browser("manager"), "/manage/alba/rooms"
    address = f"{rooms}/{house.rooms['sala']}/use"
    sent = {"on": "", "csrf_token": csrf_token(desk, rooms)}

    def retired(room: str) -> bool:
        with house.site.reading() as work:
            return work.session.get_one(Room, house.ids[room]).retired_at is not None

    shown = desk.post(address, data=sent)
    text = shown.get_data(as_text=True)
    assert "It touches 4 bookings" in text
    assert "Choir" in text
    assert not retired("sala")
    known = re.search(r'name="known" value="([^"]+)"', text)
    assert known is not None
    assert desk.post(address, data=sent | {"known": known[1]}).status_code == 302
    assert retired("sala")
    address = f"{rooms}/{house.rooms['tidy']}/use"
    assert desk.post(address, data=sent).status_code == 302
    assert retired("tidy")


def test_who_waits_for_a_closed_time_is_listed_told_and_taken_off_the_list(
    house: Any, taken: Any, browser: Any, at: Any
) -> None:
    with house.writing("bice") as work:
        new = NewBooking(house.rooms["sala"], at("2026-11-09 15:00", "17:00"), "Reading")
        entry = join(work, new).public_id
    week = Span(at("2026-11-09 00:00", "01:00").starts_at, at("2026-11-15 00:00", "01:00").ends_at)
    desk, address = browser("manager"), "/manage/alba/to-handle"
    asked = "what=close&room=&first=2026-11-09&last=2026-11-15"
    assert "Reading" in desk.get(f"/manage/alba/touched?{asked}").get_data(as_text=True)
    with house.writing("manager") as work:
        close(work, house.venue, week, WHY)
    assert "Reading" in desk.get(address).get_data(as_text=True)
    done = {"act": "cancel", "reason": "Works.", "booking": entry,
            "csrf_token": csrf_token(desk, address)}  # fmt: skip
    assert desk.post(address, data=done).status_code == 302
    with house.reading("manager") as work:
        assert waits_to_handle(work.session, venue_of(work, house), work.now) == []
        assert work.session.scalars(sa.select(WaitingEntry.state)).all() == ["lapsed"]
        mails = work.session.scalars(sa.select(Mail)).all()
        [mail] = [each for each in mails if "you wait for it no longer" in each.body]
    assert mail.to_address == "bice@example.org"
    assert "Works." in mail.body


def test_who_does_not_close_there_handles_nothing(house: Any, taken: Any) -> None:
    for name in ("ada", "rival"):
        with house.writing(name) as work:
            with pytest.raises(Forbidden):
                set_mode(work, house.venue, Mode("", "closed", FIRST, LAST))
            with pytest.raises(Forbidden):
                handle(work, house.venue, [taken["choir"]], Decision("cancel"))


def test_complaint_09_a_closure_of_part_of_the_week_never_breaks_the_calendar(
    house: Any, at: Any, browser: Any
) -> None:
    """It is drawn, the other days stay open, and asking about it says why."""
    with house.writing("manager") as work:
        starts, ends = at("2026-11-03 16:00", "17:00"), at("2026-11-05 11:00", "12:00")
        close(work, house.venue, Span(starts.starts_at, ends.starts_at), WHY)
        close(work, house.venue, Span(starts.starts_at, starts.ends_at), Texts(), room_id=None)
        set_mode(work, house.venue, Mode("", "closed", date(2026, 11, 6), date(2026, 11, 6)))
    client, desk = browser(), browser("manager")
    sala = house.rooms["sala"]
    pages = [
        client.get("/venues/alba?week=2026-11-02"),
        client.get(f"/rooms/{sala}?week=2026-11-02"),
        desk.get("/manage/alba/timeline?day=2026-11-04"),
        desk.get("/manage/alba/settings/closures"),
    ]
    assert [page.status_code for page in pages] == [200] * 4
    week = pages[1].get_data(as_text=True)
    # The rest of the morning in which the closure ends, and the afternoon.
    for start in ("11:00", "14:40"):
        assert f"/book/{sala}?date=2026-11-05&amp;start={start}" in week
    assert f"/book/{sala}?date=2026-11-07&amp;start=9:00" in week.replace(
        "start=09:00", "start=9:00"
    )
    for closed in ("2026-11-04", "2026-11-06"):
        assert f"date={closed}" not in week
    with house.writing("ada") as work:
        book(work, NewBooking(sala, at("2026-11-05 15:00", "16:00"), "After"))
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book(work, NewBooking(sala, at("2026-11-05 10:00", "10:30"), "During"))
    assert refused.value.code == "closure"
    assert refused.value.reasons[0].nearest


def test_twenty_bookings_against_one_closing_and_none_is_lost(house: Any, at: Any) -> None:
    """Whoever comes first: each is refused, or booked and to be handled."""
    days = [at(f"2026-11-{day:02d} {hour}:00", f"{hour + 1}:00")
            for day in (9, 10, 11, 12, 13) for hour in (15, 16, 17)][:12]  # fmt: skip
    days += [at(f"2026-11-{day:02d} 09:00", "10:00") for day in (9, 10, 11, 12)]
    days += [at(f"2026-11-{day:02d} 10:00", "11:00") for day in (9, 10, 11, 12)]
    ready = threading.Barrier(len(days) + 1)

    def ask(n: int) -> str:
        ready.wait()
        try:
            with clock.frozen(NOON), house.writing("ada" if n % 2 else "bice") as work:
                book(work, NewBooking(house.rooms["sala"], days[n], f"n{n}", attendance=20))
        except Refused as refusal:
            return refusal.code
        return "booked"

    def shut() -> str:
        ready.wait()
        with clock.frozen(NOON), house.writing("manager") as work:
            return set_mode(work, house.venue, Mode("", "closed", FIRST, LAST)).mode

    with ThreadPoolExecutor(len(days) + 1) as people:
        closing = people.submit(shut)
        answers = list(people.map(ask, range(len(days))))
    assert closing.result() == "closed"
    assert len(answers) == 20
    booked = {f"n{n}" for n, answer in enumerate(answers) if answer == "booked"}
    assert {answer for answer in answers if answer != "booked"} <= {"closure"}
    with house.reading("manager") as work:
        listed = to_handle(work.session, venue_of(work, house), work.now)
        assert set(titles(listed)) == booked


def test_the_pages_ask_first_and_say_it_to_whoever_booked(
    house: Any, taken: Any, browser: Any
) -> None:
    desk, member = browser("manager"), browser("ada")
    address = "/manage/alba/settings/mode"
    sent = {
        "kind": "limited", "first": "2026-11-09", "last": "2026-11-15", "people": "12",
        "csrf_token": csrf_token(desk, address),
    }  # fmt: skip
    shown = desk.post(address, data=sent)
    text = shown.get_data(as_text=True)
    known = re.search(r'name="known" value="([^"]+)"', text)
    assert known is not None
    assert "It touches 2 bookings" in text
    assert "by e-mail" in text
    with house.reading("manager") as work:
        assert to_handle(work.session, venue_of(work, house), work.now) == []
    assert desk.post(address, data=sent | {"known": known[1]}).status_code == 302
    assert "2 bookings to handle" in desk.get("/manage/alba").get_data(as_text=True)
    wrong = {"act": "cancel", "csrf_token": sent["csrf_token"]}
    assert desk.post("/manage/alba/to-handle", data=wrong).status_code == 422
    done = wrong | {"act": "keep", "reason": "Windows open.", "booking": taken["choir"]}
    assert desk.post("/manage/alba/to-handle", data=done).status_code == 302
    mine = member.get(f"/bookings/{taken['choir']}").get_data(as_text=True)
    assert "yours takes place all the same" in mine
    room = browser().get(f"/rooms/{house.rooms['sala']}").get_data(as_text=True)
    assert "normally 28" not in room
    with clock.frozen(NOON + timedelta(days=8)):
        room = browser().get(f"/rooms/{house.rooms['sala']}").get_data(as_text=True)
        venue = browser().get("/api/v1/venues/alba").get_json()
        first = browser().get(f"/api/v1/rooms/{house.rooms['sala']}").get_json()
    assert "12 people until Sunday 15 November, normally 28" in room
    assert venue["mode"]["mode"] == "limited"
    assert venue["mode"]["until"] == "2026-11-15"
    assert (first["capacity"], first["capacity_now"]) == (28, 12)
    for asked in ("what=close&room=&first=2026-11-09&last=2026-11-15", "what=retire&room=",
                  "what=limit&people=12", "what=limit&people=x", "first=x"):  # fmt: skip
        assert desk.get(f"/manage/alba/touched?{asked}").status_code == 200
    assert desk.get("/manage/alba/handled/nonsense").status_code == 404
