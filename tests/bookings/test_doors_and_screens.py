"""Doors that speak, over HTTP and without JavaScript: links, references, screens, the review."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.attendance.queries import link_of
from tierslieu.bookings.displays.models import Display
from tierslieu.bookings.displays.rules import refresh_seconds, take_now
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.reminders.told import STOP
from tierslieu.bookings.rules import PolicyRow, PolicyValues, resolve
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import sign
from tierslieu.people.models import Person
from tierslieu.testing import a_token, csrf_token

At = Callable[..., Span]
Browser = Callable[..., Any]
DESK = "/manage/alba"
ROME = 1


def at_time(hour: int, minute: int = 0) -> AbstractContextManager[None]:
    return clock.frozen(datetime(2026, 11, 2, hour - ROME, minute, tzinfo=UTC))


def made(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, **({"title": "Sewing"} | more))
        return book(work, new).public_id


def booking(house: Any, public_id: str) -> Booking:
    with house.site.reading() as work:
        return work.session.scalars(sa.select(Booking).where(Booking.public_id == public_id)).one()


def asks(house: Any, room: str, **rules: Any) -> None:
    with house.site.writing() as work:
        row = work.session.scalars(sa.select(Policy).where(Policy.room_id == house.ids[room])).one()
        row.rules = {**row.rules, **rules}


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def press(client: Any, page: str, address: str = "", **fields: Any) -> Any:
    return client.post(address or page, data={"csrf_token": csrf_token(client, page)} | fields)


def a_display(browser: Browser, **fields: str) -> tuple[str, str]:
    """The path of a new display as its manager reads it, and its token."""
    client = browser("manager")
    shown = press(client, f"{DESK}/displays", **({"room": "", "look": "ink"} | fields))
    assert shown.status_code == 200
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    found = re.search(r"http://localhost(/(?:display|door)/(tld_[\w-]+))", shown.text)
    assert found is not None
    return found[1], found[2]


# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("look", "seconds", "expected"),
    [("ink", None, 180), ("ink", 60, 62), ("tablet", 3600, 60), ("tablet", 1, 5), ("ink", -9, 180)],
)
def test_a_screen_looks_again_when_what_it_shows_changes(
    look: str, seconds: int | None, expected: int
) -> None:
    now = datetime(2026, 11, 2, 10, tzinfo=UTC)
    changes = None if seconds is None else now + timedelta(seconds=seconds)
    assert refresh_seconds(look, now, changes) == expected


@pytest.mark.parametrize(
    ("rules", "until", "expected"),
    [
        ({"notice_add": "none"}, "12:00", ("10:30", "12:00")),
        ({"notice_add": "0h", "longest_minutes": 60}, "18:00", ("10:30", "11:30")),
        ({"notice_add": "none"}, "18:00", ("10:30", "12:30")),
        ({"notice_add": "none"}, "10:40", None),
        ({"notice_add": "none", "shortest_minutes": 120}, "12:00", None),
        ({"notice_add": "2h"}, "18:00", None),
        ({"notice_add": "none", "step_minutes": 20}, "12:05", ("10:20", "12:00")),
    ],
    ids=["until the next", "the longest", "two hours at most", "too short to be worth it",
         "shorter than the shortest", "notice is asked", "steps from midnight"],
)  # fmt: skip
def test_what_somebody_at_the_door_could_take(
    rules: dict[str, Any], until: str, expected: tuple[str, str] | None
) -> None:
    policy = resolve([PolicyRow("room", "everyone", PolicyValues.from_json(rules))], [])
    end = datetime.fromisoformat(f"2026-11-02T{until}+00:00")
    found = take_now(policy, datetime(2026, 11, 2, 10, 7, 30, tzinfo=UTC), end)
    assert found == (
        expected and Span(*(datetime.fromisoformat(f"2026-11-02T{t}+00:00") for t in expected))
    )


# -- the holder's link -----------------------------------------------------------------------------


def test_a_phone_checks_in_with_the_link_alone(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    with house.site.reading() as work:
        path = link_of(work, booking(house, made_id))
    phone = browser()
    with at_time(12):
        shown = phone.get(path)
        assert "Checking in opens at 14:30" in words(shown)
        assert "I am here" not in words(shown)
    with at_time(14, 45):
        shown = phone.get(path)
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in shown.headers["Cache-Control"]
        assert press(phone, path, act="here").location.endswith(path)
        assert "You are checked in" in words(phone.get(path))
    with at_time(15, 20):
        press(phone, path, act="leave")
    assert booking(house, made_id).left_at is not None
    assert phone.get(path[:-2] + "xx").status_code == 404


def test_the_code_of_a_booking_and_its_page_check_in(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    client, page = browser("ada"), f"/bookings/{made_id}"
    before = client.get(f"{page}/code.svg").text
    press(client, page, f"{page}/door/new-code")
    assert client.get(f"{page}/code.svg").text != before
    assert "No reminder for this one" in words(client.get(page))
    press(client, page, f"{page}/door/quiet")
    assert "Remind me of this one" in words(client.get(page))
    assert browser("bice").post(f"{page}/door/here").status_code in (400, 404)
    with at_time(14, 50):
        press(client, page, f"{page}/door/here")
    assert booking(house, made_id).state == "checked_in"


# -- the door --------------------------------------------------------------------------------------


def test_a_code_on_paper_lets_in_who_is_signed_in_or_knows_the_reference(
    house: Any, browser: Browser, at: At
) -> None:
    path, _ = a_display(browser, room=house.rooms["sala"], look="paper")
    assert path.startswith("/door/")
    first = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"), title="Chess")
    second = made(house, "bice", "sala", at("2026-11-02 16:00", "17:00"), title="Secret")
    with at_time(14, 50):
        hers = browser("ada")
        shown = words(hers.get(path))
        assert "Chess" in shown
        assert "Secret" not in shown
        press(hers, path, booking=first)
        assert booking(house, first).state == "checked_in"
    with at_time(15, 50):
        phone = browser()
        assert "Chess" not in words(phone.get(path))
        refused = press(phone, path, reference="WRONG234")
        assert refused.status_code == 422
        assert "No booking here has this reference" in words(refused)
        assert 'value="WRONG234"' in refused.text
        assert press(phone, path, booking=second).status_code in (302, 401, 403, 404)
        assert booking(house, second).state == "confirmed"
        press(phone, path, reference=booking(house, second).reference.lower())
    assert booking(house, second).state == "checked_in"


# -- screens ---------------------------------------------------------------------------------------


def test_a_screen_shows_now_next_and_only_public_titles(
    house: Any, browser: Browser, at: At
) -> None:
    path, token = a_display(browser, room=house.rooms["sala"], locale="en", name="by the stairs")
    made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"), title="Therapy")
    made(house, "ada", "sala", at("2026-11-02 16:30", "17:00"), title="Chess", visibility="public")
    screen = browser()
    with at_time(15, 10):
        shown = screen.get(path)
        said = words(shown)
        assert "Booked until 16:00" in said
        assert "Therapy" not in said
        assert "16:30–17:00 Chess" in said
        assert 'http-equiv="refresh"' in shown.text
        assert "<script" not in shown.text
        assert "script-src" not in shown.headers["Content-Security-Policy"]
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        assert shown.headers["Cache-Control"] == "private, no-store"
    with at_time(16, 5):
        said = words(screen.get(path))
        assert "Free until 16:30" in said
    with at_time(20):
        assert "Closed" in words(screen.get(path))
    listed = words(browser("manager").get(f"{DESK}/displays"))
    assert "by the stairs" in listed
    assert token not in listed


def test_a_screen_offers_to_check_in_or_to_take_the_free_room(
    house: Any, browser: Browser, at: At
) -> None:
    asks(house, "sala", check_in=True, notice_add="none", no_show_after_minutes=20)
    made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    path, _ = a_display(browser, room=house.rooms["sala"], look="tablet", locale="en")
    screen = browser()
    with at_time(11, 3):
        shown = screen.get(path)
        assert f"/book/{house.rooms['sala']}?date=2026-11-02&amp;start=11:10" in shown.text.replace(
            "%3A", ":"
        )
        assert "Take it now" in words(shown)
    with at_time(15, 4):
        shown = screen.get(path)
        assert "Say that you are there by 15:20" in words(shown)
        assert path.replace("/display/", "/door/") in shown.text
        assert screen.get(path.replace("/display/", "/door/")).status_code == 200


def test_the_hall_shows_every_room_in_its_own_language(house: Any, browser: Browser) -> None:
    path, _ = a_display(browser, locale="fr")
    with at_time(10):
        shown = browser().get(path)
    assert '<html lang="fr"' in shown.text
    for room in ("Sala", "Studio", "Kept", "Tidy"):
        assert room in words(shown)


def test_a_stopped_screen_shows_nothing_and_its_use_is_noted_hourly(
    house: Any, browser: Browser
) -> None:
    path, _ = a_display(browser)
    screen = browser()

    def seen() -> datetime | None:
        with house.site.reading() as work:
            return work.session.scalars(sa.select(Display.last_used_at)).one()

    for minute, noted in ((0, 0), (59, 0), (60, 60)):
        with at_time(10 + minute // 60, minute % 60):
            assert screen.get(path).status_code == 200
        assert seen() == datetime(2026, 11, 2, 9 + noted // 60, tzinfo=UTC)
    manager = browser("manager")
    stop = re.search(r'action="([^"]+/stop)"', manager.get(f"{DESK}/displays").text)
    assert stop is not None
    press(manager, f"{DESK}/displays", stop[1])
    assert screen.get(path).status_code == 404
    assert screen.get(path.replace("/display/", "/door/")).status_code == 404


def test_only_who_runs_the_venue_makes_screens(house: Any, browser: Browser) -> None:
    for who in ("ada", "rival"):
        client = browser(who)
        assert client.get(f"{DESK}/displays").status_code in (403, 404)
        assert press(client, "/me", f"{DESK}/displays", look="ink").status_code in (403, 404)


# -- the desk --------------------------------------------------------------------------------------


def test_the_desk_checks_in_by_reference_from_today(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    client = browser("manager")
    with at_time(14, 50):
        assert "Reference, spoken or scanned" in words(client.get(DESK))
        refused = press(client, f"{DESK}/arrivals", reference="nonesuch")
        assert refused.status_code == 422
        assert 'value="nonesuch"' in refused.text
        press(client, f"{DESK}/arrivals", reference=booking(house, made_id).reference)
    assert booking(house, made_id).state == "checked_in"


def test_a_missed_booking_is_reviewed_at_the_desk_and_read_by_her(
    house: Any, browser: Browser, at: At
) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    desk, hers, page = browser("manager"), browser("ada"), f"{DESK}/arrivals"
    with at_time(15, 30):
        press(desk, DESK, f"{DESK}/bookings/{made_id}/attend/miss")
        assert "Noted at the desk" in words(desk.get(page))
        assert "We missed you" in words(hers.get("/me"))
        assert "We missed you" in words(hers.get(f"/bookings/{made_id}"))
        refused = press(desk, page, f"{DESK}/missed/{made_id}/forgive", reason=" ")
        assert refused.status_code == 422
        assert "Say why" in words(refused)
        press(desk, page, f"{DESK}/missed/{made_id}/forgive", reason="The bus broke down.")
        assert "The bus broke down." in words(desk.get(page))
        assert "We missed you" not in words(hers.get("/me"))
        press(desk, page, f"{DESK}/missed/{made_id}/count")
        assert "We missed you" in words(hers.get("/me"))


def test_reminders_are_stopped_by_the_link_in_the_mail(house: Any, browser: Browser) -> None:
    with house.site.reading() as work:
        ada = work.session.get_one(Person, house.people["ada"])
        path = f"/reminders/{sign(work.site.config.key, STOP, ada.public_id)}"
    phone = browser()
    press(phone, path, act="stop")
    assert "You get no reminders" in words(phone.get(path))
    press(phone, path, act="start")
    assert "The day before a booking" in words(phone.get(path))
    assert phone.get(path + "x").status_code == 404


# -- the API ---------------------------------------------------------------------------------------


def test_the_api_notes_that_nobody_came_and_takes_it_back(house: Any, client: Any, at: At) -> None:
    from tierslieu.people.models import Account

    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    with house.site.writing() as work:
        tokens = {
            who: a_token(
                work,
                work.session.scalars(
                    sa.select(Account).where(Account.person_id == house.people[who])
                ).one(),
            )
            for who in ("ada", "manager")
        }
    path = f"/api/v1/bookings/{made_id}/no-show"

    def ask(method: str, who: str) -> Any:
        return client.open(path, method=method, headers={"Authorization": f"Bearer {tokens[who]}"})

    with at_time(15, 30):
        assert ask("POST", "ada").status_code == 403
        assert ask("POST", "manager").json["state"] == "no_show"
        assert ask("DELETE", "ada").status_code == 403
        assert ask("DELETE", "manager").json["state"] == "checked_in"
        assert ask("DELETE", "manager").status_code == 409
