"""A manager sets a quota and week-end parties on a phone; a member meets both, by keyboard."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


def comfortable(page: Any) -> None:
    """Nothing is wider than the page, and what is touched is not too small."""
    wide = page.evaluate("journeys.tooWide()")
    assert not wide, f"{page.url} is {wide} px wider than the screen"
    assert page.evaluate("journeys.small()") == [], page.url


def tab_to(page: Any, name: str = "", text: str = "", most: int = 120) -> None:
    """Press Tab until something is reached; each stop on the way can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate("journeys.focus()")
        if at["tag"] == "BODY":
            continue
        assert at["drawn"], f"no focus drawn on {at}"
        if (name and at["name"] == name) or (text and at["text"].startswith(text)):
            return
    raise AssertionError(f"never reached {name or text}")


def test_rules_are_set_on_a_phone_and_met_by_keyboard(enter: Any, served: Any) -> None:
    town = served.town
    room = town.rooms["ponente"]
    set_the_rules(enter, room)

    ahead = next(n for n in range(40, 48) if date.fromisoformat(town.date(n)).weekday() == 2)
    address = f"/book/{room}?date={town.date(ahead)}&start=10:00&end=12:00"
    page = enter("elsa", address)
    tab_to(page, name="title")
    page.keyboard.type("Birthday")
    tab_to(page, name="purpose")
    page.keyboard.type("Par")
    check = page.locator("[data-check-target]")
    check.get_by_text("Only on Saturday and Sunday: Party.").wait_for()
    assert check.get_by_text("At most 1 hour a week.").is_visible()
    choose(page, "weekend_only")
    check.get_by_text("Only on Saturday and Sunday: Party.").wait_for(state="detached")
    check.get_by_text("At most 1 hour a week.").wait_for()
    assert date.fromisoformat(page.input_value("input[name=date]")).weekday() in (5, 6)

    choose(page, "quota")
    check.get_by_text("It can be had").wait_for()
    assert page.input_value("input[name=title]") == "Birthday"
    tab_to(page, text="Book ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/*")
    page.goto(f"/rules/{room}")
    assert page.get_by_text("At most 1 hour a week.").is_visible()


def set_the_rules(enter: Any, room: str) -> None:
    page = enter("manager", f"/manage/gattaglio/rules/quotas?room={room}", **PHONE)
    comfortable(page)
    page.get_by_label("At most").fill("1")
    page.get_by_label("In what time").select_option("week")
    page.get_by_role("button", name="Save the quota").tap()
    page.get_by_role("heading", name="At most 1 hour a week.").wait_for()
    comfortable(page)
    page.goto("/manage/gattaglio/rules/uses")
    comfortable(page)
    page.locator("input[name=label_en]").fill("Party")
    page.get_by_role("button", name="Save").tap()
    page.get_by_role("heading", name="Party").wait_for()
    page.goto(f"/manage/gattaglio/rules?room={room}")
    page.get_by_label("Uses at the week-end only").first.select_option("set")
    page.locator("input[name=weekend_purposes_l]").check()
    comfortable(page)
    page.get_by_role("button", name="Save the rules").tap()
    page.get_by_text("Saved. Bookings already made stay as they are.").wait_for()


def choose(page: Any, code: str) -> None:
    """Press the first nearest choice of one reason, by keyboard."""
    page.locator(f"[data-code={code}] button[name=use]").first.focus()
    page.keyboard.press("Enter")
