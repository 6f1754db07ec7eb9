"""A small network with two venues, and browsers signed in as those who run them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tierslieu.kernel.actor import Actor
from tierslieu.kernel.site import Site
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import hash_token
from tierslieu.people.accounts.services import create_account
from tierslieu.people.queries import account_by_email, actor_for_session
from tierslieu.people.roles.services import Role
from tierslieu.people.sessions.services import Recognised, sign_in
from tierslieu.venues.network.services import put_kind, set_up_network
from tierslieu.venues.opening.services import put_week
from tierslieu.venues.places.rules import VenueValues
from tierslieu.venues.places.services import add_venue
from tierslieu.venues.rooms.rules import RoomValues
from tierslieu.venues.rooms.services import add_room
from tierslieu.web.auth import TOKEN

WEEK = {day: [(540, 780), (880, 1110)] for day in range(1, 6)}


@dataclass
class Town:
    """The network's row ids and addresses."""

    site: Site
    orologio: int
    gattaglio: int
    saletta: int
    saletta_id: str


@dataclass
class Browser:
    """A browser without JavaScript, signed in or not."""

    client: Any

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.client.get(path, **kwargs)

    def post(self, path: str, page: str | None = None, **values: Any) -> Any:
        """Send a form with the token of ``page`` (its own address when none is named)."""
        text = self.client.get(page or path).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        assert found, f"no form at {page or path}"
        values["csrf_token"] = found[1]
        content = (
            "multipart/form-data" if any(isinstance(v, tuple) for v in values.values()) else None
        )
        return self.client.post(path, data=values, content_type=content)

    def fields(self, path: str) -> dict[str, Any]:
        """What the form of a page would send as it stands (text, hidden, chosen, ticked)."""
        return typed_in(self.client.get(path).get_data(as_text=True))

    def typed_in(self, text: str) -> dict[str, Any]:
        """What the form of a page that was answered would send."""
        return typed_in(text)


def typed_in(text: str) -> dict[str, Any]:
    """The values of the first guarded form of a page."""
    import html

    form = text[text.index("data-guard") :]
    form = form[: form.index("</form>")]
    found: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        found.setdefault(name, []).append(html.unescape(value))

    for tag in re.findall(r"<input[^>]*>", form):
        at = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if "name" not in at or at.get("type") == "file":
            continue
        if at.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        put(at["name"], at.get("value", "y"))
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        put(name, body.lstrip("\r\n"))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        first = re.search(r'<option value="([^"]*)"', body)
        put(name, chosen[1] if chosen else first[1] if first else "")
    found.pop("csrf_token", None)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


@pytest.fixture
def town(site: Site, built_once: Callable[..., Town]) -> Town:
    """Orologio with a room and hours, Gattaglio with nothing yet."""

    def build() -> Town:
        return a_town(site)

    return built_once(build)


def a_town(site: Site) -> Town:
    with site.writing() as work:
        set_up_network(work, name="Rete di prova", place="Reggio Emilia", locale="it")
        put_kind(work, "social_centre", Texts(it="Centro sociale", en="Social centre"))
        values = VenueValues("orologio", "Orologio", "social_centre", street="via Massenet")
        orologio = add_venue(work, values)
        gattaglio = add_venue(work, VenueValues("gattaglio", "Gattaglio", "social_centre"))
        room = add_room(
            work,
            orologio.id,
            RoomValues(
                "saletta",
                "Saletta",
                description=Texts(it="Una stanza tranquilla."),
                layouts={"board": 14, "theatre": 28},
                features=("wifi", "ghost_lamp"),
                step_free=True,
                step_cm=2,
            ),
        )
        put_week(work, orologio.id, WEEK)
        return Town(site, orologio.id, gattaglio.id, room.id, room.public_id)


def signed_in(town: Town, name: str) -> str:
    """The token of a session of one of the town's people, made when she is first asked for."""
    roles = {
        "admin": [Role("network_admin")],
        "orologio": [Role("venue_manager", venue=town.orologio)],
        "gattaglio": [Role("venue_manager", venue=town.gattaglio)],
        "nobody": [],
    }
    email = f"{name}@town.example"
    with town.site.writing() as work:
        account = account_by_email(work.session, email)
        if account is None:
            # Nobody types this password, so nobody has to wait for its hash.
            account = create_account(work, email, name, None, roles[name])
            account.password_hash = "never typed"
            work.session.flush()
        token = sign_in(work, Recognised(account.id, "never typed", None), "test")
    assert token is not None
    return token


@pytest.fixture
def browser(app: Any, town: Town) -> Callable[..., Browser]:
    """Make a browser, signed in as ``admin``, ``orologio``, ``gattaglio``, ``nobody`` or not."""

    def made(name: str | None = None) -> Browser:
        client = app.test_client()
        if name is not None:
            with client.session_transaction() as session:
                session[TOKEN] = signed_in(town, name)
        return Browser(client)

    return made


@pytest.fixture
def actor_of(town: Town) -> Callable[[str], Actor]:
    """The actor that one of the town's people is when signed in."""

    def found(name: str) -> Actor:
        token = signed_in(town, name)
        with town.site.reading() as work:
            actor = actor_for_session(work.session, hash_token(token), work.now)
        assert actor is not None
        return actor

    return found
