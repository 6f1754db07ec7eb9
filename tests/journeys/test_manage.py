"""A manager's day: requests answered, the calendar moved by keyboard, a new room that is booked."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_requests_are_answered_on_today(enter: Any, served: Any) -> None:
    page = enter("manager", "/manage/gattaglio")
    waiting = page.get_by_role("region", name="Waiting for an answer")
    feast = waiting.get_by_role("listitem").filter(has_text="Ada")
    assert "“Supper” (6 people) asks for it too" in feast.inner_text()
    feast.get_by_role("button", name="Approve : Feast").click()
    page.get_by_text("“Feast” is approved").first.wait_for()
    page.goto("/manage/gattaglio/requests")
    page.get_by_role("link", name="Decline : Supper").click()
    page.get_by_label("Why").or_(page.locator("main textarea")).first.fill("It is taken now.")
    page.get_by_role("button", name="Decline and tell").click()
    page.get_by_text("“Supper” is declined").first.wait_for()

    page = enter("bice", f"/bookings/{served.town.bookings['supper']}")
    assert "It is taken now." in page.locator("main").inner_text()


def test_the_calendar_moves_by_keyboard_and_goes_back_when_refused(enter: Any, served: Any) -> None:
    town = served.town
    page = enter("manager", f"/manage/gattaglio/timeline?day={town.date(4)}")
    choir = page.locator(".tl-item").filter(has_text="Choir")
    live = page.locator("#tl-live")
    assert "10:00–12:00" in choir.inner_text()
    choir.focus()
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as sent:
        page.keyboard.press("m")
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        moved_to = choir.locator("span").first.inner_text()
        page.keyboard.press("Enter")
    assert sent.value.status == 200
    expect(page.locator("#tl-live")).to_contain_text("Undo")
    assert f"Choir: now {moved_to}, Lisiere" in live.inner_text()
    page.reload()
    assert moved_to in page.locator(".tl-item").filter(has_text="Choir").inner_text()

    stale = page.locator(".tl-item").filter(has_text="Choir")
    other = enter("manager", f"/manage/gattaglio/bookings/{town.bookings['choir']}")
    other.get_by_label("Note").first.or_(other.locator("main textarea")).first.fill("With a piano.")
    other.get_by_role("button", name="Save").first.click()
    other.get_by_text("Saved").first.wait_for()
    stale.focus()
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as sent:
        page.keyboard.press("m")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    assert sent.value.status == 409
    expect(page.locator("#tl-live")).to_contain_text("Somebody else moved Choir meanwhile")
    assert moved_to in stale.inner_text()


def test_a_new_room_takes_bookings_at_once(enter: Any, served: Any) -> None:
    page = enter("manager", "/manage/gattaglio/rooms/new")
    page.get_by_label("Name", exact=True).fill("Veranda")
    page.get_by_label("at tables", exact=True).fill("16")
    page.get_by_label("Step-free", exact=True).select_option(label="yes")
    page.get_by_role("button", name="Add the room").click()
    page.get_by_role("link", name="Veranda").first.wait_for()

    page = enter("elsa", "/")
    page.get_by_label("How many people").fill("14")
    page.get_by_label("Day", exact=True).fill(served.town.date(17))
    page.get_by_role("button", name="Find a room").click()
    page.get_by_role("link", name="Veranda, Gattaglio").last.click()
    page.get_by_label("What is it called").fill("First evening")
    page.get_by_role("button", name="Ask for this room").click()
    page.wait_for_url("**/bookings/*")
    assert page.get_by_role("heading", level=1).inner_text() == "First evening"
