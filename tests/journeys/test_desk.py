"""The desk: somebody without e-mail is registered and booked for; a member is taken in."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_register_somebody_without_email_and_book_for_her(enter: Any, served: Any) -> None:
    page = enter("desk", "/manage/gattaglio/people")
    form = page.get_by_role("region", name="Register somebody")
    form.get_by_label("Name and surname").fill("Norma Bedini")
    form.get_by_label("Telephone").fill("0522 111222")
    form.get_by_role("button", name="Register").click()
    page.get_by_role("heading", name="Norma Bedini").wait_for()
    page.get_by_role("link", name="Book for her").click()
    page.wait_for_url("**/book?*")

    assert page.get_by_role("radio", name="Norma Bedini").is_checked()
    page.get_by_label("Day", exact=True).fill(served.town.date(18))
    page.get_by_label("From", exact=True).fill("15:00")
    page.get_by_label("Until", exact=True).fill("17:00")
    page.get_by_label("Room", exact=True).select_option(label="Lisiere")
    page.get_by_label("What is it called").fill("Briscola")
    page.get_by_role("button", name="Book", exact=True).click()
    page.wait_for_load_state()
    # What goes with the room is shown once before it is booked.
    page.get_by_role("button", name="Book", exact=True).click()
    page.wait_for_url("**/bookings/*")
    assert "Norma Bedini" in page.locator("main").inner_text()
    page.goto("/manage/gattaglio")
    told = page.get_by_role("region", name="To be told by voice").get_by_role("listitem")
    told.filter(has_text="Norma Bedini").get_by_role("button", name="Told").click()

    page.get_by_text("Ticked: told.").first.wait_for()
    assert told.filter(has_text="Norma Bedini").count() == 0


def test_apply_be_admitted_and_pay(enter: Any, served: Any) -> None:
    applicant = enter("elsa", "/venues/gattaglio/join")
    applicant.locator("main").get_by_role("button").first.click()
    applicant.wait_for_load_state()
    desk = enter("manager", "/manage/gattaglio/members")
    desk.locator("main").get_by_role("link", name="Elsa").first.click()
    desk.get_by_role("button", name="Admit : Elsa").click()
    desk.get_by_role("button", name="€15 cash").click()
    desk.wait_for_load_state()
    assert "€15" in desk.get_by_role("region", name="Dues").inner_text()
    applicant.goto("/me/cards")

    applicant.get_by_role("link", name="Show").click()
    assert "Elsa" in applicant.locator("main").inner_text()
    assert "No. " in applicant.locator("main").inner_text()
