"""Attack 19 and what every answer carries: headers, hosts, caches, cookies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.app import create_app
from tierslieu.kernel import jobs
from tierslieu.kernel.mail import Mail
from tierslieu.testing import csrf_token, sign_in

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = [SQLITE]


def test_a_page_with_another_name_is_not_a_page_that_caches_keep(house: Any) -> None:
    browser = house.browser("member")
    for address in ("/me.css", "/me/profile.css", "/me/x.js", "/me%2fprofile.css", "/me;x.css"):
        answer = browser.get(address)
        assert answer.status_code == 404, address
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "https"])
def test_cookies_are_for_us_alone(config: Any, secure: bool, app: Any, house: Any) -> None:
    base = "https://localhost" if secure else "http://localhost"
    made = create_app(replace(config, base_url=base))
    client = made.test_client()
    fields = {"email": "member@demo.example", "password": "a quiet afternoon"}
    page = client.get("/sign-in", base_url=base).get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in",
        base_url=base,
        data=fields | {"csrf_token": token},
        headers={"Referer": f"{base}/sign-in"},
    )
    made.extensions["tierslieu"].db.dispose()

    assert answer.status_code == 302
    cookies = answer.headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if "tierslieu" in cookie)
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Domain" not in session
    assert "Path=/" in session
    assert session.startswith("__Host-") is secure
    assert ("Secure" in session) is secure
    assert ("Strict-Transport-Security" in answer.headers) is secure


NOT_OURS = (
    "evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example", "",
    "127.0.0.1.evil.example", "localhost evil.example", "[::2]", "evil.example#localhost",
)  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/reset", "/api/v1/venues", "/static/css/base.css"])
def test_attack_19_a_host_that_is_not_ours_is_not_answered(client: Any, address: str) -> None:
    for host in NOT_OURS:
        answer = client.get(address, headers={"Host": host})
        assert answer.status_code == 400, host
        if host:
            assert host not in answer.get_data(as_text=True)


def test_attack_19_mails_carry_our_address_whatever_a_proxy_says(house: Any) -> None:
    browser = house.browser()
    data = {"email": "member@demo.example", "csrf_token": csrf_token(browser, "/reset")}
    poisoned = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example",
                "X-Original-URL": "/admin/", "X-Host": "evil.example"}  # fmt: skip
    assert browser.post("/reset", data=data, headers=poisoned).status_code == 302
    jobs.drain(house.site)

    with house.site.reading() as work:
        body = work.session.scalars(sa.select(Mail.body).order_by(Mail.id.desc())).first()
    assert body is not None
    assert "http://localhost/reset/" in body
    assert "evil" not in body


def test_an_address_of_a_proxy_that_nobody_configured_is_not_believed(
    house: Any, config: Any
) -> None:
    limited = create_app(replace(config, rate_limits=True))
    assert tried(limited, 32) == [422] * 30 + [429] * 2
    limited.extensions["tierslieu"].db.dispose()

    trusting = create_app(replace(config, rate_limits=True, trusted_proxies=1))
    assert tried(trusting, 32) == [422] * 32
    trusting.extensions["tierslieu"].db.dispose()


def tried(app: Any, times: int) -> list[int]:
    """Statuses of many passwords tried from what says to be another address each time."""
    client = app.test_client()
    token = csrf_token(client, "/sign-in")
    return [
        client.post(
            "/sign-in",
            data={"email": f"a{n}@demo.example", "password": "no such", "csrf_token": token},
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code
        for n in range(times)
    ]


def test_signing_in_gives_another_cookie_than_before(house: Any) -> None:
    client = house.app.test_client()
    csrf_token(client, "/sign-in")
    before = client.get_cookie("tierslieu")
    sign_in(client, "member@demo.example")

    assert before is not None
    assert client.get_cookie("tierslieu").value != before.value
    stolen = house.app.test_client()
    stolen.set_cookie("tierslieu", before.value)
    assert stolen.get("/me").status_code == 302
