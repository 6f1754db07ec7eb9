"""A manager makes a report by keyboard, reads it, writes beside it and takes the PDF along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_report_from_the_first_choice_to_the_paper(
    enter: Callable[..., Any], served: Any, tmp_path: Path
) -> None:
    page = enter("manager", "/reports")
    page.get_by_role("link", name="Make a report").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/new")
    page.fill("input[name=first]", served.town.date(-20))
    page.fill("input[name=last]", served.town.date(0))
    page.get_by_role("button", name="Make it").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/new" not in url)
    words = page.get_by_role("link", name="Write beside the figures")
    # The page asks again by itself, without a script, until it is counted.
    words.wait_for(timeout=60_000)
    assert page.get_by_role("heading", name="Use of the rooms", exact=True).is_visible()
    words.focus()
    page.keyboard.press("Enter")
    page.get_by_label("To begin with").fill("The doors were open.")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("The doors were open.").wait_for()
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("link", name="PDF").click()
    file = tmp_path / "report.pdf"
    download.value.save_as(file)
    assert file.read_bytes().startswith(b"%PDF")
