"""Plugins in the API: described, guarded by their own permissions, gone when they are off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tierslieu.kernel.actor import Actor, Grant
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.places import EVERYWHERE, Places
from tierslieu.kernel.site import Site
from tierslieu.people.services import create_token
from tierslieu.permission import Permission, permission_faults
from tierslieu.plugins.contract import problems
from tierslieu.plugins.permissions import endowed
from tierslieu.testing import a_token, a_venue, an_account, sign_in

Write = Callable[..., Path]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KILN = """
from pydantic import Field
bp = tl.api_blueprint("kiln_api", __name__)
plugin = tl.Plugin(
    "kiln", "Kiln", "A kiln that is fired.", blueprints=[bp],
    permissions=(
        tl.Permission("kiln.fire", "Fire the kiln", to=("venue_desk", "venue_manager")),
        tl.Permission("kiln.read", "See firings", to=("member",), own=("account",)),
    ),
)

class FiringBody(tl.Body):
    "What is to be fired."
    degrees: int = Field(ge=20, le=1300)

class FiringAnswer(tl.Answer):
    "A firing."
    venue: str
    degrees: int

@bp.post("/venues/<slug>/firings")
@tl.allow("kiln.fire")
@tl.operation(answer=FiringAnswer, status=201, body=FiringBody, errors=(403, 404), idempotent=True)
@tl.posting()
def fire(work, slug):
    "Fire the kiln of a venue."
    venue = work.session.scalar(sa.select(tl.Venue).where(tl.Venue.slug == slug))
    if venue is None:
        raise tl.NotFound
    work.require("kiln.fire", venue=venue.id)
    asked = tl.read_body(FiringBody)
    if asked.degrees == 666:
        raise tl.Refused(tl.Reason("hell", say("Not that hot."), "degrees"))
    work.audit("kiln.fired", f"venue:{slug}", venue=venue.id)
    return FiringAnswer(venue=slug, degrees=asked.degrees), 201

@bp.get("/firings")
@tl.allow("kiln.read")
@tl.operation(answer=FiringAnswer)
def firings():
    "The last one."
    return tl.answer(FiringAnswer(venue="mine", degrees=20))
