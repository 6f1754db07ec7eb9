"""Everything works where no script runs; a refused form loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_search_book_and_cancel_without_a_script(enter: Any, served: Any) -> None:
    page = enter("dina", "/", javascript=False)
    page.get_by_label("Day", exact=True).fill(served.town.date(14))
    page.get_by_label("From what time").fill("09:00")
    page.get_by_label("Until what time").fill("10:00")
    page.get_by_role("button", name="Find a room").click()
    page.get_by_role("region", name="Free rooms").get_by_role("link", name="Book").first.click()
    page.get_by_label("What is it called").fill("Breakfast")
    page.get_by_role("button", name="Book ").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Breakfast"
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Cancel the booking").click()
    page.goto("/me")

    assert page.get_by_text("Breakfast").count() == 0


def test_a_refusal_names_the_rule_and_one_press_takes_the_nearest_choice(
    enter: Any, served: Any
) -> None:
    studio = served.town.rooms["studio"]
    address = f"/book/{studio}?date={served.town.date(17)}&start=10:00&end=13:00&n=4"
    page = enter("dina", address, javascript=False)
    page.get_by_label("What is it called").fill("Poets")
    page.locator("textarea").last.fill("We bring tea.")
    page.get_by_role("button", name="Book ").last.click()

    assert "at most 2 hours" in page.locator("main").inner_text()
    assert page.get_by_label("What is it called").input_value() == "Poets"
    page.locator("button[name=use]").first.click()
    if page.locator("form").filter(has=page.get_by_label("What is it called")).count():
        assert page.locator("textarea").last.input_value() == "We bring tea."
        page.get_by_role("button", name="Book ").last.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Poets"
    assert "We bring tea." in page.locator("main").inner_text()
