"""Somebody new opens an account, finds a room, books it, and thinks better of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def mailed_link(admin: Any, address: str) -> str:
    """The link in the mail that the administrators see was written to an address."""
    for _ in range(40):
        admin.goto("/admin/mails")
        row = admin.get_by_role("row").filter(has_text=address)
        if row.count():
            row.first.get_by_role("link").click()
            return str(admin.locator("main a[href*='/confirm/']").get_attribute("href"))
        admin.wait_for_timeout(250)
    raise AssertionError(f"no mail to {address}")


def test_from_a_new_account_to_a_booking_and_its_end(enter: Any, served: Any) -> None:
    page = enter("", "/register")
    page.get_by_label("Name and surname").fill("Giulia Ferretti")
    page.get_by_label("E-mail").fill("giulia@demo.example")
    page.get_by_label("Password", exact=True).fill("a quiet afternoon")
    page.get_by_label("The same password again").fill("a quiet afternoon")
    page.get_by_role("button", name="Open the account").click()
    page.goto(mailed_link(enter("admin", "/admin/mails"), "giulia@demo.example"))
    page.locator("main").get_by_role("button").first.click()
    if "/sign-in" in page.url:
        page.get_by_label("E-mail").fill("giulia@demo.example")
        page.get_by_label("Password", exact=True).fill("a quiet afternoon")
        page.locator("main").get_by_role("button", name="Sign in").click()

    page.goto("/")
    search = page.get_by_role("search", name="Find a room")
    search.get_by_label("How many people").fill("12")
    search.get_by_label("Day", exact=True).fill(served.town.date(11))
    search.get_by_label("From what time").fill("18:00")
    search.get_by_label("Until what time").fill("22:00")
    search.get_by_label("Access").select_option(label="step-free")
    search.get_by_role("button", name="Find a room").click()
    free = page.get_by_role("region", name="Free rooms")
    assert "Lisiere, Gattaglio" in free.get_by_role("heading", level=3).all_inner_texts()
    free.get_by_role("link", name="Book : Lisiere, Gattaglio").click()

    assert page.get_by_label("From", exact=True).input_value() == "18:00"
    page.get_by_label("What is it called").fill("Games evening")
    page.get_by_role("button", name="Book Lisiere").click()
    page.wait_for_url("**/bookings/*")
    door = page.get_by_role("region", name="For the door")
    assert re.search(r"\b[A-Z2-9]{8}\b", door.inner_text())
    assert page.get_by_text("Confirmed").first.is_visible()

    page.goto("/me")
    entry = page.get_by_role("listitem").filter(has_text="Games evening")
    assert "18:00–22:00" in entry.inner_text()
    entry.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Cancel the booking").click()
    page.goto("/me")
    assert page.get_by_text("Games evening").count() == 0
