"""A tablet at the door, a phone that checks in, a volunteer who ticks a list with the keyboard."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
#: A screen on a wall is read at a glance and by nobody who types: it must look again by itself.
ON_A_WALL = TAGS | {"rules": {"meta-refresh": {"enabled": False}}}


def barriers(page: Any, options: Any = TAGS) -> Any:
    axe = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT
    page.evaluate(axe)
    return page.evaluate("(options) => journeys.barriers(options)", options)


def test_the_screen_shows_the_room_and_the_phone_that_read_its_code_checks_in(
    enter: Any, served: Any
) -> None:
    manager = enter("manager", "/manage/gattaglio/displays")
    manager.get_by_label("For which door").select_option(label="Studio")
    manager.get_by_label("What it is").select_option(value="tablet")
    manager.get_by_label("Its language").select_option(value="en")
    manager.get_by_role("button", name="Make its address").click()
    address = manager.locator("code.address").inner_text().strip()

    screen = enter("", address.removeprefix(served.url), width=800, height=480, javascript=False)
    assert "Booked" in screen.locator("main").inner_text()
    assert "Arriving" not in screen.locator("body").inner_text()
    assert screen.locator("svg.qr").count() == 1
    code = screen.get_by_role("link", name="I am here").get_attribute("href")

    phone = enter("dina", code, width=390, height=844)
    assert barriers(phone) == []
    phone.get_by_role("button", name="I am here : Arriving").press("Enter")
    phone.get_by_text("Noted: you are there. Welcome.").first.wait_for()

    screen.reload()
    assert "Taken" in screen.locator("main").inner_text()
    looked = enter("", address.removeprefix(served.url), width=390, height=844)
    assert barriers(looked, ON_A_WALL) == []
    assert looked.evaluate("journeys.tooWide()") == 0


def test_a_volunteer_ticks_the_list_that_the_desk_gave_her_by_keyboard(
    enter: Any, served: Any
) -> None:
    town = served.town
    address = f"/chores/{town.bookings['arriving']}/{town.chores['studio']}"
    desk = enter("desk", address)
    desk.get_by_label("Or somebody else, by e-mail").fill("carla@demo.example")
    desk.get_by_role("button", name="Give it").click()
    desk.get_by_text("Saved.").first.wait_for()

    page = enter("carla", "/me", width=390, height=844)
    page.get_by_role("link", name="Chairs, Studio").press("Enter")
    page.wait_for_url(f"**{address}")
    assert barriers(page) == []
    page.get_by_role("checkbox", name="Chairs").focus()
    for _ in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.type("The heating is loud.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Done. Thank you!").first.wait_for()

    page.goto("/me")
    assert page.get_by_role("link", name="Chairs, Studio").count() == 0
    desk.goto("/manage/gattaglio/to-do")
    assert "Done" in desk.locator("main").inner_text()
