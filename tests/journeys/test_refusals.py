"""A refusal while one types: the nearest choices are buttons, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_nearest_choice_fills_the_form(enter: Any, served: Any) -> None:
    town = served.town
    address = f"/book/{town.rooms['lisiere']}?date={town.date(3)}&start=10:00&end=12:00&n=6"
    page = enter("dina", address)
    page.get_by_label("What is it called").fill("Poetry")
    taken = page.locator("[data-check-target]")
    taken.get_by_text("Taken").first.wait_for()
    choice = taken.locator("button[name=use]").first
    words = choice.inner_text()
    choice.click()
    taken.get_by_text("It can be had").wait_for()

    start, end = (page.get_by_label(name, exact=True).input_value() for name in ("From", "Until"))
    assert f"{start.lstrip('0')}–{end.lstrip('0')}" in words
    assert page.get_by_label("What is it called").input_value() == "Poetry"
    page.get_by_role("button", name="Book Lisiere").click()
    page.wait_for_url("**/bookings/*")
    assert page.get_by_role("heading", level=1).inner_text() == "Poetry"


def test_a_refused_form_says_what_to_mend_and_links_to_it(enter: Any, served: Any) -> None:
    town = served.town
    page = enter("dina", f"/book/{town.rooms['lisiere']}?date={town.date(3)}&start=16:00&end=17:00")
    page.evaluate("document.querySelectorAll('form').forEach((f) => { f.noValidate = true; })")
    page.get_by_role("button", name="Book Lisiere").click()
    summary = page.get_by_role("alert").first
    summary.wait_for()
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()

    assert page.evaluate("document.activeElement.name") == "title"
    assert page.get_by_label("From", exact=True).input_value() == "16:00"
