"""A booking made with the keyboard alone: what has the focus is always to be seen."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def tab_to(page: Any, name: str = "", text: str = "", most: int = 120) -> dict[str, Any]:
    """Press Tab until something is reached; each stop on the way can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate("journeys.focus()")
        if at["tag"] == "BODY":
            continue
        assert at["drawn"], f"no focus drawn on {at}"
        assert at["seen"], f"the focus is out of sight on {at}"
        if (name and at["name"] == name) or (text and at["text"].startswith(text)):
            return dict(at)
    raise AssertionError(f"never reached {name or text}")


def typed(page: Any, text: str) -> None:
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_search_and_book_without_a_mouse(enter: Any, served: Any) -> None:
    page = enter("dina", "/")
    day = served.town.date(12)
    page.keyboard.press("Tab")
    assert page.evaluate("journeys.focus()")["text"] == "Skip to content"
    page.keyboard.press("Enter")
    tab_to(page, name="n")
    typed(page, "14")
    tab_to(page, name="date")
    page.keyboard.type(f"{day[8:10]}{day[5:7]}{day[:4]}")
    if page.input_value("input[name=date]") != day:  # this browser's language begins with the month
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        page.keyboard.type(f"{day[5:7]}{day[8:10]}{day[:4]}")
    tab_to(page, name="start")
    page.keyboard.type("1500")
    tab_to(page, name="end")
    page.keyboard.type("1700")
    tab_to(page, text="Find a room")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert f"date={day}" in page.url
    tab_to(page, text="Book")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/*")

    tab_to(page, name="title")
    page.keyboard.type("Chamber choir")
    tab_to(page, text="Book ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/*")

    assert page.get_by_role("heading", level=1).inner_text() == "Chamber choir"
    assert "15:00–17:00" in page.locator("main").inner_text()
