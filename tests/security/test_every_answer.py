"""Everybody walks through the hostile house and looks at every answer there is.

Attack 3: what people write is text in every page, never a piece of the page. And each answer has
the headers that keep it harmless, and is kept by no cache it is not for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

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


@dataclass(frozen=True)
class Answer:
    """What came back from an address."""

    address: str
    status: int
    kind: str
    headers: Any
    text: str


def in_harmless_headers(answer: Answer) -> Iterator[str]:
    """Nothing of others runs in it, frames it, or guesses what it is."""
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    if not ("default-src 'self'" in policy or "sandbox" in policy) or "unsafe-" in policy:
        yield f"policy {policy}"
    if answer.kind == "text/html":
        for part in ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"):
            if part not in policy:
                yield f"policy without {part}"
    if headers["X-Content-Type-Options"] != "nosniff":
        yield "its kind may be guessed"
    if headers["X-Frame-Options"] != "DENY":
        yield "it may be framed"
    if headers["Referrer-Policy"] not in ("same-origin", "no-referrer"):
        yield "others learn the address"


FOR_EVERYBODY = (
    "/static/", "/leaflet/", "/photos/", "/api/openapi.json", "/rooms/", "/venues/", "/feeds/room/",
    "/calendar.",
)  # fmt: skip
OF_ONE = ("/me", "/manage", "/admin", "/bookings/", "/api/v1/")


def kept_by_whom_it_is_for(answer: Answer) -> Iterator[str]:
    """What is personal is kept by no cache; feeds, files and the API give no cookie."""
    address, kept = answer.address, answer.headers["Cache-Control"]
    cookies = answer.headers.getlist("Set-Cookie")
    guarded = "no-store" in kept or "private" in kept
    if "public" in kept and (cookies or not address.startswith(FOR_EVERYBODY)):
        yield f"for everybody's cache: {kept} {cookies}"
    if "public" not in kept and not guarded and not address.startswith("/static/"):
        yield f"not guarded: {kept}"
    asked_again = "private, no-cache" in kept and "Cookie" in answer.headers.get("Vary", "")
    if address.startswith(OF_ONE) and "no-store" not in kept and not asked_again:
        yield f"personal: {kept}"


def without_a_cookie(answer: Answer) -> Iterator[str]:
    address = answer.address
    if address.endswith((".ics", ".css", ".svg")) or address.startswith("/api/"):
        yield from answer.headers.getlist("Set-Cookie")


def with_literal_words(answer: Answer) -> Iterator[str]:
    """What people wrote is no element, no attribute, no script, and is not worked out."""
    if answer.kind == "text/html":
        reader = Reader()
        reader.feed(answer.text)
        yield from reader.faults
        if "1337" in answer.text:
            yield "a placeholder that somebody wrote was worked out"
    elif "zanzibar" in answer.text:
        kinds = ("application/json", "application/problem+json", "text/calendar")
        if answer.kind not in kinds:
            yield f"what somebody wrote, in {answer.kind}"


CHECKS = (in_harmless_headers, kept_by_whom_it_is_for, with_literal_words)


@pytest.mark.parametrize("who", ["nobody", "member", "manager", "admin"])
def test_attack_3_no_answer_does_harm(house: Any, who: str) -> None:
    browser = house.browser(who)
    checks = (*CHECKS, without_a_cookie) if who == "nobody" else CHECKS
    faults, shown = [], 0
    for address in house.addresses():
        with browser.get(address) as got:
            text = got.get_data(as_text=True) if not got.mimetype.startswith("image/") else ""
            answer = Answer(address, got.status_code, got.mimetype, got.headers, text)
        assert answer.status < 500, address
        shown += "&lt;zanzibar" in text
        faults += [f"{address}: {fault}" for check in checks for fault in check(answer)]

    assert not faults, "\n".join(faults)
    assert shown >= 3, "the house is hostile in earnest"
