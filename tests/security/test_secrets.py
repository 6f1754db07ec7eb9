"""Attacks 5, 8, 17, 22, 23: what opens something, who has an account, and who was first."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.app import create_app
from tierslieu.kernel import jobs
from tierslieu.kernel.logs import masked
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import iso
from tierslieu.people.models import Account
from tierslieu.testing import a_room, a_token, a_venue, an_account, csrf_token

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@SQLITE
def test_attack_5_what_opens_something_stands_in_no_log(
    house: Any, config: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    app = create_app(replace(config, testing=False))
    browser = app.test_client()
    data = {"email": "member@demo.example", "csrf_token": csrf_token(browser, "/reset")}
    assert browser.post("/reset", data=data).status_code == 302
    jobs.drain(house.site)
    with house.site.reading() as work:
        body = work.session.scalars(sa.select(Mail.body).order_by(Mail.id.desc())).first() or ""
    link = body.split("/reset/")[1].split()[0]
    feed = "tlf_" + "a" * 43

    # Whatever breaks is told with its address: here everything does.
    app.extensions["tierslieu"].db.dispose()
    app.extensions["tierslieu.loader"] = app.extensions["tierslieu.network"] = None
    for address in (f"/reset/{link}", f"/feeds/{feed}.ics", f"/me?token={house.token}"):
        browser.get(address, headers=house.bearer())
    browser.get("/api/v1/me", headers=house.bearer())
    app.extensions["tierslieu"].db.dispose()

    told = "".join(capfd.readouterr())
    assert "unexpected" in told, "there is a log to look at"
    for secret in (link, feed, house.token, "a quiet afternoon"):
        assert secret not in told


def test_attack_5_every_address_that_opens_something_is_masked_in_logs(house: Any) -> None:
    addresses = [rule for rule in house.app.url_map.iter_rules() if "token" in rule.arguments]
    assert len(addresses) > 10
    for rule in addresses:
        address = rule.rule.replace("<token>", "aVeryLong-secret_1")
        assert "secret" not in masked(None, "", {"path": address})["path"], rule.rule


@SQLITE
def test_attack_5_tokens_are_long_and_the_database_has_none_of_them(house: Any) -> None:
    assert len(house.token.removeprefix("tlp_")) >= 22, "128 bits"
    with house.site.reading() as work:
        for (table,) in work.session.execute(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")
        ).all():
            rows = repr(work.session.execute(sa.text(f'SELECT * FROM "{table}"')).all())
            assert house.token not in rows, table


@SQLITE
@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer null", "Bearer undefined", "bearer  ", "Basic YTpi", "tlp_",
     "Bearer tlp_", "Bearer tlp_' OR 1=1 --", "Bearer tlp_%", "Bearer " + "a" * 9000,
     "Bearer \u00e9", "Token x", "Bearer tlp_\x7f", ", Bearer x"],
)  # fmt: skip
def test_attack_22_what_is_no_token_is_401(house: Any, header: str) -> None:
    for path in ("/me", "/bookings", "/venues", "/tokens"):
        answer = house.browser().get(f"/api/v1{path}", headers={"Authorization": header})
        assert answer.status_code == 401, path
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@SQLITE
def test_attack_22_a_token_works_in_its_header_only(house: Any) -> None:
    browser = house.browser()
    for query in ("token", "access_token", "api_key", "Authorization", "bearer"):
        assert browser.get(f"/api/v1/me?{query}={house.token}").status_code == 401
    browser.set_cookie("Authorization", f"Bearer {house.token}")
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.get("/me", headers=house.bearer()).status_code == 302, "pages take no token"


@SQLITE
def test_attack_22_the_token_of_somebody_suspended_opens_nothing(house: Any) -> None:
    with house.site.writing() as work:
        account = work.session.scalars(
            sa.select(Account).where(Account.email == "member@demo.example")
        ).one()
        account.suspended_at = work.now
    assert house.browser().get("/api/v1/me", headers=house.bearer()).status_code == 401


@SQLITE
@pytest.mark.parametrize("address", ["/reset", "/register", "/sign-in"])
def test_attack_8_nobody_learns_who_has_an_account(house: Any, address: str) -> None:
    def answered(email: str) -> tuple[int, str, str]:
        browser = house.browser()
        answer = browser.post(
            address,
            data={
                "email": email,
                "name": "Somebody",
                "password": "no such words at all",
                "again": "no such words at all",
                "csrf_token": csrf_token(browser, address),
            },
        )
        text = answer.get_data(as_text=True).replace(email, "…")
        words = [line for line in text.splitlines() if "csrf_token" not in line]
        return answer.status_code, answer.headers.get("Location", ""), "\n".join(words)

    assert answered("member@demo.example") == answered("nobody.at.all@demo.example")


@SQLITE
def test_attack_8_and_23_tries_and_mails_have_an_end(house: Any, config: Any) -> None:
    jobs.drain(house.site)
    before = mails_to_the_member(house)
    app = create_app(replace(config, rate_limits=True))
    browser = app.test_client()
    token = csrf_token(browser, "/sign-in")
    statuses = Counter(
        browser.post(
            "/sign-in",
            data={"email": "member@demo.example", "password": f"{n}", "csrf_token": token},
            environ_base={"REMOTE_ADDR": f"198.51.100.{n}"},
        ).status_code
        for n in range(25)
    )
    refused = browser.post(
        "/sign-in",
        data={"email": "Member@Demo.example ", "password": "x", "csrf_token": token},
        environ_base={"REMOTE_ADDR": "198.51.100.99"},
    )
    mails = [
        browser.post(
            "/reset",
            data={"email": "member@demo.example", "csrf_token": csrf_token(browser, "/reset")},
            environ_base={"REMOTE_ADDR": f"198.51.100.{n}"},
        ).status_code
        for n in range(8)
    ]
    app.extensions["tierslieu"].db.dispose()

    assert statuses == {422: 20, 429: 5}, "per account, from wherever"
    assert refused.status_code == 429, "the same account, written otherwise"
    assert int(refused.headers["Retry-After"]) > 0
    assert mails == [302] * 5 + [429] * 3
    jobs.drain(house.site)
    assert mails_to_the_member(house) - before <= 5


def mails_to_the_member(house: Any) -> int:
    with house.site.reading() as work:
        to = sa.select(sa.func.count()).where(Mail.to_address == "member@demo.example")
        return int(work.session.scalar(to))


@pytest.mark.parametrize("times", range(3))
def test_attack_17_two_answers_at_once_are_one(site: Any, app: Any, times: int) -> None:
    with site.writing() as work:
        venue = a_venue(work)
        room = a_room(work, venue, rules={"approval": "asked"})
        manager = an_account(work, "manager@demo.example", role="venue_manager", venue=venue)
        member = an_account(work, "member@demo.example")
        tokens = [a_token(work, manager), a_token(work, member)]
        start = (work.now + timedelta(days=3)).replace(minute=0, second=0)
        wish = {"room_id": room.public_id, "title": "x", "starts_at": iso(start),
                "ends_at": iso(start + timedelta(hours=1))}  # fmt: skip
    made = app.test_client().post(
        "/api/v1/bookings", json=wish, headers={"Authorization": f"Bearer {tokens[1]}"}
    )
    assert made.get_json()["state"] == "requested"
    address = f"/api/v1/bookings/{made.get_json()['id']}"
    acts = [("POST", "/approve", 0), ("POST", "/decline", 0), ("DELETE", "", 1)] * 2
    ready = threading.Barrier(len(acts))

    def act(what: tuple[str, str, int]) -> int:
        method, path, who = what
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        ready.wait()
        body = {"json": {"reason": "no"}} if path == "/decline" else {}
        return int(
            app.test_client()
            .open(address + path, method=method, headers=headers, **body)
            .status_code
        )

    with ThreadPoolExecutor(len(acts)) as people:
        answers = list(people.map(act, acts))

    assert set(answers) <= {200, 409, 422}
    with site.reading() as work:
        (state,) = work.session.execute(sa.text("SELECT state FROM booking")).one()
        held = work.session.scalar(sa.text("SELECT count(*) FROM occupancy"))
        told = work.session.scalars(
            sa.text("SELECT verb FROM audit_entry WHERE verb IN "
                    "('bookings.approve', 'bookings.decline', 'bookings.cancel')")
        ).all()  # fmt: skip
    assert Counter(told).most_common(1)[0][1] == 1, "each act counted once"
    assert state in ("confirmed", "declined", "cancelled")
    assert held == (1 if state == "confirmed" else 0)
