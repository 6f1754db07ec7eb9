"""Every route with every kind of actor: what is not hers, she can neither see, change nor read.

Two venues, ``mine`` and ``hers``. Everything private of *hers* carries a marker; whoever has no
part in that venue must never read it, and nothing of hers may have changed after all routes were
tried with her ids.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from tests.an_event import an_event
from tests.open_season import an_open_season
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.waiting.services import join
from tierslieu.kernel.db import metadata
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.memberships.models import Membership, Plan
from tierslieu.people.services import Role, create_organisation, register_person
from tierslieu.testing import a_room, a_venue, an_account, sign_in
from tierslieu.web.requests import PUBLIC, declared_permission

MARK = "Zanzibar"
#: Tables that a refused request may write to: who tried, and the sessions of those who signed in.
NOTED = {"audit_entry", "sign_in", "job", "mail", "idempotency_key", "account", "network",
         "plugin_fault"}  # fmt: skip
ACTORS = (
    "nobody",
    "account",
    "member",
    "desk",
    "manager",
    "body_admin",
)


#: Who may is decided before a database is asked, so one of them walks through both.
EVERYBODY = pytest.mark.parametrize(
    ("database_url", "who"),
    [("sqlite", who) for who in ACTORS] + [("postgresql", "manager")],
    indirect=["database_url"],
)


@dataclass
class Place:
    """The ids of everything that *hers* has, as addresses name them."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def place(site: Site) -> Place:
    from datetime import timedelta

    made = Place()
    with site.writing() as work:
        mine, hers = a_venue(work, "mine"), a_venue(work, "hers")
        a_room(work, mine, "here")
        room = a_room(work, hers, "there")
        owner = an_account(work, "owner@demo.example", name=f"Olga {MARK}")
        an_account(work, "account@demo.example")
        member = an_account(work, "member@demo.example")
        an_account(work, "desk@demo.example", role="venue_desk", venue=mine)
        an_account(work, "manager@demo.example", role="venue_manager", venue=mine)
        her_manager = an_account(work, "her.manager@demo.example", role="venue_manager", venue=hers)
        own_body = create_organisation(work, "Ago e filo", kind="association")
        body = create_organisation(work, "I Fuori Porta", kind="association")
        admin = an_account(
            work, "body_admin@demo.example", role="organisation_admin", body=own_body
        )
        person = register_person(work, hers.id, f"Rina {MARK}", phone="0522 000000")
        start = (work.now + timedelta(days=9)).replace(minute=0, second=0)
        booking = book(
            work,
            NewBooking(
                room=room.public_id,
                span=Span(start, start + timedelta(hours=2)),
                title=f"Birthday {MARK}",
                person_id=owner.person_id,
                note=f"Note {MARK}",
            ),
        )
        asked = book(
            work,
            NewBooking(
                room=room.public_id,
                span=Span(start + timedelta(hours=3), start + timedelta(hours=4)),
                title=f"Asked {MARK}",
                person_id=owner.person_id,
                organisation_id=body.id,
            ),
        )
        waits = join(
            work,
            NewBooking(
                room=room.public_id,
                span=Span(start, start + timedelta(hours=1)),
                title=f"Waits {MARK}",
                person_id=owner.person_id,
            ),
        )
        events = an_event(
            work, hers, room.public_id, start + timedelta(days=9), Texts(en="Evening"),
            owner.person_id, f"Rina {MARK}",
        )  # fmt: skip
        season, [applied] = an_open_season(work, hers, [room.id], owner.person_id, f"Choir {MARK}")
        plan = Plan(venue_id=hers.id, name=Texts(en="Her card"))
        my_plan = Plan(venue_id=mine.id, name=Texts(en="My card"))
        work.session.add_all([plan, my_plan])
        work.session.flush()
        today = work.now.date()
        cards = [
            Membership(
                plan_id=of.id,
                person_id=whose,
                state="admitted",
                season_starts_on=today - timedelta(days=9),
                season_ends_on=today + timedelta(days=300),
                counts_until=today + timedelta(days=331),
                card_number=number,
                applied_at=work.now,
            )
            for of, whose, number in ((plan, person.id, MARK), (my_plan, member.person_id, "1"))
        ]
        work.session.add_all(cards)
        work.session.flush()
        made.ids = {
            "slug": ["hers"],
            "room": [room.public_id],
            "room_id": [room.public_id],
            "booking_id": [booking.public_id, asked.public_id],
            "public_id": [
                booking.public_id,
                asked.public_id,
                person.public_id,
                room.public_id,
                body.public_id,
                plan.public_id,
                cards[0].public_id,
                waits.public_id,
                season.public_id,
                applied.public_id,
            ],
            "entry_id": [waits.public_id],
            "application_id": [applied.public_id],
            "token": ["nothing"],
            **{name: [value] for name, value in events.items()},
            "token_id": ["aaaaaaaaaaaaaaaa"],
            "name": ["ical"],
            "kind": ["room"],
            "key": [room.public_id],
            "path": ["leaflet.js"],
            "filename": ["css/base.css"],
            "size": ["480"],
            "extension": ["jpg"],
            "form": ["ics", "json", "html"],
            "code": ["it"],
            "grant": ["1"],
            "payment": ["1"],
            "day": ["2031-05-06"],
            "scope": ["venue"],
            "audience": ["everyone"],
            "reference": [booking.reference],
            "verb": ["check-in", "leave", "miss"],
            "job_id": ["1"],
            "act": ["here", "quiet"],
        }
        made.emails = {name: f"{name}@demo.example" for name in ACTORS[1:]}
        assert admin.id
        assert her_manager.id
        assert Role("venue_desk", venue=mine.id)
    return made


