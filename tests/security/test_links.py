"""Attack 3: a link that people write is http or https, and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = [SQLITE]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
    ],
)
def test_attack_3_a_link_is_http_https_or_nothing(house: Any, link: str) -> None:
    browser = house.browser("manager")
    form = form_values(browser, "/manage/gattaglio/settings/facts")
    # The name is hostile on purpose; a plain one shows that nothing but the link is in the way.
    form |= {"name": "Gattaglio", "kind": "social_centre", "position": "area",
             "accent": "persiana"}  # fmt: skip
    fine = browser.post(
        "/manage/gattaglio/settings/facts", data=form | {"website": "https://fine.example"}
    )
    assert fine.status_code == 302
    form["version"] = form_values(browser, "/manage/gattaglio/settings/facts")["version"]
    answer = browser.post("/manage/gattaglio/settings/facts", data=form | {"website": link})

    page = house.browser().get("/venues/gattaglio").get_data(as_text=True)
    assert answer.status_code == 422
    assert "javascript:" not in page
    assert "evil.example" not in page


def form_values(browser: Any, address: str) -> dict[str, str]:
    """The fields of the first big form of a page, as they stand."""
    found: dict[str, str] = {}

    class Fields(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            named = {name: value or "" for name, value in attrs}
            if tag == "input" and named.get("name") and named.get("type") not in ("checkbox",):
                found.setdefault(named["name"], named.get("value", ""))

    Fields().feed(browser.get(address).get_data(as_text=True))
    return found
