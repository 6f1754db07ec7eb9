"""Attacks 6, 14, 15, 16, 24: text that is an instruction to somebody else."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.kernel.audit import AuditEntry
from tierslieu.testing import csrf_token

#: Every name that a page reads from its address.
ASKED = (
    "text", "q", "where", "when", "people", "day", "date", "week", "from", "until", "before",
    "state", "show", "page", "verb", "venue", "person", "room", "open", "area", "kind", "access",
    "features", "starts", "ends", "next", "lang", "past", "all", "cursor", "limit", "capacity",
    "starts_at", "ends_at", "starts_after", "ends_before", "room_id", "near", "sort", "title",
)  # fmt: skip

INSTRUCTIONS = {
    "a quote": "'",
    "always true": "' OR 1=1 --",
    "a second statement": "'; DROP TABLE booking; --",
    "a union": "' UNION SELECT password_hash FROM account --",
    "everything": "%",
    "one letter": "_",
    "an escape": "\\",
    "an escaped wildcard": "\\%' ESCAPE '\\",
    "a number too large": "99999999999999999999999",
    "less than nothing": "-9223372036854775809",
    "no number": "nan",
    "other digits": "١٢٣",
    "two lines": "a\r\nSet-Cookie: b=1",
    "the last year": "9999-12-31",
    "before the first": "0000-00-00",
    "a day there is not": "2031-02-30",
    "a week there is not": "2031-W99",
    "the last moment": "9999-12-31T23:59",
    "a moment of elsewhere": "9999-12-31T23:59:00-23:59",
    "a template": "{{ 7*191 }}",
    "a format": "{0.__class__}%(site)s%n%s",
    "very long": "a" * 5000,
}


#: Refused at the edge, whatever the page: they are asked by themselves.
NOWHERE = {"the end of a text": "a\x00b", "half a letter": "\ud800"}


@pytest.mark.parametrize("turn", range(4))
def test_attack_14_what_is_asked_for_is_a_text(house: Any, turn: int) -> None:
    texts = list(INSTRUCTIONS.values())
    query = "&".join(
        f"{name}={quote(texts[(index * 4 + turn * 7) % len(texts)], safe='')}"
        for index, name in enumerate(ASKED)
    )
    browser = house.browser("admin")
    for address in reading(house):
        with browser.get(f"{address}?{query}") as answer:
            assert answer.status_code < 500, address
            body = answer.data.decode("utf-8", "replace")
            assert "1337" not in body, address
            assert "b=1" not in answer.headers.get("Set-Cookie", ""), address
    with house.site.reading() as work:
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Booking)) == house.booked


@pytest.mark.parametrize("named", NOWHERE)
def test_attack_16_no_address_carries_what_is_no_letter(house: Any, named: str) -> None:
    text = quote(NOWHERE[named], errors="surrogatepass", safe="")
    browser = house.browser("admin")
    for address in reading(house):
        with browser.get(f"{address}?{'&'.join(f'{name}={text}' for name in ASKED)}") as answer:
            assert answer.status_code < 500, address


def reading(house: Any) -> list[str]:
    """Every address that may read its question, each once."""
    house.ids["public_id"] = house.ids["public_id"][:1]
    return [each for each in house.addresses() if not each.startswith(("/static/", "/leaflet/"))]


@pytest.mark.parametrize("box", ["/admin/people", "/manage/gattaglio/people"])
@pytest.mark.parametrize("text", ["%%%", "___", "\\%", "' OR 1=1 --", "a%a", "R_na"])
def test_attack_14_a_wildcard_finds_nobody(house: Any, box: str, text: str) -> None:
    page = house.browser("admin").get(box, query_string={"text": text}).get_data(as_text=True)

    assert "Rina" not in page
    assert "Member &lt;" not in page


def test_attack_14_what_stands_in_the_path_is_a_name(house: Any) -> None:
    browser = house.browser("admin")
    for text in (INSTRUCTIONS | NOWHERE).values():
        asked_by_path(browser, quote(text, errors="surrogatepass", safe=""))


def asked_by_path(browser: Any, text: str) -> None:
    for start in ("/venues/", "/rooms/", "/book/", "/bookings/", "/manage/", "/confirm/", "/reset/",
                  "/api/v1/venues/", "/api/v1/rooms/", "/api/v1/bookings/", "/feeds/",
                  "/admin/people/", "/photos/", "/language/"):  # fmt: skip
        answer = browser.get(f"{start}{text}")
        # A link that is over is said to be over; a name that is none is not there.
        over = (422,) if start in ("/confirm/", "/reset/") else ()
        assert answer.status_code in (302, 308, 400, 401, 404, 405, *over), f"{start}{text}"


UNICODE = {
    "a turned order": "Coro \u202eoroc",
    "an isolate": "Coro \u2066x\u2069",
    "nothing to see": "Co\u200bro\u2060\ufeff",
    "an end of text": "Coro\x00x",
    "a bell": "Coro\x07",
    "half a letter": "Coro \ud800",
    "a new line of its own": "Coro\u2028x\u2029y\x85z\r\nSUMMARY:x",
    "a tag": "Coro \U000e0041\U000e0042",
    "nothing at all": "\u200b\u2060\u00ad",
}
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


@pytest.mark.parametrize("named", UNICODE)
def test_attack_16_letters_that_deceive_are_refused_or_taken_out(house: Any, named: str) -> None:
    browser = house.browser()
    wish = {"room_id": house.room, "starts_at": "2031-05-06T10:00", "ends_at": "2031-05-06T11:00",
            "title": UNICODE[named]}  # fmt: skip
    answer = browser.post("/api/v1/bookings", json=wish, headers=house.bearer())

    assert answer.status_code in (201, 400, 422)
    if answer.status_code == 201:
        kept = answer.get_json()["title"]
        assert kept
        assert not _FORBIDDEN.search(kept)


def profile(browser: Any) -> dict[str, str]:
    """What the form of one's own profile has to send besides the name."""
    page = browser.get("/me/profile").get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    token = csrf_token(browser, "/me/profile")
    return {"version": version[1], "locale": "en", "phone": "", "csrf_token": token}


