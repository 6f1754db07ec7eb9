"""Attacks 2, 7, 10, 11, 12, 18: what is sent from elsewhere, twice, or with more in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.kernel.audit import AuditEntry
from tierslieu.people.models import RoleGrant
from tierslieu.testing import PASSWORD, csrf_token

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = [SQLITE]

AWAY = (
    "https://evil.example/", "//evil.example/", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    "\t//evil.example", " //evil.example", "https:evil.example", "http:///evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "//evil.example@localhost/", "http://localhost@evil.example",
    "/\r\nLocation: //evil.example", "/%0d%0aSet-Cookie:x=1\r\nx", "//%65vil.example",
    "/.//evil.example/..//",
)  # fmt: skip


def form_posts(house: Any) -> list[str]:
    """Every address to which pages post, each once; the API is not one."""
    # The token is asked for before anything is looked up: which thing it is makes no difference.
    house.ids["public_id"] = house.ids["public_id"][:1]
    return [address for address in house.addresses("POST", 1) if not address.startswith("/api/")]


@pytest.mark.parametrize("who", ["nobody", "member", "manager", "admin"])
def test_attack_2_no_form_is_accepted_without_its_token(house: Any, who: str) -> None:
    browser = house.browser(who)
    addresses = form_posts(house)
    assert len(addresses) > 60
    for address in addresses:
        for data in ({}, {"csrf_token": ""}, {"csrf_token": "null"}):
            answer = browser.post(address, data=data)
            assert answer.status_code in (302, 400, 401, 403), f"{address}: {answer.status_code}"
            if answer.status_code == 302:
                assert "/sign-in" in answer.headers["Location"], address


def test_attack_2_the_token_of_somebody_else_is_none(house: Any) -> None:
    theirs = csrf_token(house.browser("member"), "/me/profile")
    mine = house.browser("manager")

    assert mine.post("/sign-out", data={"csrf_token": theirs}).status_code == 400
    assert mine.get("/me").status_code == 200


def test_attack_2_nobody_is_signed_in_by_another_site(house: Any) -> None:
    browser = house.browser()
    data = {"email": "member@demo.example", "password": PASSWORD}
    foreign = csrf_token(house.browser(), "/sign-in")

    assert browser.post("/sign-in", data=data).status_code == 400
    assert browser.post("/sign-in", data=data | {"csrf_token": foreign}).status_code == 400
    assert browser.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/bookings"),
        ("PATCH", "/bookings/{}"),
        ("DELETE", "/bookings/{}"),
        ("POST", "/bookings/{}/approve"),
        ("POST", "/bookings/{}/decline"),
        ("POST", "/bookings/{}/check-in"),
        ("POST", "/tokens"),
        ("DELETE", "/tokens/aaaaaaaaaaaaaaaa"),
    ],
)
def test_attack_2_the_cookie_reads_the_api_and_never_writes(
    house: Any, method: str, path: str
) -> None:
    browser = house.browser("manager")
    assert browser.get("/api/v1/me").status_code == 200
    address = "/api/v1" + path.format(house.booking)
    token = csrf_token(browser, "/me/profile")
    for headers in ({}, {"X-CSRFToken": token}, {"X-HTTP-Method-Override": "GET"}):
        answer = browser.open(address, method=method, json={"title": "x"}, headers=headers)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
def test_attack_2_json_comes_as_json(house: Any, kind: str) -> None:
    wish = {"room_id": house.room, "starts_at": "2031-05-06T10:00", "ends_at": "2031-05-06T11:00"}
    answer = house.browser().post(
        "/api/v1/bookings",
        data=json.dumps(wish | {"title": "x"}),
        content_type=kind,
        headers=house.bearer(),
    )

    assert answer.status_code == 415
    assert bookings(house) == house.booked


def bookings(house: Any) -> int:
    with house.site.reading() as work:
        return int(work.session.scalar(sa.select(sa.func.count()).select_from(Booking)))


def stays(location: str) -> bool:
    """Whether a browser that follows this stays on our site."""
    return (
        location.startswith("/")
        and not location.startswith(("//", "/\\"))
        and not set(location) & set("\r\n\t\\")
    )


@pytest.mark.parametrize("away", AWAY)
def test_attack_7_nobody_is_sent_away(house: Any, away: str) -> None:
    browser = house.browser()
    token = csrf_token(browser, "/sign-in")
    signed = browser.post(
        "/sign-in",
        query_string={"next": away},
        data={"email": "member@demo.example", "password": PASSWORD, "next": away,
              "csrf_token": token},
    )  # fmt: skip
    again = browser.get("/sign-in", query_string={"next": away})
    language = browser.get("/language/fr", query_string={"next": away})
    chosen = browser.post(
        "/language",
        data={"language": "it", "next": away, "csrf_token": csrf_token(browser, "/me/profile")},
        query_string={"next": away},
        headers={"Referer": "https://evil.example/"},
    )
    for answer in (signed, again, language, chosen):
        assert answer.status_code in (302, 303), answer.request.path
        assert stays(answer.headers["Location"]), answer.headers["Location"]
        assert "evil.example" not in answer.headers["Location"].split("?")[0].split("/")[1:2]
        assert "evil" not in answer.headers.get("Set-Cookie", "")


def test_attack_10_a_manager_gives_herself_nothing_and_the_attempt_is_noted(house: Any) -> None:
    browser = house.browser("manager")
    with house.site.reading() as work:
        before = work.session.scalar(sa.select(sa.func.count()).select_from(RoleGrant))
        noted = refused(work)
    own = browser.get("/api/v1/me").get_json()["id"]
    token = csrf_token(browser, "/me/profile")
    for address in (f"/admin/people/{own}/grant", f"/manage/gattaglio/people/{own}/desk"):
        for role in ("network_admin", "venue_manager"):
            data = {"role": role, "venue": "gattaglio", "csrf_token": token}
            assert browser.post(address, data=data).status_code in (302, 403, 404, 422), address

    with house.site.reading() as work:
        assert work.session.scalar(sa.select(sa.func.count()).select_from(RoleGrant)) == before
        assert refused(work) > noted
    assert browser.get("/admin/people").status_code == 403


def refused(work: Any) -> int:
    question = sa.select(sa.func.count()).where(AuditEntry.verb == "access.refused")
    return int(work.session.scalar(question))


@pytest.mark.parametrize(
    "more",
    [{"state": "confirmed"}, {"price_cents": 0}, {"person_id": 1}, {"owner": "x"}, {"id": "x"},
     {"reference": "AAAAAAAA"}, {"version": 9}, {"override": "I may"}, {"kind": "blocked"},
     {"venue": "orologio"}, {"__class__": "x"}, {"created_at": "2020-01-01T00:00:00Z"}],
)  # fmt: skip
def test_attack_11_what_is_not_ones_own_to_set_is_refused(house: Any, more: dict[str, Any]) -> None:
    browser = house.browser()
    wish = {"room_id": house.room, "starts_at": "2031-05-06T10:00", "ends_at": "2031-05-06T11:00",
            "title": "x"}  # fmt: skip
    made = browser.post("/api/v1/bookings", json=wish | more, headers=house.bearer())
    changed = browser.patch(f"/api/v1/bookings/{house.booking}", json=more, headers=house.bearer())

    for answer in (made, changed):
        assert answer.status_code == 422
        assert answer.get_json()["reasons"][0]["code"] == "unknown_field"
    assert bookings(house) == house.booked


def test_attack_12_what_is_too_large_is_refused_before_it_is_read(house: Any) -> None:
    browser = house.browser("manager")
    token = csrf_token(browser, "/manage/gattaglio/settings/photos")
    address = "/manage/gattaglio/settings/photos"
    large = part("photo", "x" * (13 * 1024 * 1024), '; filename="../../etc/passwd.png"')
    wide = part("alt_en", "x" * (2 * 1024 * 1024))
    many = b"".join(part(f"field{n}", "x") for n in range(1500))
    for body in (large, wide, many):
        answer = browser.post(
            address,
            data=part("csrf_token", token) + body + b"--edge--\r\n",
            content_type="multipart/form-data; boundary=edge",
        )
        assert answer.status_code == 413
    body = b'{"title": "' + b"x" * (13 * 1024 * 1024) + b'"}'
    answer = browser.post(
        "/api/v1/bookings", data=body, content_type="application/json", headers=house.bearer()
    )
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def part(name: str, value: str, more: str = "") -> bytes:
    """One field of a form as a browser writes it."""
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return f"{head}{value}\r\n".encode()


def test_attack_18_a_post_sent_again_is_one_booking(house: Any) -> None:
    browser = house.browser()
    wish = {"room_id": house.room, "starts_at": "2031-05-06T10:00", "ends_at": "2031-05-06T11:00",
            "title": "x"}  # fmt: skip
    headers = house.bearer() | {"Idempotency-Key": "a click"}
    first, again = (browser.post("/api/v1/bookings", json=wish, headers=headers) for _ in range(2))
    other = browser.post("/api/v1/bookings", json=wish | {"title": "y"}, headers=headers)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.get_json() == again.get_json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert bookings(house) == house.booked + 1
