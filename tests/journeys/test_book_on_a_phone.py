"""The main job on a phone: fingers, 390 pixels, nothing wider than the screen."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def comfortable(page: Any) -> None:
    """Nothing is wider than the page, and what is touched is not too small."""
    wide = page.evaluate("journeys.tooWide()")
    assert not wide, f"{page.url} is {wide} px wider than the screen"
    assert page.evaluate("journeys.small()") == [], page.url


def test_search_and_book_with_a_finger(enter: Any, served: Any) -> None:
    page = enter("carla", "/", width=390, height=844, has_touch=True, is_mobile=True)
    comfortable(page)
    page.get_by_label("How many people").fill("8")
    page.get_by_label("Day", exact=True).fill(served.town.date(13))
    page.get_by_role("button", name="Find a room").tap()
    page.wait_for_url("**/search?*")
    comfortable(page)
    page.get_by_role("region", name="Free rooms").get_by_role("link", name="Book").first.tap()
    page.wait_for_url("**/book/*")
    comfortable(page)
    page.get_by_label("What is it called").fill("Bridge")
    page.get_by_role("button", name="Book ").tap()
    page.wait_for_url("**/bookings/*")
    comfortable(page)

    assert page.get_by_role("heading", level=1).inner_text() == "Bridge"
    page.goto("/me")
    comfortable(page)
    assert page.get_by_role("link", name="Cancel : Bridge").is_visible()
