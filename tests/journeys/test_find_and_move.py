"""Any weekday evening, found and booked by keyboard; the calendar moved by keys, finger and two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tierslieu.app import create_site
from tierslieu.bookings.services import NewBooking, book
from tierslieu.config import load
from tierslieu.kernel.span import Span
from tierslieu.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ROME = ZoneInfo("Europe/Rome")


def test_any_weekday_evening_is_found_and_booked_by_keyboard(enter: Any, served: Any) -> None:
    town = served.town
    page = enter("dina", "/")
    page.get_by_role("link", name="Any day would do").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/find*")
    page.get_by_label("How many people").fill("14")
    page.get_by_label("First day").fill(town.date(10))
    page.get_by_label("Last day").fill(town.date(23))
    page.get_by_label("Part of the day").select_option("afternoon")
    page.get_by_role("button", name="Find a time").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?*until=*")
    table = page.get_by_role("table", name="The first free time of each day")
    assert table.get_by_role("columnheader").count() > 1
    assert table.get_by_role("rowheader").count() == 11, "ten weekdays and the first free time"

    why = table.get_by_role("link", name="why not?")
    if why.count():
        why.first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/find/why?*")
        assert page.locator(".refusal [data-code]").count()
        page.get_by_role("link", name="Back to all days").click()
        page.wait_for_url("**/find?*until=*")

    free = table.locator(".m-free a").first
    free.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/*")
    page.get_by_label("What is it called").fill("Found")
    page.get_by_label("What is it called").press("Enter")
    page.wait_for_url("**/bookings/*")
    assert page.get_by_role("heading", level=1).inner_text() == "Found"


@pytest.fixture(scope="module")
def booked(served: Any) -> Iterator[Callable[[int], str]]:
    """``booked(40)`` puts two bookings on a Tuesday some forty days away; which day it is."""
    town = served.town
    site = create_site(load({}, town.folder, secret_key="for tests only"))

    def make(days: int) -> str:
        while (town.day(days)).astimezone(ROME).weekday() != 1:
            days += 1
        with site.writing() as work:
            who = sa.select(Person.id).where(Person.public_id == town.people["dina"])
            person = work.session.scalars(who).one()
            for title, hour in (("Bocce", 10), ("Cards", 14)):
                start = town.day(days, hour)
                span = Span(start, start + timedelta(hours=1))
                book(work, NewBooking(town.rooms["lisiere"], span, title, person_id=person))
        return str(town.date(days))

    yield make
    site.db.dispose()


def test_keys_move_refuse_and_give_up(enter: Any, booked: Any) -> None:
    day = booked(40)
    page = enter("manager", f"/manage/gattaglio/timeline?day={day}")
    bocce = page.locator(".tl-item").filter(has_text="Bocce")
    live = page.locator("#tl-live")
    bocce.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(bocce).to_be_focused()

    page.keyboard.press("m")
    expect(live).to_contain_text("taken up")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(live).to_contain_text("stays: 10:00–11:00")

    step = int(bocce.evaluate("el => el.parentElement.dataset.step"))
    page.keyboard.press("m")
    for _ in range(240 // step):
        page.keyboard.press("ArrowRight")
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as sent:
        page.keyboard.press("Enter")
    assert sent.value.status == 409
    expect(live).to_contain_text("Not possible: Taken")
    expect(bocce.locator("span").first).to_have_text("10:00–11:00")
    expect(bocce).not_to_have_class("is-refused")


def test_a_finger_moves_it_on_a_phone_and_another_browser_sees_it(enter: Any, booked: Any) -> None:
    day = booked(47)
    address = f"/manage/gattaglio/timeline?day={day}"
    other = enter("manager", address)
    page = enter("manager", address, width=390, height=800, has_touch=True, is_mobile=True)
    cards = page.locator(".tl-item").filter(has_text="Cards")
    cards.scroll_into_view_if_needed()
    box = cards.bounding_box()
    hour = box["width"]
    x, y = box["x"] + 20, box["y"] + 20
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": px, "y": py} for px, py in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    send("touchStart", (x, y))
    page.wait_for_timeout(500)
    expect(page.locator("#tl-live")).to_contain_text("taken up")
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as sent:
        for n in range(1, 5):
            send("touchMove", (x + hour * n / 4, y))
        send("touchEnd")
    assert sent.value.status == 200
    expect(cards.locator("span").first).to_have_text("15:00–16:00")
    assert page.url.endswith(address), "a pull is no press"

    with other.expect_response(lambda answer: "/board" in answer.url) as asked:
        other.evaluate("window.dispatchEvent(new Event('focus'))")
    assert asked.value.status == 200
    seen = other.locator(".tl-item").filter(has_text="Cards").locator("span").first
    expect(seen).to_have_text("15:00–16:00")
    with other.expect_response(lambda answer: "/board" in answer.url) as asked:
        other.evaluate("window.dispatchEvent(new Event('focus'))")
    assert asked.value.status == 304


def test_free_time_is_pressed_and_drawn(enter: Any, booked: Any) -> None:
    day = booked(54)
    page = enter("manager", f"/manage/gattaglio/timeline?day={day}")
    row = page.locator(".tl-row").filter(has_text="Bocce")
    item = row.locator(".tl-item").filter(has_text="Bocce").bounding_box()
    page.mouse.move(item["x"] + item["width"] + item["width"] + 3, item["y"] + 10)
    page.mouse.down()
    page.mouse.move(item["x"] + 3 * item["width"] - 4, item["y"] + 10, steps=4)
    expect(page.locator(".tl-ghost")).to_contain_text("12:00–13:00")
    page.mouse.up()
    page.wait_for_url("**/book?*")
    assert page.get_by_label("From", exact=True).input_value() == "12:00"
    assert page.get_by_label("Until", exact=True).input_value() == "13:00"


def test_posters_are_one_sheet(enter: Any, served: Any) -> None:
    day = served.town.date(3)
    for who, address in (
        ("manager", f"/manage/gattaglio/timeline?view=print&day={day}"),
        ("manager", f"/manage/gattaglio/week?day={day}"),
        ("", f"/rooms/{served.town.rooms['lisiere']}/week?day={day}"),
    ):
        page = enter(who, address)
        pdf = page.pdf(prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") == 1, address
        assert b"[0 0 841.91998 594.95996]" in pdf, "A4, lying"