@pytest.mark.parametrize("named", UNICODE)
def test_attack_16_names_of_people_do_not_deceive(house: Any, named: str) -> None:
    browser = house.browser("member")
    data = profile(browser) | {"name": UNICODE[named]}
    try:
        answer = browser.post("/me/profile", data=data)
    except UnicodeEncodeError:
        return  # what no browser can send
    assert answer.status_code in (302, 400, 422)
    with house.site.reading() as work:
        names = work.session.scalars(sa.text("SELECT name FROM person"))
        assert not [name for name in names if _FORBIDDEN.search(name or "")]


def test_attack_16_a_lookalike_is_the_same_address_where_it_is_the_same(house: Any) -> None:
    browser = house.browser()
    for written in ("MEMBER@demo.example", "ｍember@demo.example", " member@DEMO.example "):
        data = {"email": written, "password": "a quiet afternoon",
                "csrf_token": csrf_token(browser, "/sign-in")}  # fmt: skip
        assert browser.post("/sign-in", data=data).status_code == 302
        browser = house.browser()


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("9999-12-31T23:00", "9999-12-31T23:30"),
        ("0001-01-01T00:00", "0001-01-01T01:00"),
        ("1970-01-01T00:00Z", "1970-01-01T01:00Z"),
        ("2031-05-06T10:00", "2031-05-06T10:00"),
        ("2031-05-06T10:00", "2031-05-06T09:00"),
        ("2031-05-06T10:00", "2199-05-06T10:00"),
        ("2031-05-06T10:00+23:59", "2031-05-06T10:00-23:59"),
        ("9999-12-31T23:59-23:59", "9999-12-31T23:59-23:59"),
        ("2031-03-30T02:30", "2031-03-30T04:00"),
        ("2031-10-26T02:30", "2031-10-26T04:00"),
        ("2031-13-06T10:00", "2031-05-06T11:00"),
        ("2031-05-06T24:00", "2031-05-07T01:00"),
        ("2031-05-06T10:00:60", "2031-05-06T11:00"),
    ],
)
def test_attack_15_times_that_cannot_be_are_refused_at_once(
    house: Any, starts: str, ends: str
) -> None:
    browser = house.browser()
    span = {"starts_at": starts, "ends_at": ends}
    began = time.monotonic()
    made = browser.post(
        "/api/v1/bookings", json=span | {"room_id": house.room, "title": "x"},
        headers=house.bearer(),
    )  # fmt: skip
    asked = browser.get("/api/v1/availability", query_string=span)
    spent = time.monotonic() - began

    assert made.status_code == 422
    assert asked.status_code in (200, 422)
    assert spent < 20, "at once on a machine of one's own; the tests share theirs"


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 50_000, "1e999", "nul", '{"a":1}x'])
def test_bodies_that_are_traps_are_not_parseable(house: Any, body: str) -> None:
    answer = house.browser().post(
        "/api/v1/bookings", data=body, content_type="application/json", headers=house.bearer()
    )
    assert answer.status_code in (400, 422)


def test_attack_6_nothing_begins_a_header_or_a_line_of_its_own(house: Any) -> None:
    browser = house.browser()
    wish = {"room_id": house.room, "starts_at": "2031-05-06T10:00", "ends_at": "2031-05-06T11:00",
            "visibility": "public"}  # fmt: skip
    for title in ("a\r\nATTENDEE:x", "a\nBEGIN:VEVENT", "a\rX-EVIL:1", "a\\nSUMMARY:x"):
        browser.post("/api/v1/bookings", json=wish | {"title": title}, headers=house.bearer())
    text = browser.get("/venues/gattaglio/calendar.ics").get_data(as_text=True)
    for line in text.split("\r\n"):
        assert not line.startswith(("ATTENDEE", "X-EVIL")), line
        assert "\n" not in line
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT")

    for header in ("Accept-Language", "If-Match", "Idempotency-Key", "User-Agent", "Referer"):
        answer = browser.get("/api/v1/me", headers=house.bearer() | {header: "x\t\x7f\xff" * 90})
        assert answer.status_code < 500, header


def test_attack_24_the_journal_takes_lines_and_gives_none_back(house: Any) -> None:
    browser = house.browser("member")
    data = profile(browser) | {"name": "Rina\n2031-05-06 network_admin granted"}
    assert browser.post("/me/profile", data=data).status_code == 302
    with house.site.reading() as work:
        names = list(work.session.scalars(sa.text("SELECT name FROM person")))
    assert not [name for name in names if "\n" in (name or "")]

    for change in (sa.update(AuditEntry).values(verb="x"), sa.delete(AuditEntry)):
        with pytest.raises(sa.exc.DBAPIError), house.site.writing() as work:
            work.session.execute(change)
