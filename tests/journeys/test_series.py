"""A series by keyboard: some dates cannot be had, they are skipped; later the rest is given up."""

from __future__ import annotations

from typing import Any

import pytest

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def press(page: Any, name: str) -> None:
    """Go to a button and press it, as the keyboard does."""
    page.get_by_role("button", name=name).first.focus()
    page.keyboard.press("Enter")


def test_a_series_with_a_taken_and_a_closed_date_is_booked_and_half_of_it_given_up(
    enter: Any, served: Any
) -> None:
    room, day = served.town.rooms["studio"], served.town.date(5)
    page = enter("elsa", f"/book/{room}?date={day}&start=10:00&end=11:00&title=Puppets")
    page.locator("summary", has_text="Repeat it").focus()
    page.keyboard.press("Enter")
    page.locator("select[name=repeat]").focus()
    page.keyboard.type("by day")
    page.locator("input[name=every]").focus()
    page.keyboard.type("5")
    page.locator("input[name=times]").focus()
    page.keyboard.type("6")
    press(page, "Show every date")
    page.get_by_role("heading", level=1, name="Every date before you send").wait_for()
    told = page.locator("main").inner_text()
    assert "4 dates are free, 2 cannot be had" in told, told
    assert "Taken" in told
    assert "Closed" in told
    page.evaluate(pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT)
    rules = {"runOnly": {"type": "tag", "values": TAGS}}
    assert page.evaluate("(options) => journeys.barriers(options)", rules) == []
    press(page, "Book the 4 free dates and skip the others")
    page.wait_for_url("**/series")
    assert page.get_by_role("button", name="Try again").count() == 2

    page.get_by_role("link", name="Cancel from here on").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/cancel?*")
    press(page, "Cancel 3 dates")
    page.wait_for_url("**/series")
    assert page.locator("main").inner_text().count("Cancelled") == 3
