"""Letters twice as large: the same way through, nothing cut, nothing to be pushed sideways."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("width", [640, 1280])
def test_book_with_letters_twice_as_large(enter: Any, served: Any, width: int) -> None:
    def check() -> None:
        page.evaluate("journeys.enlarge()")
        wide = page.evaluate("journeys.tooWide()")
        assert not wide, f"{page.url} is {wide} px wider than the window"
        assert page.evaluate("journeys.cut()") == [], page.url

    page = enter("elsa", "/", width=width)
    check()
    page.get_by_label("Day", exact=True).fill(served.town.date(16))
    page.get_by_label("From what time").fill(f"{width // 80:02d}:00")
    page.get_by_label("Until what time").fill(f"{width // 80 + 1:02d}:00")
    page.get_by_role("button", name="Find a room").click()
    page.wait_for_url("**/search?*")
    check()
    page.get_by_role("region", name="Free rooms").get_by_role("link", name="Book").first.click()
    page.wait_for_url("**/book/*")
    check()
    page.get_by_label("What is it called").fill("Large letters")
    page.get_by_role("button", name="Book ").click()
    page.wait_for_url("**/bookings/*")
    check()

    assert page.get_by_role("heading", level=1).inner_text() == "Large letters"
