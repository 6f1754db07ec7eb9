"""API tokens: shown once, scoped, revocable, never more than their owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tierslieu.kernel import clock
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.people.models import ApiToken
from tierslieu.people.roles.services import Role, suspend
from tierslieu.people.tokens.services import create_token, revoke_token

ANN, BOB = "ann@town.example", "bob@town.example"


@pytest.fixture
def secret(town):
    town.account(ANN)
    with town.site.writing(town.actor(ANN)) as work:
        _, made = create_token(work, "script", ["tokens:write", "people:read"])
    return made


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_is_kept_only_as_its_hash_and_ends_after_a_year(town, secret):
    assert secret.startswith("tlp_")
    with town.site.reading() as work:
        row = work.session.scalars(sa.select(ApiToken)).one()
    assert secret not in str(vars(row))
    assert row.expires_at - row.created_at == timedelta(days=365)


def test_a_token_says_who_one_is_as_far_as_its_scopes_go(town, secret, browser):
    one = browser()
    told = one.get("/api/v1/me", headers=bearer(secret)).json
    assert told["email"] == ANN
    assert told["scopes"] == ["people:read", "tokens:write"]
    with town.site.writing(town.actor(ANN)) as work:
        _, narrow = create_token(work, "narrow", ["venues:read"])
    told = one.get("/api/v1/me", headers=bearer(narrow)).json
    assert told["name"] is told["email"] is told["organisations"] is None
    assert one.get("/api/v1/tokens", headers=bearer(narrow)).status_code == 403


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer null", "Bearer tlp_wrong", "Basic YTpi", "tlp_x", "Bearer é"]
)
def test_anything_else_is_no_token(town, secret, browser, header):
    assert browser().get("/api/v1/me", headers={"Authorization": header}).status_code == 401
    assert browser().get(f"/api/v1/me?token={secret}").status_code == 401
    assert browser().get("/api/v1/me").status_code == 401


def test_the_last_use_is_noted_at_most_once_an_hour(town, secret, browser):
    one, began = browser(), clock.now()

    def noted():
        with town.site.reading() as work:
            return work.session.scalar(sa.select(ApiToken.last_used_at))

    with clock.frozen(began):
        one.get("/api/v1/me", headers=bearer(secret))
    with clock.frozen(began + timedelta(minutes=59)):
        one.get("/api/v1/me", headers=bearer(secret))
    assert noted() == began
    with clock.frozen(began + timedelta(minutes=61)):
        one.get("/api/v1/me", headers=bearer(secret))
    assert noted() == began + timedelta(minutes=61)


def test_an_ended_or_stopped_token_or_one_of_a_suspended_account_opens_nothing(
    town, secret, browser
):
    one = browser()
    with clock.frozen(clock.now() + timedelta(days=366)):
        assert one.get("/api/v1/me", headers=bearer(secret)).status_code == 401
    with town.site.writing() as work:
        suspend(work, town.person_id(ANN))
    assert one.get("/api/v1/me", headers=bearer(secret)).status_code == 401


def test_tokens_are_made_listed_and_stopped_by_the_api(town, secret, browser):
    one = browser().client
    made = one.post(
        "/api/v1/tokens", json={"name": "b", "scopes": ["people:read"]}, headers=bearer(secret)
    )
    assert made.status_code == 201
    assert made.json["token"].startswith("tlp_")
    listed = one.get("/api/v1/tokens", headers=bearer(secret)).json["items"]
    assert [row["name"] for row in listed] == ["b", "script"]
    assert "token" not in listed[0]
    path = f"/api/v1/tokens/{made.json['id']}"
    assert one.delete(path, headers=bearer(secret)).json["revoked_at"]
    assert one.delete(path, headers=bearer(secret)).status_code == 200
    assert one.get("/api/v1/me", headers=bearer(made.json["token"])).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "b", "scopes": ["bookings:write"]}, "scope_exceeds"),
        ({"name": "b", "scopes": ["nonsense:read"]}, "unknown_scope"),
        ({"name": "b", "scopes": ["people:read"], "account_id": 1}, "unknown_field"),
        ({"name": "b"}, "missing"),
        ({"name": "b", "scopes": ["people:read"], "days": 4000}, "invalid"),
    ],
    ids=["more than itself", "no such area", "somebody else's", "no scopes", "for ever"],
)
def test_a_token_that_may_not_be_made_is_refused(town, secret, browser, body, code):
    answer = browser().client.post("/api/v1/tokens", json=body, headers=bearer(secret))
    assert answer.status_code == 422
    assert code in {reason["code"] for reason in answer.json["reasons"]}


def test_the_secret_is_not_shown_again_to_the_same_key(town, secret, browser):
    headers = bearer(secret) | {"Idempotency-Key": "once"}
    body = {"name": "b", "scopes": ["people:read"]}
    one = browser().client
    assert one.post("/api/v1/tokens", json=body, headers=headers).status_code == 201
    again = one.post("/api/v1/tokens", json=body, headers=headers)
    assert again.status_code == 409
    assert again.json["code"] == "already_shown"


def test_somebody_elses_token_cannot_be_stopped(town, secret):
    town.account(BOB)
    with town.site.reading() as work:
        public_id = work.session.scalar(sa.select(ApiToken.public_id))
    with pytest.raises(NotFound), town.site.writing(town.actor(BOB)) as work:
        revoke_token(work, public_id)


def test_only_a_network_admin_makes_tokens_without_end(town, secret):
    town.account("admin@town.example", Role("network_admin"))
    with pytest.raises(Invalid), town.site.writing(town.actor(ANN)) as work:
        create_token(work, "x", ["venues:read"], days=None)
    with town.site.writing(town.actor("admin@town.example")) as work:
        made, _ = create_token(work, "x", ["venues:read"], days=None)
    assert made.expires_at is None


def test_the_page_shows_a_new_token_once(town, secret, browser):
    ann = browser()
    ann.sign_in(ANN)
    made = ann.send("/me/tokens", name="my script", scopes=["venues:read"], days="30")
    text = made.get_data(as_text=True)
    assert "tlp_" in text
    assert "tlp_" not in ann.get("/me/tokens").get_data(as_text=True)
    with town.site.reading() as work:
        public_id = work.session.scalar(
            sa.select(ApiToken.public_id).where(ApiToken.name == "my script")
        )
    gone = ann.send("/me/tokens/revoke", form_at="/me/tokens", token=public_id)
    assert gone.status_code == 302
    assert "my script" not in ann.get("/me/tokens").get_data(as_text=True)
