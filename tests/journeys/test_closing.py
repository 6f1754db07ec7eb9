"""A manager lets in fewer people: who is touched is shown, moved, cancelled, kept, and told."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def barriers(page: Any, width: int = 390) -> list[str]:
    """What axe finds on the page as it is now, on a phone."""
    axe = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT
    size = page.viewport_size
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate(axe)
    rules = {"runOnly": {"type": "tag", "values": TAGS}}
    found = list(page.evaluate("(options) => journeys.barriers(options)", rules))
    wide = page.evaluate("journeys.tooWide()")
    page.set_viewport_size(size)
    return [*found, *([f"{wide} px too wide"] if wide else [])]


def press(page: Any, locator: Any, key: str = "Enter") -> None:
    """Reached and pressed by keyboard."""
    locator.focus()
    page.keyboard.press(key)


def take(enter: Any, served: Any, who: str, day: int, title: str) -> str:
    """A booking of eighteen people in the levante, by the page; where it is."""
    town = served.town
    page = enter(who, f"/book/{town.rooms['levante']}?date={town.date(day)}&start=10:00&end=12:00")
    page.get_by_label("What is it called").fill(title)
    page.get_by_label("How many people").fill("18")
    page.get_by_role("button", name="Book", exact=False).last.click()
    page.wait_for_url("**/bookings/*")
    return str(page.url)


def test_fewer_people_by_keyboard_one_moved_one_cancelled_one_kept_and_back(
    enter: Any, served: Any
) -> None:
    town = served.town
    first, last = town.date(40), town.date(44)
    urls = {
        title: take(enter, served, who, day, title)
        for title, who, day in (
            ("Ballet", "ada", 40), ("Bingo", "bice", 41), ("Bach", "ada", 42)
        )
    }  # fmt: skip
    page = enter("manager", "/manage/gattaglio/settings/mode")
    page.get_by_label("First day").fill(first)
    page.get_by_label("Last day").fill(last)
    page.get_by_label("People at most in any room").fill("10")
    page.locator("input[name=reason_en]").fill("The air is being repaired.")
    press(page, page.get_by_role("button", name="Show who is touched"))
    touched = page.get_by_role("status").filter(has_text="It touches 3 bookings")
    expect(touched).to_contain_text("by e-mail")
    assert barriers(page) == []
    press(page, page.get_by_role("button", name="Save all the same"))
    page.get_by_role("heading", level=1, name="Bookings to handle").wait_for()
    assert barriers(page) == []

    def decide(title: str, act: str, why: str) -> None:
        press(page, page.get_by_role("checkbox", name=title), "Space")
        press(page, page.get_by_role("radio", name=act), "Space")
        page.get_by_label("Why").fill(why)
        press(page, page.get_by_role("button", name="Do it and tell"))
        page.get_by_text("Done: 1 booking.").wait_for()

    decide("Ballet", "Move each", "The air.")
    decide("Bingo", "Cancel", "The air is being repaired.")
    decide("Bach", "Keep", "Few will come.")
    expect(page.get_by_role("checkbox", name="Bach")).to_have_count(0)

    member = enter("ada", urls["Ballet"])
    assert "The venue moved it." in member.locator("main").inner_text()
    member.goto(urls["Bach"])
    assert "yours takes place all the same" in member.locator("main").inner_text()
    other = enter("bice", urls["Bingo"])
    assert "The air is being repaired." in other.locator("main").inner_text()

    page.goto("/manage/gattaglio/settings/mode")
    press(page, page.get_by_role("button", name="Remove", exact=False).first)
    page.get_by_role("heading", level=1, name="Who was touched").wait_for()
    assert barriers(page) == []
    assert "Nothing was booked again by itself" in page.locator("main").inner_text()
    press(page, page.get_by_role("button", name="Tell them that it is free again"))
    page.get_by_text("2 people are told.").wait_for()
    other.reload()
    assert "The air is being repaired." in other.locator("main").inner_text()
