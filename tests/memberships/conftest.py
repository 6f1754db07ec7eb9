"""Two venues of one circuit, their people, and who acts for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pytest

from tierslieu.kernel.actor import Actor
from tierslieu.kernel.site import Site
from tierslieu.kernel.texts import Texts, folded
from tierslieu.memberships.plans.services import PlanValues, add_plan
from tierslieu.people.accounts.passwords import hash_password
from tierslieu.people.models import Person
from tierslieu.people.rules import RoleFacts, grants_of
from tierslieu.people.services import Role, create_account, relate
from tierslieu.testing import sign_in
from tierslieu.venues.models import Network, Venue, VenueKind

PASSWORD = "correct horse battery"


@lru_cache(maxsize=1)
def hashed() -> str:
    """The hash of PASSWORD: slow by design, so made once."""
    return hash_password(PASSWORD)


@dataclass
class House:
    """Row ids by name, and actors: ``act("manager")`` is who manages the first venue."""

    site: Site
    venue: int
    other: int
    plan: str
    other_plan: str
    people: dict[str, int]
    roles: dict[str, tuple[str, int]]
    delegated: bool = False

    def act(self, name: str) -> Actor:
        role = self.roles.get(name)
        roles = [RoleFacts(role[0], role[1])] if role else []
        handed = frozenset({"memberships.admit", "memberships.refuse"})
        return Actor(
            person_id=self.people[name],
            account_id=self.people[name],
            locale="en",
            name=name,
            grants=grants_of(
                signed_in=True,
                suspended=False,
                roles=roles,
                on=date(2026, 11, 1),
                delegated={self.venue: handed} if self.delegated else {},
            ),
        )

    def writing(self, name: str) -> Any:
        return self.site.writing(self.act(name), "en")


@pytest.fixture
def house(site: Site, built_once: Callable[..., House]) -> House:
    def build() -> House:
        return a_house(site)

    return built_once(build)


def a_house(site: Site) -> House:
    with site.writing() as work:
        work.session.add(Network(id=1, name="Net"))
        work.session.add(VenueKind(key="centre", label=Texts(en="Centre"), rank=0))
        work.session.flush()
        venues = []
        for slug in ("alba", "borgo"):
            venue = Venue(slug=slug, name=slug.title(), kind="centre", zone="Europe/Rome")
            work.session.add(venue)
            work.session.flush()
            venues.append(venue.id)
        plans = [
            add_plan(
                work,
                venue,
                PlanValues(Texts(en="Card"), fee_cents=1500, circuit="ARCI", season_month=10),
            ).public_id
            for venue in venues
        ]
        roles = {
            "manager": ("venue_manager", venues[0]),
            "desk": ("venue_desk", venues[0]),
            "rival": ("venue_manager", venues[1]),
        }
        people = {}
        for name in ("manager", "desk", "rival", "ada", "bice"):
            role = roles.get(name)
            granted = [Role(role[0], venue=role[1])] if role else []
            account = create_account(work, f"{name}@example.org", name.title(), roles=granted)
            account.password_hash = hashed()
            people[name] = account.person_id
        walk_in = Person(name="Zoe", name_folded=folded("Zoe"), created_at=work.now, locale="en")
        work.session.add(walk_in)
        work.session.flush()
        people["zoe"] = walk_in.id
        relate(work, walk_in.id, venues[0])
    return House(site, venues[0], venues[1], plans[0], plans[1], people, roles)


@pytest.fixture
def signed_in(app: Any, house: House) -> Callable[[str], Any]:
    """A browser in which somebody is signed in."""

    def enter(name: str) -> Any:
        client = app.test_client()
        sign_in(client, f"{name}@example.org")
        return client

    return enter


def token_of(answer: Any) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.get_data(as_text=True))
    assert found, answer.status
    return found.group(1)
