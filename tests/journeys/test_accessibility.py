"""axe finds nothing on any page: on a phone and on a desk, in the light and in the dark."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BARRIERS = "(options) => journeys.barriers(options)"
EVERYTHING = {"runOnly": {"type": "tag", "values": TAGS}}
#: Colours are what takes axe longest, and follow from what an element is and where it stands: each
#: kind of place is looked at once, in the light and in the dark.
CONTRAST = "([options, known]) => journeys.colours(options, known)"
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
SHAPES = EVERYTHING | {"rules": {"color-contrast": {"enabled": False}}}


@pytest.mark.parametrize("who", ["", "ada", "manager", "admin"], ids=lambda who: who or "nobody")
def test_no_page_has_a_barrier(enter: Any, pages: Any, who: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT
    page = enter(who, "/")
    found: list[str] = []
    known: list[str] = []
    for address in [address for reader, address in pages if reader == who]:
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(address)
        if answer.status != {"/nowhere": 404, "/search?n=0&date=x": 422}.get(address, 200):
            found.append(f"{address}: {answer.status}")
        if "text/html" not in answer.headers["content-type"]:
            continue
        page.evaluate(axe)
        found += [f"{address} {barrier}" for barrier in page.evaluate(BARRIERS, SHAPES)]
        light = page.evaluate(CONTRAST, [COLOURS, known])
        page.emulate_media(color_scheme="dark")
        dark = page.evaluate(CONTRAST, [COLOURS, known])
        page.emulate_media(color_scheme="light")
        found += [f"{address} {barrier}" for barrier in light["barriers"] + dark["barriers"]]
        known = light["known"]
        page.set_viewport_size({"width": 390, "height": 844})
        found += [f"{address} phone {barrier}" for barrier in page.evaluate(BARRIERS, SHAPES)]
        wide = page.evaluate("journeys.tooWide()")
        if wide:
            found.append(f"{address} phone: {wide} px wider than the screen")

    assert not found, "\n".join(found)
