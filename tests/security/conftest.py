"""A house whose people wrote hostile things everywhere, and everybody who walks through it.

Most attacks are on the web and are the same on both databases, so modules here say
``pytestmark = ON_SQLITE``-like lines themselves; what reaches the database runs on both.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.an_event import an_event
from tierslieu.bookings.models import Booking
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import hash_token
from tierslieu.people.queries import actor_for_token
from tierslieu.people.services import create_organisation, register_person
from tierslieu.testing import a_room, a_token, a_venue, an_account, sign_in

#: What they wrote: an element and an attribute that no page of ours has, a quote of each kind, a
#: template's and a translation's placeholder.
HOSTILE = "<zanzibar onzanzibar=1>\"'>{{ 7*191 }}%(site)s</script><!--"

ACTORS = ("nobody", "member", "manager", "admin")


@dataclass
class House:
    """The site with the ids of all there is, as addresses name them."""

    site: Site
    app: Any
    room: str = ""
    booking: str = ""
    #: How many bookings there are.
    booked: int = 0
    token: str = ""
    ids: dict[str, list[str]] = field(default_factory=dict)

    def browser(self, who: str = "nobody") -> Any:
        """A browser of one of ACTORS."""
        client = self.app.test_client()
        if who != "nobody":
            sign_in(client, f"{who}@demo.example")
        return client

    def bearer(self, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.token}"}

    def addresses(self, method: str = "GET", ids: int | None = None) -> list[str]:
        """Every address that answers a method, with every id there is, or the first ``ids``."""
        found = []
        for rule in self.app.url_map.iter_rules():
            if method not in (rule.methods or ()):
                continue
            names = sorted(rule.arguments)
            unknown = set(names) - set(self.ids)
            assert not unknown, f"{rule.rule}: say in conftest.py what {unknown} is"
            for values in itertools.product(*(self.ids[name][:ids] for name in names)):
                built = rule.build(dict(zip(names, values, strict=True)))
                if built is not None:
                    found.append(built[1])
        return found


def _actor(work: Any, account: Any) -> Actor:
    found = actor_for_token(work.session, hash_token(a_token(work, account)), work.now)
    assert found is not None
    return found


@pytest.fixture
def house(site: Site, app: Any, built_once: Callable[..., House]) -> House:
    def build() -> House:
        return a_house(site, app)

    return built_once(build)


def a_house(site: Site, app: Any) -> House:
    made = House(site, app)
    wrote = Texts(en=HOSTILE, it=HOSTILE, fr=HOSTILE)
    with site.writing() as work:
        venue = a_venue(
            work, "gattaglio", name=f"G {HOSTILE}", lede=wrote, street=HOSTILE, town=HOSTILE,
            area=HOSTILE, affiliation=HOSTILE, source=HOSTILE,
        )  # fmt: skip
        room = a_room(
            work, venue, name=f"Room {HOSTILE}", description=wrote, access_note=wrote, capacity=40
        )
        body = create_organisation(work, f"Body {HOSTILE}", kind="association")
        member = an_account(work, "member@demo.example", name=f"Member {HOSTILE}")
        an_account(work, "manager@demo.example", name="Manager", role="venue_manager", venue=venue)
        an_account(work, "admin@demo.example", name="Admin", role="network_admin")
        person = register_person(work, venue.id, f"Rina {HOSTILE}", phone="0522 1")
        made.room, made.token = room.public_id, a_token(work, member)
        actor = _actor(work, member)
        later = (work.now + timedelta(days=6)).replace(minute=0, second=0)
        events = an_event(work, venue, room.public_id, later, wrote, member.person_id, HOSTILE)
        start = (work.now + timedelta(days=3)).replace(minute=0, second=0)
    with site.writing(actor) as work:
        span = Span(start, start + timedelta(hours=2))
        wish = NewBooking(made.room, span, f"Title {HOSTILE}", visibility="public", note=HOSTILE)
        made.booking = book(work, wish).public_id
        made.booked = work.session.query(Booking).count()
    made.ids = {
        "slug": ["gattaglio"],
        "room": [made.room],
        "room_id": [made.room],
        "booking_id": [made.booking],
        "public_id": [made.booking, person.public_id, made.room, body.public_id],
        "token": ["nothing"],
        **{name: [value] for name, value in events.items()},
        "form": ["ics", "json", "html"],
        "token_id": ["aaaaaaaaaaaaaaaa"],
        "name": ["ical"],
        "kind": ["room"],
        "key": [made.room],
        "path": ["leaflet.js"],
        "filename": ["css/base.css"],
        "size": ["480"],
        "extension": ["jpg"],
        "code": ["it"],
        "grant": ["1"],
        "payment": ["1"],
        "day": ["2031-05-06"],
        "scope": ["venue"],
        "audience": ["everyone"],
        "reference": ["ABCDEFGH"],
        "verb": ["check-in"],
        "act": ["check-in"],
        "entry_id": ["aaaaaaaaaaaaaaaa"],
        "job_id": ["1"],
    }
    return made
