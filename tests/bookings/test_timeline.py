"""The timeline: where things lie, also when the clock changes; moving; asking again cheaply."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.timeline.layout import window_of
from tierslieu.kernel.span import Span, at_wall, iso, local_day_span
from tierslieu.venues.models import Room

At = Callable[..., Span]
Browser = Callable[..., Any]
ROME = ZoneInfo("Europe/Rome")
SPRING, AUTUMN, USUAL = date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 4)
LINE = "/manage/alba/timeline"


def made(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, **({"title": "Sewing"} | more))
        return book(work, new).public_id


def span_of(house: Any, public_id: str) -> Span:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        return view.span


# -- where things lie -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hours", "first", "fourth"),
    [(USUAL, 24, "0:00", "3:00"), (SPRING, 23, "0:00", "4:00"), (AUTUMN, 25, "0:00", "2:00")],
    ids=["an ordinary day", "the clock goes forward", "the clock goes back"],
)
def test_a_day_has_as_many_columns_as_hours_pass(
    day: date, hours: int, first: str, fourth: str
) -> None:
    window = window_of(day, ROME, [local_day_span(day, ROME)])
    assert len(window.hours) == hours
    assert (window.hours[0], window.hours[3]) == (first, fourth)


@pytest.mark.parametrize(
    ("day", "start"), [(USUAL, 8 * 60), (SPRING, 7 * 60), (AUTUMN, 9 * 60)],
    ids=["an ordinary day", "the clock goes forward", "the clock goes back"],
)  # fmt: skip
def test_a_booking_lies_where_time_has_passed_to(day: date, start: int) -> None:
    window = window_of(day, ROME, [local_day_span(day, ROME)])
    placed = window.place(Span(at_wall(day, 480, ROME), at_wall(day, 600, ROME)))
    assert placed is not None
    assert (placed.start, placed.length, placed.whole) == (start, 120, True)


def test_the_window_holds_what_is_shown_in_whole_hours() -> None:
    window = window_of(USUAL, ROME, [Span(at_wall(USUAL, 570, ROME), at_wall(USUAL, 1115, ROME))])
    assert (window.hours[0], window.hours[-1]) == ("9:00", "18:00")


def test_what_begins_yesterday_is_cut_and_not_whole() -> None:
    start = at_wall(USUAL, 0, ROME) - timedelta(hours=2)
    night = Span(start, start + timedelta(hours=4))
    placed = window_of(USUAL, ROME, [night]).place(night)
    assert placed is not None
    assert (placed.start, placed.length, placed.whole) == (0, 120, False)


def test_an_empty_day_shows_the_usual_hours() -> None:
    window = window_of(USUAL, ROME, [])
    assert (window.hours[0], window.hours[-1]) == ("8:00", "19:00")


# -- the page -------------------------------------------------------------------------------------


def test_the_page_shows_day_week_and_list_of_the_same(house: Any, browser: Browser, at: At) -> None:
    made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"), title="Choir")
    made(house, "bice", "studio", at("2026-11-04 15:00", "16:00"), title="Chess")
    made(house, "ada", "tidy", at("2026-11-04 11:00", "12:00"), title="Lunch")
    text = unescape(browser("manager").get(f"{LINE}?day=2026-11-04").text)
    assert text.count("Choir") >= 3
    item = re.search(r'<a class="tl-item tl-at c-h6 c-m0 w-h1 w-m0 is-wait"[^>]*>.*?Chess', text)
    assert item, "a request is dashed, six hours after nine"
    assert "tl-shut tl-at c-h4 c-m0 w-h1 w-m40" in text, "closed from one to twenty to three"
    assert "tl-buffer tl-at c-h1 c-m50 w-h0 w-m10" in text, "ten minutes kept before"
    assert "tl-buffer tl-at c-h3 c-m0 w-h0 w-m20" in text, "twenty minutes kept after"


def test_a_day_that_is_none_is_today(house: Any, browser: Browser) -> None:
    assert "Monday 2 November" in browser("manager").get(f"{LINE}?day=nonsense").text


def test_the_week_hangs_on_the_wall_with_public_titles_only(
    house: Any, browser: Browser, at: At
) -> None:
    made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"), title="Secret")
    made(house, "ada", "sala", at("2026-11-05 15:00", "16:00"), title="Fair", visibility="public")
    text = browser("manager").get("/manage/alba/week?day=2026-11-04").text
    assert "Fair" in text
    assert "Secret" not in text
    assert "on-board" in text


def test_nobody_from_elsewhere_looks_at_it(house: Any, browser: Browser) -> None:
    assert browser("rival").get(LINE).status_code == 404
    assert browser("ada").get(LINE).status_code in (403, 404)


# -- asked again ----------------------------------------------------------------------------------


def test_an_unchanged_day_costs_next_to_nothing_and_a_change_is_seen(
    house: Any, browser: Browser, at: At
) -> None:
    made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client, board = browser("manager"), f"{LINE}/board?day=2026-11-04"
    first = client.get(board)
    assert "data-timeline" in first.text
    tag = {"If-None-Match": first.headers["ETag"]}
    asked: list[str] = []
    event.listen(house.site.db.reader, "before_cursor_execute", lambda *a: asked.append(a[2]))
    assert client.get(board, headers=tag).status_code == 304
    whoami: list[str] = []
    asked_by_all = [s for s in asked if not s.startswith("BEGIN")]
    asked.clear()
    client.get("/manage/alba/timeline/board?day=1900-01-01")  # refused when it is known who asks
    whoami += [s for s in asked if not s.startswith("BEGIN")]
    assert len(asked_by_all) - len(whoami) <= 1, "the venue and one question about the day"
    made(house, "bice", "studio", at("2026-11-04 15:00", "16:00"))
    assert client.get(board, headers=tag).status_code == 200


def test_another_venue_may_change_without_waking_this_one(
    house: Any, browser: Browser, at: At
) -> None:
    client, board = browser("manager"), f"{LINE}/board?day=2026-11-04"
    tag = {"If-None-Match": client.get(board).headers["ETag"]}
    made(house, "ada", "night", at("2026-11-04 15:00", "16:00"))
    assert client.get(board, headers=tag).status_code == 304


# -- moving ---------------------------------------------------------------------------------------


def moved(client: Any, public_id: str, span: Span, room: str, version: int = 1) -> Any:
    text = client.get(f"{LINE}?day=2026-11-04").text
    token = re.search(r'data-csrf="([^"]+)"', text)
    body = {
        "starts_at": iso(span.starts_at), "ends_at": iso(span.ends_at), "room_id": room,
        "version": version,
    }  # fmt: skip
    headers = {"X-CSRFToken": token[1] if token else "", "Accept": "application/json"}
    return client.patch(f"{LINE}/{public_id}", json=body, headers=headers)


def test_a_booking_is_moved_and_its_new_version_answered(
    house: Any, browser: Browser, at: At
) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    later = at("2026-11-04 16:00", "17:30")
    answer = moved(browser("manager"), made_id, later, house.rooms["tidy"])
    assert answer.status_code == 200
    assert (answer.json["version"], answer.json["when"]) == (2, "16:00–17:30")
    assert span_of(house, made_id) == later


def test_a_taken_time_is_refused_with_its_reason_and_nothing_moves(
    house: Any, browser: Browser, at: At
) -> None:
    span = at("2026-11-04 15:00", "16:00")
    made_id = made(house, "ada", "sala", span)
    made(house, "bice", "sala", at("2026-11-04 17:00", "18:00"))
    wish = at("2026-11-04 17:00", "18:00")
    answer = moved(browser("manager"), made_id, wish, house.rooms["sala"])
    assert answer.status_code == 409
    assert answer.json["reasons"][0]["code"] == "taken"
    assert span_of(house, made_id) == span


@pytest.mark.parametrize(
    ("start", "end", "version", "status", "code"),
    [
        ("2026-11-04 12:30", "13:30", 1, 422, "outside_hours"),
        ("2026-11-04 15:00", "15:07", 1, 422, "off_step"),
        ("2026-11-04 16:00", "17:00", 9, 409, "changed_meanwhile"),
    ],
    ids=["over the break", "off the step", "an old page"],
)
def test_a_rule_refuses_with_its_name(
    house: Any, browser: Browser, at: At, start: str, end: str, version: int, status: int, code: str
) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    wish = at(start, end)
    answer = moved(browser("manager"), made_id, wish, house.rooms["sala"], version)
    assert answer.status_code == status
    assert code in [reason["code"] for reason in answer.json["reasons"]]


def test_whoever_comes_second_is_shown_both_versions(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    first, second = browser("manager"), browser("manager")
    theirs, mine = at("2026-11-04 16:00", "17:00"), at("2026-11-04 17:00", "18:00")
    assert moved(first, made_id, theirs, house.rooms["tidy"]).status_code == 200
    answer = moved(second, made_id, mine, house.rooms["sala"])
    assert (answer.status_code, answer.json["code"]) == (409, "changed_meanwhile")
    assert answer.json["current"] == {
        "version": 2, "when": "16:00–17:00", "room_id": house.rooms["tidy"],
        "starts_at": iso(theirs.starts_at), "ends_at": iso(theirs.ends_at),
    }  # fmt: skip
    assert span_of(house, made_id) == theirs


def test_the_version_may_come_as_if_match(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client, span = browser("manager"), at("2026-11-04 16:00", "17:00")
    token = re.search(r'data-csrf="([^"]+)"', client.get(LINE).text)
    headers = {"X-CSRFToken": token[1] if token else "", "If-Match": '"7"'}
    body = {"starts_at": iso(span.starts_at), "ends_at": iso(span.ends_at)}
    body |= {"room_id": house.rooms["sala"]}
    assert client.patch(f"{LINE}/{made_id}", json=body, headers=headers).status_code == 409
    headers["If-Match"] = '"1"'
    assert client.patch(f"{LINE}/{made_id}", json=body, headers=headers).status_code == 200


def test_what_is_free_leads_to_the_form_filled_in(house: Any, browser: Browser, at: At) -> None:
    made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    text = browser("manager").get(f"{LINE}?day=2026-11-04").text
    found = [unescape(link) for link in re.findall(r'<a class="tl-free[^>]*href="([^"]*)"', text)]
    sala = [link for link in found if house.rooms["sala"] in link]
    hours = [re.findall(r"(?:start|end)=(\d\d:\d\d)", link.replace("%3A", ":")) for link in sala]
    assert hours == [["09:00", "10:00"], ["14:40", "15:00"], ["16:00", "17:00"]]
    shown = browser("manager").get(sala[2]).text
    assert 'value="2026-11-04"' in shown
    assert 'value="16:00"' in shown


def test_nothing_is_offered_to_who_may_not_book_for_others(house: Any, browser: Browser) -> None:
    text = browser("manager").get(f"{LINE}?day=2026-11-01").text
    assert "tl-free" not in text, "the past is not free"


# -- posters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["/venues/alba/week", "/rooms/{sala}/week", "/manage/alba/timeline"],
    ids=["the week of the venue", "the week of a room", "the day of all rooms"],
)
def test_posters_write_out_public_titles_only(
    house: Any, browser: Browser, at: At, address: str
) -> None:
    made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"), title="Secret")
    made(house, "ada", "sala", at("2026-11-04 16:00", "17:00"), title="Fair", visibility="public")
    made(house, "ada", "tidy", at("2026-11-04 16:00", "17:00"), title="Tidy", visibility="public")
    who = "manager" if address.startswith("/manage") else ""
    query = {"day": "2026-11-04", "view": "print"}
    text = browser(who).get(address.format(**house.rooms), query_string=query).text
    assert "Fair" in text
    assert "Secret" not in text
    assert "taken" in text
    assert ("Tidy" in text) == ("rooms/" not in address)
    assert "on-board" in text


def test_the_notice_of_whoever_booked_does_not_bind_the_house(
    house: Any, browser: Browser, at: At
) -> None:
    from tierslieu.kernel import clock

    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    sooner = at("2026-11-02 14:50", "16:00")
    with clock.frozen(datetime(2026, 11, 2, 14, 40, tzinfo=ROME)):
        answer = moved(browser("manager"), made_id, sooner, house.rooms["sala"])
    assert answer.status_code == 200
    assert span_of(house, made_id) == sooner
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(Booking.override_reason)).one()


def test_nobody_else_moves_it(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client = browser("rival")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/me").text)
    headers = {"X-CSRFToken": token[1] if token else ""}
    answer = client.patch(f"{LINE}/{made_id}", json={}, headers=headers)
    assert answer.status_code == 404


@pytest.mark.parametrize("body", [None, [], {}, {"starts_at": "now"}, "x"])
def test_what_no_script_would_send_is_refused(
    house: Any, browser: Browser, at: At, body: Any
) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client = browser("manager")
    token = re.search(r'data-csrf="([^"]+)"', client.get(LINE).text)
    headers = {"X-CSRFToken": token[1] if token else ""}
    answer = client.patch(f"{LINE}/{made_id}", json=body, headers=headers)
    assert answer.status_code == 422


def test_without_the_token_nothing_moves(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    answer = browser("manager").patch(f"{LINE}/{made_id}", json={})
    assert answer.status_code == 400
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(Booking.version)).one() == 1


def test_a_past_booking_cannot_be_dragged(house: Any, browser: Browser, at: At) -> None:
    from tierslieu.kernel import clock

    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    with clock.frozen(datetime(2026, 11, 4, 20, 0, tzinfo=ROME)):
        text = browser("manager").get(f"{LINE}?day=2026-11-04").text
    assert f'data-id="{made_id}"' in text
    assert "data-move-url" not in text


def test_the_network_s_day_shows_all_venues_by_kind_and_says_when_nothing_changed(
    house: Any, at: At, browser: Any
) -> None:
    for room in ("sala", "night"):
        with house.writing("ada") as work:
            book(work, NewBooking(house.rooms[room], at("2026-11-06 15:00", "16:00"), f"In {room}"))
    with house.site.writing() as work:
        work.session.get_one(Room, house.ids["night"]).kind = "hall"
    admin, address = browser("admin"), "/admin/timeline"
    shown = admin.get(f"{address}?day=2026-11-06")
    assert shown.status_code == 200
    for text in ("In sala", "In night", "/manage/alba/timeline", "/manage/borgo/timeline"):
        assert text in shown.text
    assert "data-move-url" not in shown.text
    halls = admin.get(f"{address}?day=2026-11-06&kind=hall").text
    assert "In night" in halls
    assert "In sala" not in halls
    board = f"{address}/board?day=2026-11-06"
    tag = admin.get(board).headers["ETag"]
    assert admin.get(board, headers={"If-None-Match": tag}).status_code == 304
    with house.writing("ada") as work:
        book(work, NewBooking(house.rooms["night"], at("2026-11-06 18:00", "19:00"), "Later"))
    fresh = admin.get(board, headers={"If-None-Match": tag})
    assert (fresh.status_code, "Later" in fresh.text) == (200, True)
    assert browser("manager").get(address).status_code in (403, 404)


def test_the_network_s_week_is_a_line_for_each_venue_and_of_one_a_line_for_each_room(
    house: Any, at: At, browser: Any
) -> None:
    for room in ("sala", "night"):
        with house.writing("ada") as work:
            book(work, NewBooking(house.rooms[room], at("2026-11-06 15:00", "16:00"), f"In {room}"))
    admin, address = browser("admin"), "/admin/timeline/week?day=2026-11-04"
    shown = admin.get(address).text
    assert shown.count("1 booking, 1") == 2, "counted by venue and day"
    assert "In sala" not in shown
    assert "/admin/timeline?day=2026-11-06&amp;venue=alba" in shown
    one = admin.get(f"{address}&venue=borgo").text
    assert "15:00 In night" in one
    assert "In sala" not in one
    assert browser("manager").get(address).status_code in (403, 404)
