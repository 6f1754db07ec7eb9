"""Attack 3: what people write is text in every page, never a piece of the page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = [SQLITE]

LINKS = {"", "http", "https", "mailto", "tel", "webcal"}


class Reader(HTMLParser):
    """What a page really contains."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "zanzibar":
            self.faults.append("an element that somebody wrote")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.faults.append(f"<{tag} {name}>")
            if name in ("href", "src", "action", "formaction"):
                scheme = urlsplit(value or "").scheme
                if scheme not in LINKS and not (tag == "img" and scheme == "data"):
                    self.faults.append(f"<{tag} {name}={value}>")
        named = dict(attrs)
        kind = named.get("type", "")
        self._script = tag == "script" and not named.get("src") and "json" not in (kind or "")
        if tag == "style":
            self.faults.append("a style in the page")

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.faults.append(f"a script in the page: {data[:60]}")

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment that somebody may have begun: {data[:60]}")


@pytest.mark.parametrize("who", ["nobody", "member", "manager", "admin"])
def test_attack_3_what_people_wrote_is_literal_in_every_page(house: Any, who: str) -> None:
    browser = house.browser(who)
    faults, shown = [], 0
    for address in house.addresses():
        with browser.get(address) as answer:
            assert answer.status_code < 500, address
            if answer.mimetype != "text/html":
                continue
            text = answer.get_data(as_text=True)
        reader = Reader()
        reader.feed(text)
        faults += [f"{address}: {fault}" for fault in reader.faults]
        if "1337" in text:
            faults.append(f"{address}: a placeholder that somebody wrote was worked out")
        shown += "&lt;zanzibar" in text

    assert not faults, "\n".join(faults)
    assert shown >= 3, "the house is hostile in earnest"


def test_attack_3_calendars_and_the_api_are_not_pages(house: Any) -> None:
    for address in house.addresses():
        with house.browser("member").get(address) as answer:
            if "zanzibar" in answer.get_data(as_text=True) and answer.mimetype != "text/html":
                kinds = ("application/json", "application/problem+json", "text/calendar")
                assert answer.mimetype in kinds, address
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


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
