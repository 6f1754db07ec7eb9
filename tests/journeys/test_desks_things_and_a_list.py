"""Two desks, a hall with a projector and forty chairs, and a list of dates sent in one go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_accessibility import BARRIERS, EVERYTHING
from tests.journeys.test_book_by_keyboard import tab_to, typed

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def without_barriers(page: Any) -> None:
    page.evaluate(pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT)
    assert page.evaluate(BARRIERS, EVERYTHING) == []


def at(served: Any, room: str, days: int, **more: Any) -> str:
    """The booking page of a room, filled in for an afternoon some days ahead."""
    told = {"date": served.town.date(days), "start": "15:00", "end": "17:00"} | more
    query = "&".join(f"{name}={value}" for name, value in told.items())
    return f"/book/{served.town.rooms[room]}?{query}"


def test_two_desks_and_a_hall_with_things_by_keyboard(enter: Any, served: Any) -> None:
    page = enter("dina", at(served, "scrivanie", 13))
    assert "4 of 4 places are free" in page.locator("main").inner_text()
    tab_to(page, name="title")
    page.keyboard.type("Proofreading")
    tab_to(page, name="places")
    page.keyboard.type("2")
    tab_to(page, text="Book ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/*")
    assert "Desk 1, Desk 2" in page.locator("main").inner_text()

    things = served.town.things
    page.goto(served.url + at(served, "lisiere", 13))
    tab_to(page, name="title")
    page.keyboard.type("Film club")
    tab_to(page, name=f"thing-{things['projector']}")
    typed(page, "1")
    tab_to(page, name=f"thing-{things['chairs']}")
    typed(page, "40")
    without_barriers(page)
    tab_to(page, text="Book ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/*")
    said = page.locator("main").inner_text()
    assert "Chairs: 40" in said
    assert "Projector 1" in said


def test_two_dates_go_into_the_list_and_are_sent_on_a_phone(enter: Any, served: Any) -> None:
    page = enter("elsa", at(served, "lisiere", 14, title="Rehearsal"))
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Add to my list").click()
    page.wait_for_url("**/cart")
    page.goto(served.url + at(served, "lisiere", 15, title="Rehearsal"))
    page.get_by_role("button", name="Add to my list").click()
    page.wait_for_url("**/cart")
    assert page.get_by_role("heading", level=3).count() >= 2
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    without_barriers(page)
    page.get_by_role("button", name="Send all of it").click()
    page.wait_for_url("**/me/bookings")
    assert page.get_by_role("link", name="Rehearsal", exact=True).count() == 2
