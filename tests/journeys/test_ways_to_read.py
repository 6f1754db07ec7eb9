"""Dark or light and the language stay as they were chosen, and the page stays where it was."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAPER = "getComputedStyle(document.body).backgroundColor"


def test_the_dark_page_is_remembered(enter: Any) -> None:
    page = enter("", "/venues")
    light = page.evaluate(PAPER)
    page.get_by_role("button", name="Switch to dark").click()
    dark = page.evaluate(PAPER)
    assert dark != light
    page.goto("/")

    assert page.evaluate(PAPER) == dark
    page.get_by_role("button", name="Switch to light").click()
    assert page.evaluate(PAPER) == light


def test_untouched_it_follows_the_device(enter: Any) -> None:
    page = enter("", "/", scheme="dark")

    assert page.get_by_role("button", name="Switch to light").is_visible()


@pytest.mark.parametrize(("code", "words"), [("it", "Trova"), ("fr", "Trouver"), ("en", "Find")])
def test_another_language_shows_the_same_page(enter: Any, code: str, words: str) -> None:
    address = "/search?n=7&date=2031-05-06&start=10:00&end=12:00&where=gattaglio"
    page = enter("", address, locale="de-DE")
    page.get_by_role("navigation").locator(f"a[hreflang={code}]").click()
    page.wait_for_load_state()

    assert "n=7" in page.url
    assert "where=gattaglio" in page.url
    assert page.locator("html").get_attribute("lang") == code
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == code
    assert page.get_by_role("search").get_by_role("button").first.inner_text().startswith(words)