def addresses(app: Any, place: Place, method: str) -> list[tuple[str, str]]:
    """(endpoint, address) of every route that answers a method, with every id of hers."""
    found = []
    for rule in app.url_map.iter_rules():
        if method not in (rule.methods or ()) or rule.endpoint.endswith("static"):
            continue
        names = sorted(rule.arguments)
        unknown = set(names) - set(place.ids)
        assert not unknown, f"{rule.rule}: say in this test what {unknown} of hers is"
        for values in itertools.product(*(place.ids[name] for name in names)):
            built = rule.build(dict(zip(names, values, strict=True)))
            if built is not None:
                found.append((rule.endpoint, built[1]))
    return found


def test_every_route_declares_its_permission(app: Any) -> None:
    with app.app_context():
        without = [
            f"{rule.rule} ({rule.endpoint})"
            for rule in app.url_map.iter_rules()
            if not rule.endpoint.endswith(".static") and declared_permission(rule.endpoint) is None
        ]

    assert not without, "say above the view who may: @allow(…)"


@EVERYBODY
def test_who_has_no_part_in_a_venue_reads_nothing_private_of_it(
    app: Any, client: Any, place: Place, who: str
) -> None:
    if who != "nobody":
        sign_in(client, place.emails[who])
    read = []
    for endpoint, address in addresses(app, place, "GET"):
        with client.get(address) as answer:
            assert answer.status_code < 500, f"{address} broke: {answer.status_code}"
            if MARK.casefold() in answer.data.decode("utf-8", "replace").casefold():
                read.append(f"{endpoint} {address}")

    assert not read


@EVERYBODY
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_who_has_no_part_in_a_venue_changes_nothing_of_it(
    app: Any, client: Any, site: Site, place: Place, who: str, method: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    if who != "nobody":
        sign_in(client, place.emails[who])
    before = everything(site)
    for endpoint, address in addresses(app, place, method):
        if declares_her_own(app, endpoint):
            continue
        answer = client.open(address, method=method, data={"name": "x", "reason": "x"})
        assert answer.status_code < 500, f"{address} broke: {answer.status_code}"
        assert MARK.casefold() not in answer.data.decode("utf-8", "replace").casefold(), address

    assert everything(site) == before


def declares_her_own(app: Any, endpoint: str) -> bool:
    """Routes about oneself or open to all: what they change is one's own."""
    with app.app_context():
        permission = declared_permission(endpoint)
    own = ("people.me", "people.sign", "people.register", "people.reset", "people.language",
           "people.confirm", "people_api.", "ical.", "ical_caldav.",
           "memberships.apply")  # fmt: skip
    return permission == PUBLIC or endpoint.startswith(own)


def everything(site: Site) -> dict[str, list[Any]]:
    """All rows of all tables but those where attempts are noted."""
    there = set(sa.inspect(site.db.reader).get_table_names()) - NOTED
    with site.reading() as work:
        return {
            table.name: sorted(map(repr, work.session.execute(sa.select(table))))
            for table in metadata.sorted_tables
            if table.name in there
        }
