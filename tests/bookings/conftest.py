"""A venue with odd hours, three rooms with rules of their own, and the people who want them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.people.rules import RoleFacts, grants_of
from tierslieu.people.services import add_person, create_organisation
from tierslieu.testing import a_room, a_venue, an_account, sign_in
from tierslieu.venues.models import Room

#: A Monday, ten in the morning in Rome.
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
#: Mornings from nine to one, afternoons from twenty to three to half past six; Sundays closed.
HOURS = {str(day): [[540, 780], [880, 1110]] for day in range(6)}
SALA = {
    "step_minutes": 10,
    "longest_minutes": 240,
    "notice_add": "2h",
    "notice_cancel": "24h",
    "horizon_days": 60,
    "max_open_bookings": 20,
}
PEOPLE = ("ada", "bice", "manager", "rival", "admin")


@dataclass
class House:
    """Public ids of rooms and row ids of people by name; ``act`` makes the actor of somebody."""

    site: Site
    venue: int
    elsewhere: int
    body: int
    body_id: str
    rooms: dict[str, str]
    ids: dict[str, int]
    people: dict[str, int]

    def act(self, name: str, members_at: frozenset[int] = frozenset()) -> Actor:
        roles = {
            "manager": [RoleFacts("venue_manager", self.venue)],
            "rival": [RoleFacts("venue_manager", self.elsewhere)],
            "admin": [RoleFacts("network_admin", None)],
        }.get(name, [])
        return Actor(
            person_id=self.people[name],
            account_id=self.people[name],
            locale="en",
            name=name.title(),
            grants=grants_of(
                signed_in=True, suspended=False, roles=roles, on=date(2026, 11, 2), delegated={}
            ),
            organisations=frozenset({self.body}) if name == "ada" else frozenset(),
            member_venues=members_at,
        )

    def writing(self, name: str) -> AbstractContextManager[Work]:
        return self.site.writing(self.act(name), "en")

    def reading(self, name: str) -> AbstractContextManager[Work]:
        return self.site.reading(self.act(name), "en")


@pytest.fixture(autouse=True)
def _monday_morning(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that use the house happen on that Monday."""
    if "house" not in request.fixturenames:
        yield
        return
    with clock.frozen(NOW):
        yield


@pytest.fixture
def house(site: Site, built_once: Callable[..., House]) -> House:
    def build() -> House:
        return a_house(site)

    return built_once(build)


def a_house(site: Site) -> House:
    with site.writing() as work:
        venue = a_venue(work, "alba", weekly=HOURS, area="Orologio")
        other = a_venue(work, "borgo")
        rooms = {
            "sala": a_room(
                work, venue, "sala", rules=SALA, capacity=28,
                layouts={"board": 14, "theatre": 28}, step_free=True, features=["wifi"],
            ),
            "studio": a_room(
                work, venue, "studio", rules={"approval": "asked", "step_minutes": 10},
                capacity=10, step_free=False,
            ),
            "kept": a_room(work, venue, "kept", rules={"approval": "asked", "requests": "hold"}),
            "tidy": a_room(work, venue, "tidy", rules={"before_minutes": 10, "after_minutes": 20}),
            "night": a_room(work, other, "night", capacity=60),
        }  # fmt: skip
        accounts = {
            "ada": an_account(work, "ada@example.org"),
            "bice": an_account(work, "bice@example.org"),
            "manager": an_account(work, "manager@example.org", role="venue_manager", venue=venue),
            "rival": an_account(work, "rival@example.org", role="venue_manager", venue=other),
            "admin": an_account(work, "admin@example.org", role="network_admin"),
        }
        people = {name: account.person_id for name, account in accounts.items()}
        body = create_organisation(work, "Ago e filo")
        add_person(work, body.id, people["ada"], function="", may_act=True)
        return House(
            site,
            venue.id,
            other.id,
            body.id,
            body.public_id,
            {key: _public_id(room) for key, room in rooms.items()},
            {key: room.id for key, room in rooms.items()},
            people,
        )


def _public_id(room: Room) -> str:
    return room.public_id


@pytest.fixture
def at() -> Callable[..., Span]:
    """A span by the clock of Rome: ``at("2026-11-04 15:00", "17:00")``."""
    from zoneinfo import ZoneInfo

    from tierslieu.bookings.member.when import span_on

    def span(start: str, end: str, zone: str = "Europe/Rome") -> Span:
        first = datetime.fromisoformat(start)
        last = datetime.fromisoformat(f"{start[:10]} {end}")
        return span_on(first.date(), first.time(), last.time(), ZoneInfo(zone))

    return span


@pytest.fixture
def browser(app: Any) -> Callable[..., Any]:
    """A browser in which somebody of the house is signed in, or nobody."""

    def enter(name: str = "") -> Any:
        client = app.test_client()
        if name:
            sign_in(client, f"{name}@example.org")
        return client

    return enter


@pytest.fixture
def taken(house: Any, at: Any) -> dict[str, str]:
    """Two of Ada's and one of Bice's in the sala in that week, one in the week after."""
    made = {}
    for name, who, start, people in (
        ("choir", "ada", "2026-11-09 15:00", 25),
        ("tea", "ada", "2026-11-10 15:00", 8),
        ("chess", "bice", "2026-11-11 15:00", 14),
        ("later", "bice", "2026-11-17 15:00", 25),
    ):
        with house.writing(who) as work:
            span = at(start, "17:00")
            made[name] = book(
                work, NewBooking(house.rooms["sala"], span, name.title(), attendance=people)
            ).public_id
    return made