"""


@dataclass
class Kiln:
    """A house with a kiln at ``mine`` and ``hers``; tokens by the name of their owner."""

    app: Any
    site: Site
    tokens: dict[str, str]

    def fire(self, who: str, venue: str = "mine", degrees: object = 900, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        headers |= {"Idempotency-Key": key} if key else {}
        path = f"/api/v1/venues/{venue}/firings"
        return self.app.test_client().post(path, json={"degrees": degrees}, headers=headers)

    def document(self) -> Any:
        return self.app.test_client().get("/api/openapi.json").get_json()


@pytest.fixture
def kiln(open_app: Callable[..., Any], write: Write) -> Iterator[Kiln]:
    write("kiln", KILN)
    app = open_app("kiln")
    site: Site = app.extensions["tierslieu"]
    with site.writing() as work:
        mine, _ = a_venue(work, "mine"), a_venue(work, "hers")
        desk = an_account(work, "desk@example.org", role="venue_desk", venue=mine)
        admin = an_account(work, "admin@example.org", role="network_admin")
        other = an_account(work, "other@example.org")
        tokens = {
            "desk": a_token(work, desk, "kiln:write"),
            "reader": a_token(work, desk, "kiln:read"),
            "exact": a_token(work, desk, "kiln.fire"),
            "admin": a_token(work, admin, "kiln:write"),
            "other": a_token(work, other, "kiln:write", "kiln:read"),
        }
    return Kiln(app, site, tokens)


def test_an_endpoint_of_a_plugin_is_answered_and_refused_like_the_cores(kiln: Kiln) -> None:
    made = kiln.fire("desk", key="once")
    assert (made.status_code, made.get_json()) == (201, {"venue": "mine", "degrees": 900})
    assert kiln.fire("desk", key="once").get_json() == made.get_json()
    assert kiln.fire("desk", degrees=901, key="once").status_code == 422

    refused = kiln.fire("desk", degrees=666)
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    assert refused.get_json()["reasons"] == [
        {"code": "hell", "message": "Not that hot.", "field": "degrees"}
    ]
    assert kiln.fire("desk", degrees="hot").get_json()["reasons"][0]["field"] == "degrees"
    assert kiln.fire("desk", "nowhere").status_code == 404

    may = {who: kiln.fire(who).status_code for who in kiln.tokens}
    assert may == {"desk": 201, "reader": 403, "exact": 201, "admin": 201, "other": 403}
    assert kiln.fire("desk", "hers").status_code == 403


@ON_SQLITE
def test_it_stands_in_the_document_with_all_that_it_said(kiln: Kiln) -> None:
    told = kiln.document()
    post = told["paths"]["/api/v1/venues/{slug}/firings"]["post"]

    assert post["summary"] == "Fire the kiln of a venue."
    assert post["security"] == [{"bearer": ["kiln.fire"]}]
    assert post["requestBody"]["required"] is True
    assert {"201", "401", "403", "404", "409", "422"} <= set(post["responses"])
    assert "application/problem+json" in post["responses"]["422"]["content"]
    assert "Idempotency-Key" in {each["name"] for each in post["parameters"]}
    assert told["components"]["schemas"]["FiringBody"]["properties"]["degrees"]["maximum"] == 1300
    page = kiln.app.test_client().get("/api/docs").get_data(as_text=True)
    assert "kiln.fire" in page


def test_off_it_is_neither_answered_nor_described_and_grants_nothing(kiln: Kiln) -> None:
    before = kiln.document()
    kiln.site.plugins.disable(kiln.site, "kiln")
    assert kiln.fire("desk").status_code == 404
    after = kiln.document()
    assert {path for path in before["paths"] if path not in after["paths"]} == {
        "/api/v1/venues/{slug}/firings",
        "/api/v1/firings",
    }
    gone = before["components"]["schemas"].keys() - after["components"]["schemas"].keys()
    assert gone == {"FiringBody", "FiringAnswer"}
    assert len(before["tags"]) == len(after["tags"]) + 1
    loader = kiln.app.extensions["tierslieu.loader"]
    with kiln.site.reading() as work:
        actor = loader.from_bearer(work, kiln.tokens["desk"])
    assert not actor.may_anywhere("kiln.fire")
    with kiln.site.writing() as work, pytest.raises(Invalid, match="unknown_scope"):
        create_token(work, "late", ["kiln:write"], account_id=actor.account_id)


@ON_SQLITE
def test_whoever_holds_it_finds_it_where_tokens_are_made_and_admins_where_plugins_are(
    kiln: Kiln,
) -> None:
    seen = {}
    for who in ("desk", "other"):
        client = kiln.app.test_client()
        sign_in(client, f"{who}@example.org")
        seen[who] = client.get("/me/tokens").get_data(as_text=True)
    assert "Fire the kiln" in seen["desk"]
    assert "Fire the kiln" not in seen["other"]
    assert "See firings" in seen["other"]

    admin = kiln.app.test_client()
    sign_in(admin, "admin@example.org")
    page = admin.get("/admin/plugins").get_data(as_text=True)
    assert "Fire the kiln" in page
    assert "for their own: Anybody with an account" in page


def test_a_permission_counts_in_the_scope_of_its_role_and_where_the_plugin_is_on() -> None:
    given = (
        Permission("kiln.fire", "Fire", to=("venue_desk",)),
        Permission("kiln.read", "Read", to=("member",), own=("account",)),
    )
    desk = Actor(
        account_id=1,
        grants=(Grant("account", "network", None, frozenset()),
                Grant("account", "own", None, frozenset({"tokens.own"})),
                Grant("venue_desk", "venue", 1, frozenset({"today.read"})),
                Grant("venue_desk", "venue", 2, frozenset())),
        member_venues=frozenset({2, 3}),
    )  # fmt: skip
    there = Places(frozenset({2}))

    def may(permission: str, places: Places = EVERYWHERE, **scope: Any) -> bool:
        return endowed(desk, [(given, places)]).may(permission, **scope)

    assert may("kiln.fire", venue=1)
    assert may("kiln.fire", venue=2)
    assert not may("kiln.fire", venue=3)
    assert not may("kiln.fire", there, venue=2)
    assert may("kiln.read", venue=3)
    assert not may("kiln.read", venue=1)
    assert may("kiln.read", own=True)
    assert not may("kiln.read", there, venue=2)
    admin = Actor(grants=(Grant("network_admin", "network", None, frozenset()),))
    assert endowed(admin, [(given, EVERYWHERE)]).may("kiln.fire", venue=9)
    suspended = Actor(
        grants=(Grant("anonymous", "network", None, frozenset()),
                Grant("anonymous", "own", None, frozenset({"people.read"}))),
        member_venues=frozenset({3}),
    )  # fmt: skip
    assert endowed(suspended, [(given, EVERYWHERE)]) == suspended


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (Permission("bookings.create", "Book", to=("account",)), "kiln.<verb>"),
        (Permission("kiln.Fire it", "Fire", to=("account",)), "kiln.<verb>"),
        (Permission("kiln.fire", "", to=("account",)), "no sentence"),
        (Permission("kiln.fire", "Fire"), "nobody"),
        (Permission("kiln.fire", "Fire", to=("king",)), "king"),  # type: ignore[arg-type]
        (Permission("kiln.fire", "Fire", own=("venue_desk",)), "venue_desk"),  # type: ignore[arg-type]
        ("kiln.fire", "no Permission"),
    ],
)
def test_a_permission_that_is_declared_wrongly_is_named(declared: Any, says: str) -> None:
    assert says in "\n".join(permission_faults("kiln", [declared]))


@ON_SQLITE
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (("@tl.operation(answer=FiringAnswer)\n", ""), "has no “tl.operation”"),
        (("answer=FiringAnswer)\ndef", "answer=Callable)\ndef"), "Callable"),
        (('"kiln.read", "See', '"people.read", "See'), "kiln.<verb>"),
    ],
    ids=["undescribed", "indescribable", "not its own"],
)
def test_what_would_spoil_the_document_breaks_the_plugin(
    open_app: Callable[..., Any], write: Write, changed: tuple[str, str], says: str
) -> None:
    write("kiln", "from collections.abc import Callable" + KILN.replace(*changed))
    app = open_app()

    assert says in str(app.extensions["tierslieu"].plugins.broken["kiln"])
    assert app.test_client().get("/api/openapi.json").status_code == 200


@ON_SQLITE
def test_check_plugin_names_a_permission_that_nobody_can_hold(
    open_app: Callable[..., Any], write: Write
) -> None:
    write("kiln", KILN.replace('@tl.allow("kiln.read")', '@tl.allow("kiln.look")'))
    plugins = open_app().extensions["tierslieu"].plugins

    assert "wants “kiln.look”, which nobody may" in "\n".join(problems(plugins, "kiln"))
