"""Getting ready as work: lists beside each booking, ticked by somebody; keys and who has them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from tierslieu.bookings.attendance.services import check_in
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preparation import keys, queries, services
from tierslieu.bookings.preparation.models import ChoreList, ChorePhoto, Handover
from tierslieu.bookings.preparation.rules import (
    is_code_shown,
    is_late,
    points_of,
    ticked,
    window,
)
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tierslieu.kernel.span import Span
from tierslieu.people.services import relate
from tierslieu.testing import csrf_token

At = Callable[..., Span]
Browser = Callable[..., Any]
DESK = "/manage/alba"


def at_time(hour: int, minute: int = 0) -> AbstractContextManager[None]:
    return clock.frozen(datetime(2026, 11, 2, hour - 1, minute, tzinfo=UTC))


def made(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, **({"title": "Sewing"} | more))
        return book(work, new).public_id


def booking(house: Any, public_id: str) -> Booking:
    with house.site.reading() as work:
        return work.session.scalars(sa.select(Booking).where(Booking.public_id == public_id)).one()


def a_list(house: Any, room: str = "tidy", **more: Any) -> str:
    values = {"title": "Chairs", "moment": "before", "points": "Forty chairs\n- Heating on"} | more
    with house.writing("manager") as work:
        wish = services.ListValues(room=house.rooms[room] if room else "", **values)
        return services.save_list(work, house.venue, wish).public_id


def day_of(house: Any, at: At, day: str = "2026-11-02") -> list[tuple[str, str]]:
    """(title of the booking, when in UTC) of what is to be done on a day."""
    with house.site.reading() as work:
        around = at(f"{day} 00:00", "23:00")
        found = queries.to_do(work.session, house.venue, around)
        return [(each.view.claim.label, f"{each.span.starts_at:%H:%M}-{each.due_at:%H:%M}")
                for each in found]  # fmt: skip


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def press(client: Any, page: str, address: str = "", **fields: Any) -> Any:
    return client.post(address or page, data={"csrf_token": csrf_token(client, page)} | fields)


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "brown").save(out, "JPEG", exif=b"Exif\0\0 secret place")
    return out.getvalue()


# -- rules -----------------------------------------------------------------------------------------

SPAN = Span(datetime(2026, 11, 2, 15, tzinfo=UTC), datetime(2026, 11, 2, 17, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "before", "after", "expected"),
    [("before", 30, 0, "14:30-15:00"), ("after", 0, 45, "17:00-17:45"),
     ("before", 0, 0, "14:45-15:00"), ("after", 10, 0, "17:00-17:15")],
)  # fmt: skip
def test_a_chore_is_done_in_the_time_kept_beside_the_booking(
    moment: str, before: int, after: int, expected: str
) -> None:
    found = window(SPAN, moment, before, after)
    assert f"{found.starts_at:%H:%M}-{found.ends_at:%H:%M}" == expected


def test_points_are_written_one_a_line_and_ticked_by_number() -> None:
    points = points_of("- Chairs\n\n  * Heating  \n")
    assert points == ["Chairs", "Heating"]
    done = ticked([{"text": p, "done": False} for p in points], [1, 7])
    assert [p["done"] for p in done] == [False, True]


def test_a_code_is_read_from_some_hours_before_to_the_end() -> None:
    hours = [-25, -24, 0, 1.9, 2, 3]
    shown = [is_code_shown(24, SPAN, SPAN.starts_at + timedelta(hours=h)) for h in hours]
    assert shown == [False, True, True, True, False, False]


def test_a_key_is_late_a_little_after_it_was_due() -> None:
    due = SPAN.ends_at
    minutes = (0, 9, 10)
    assert [is_late(due, due + timedelta(minutes=m)) for m in minutes] == [False, False, True]
    assert not is_late(None, due)


# -- chores ----------------------------------------------------------------------------------------


def test_each_booking_has_each_list_of_its_room_once_in_its_own_time(house: Any, at: At) -> None:
    a_list(house)
    a_list(house, title="Broom", moment="after")
    a_list(house, room="sala", title="Projector")
    made(house, "ada", "tidy", at("2026-11-02 15:00", "16:00"), title="Chess")
    made(house, "ada", "studio", at("2026-11-02 15:00", "16:00"), title="Asked only")
    assert day_of(house, at) == [("Chess", "13:50-14:00"), ("Chess", "15:00-15:20")]


def test_chores_move_and_end_with_their_booking(house: Any, at: At) -> None:
    a_list(house)
    made_id = made(house, "ada", "tidy", at("2026-11-02 15:00", "16:00"))
    other = made(house, "ada", "tidy", at("2026-11-02 17:00", "18:00"))
    with house.writing("ada") as work:
        change(work, made_id, Edit(span=at("2026-11-03 10:00", "11:00")))
        cancel(work, other)
    assert day_of(house, at) == []
    assert day_of(house, at, "2026-11-03") == [("Sewing", "08:50-09:00")]


def test_what_was_ticked_stays_when_the_list_is_written_anew(house: Any, at: At) -> None:
    plan = a_list(house)
    made_id = made(house, "ada", "tidy", at("2026-11-02 15:00", "16:00"))
    later = made(house, "ada", "tidy", at("2026-11-03 15:00", "16:00"))
    with house.writing("manager") as work:
        services.tick(work, services.item_for(work, made_id, plan), [0], note="One is broken")
        wish = services.ListValues("Chairs", "before", "Sixty chairs", house.rooms["tidy"])
        services.save_list(work, house.venue, wish, plan)
    with house.writing("manager") as work:
        touched = services.item_for(work, made_id, plan)
        assert [p["text"] for p in touched.points] == ["Forty chairs", "Heating on"]
        assert touched.done == 1
        fresh = services.item_for(work, later, plan)
        assert [p["text"] for p in fresh.points] == ["Sixty chairs"]


def test_a_chore_is_given_to_a_volunteer_who_alone_may_tick_it(house: Any, at: At) -> None:
    plan = a_list(house)
    made_id = made(house, "ada", "tidy", at("2026-11-02 15:00", "16:00"))
    with house.writing("bice") as work, pytest.raises(NotFound):
        services.item_for(work, made_id, plan)
    with house.site.writing() as work:
        relate(work, house.people["bice"], house.venue)
    with house.writing("manager") as work:
        item = services.item_for(work, made_id, plan)
        with pytest.raises(Invalid):
            services.assign(work, item, "stranger@example.org")
        services.assign(work, item, "Bice@example.org")
    with house.writing("bice") as work:
        item = services.item_for(work, made_id, plan)
        with pytest.raises(Forbidden):
            services.assign(work, item, "")
        with pytest.raises(Conflict):
            services.tick(work, item, [0], finish=True)
        services.tick(work, item, [0, 1], finish=True)
        assert item.view.booking.public_id == made_id
        assert queries.given_to(work.session, house.people["bice"], work.now) == []
    with house.writing("ada") as work, pytest.raises(NotFound):
        services.item_for(work, made_id, plan)


def test_a_list_that_is_stopped_is_done_no_more(house: Any, at: At) -> None:
    plan = a_list(house)
    made(house, "ada", "tidy", at("2026-11-02 15:00", "16:00"))
    with house.writing("rival") as work, pytest.raises(Forbidden):
        services.stop_list(work, house.venue, plan)
    with house.writing("manager") as work:
        services.stop_list(work, house.venue, plan)
    assert day_of(house, at) == []


def test_a_walk_round_keeps_photos_that_only_the_desk_sees(
    house: Any, browser: Browser, at: At
) -> None:
    plan = a_list(house, title="Entry", points="", inspection=True)
    made_id = made(house, "ada", "tidy", at("2026-11-02 15:00", "16:00"))
    desk, page = browser("manager"), f"/chores/{made_id}/{plan}"
    refused = press(desk, page, f"{page}/photo", photo=(io.BytesIO(b"no picture"), "x.jpg"))
    assert refused.status_code == 422
    press(desk, page, f"{page}/photo", photo=(io.BytesIO(a_photo()), "x.jpg"), shows="A scratch")
    with house.site.reading() as work:
        photo = work.session.scalars(sa.select(ChorePhoto)).one()
    address = f"{DESK}/to-do/photos/{photo.public_id}.webp"
    assert address in desk.get(page).text
    got = desk.get(address)
    assert got.mimetype == "image/webp"
    assert "no-store" in got.headers["Cache-Control"]
    assert b"secret place" not in got.data
    got.close()
    for who in ("ada", "rival", ""):
        assert browser(who).get(address).status_code in (302, 403, 404)
    assert browser().get(f"/photos/{photo.public_id}-960.webp").status_code == 404


def test_the_desk_ticks_and_prints_the_day(house: Any, browser: Browser, at: At) -> None:
    plan = a_list(house)
    made_id = made(house, "ada", "tidy", at("2026-11-02 15:00", "16:00"), title="Chess")
    desk, page = browser("manager"), f"/chores/{made_id}/{plan}"
    assert "Chairs, Tidy" in words(desk.get(DESK))
    assert "ready by 15:00" in words(desk.get(f"{DESK}/to-do"))
    refused = press(desk, page, finish="1", point=["0"], note="Cold in here")
    assert refused.status_code == 409
    assert "Some points are not ticked yet" in words(refused)
    assert "Cold in here" in refused.text
    press(desk, page, point=["0"], note="Cold in here")
    assert "1 of 2" in words(desk.get(f"{DESK}/to-do"))
    press(desk, page, finish="1", point=["0", "1"])
    assert "Chairs, Tidy" not in words(desk.get(DESK))
    assert "Done" in words(desk.get(f"{DESK}/to-do"))


def test_lists_are_written_by_who_runs_the_venue(house: Any, browser: Browser) -> None:
    page = f"{DESK}/to-do/lists"
    manager = browser("manager")
    refused = press(manager, page, title="", moment="before", room="", points="x")
    assert refused.status_code == 422
    press(manager, page, title="Chairs", moment="before", room=house.rooms["tidy"], points="a\nb")
    with house.site.reading() as work:
        row = work.session.scalars(sa.select(ChoreList)).one()
    assert "2 points" in words(manager.get(page))
    assert "a\nb" in manager.get(f"{page}?list={row.public_id}").text
    assert browser("rival").get(page).status_code in (403, 404)


# -- keys ------------------------------------------------------------------------------------------


def a_key(house: Any, room: str = "sala", **more: Any) -> str:
    with house.writing("manager") as work:
        wish = keys.KeyValues(**({"label": "Big key", "room": house.rooms[room]} | more))
        return keys.save_key(work, house.venue, wish).public_id


def test_a_key_is_with_one_person_at_a_time_and_comes_back(house: Any, at: At) -> None:
    key = a_key(house)
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    reference = booking(house, made_id).reference
    with house.writing("ada") as work, pytest.raises(Forbidden):
        keys.give(work, house.venue, key, holder="Me")
    with house.writing("manager") as work:
        for wrong in ({"reference": "XXXX2345"}, {}):
            with pytest.raises(Invalid):
                keys.give(work, house.venue, key, **wrong)
        handover = keys.give(work, house.venue, key, reference=reference)
        assert handover.holder_id == house.people["ada"]
        assert handover.due_at == at("2026-11-02 15:00", "16:00").ends_at
        with pytest.raises(Conflict):
            keys.give(work, house.venue, key, holder="Elda")
        assert [held.holder for held in queries.keys_of(work.session, house.venue)] == ["Ada"]
        keys.take_back(work, house.venue, key)
        with pytest.raises(Conflict):
            keys.take_back(work, house.venue, key)
        keys.give(work, house.venue, key, holder="Elda, the neighbour")


def test_the_database_keeps_a_key_with_one_person(house: Any) -> None:
    key = a_key(house)
    with house.writing("manager") as work:
        first = keys.give(work, house.venue, key, holder="Elda")
        second = sa.insert(Handover).values(
            public_id="x" * 16, key_id=first.key_id, holder_name="Olga", given_at=work.now, note=""
        )
        with work.session.begin_nested() as trial:
            with pytest.raises(sa.exc.IntegrityError):
                work.session.execute(second)
            trial.rollback()


def test_a_late_key_is_told_to_the_next_hirer_and_the_desk(
    house: Any, browser: Browser, at: At
) -> None:
    key = a_key(house)
    first = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    after = made(house, "bice", "sala", at("2026-11-02 16:30", "17:30"))
    with at_time(15), house.writing("manager") as work:
        keys.give(work, house.venue, key, reference=booking(house, first).reference)
    next_one, desk = browser("bice"), browser("manager")
    late = "The room may be ready late: the keys are not back yet."
    with at_time(16, 5):
        assert late not in words(next_one.get(f"/bookings/{after}"))
    with at_time(16, 15):
        shown = words(next_one.get(f"/bookings/{after}"))
        assert late in shown
        assert "Ada" not in shown
        assert late in words(desk.get(f"{DESK}/bookings/{after}"))
        assert "Big key: with Ada" in words(desk.get(DESK))
        press(desk, f"{DESK}/keys", f"{DESK}/keys/{key}/back")
        assert late not in words(next_one.get(f"/bookings/{after}"))


def test_a_room_that_is_not_cleared_is_told_to_the_next_hirer(
    house: Any, browser: Browser, at: At
) -> None:
    a_list(house, room="sala", title="Broom", moment="after")
    first = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    after = made(house, "bice", "sala", at("2026-11-02 16:30", "17:30"))
    with at_time(15), house.writing("ada") as work:
        check_in(work, first)
    with at_time(16, 20):
        assert "it is not cleared yet" in words(browser("bice").get(f"/bookings/{after}"))


def test_a_code_is_read_by_whoever_booked_and_only_near_its_time(
    house: Any, browser: Browser, at: At
) -> None:
    a_key(house, kind="code", label="Front door", code="4711#", hours=3)
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    page = f"/bookings/{made_id}"
    with at_time(11):
        shown = words(browser("ada").get(page))
        assert "4711#" not in shown
        assert "you read the code here from" in shown
    with at_time(12, 30):
        assert "4711#" in words(browser("ada").get(page))
        assert browser("bice").get(page).status_code == 404
    with at_time(16, 30):
        assert "4711#" not in words(browser("ada").get(page))


def test_the_board_of_keys_is_kept_at_the_desk(house: Any, browser: Browser, at: At) -> None:
    desk, page = browser("manager"), f"{DESK}/keys"
    press(desk, page, label="Little key", kind="key", room="", code="", hours="24")
    with house.site.reading() as work:
        key = queries.keys_of(work.session, house.venue)[0].key.public_id
    refused = press(desk, page, f"{page}/{key}/give", reference="", holder="")
    assert refused.status_code == 422
    assert "Say who has it" in words(refused)
    press(desk, page, f"{page}/{key}/give", holder="Elda")
    assert "Little key: with Elda" in words(desk.get(page))
    assert browser("rival").get(page).status_code in (403, 404)
