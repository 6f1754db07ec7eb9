"""A small town for the journeys: two venues, their rooms and people, and something in each state.

``words`` says how its words are written. The language crawl writes them in Greek letters, so
that whatever stands on a page in Latin letters was written by us.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from PIL import Image

from tests.an_event import an_event
from tierslieu.bookings.accessories.rules import ThingSaid
from tierslieu.bookings.accessories.services import put_accessory
from tierslieu.bookings.answers.services import decline
from tierslieu.bookings.attendance.services import check_in
from tierslieu.bookings.models import Policy
from tierslieu.bookings.places.rules import PlacesSaid
from tierslieu.bookings.places.services import put_places
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.policies.services import put_tariff
from tierslieu.bookings.preparation.keys import KeyValues, save_key
from tierslieu.bookings.preparation.keys import give as give_key
from tierslieu.bookings.preparation.services import ListValues, save_list
from tierslieu.bookings.seasons.asking import ApplicationSaid, put_application
from tierslieu.bookings.seasons.services import (
    RoundSaid,
    SlotsSaid,
    add_slots,
    open_round,
    put_round,
)
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.bookings.terms.services import publish, withdraw, write
from tierslieu.kernel import clock
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.memberships.dues.services import take_dues
from tierslieu.memberships.plans.services import PlanValues, add_plan
from tierslieu.memberships.services import admit, apply
from tierslieu.people.models import Person
from tierslieu.people.rules import RoleFacts, grants_of
from tierslieu.people.services import (
    Role,
    add_person,
    create_organisation,
    give,
    propose,
    register_person,
    relate,
)
from tierslieu.testing import OPEN_TO_ALL, an_account
from tierslieu.venues.models import Venue
from tierslieu.venues.network.services import put_holiday, put_kind, set_up_network
from tierslieu.venues.opening.services import close, put_exception, put_week
from tierslieu.venues.photos.services import add_photo
from tierslieu.venues.places.rules import VenueValues
from tierslieu.venues.places.services import add_venue, write_section
from tierslieu.venues.rooms.rules import RoomValues
from tierslieu.venues.rooms.services import add_room
from tierslieu_lending.queries import loan_by_id
from tierslieu_lending.services import HandedOver, hand_out, reserve
from tierslieu_lending.stock import ThingSaid as ThingToLend
from tierslieu_lending.stock import add_items, put_thing

ROME = ZoneInfo("Europe/Rome")

Words = Callable[[str], str]


@dataclass
class Town:
    """Public ids by plain names; ``at`` is the moment from which days are counted."""

    at: datetime
    folder: Path = Path()
    rooms: dict[str, str] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    terms: str = ""
    guest: str = ""
    report: str = ""
    chores: dict[str, str] = field(default_factory=dict)
    seasons: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)

    def day(self, days: int, hour: int = 10) -> datetime:
        """An hour by the clock of Rome, some days from today."""
        first = self.at.astimezone(ROME) + timedelta(days=days)
        return first.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(
            self.at.tzinfo
        )

    def date(self, days: int) -> str:
        """A day as date fields take it."""
        return self.day(days).astimezone(ROME).date().isoformat()


def plain(text: str) -> str:
    """Words as they are."""
    return text


def greek(text: str) -> str:
    """The same words in letters no sentence of ours has."""
    return text.lower().translate(_GREEK)


_GREEK = str.maketrans("abcdefghijklmnopqrstuvwxyzàèéìòù", "αβψδεφγηιξκλμνοπθρστυωςχϊζαεειου")


class Builder:
    """Makes the town with the verbs everybody uses."""

    def __init__(self, site: Site, words: Words, language: str) -> None:
        self.site, self.say, self.language = site, words, language
        self.town = Town(clock.now())
        self.ids: dict[str, int] = {}

    def build(self) -> Town:
        """All of it; some things happened in past weeks."""
        with clock.frozen(self.town.at - timedelta(days=9)), self.site.writing() as work:
            self._places(work)
            self._people(work)
            work.session.execute(sa.update(Person).values(locale=self.language))
            self._cards(work)
        made = (self._past, self._present, self._coming, self._season, self._event, self._lending)
        for make in made:
            make()
        return self.town

    def texts(self, text: str) -> Texts:
        return Texts(it=self.say(text), en=self.say(text))

    # -- places ------------------------------------------------------------------------------

    def _places(self, work: Work) -> None:
        set_up_network(work, name=self.say("Reggio"), place=self.say("Reggio"), locale="en")
        put_kind(work, "social_centre", self.texts("Centre"))
        put_holiday(work, 11, 24, self.texts("Prospero"))
        for slug, area in (("gattaglio", "Gattaglio"), ("orologio", "Ovest")):
            venue = add_venue(
                work,
                VenueValues(
                    slug=slug, name=self.say(slug.title()), kind="social_centre",
                    street=self.say("Via") + " 7", area=self.say(area), town=self.say("Reggio"),
                    latitude=44.69, longitude=10.62, phone="0522 436796",
                    email=f"{slug}@demo.example", affiliation=self.say("ARCI"),
                    lede=self.texts("A house for many."), closed_on_holidays=False,
                ),
            )  # fmt: skip
            self.ids[slug] = venue.id
            week = [(0, 1440)] if slug == "gattaglio" else [(540, 780), (880, 1110)]
            put_week(work, venue.id, dict.fromkeys(range(7), week))
        here = self.ids["gattaglio"]
        for key in ("history", "place_and_services", "activities", "access"):
            write_section(work, here, key, self.texts("Once a farm.\n\n- bar\n- court"))
        self._terms(work, here)
        self._rooms(work, here)
        add_photo(work, here, _picture(), self.texts("A porch"))
        put_exception(work, here, self.town.day(20).date(), [(600, 700)], note=self.texts("Feast"))
        room = self.ids["studio"]
        span = Span(self.town.day(30), self.town.day(32))
        close(work, here, span, self.texts("Paint"), room_id=room)

    def _terms(self, work: Work, here: int) -> None:
        """Terms to be read that are no longer asked for, and a draft of the next version."""
        old = write(work, Scope(here), "house", self.texts("Rules"), self.texts("Clean up."))
        publish(work, old.public_id, work.now.date())
        withdraw(work, old.public_id)
        write(work, Scope(here), "house", self.texts("Rules"), self.texts("Leave it clean."))
        self.town.terms = old.public_id

    def _rooms(self, work: Work, here: int) -> None:
        facts: dict[str, Any] = {
            "layouts": {"theatre": 40, "tables": 24}, "features": ("wifi", "projector"),
            "step_free": True, "accessible_toilet": True, "door_cm": 90, "step_cm": 0,
        }  # fmt: skip
        halves = []
        for slug, values, rules in (
            ("lisiere", facts, {"check_in": True, "check_in_before_minutes": 30}),
            (
                "salone",
                facts | {"layouts": {"theatre": 80}},
                {"approval": "asked", "requests": "compete"},
            ),
            ("studio", {"capacity": 8}, {"longest_minutes": 120, "step_minutes": 30}),
            ("levante", {"capacity": 20}, {"who_may_book": "anyone"}),
            ("ponente", {"capacity": 20}, {}),
        ):
            room = self._room(work, here, slug, values, rules)
            halves = [*halves, room][-2:]
        self._room(work, here, "corte", {"capacity": 40}, {}, parts=halves)
        self._room(
            work, self.ids["orologio"], "cucina", {"capacity": 12}, {"membership_required": True}
        )
        put_tariff(work, self.ids["salone"], 1200, 800)
        self._kit(work, here)

    def _kit(self, work: Work, here: int) -> None:
        """Four desks that are booked one by one, a projector, and chairs."""
        desks = self._room(work, here, "scrivanie", {"capacity": 4, "kind": "desk"}, {})
        names = tuple(self.say(f"Desk {n}") for n in range(1, 5))
        put_places(work, desks, PlacesSaid(new=names, hour_cents=150))
        for key, numbered, quantity in (("projector", True, 1), ("chairs", False, 80)):
            said = ThingSaid(self.texts(key.title()), numbered, quantity, price_cents=100)
            self.town.things[key] = put_accessory(work, here, said).public_id

    def _room(
        self, work: Work, venue: int, slug: str, values: Any, rules: Any, parts: Any = ()
    ) -> int:
        named = RoomValues(
            slug=slug, name=self.say(slug.title()), description=self.texts("High and light."),
            **values,
        )  # fmt: skip
        room = add_room(work, venue, named, parts=parts)
        work.session.add(
            Policy(venue_id=venue, room_id=room.id, audience="everyone", rules=OPEN_TO_ALL | rules)
        )
        self.ids[slug], self.town.rooms[slug] = room.id, room.public_id
        return int(room.id)

    def _lending(self) -> None:
        """A ladder that is kept for Ada, and out with Bice."""
        with self.site.writing() as work:
            said = ThingToLend(
                self.texts("Ladder"), self.texts("Six metres."), "tools", deposit_cents=2_000,
                checks=(self.say("Two feet"),),
            )  # fmt: skip
            ladder = put_thing(work, self.ids["gattaglio"], said)
            items = [*add_items(work, ladder, 1, "1"), *add_items(work, ladder, 1, "2")]
            loans = [
                reserve(work, ladder, Span(self.town.day(1), self.town.day(3)), person_id=whose)
                for whose in (self.ids["ada"], self.ids["bice"])
            ]
            hand_out(work, loan_by_id(work, loans[1].public_id), HandedOver(2_000))
            self.town.things |= {
                "ladder": ladder.public_id, "loan": loans[0].public_id, "item": items[0].public_id,
            }  # fmt: skip

    # -- people ------------------------------------------------------------------------------

    def _people(self, work: Work) -> None:
        here = self.ids["gattaglio"]
        venue = type("Of", (), {"id": here})()
        self._person(work, "admin", "Alba", role="network_admin")
        self._person(work, "manager", "Marta", role="venue_manager", venue=venue)
        self._person(work, "desk", "Dora", role="venue_desk", venue=venue)
        for name in ("ada", "bice", "carla", "dina", "elsa"):
            self._person(work, name, name.title())
        rina = register_person(work, here, self.say("Rina Bassi"), phone="0522 000000")
        self.ids["rina"], self.town.people["rina"] = rina.id, rina.public_id
        body = create_organisation(work, self.say("Ago e filo"))
        add_person(work, body.id, self.ids["ada"], function=self.say("Cassiera"), may_act=True)
        give(work, self.ids["ada"], Role("organisation_admin", organisation=body.id))
        self.ids["body"], self.town.bodies["body"] = body.id, body.public_id

    def _person(self, work: Work, name: str, title: str, **role: Any) -> None:
        account = an_account(work, f"{name}@demo.example", name=self.say(title), **role)
        self.ids[name] = account.person_id
        self.ids[f"{name} account"] = account.id
        self.town.people[name] = work.session.get_one(Person, account.person_id).public_id

    def _cards(self, work: Work) -> None:
        here = self.ids["gattaglio"]
        plan = add_plan(
            work, here, PlanValues(self.texts("Card"), fee_cents=1500, circuit=self.say("ARCI"))
        )
        self.town.plans["card"] = plan.public_id
        for name in ("ada", "carla"):
            relate(work, self.ids[name], here)
            card = apply(work, plan.public_id, self.ids[name])
            self.town.cards[name] = card.public_id
            admit(work, here, card.public_id)
        take_dues(work, here, self.town.cards["ada"], "cash")

    # -- bookings ----------------------------------------------------------------------------

    def _as(self, name: str, *roles: RoleFacts) -> Actor:
        return Actor(
            person_id=self.ids[name],
            account_id=self.ids[f"{name} account"],
            locale="en",
            name=self.say(name.title()),
            grants=grants_of(
                signed_in=True,
                suspended=False,
                roles=roles,
                on=self.town.at.date(),
                delegated={},
            ),
        )

    def _book(
        self, work: Work, name: str, room: str, start: datetime, hours: int, who: str, **more: Any
    ) -> str:
        made = book(
            work,
            NewBooking(
                room=self.town.rooms[room],
                span=Span(start, start + timedelta(hours=hours)),
                title=self.say(more.pop("title", name.title())),
                person_id=self.ids[who],
                attendance=6,
                **more,
            ),
        )
        self.town.bookings[name] = made.public_id
        return str(made.public_id)

    def _series(self, work: Work, name: str, room: str, start: datetime, who: str) -> None:
        first = NewBooking(
            room=self.town.rooms[room],
            span=Span(start, start + timedelta(hours=2)),
            title=self.say(name.title()),
            person_id=self.ids[who],
            attendance=6,
        )
        made = book_series(work, NewSeries(first, parse("FREQ=WEEKLY;COUNT=3")))
        self.town.bookings[name] = made.views[0].booking.public_id

    def _past(self) -> None:
        with clock.frozen(self.town.at - timedelta(days=8)), self.site.writing() as work:
            self._book(work, "came", "lisiere", self.town.day(-7), 2, "ada")
            self._book(work, "missed", "lisiere", self.town.day(-6), 2, "bice")
        came = self.town.day(-7)
        with clock.frozen(came), self.site.writing() as work:
            check_in(work, self.town.bookings["came"])

    def _present(self) -> None:
        hour = self.town.at.replace(minute=0, second=0)
        with clock.frozen(hour - timedelta(hours=3)), self.site.writing() as work:
            self._book(work, "now", "levante", hour - timedelta(hours=1), 3, "carla")
            self._book(work, "next", "ponente", hour + timedelta(hours=1), 2, "dina")
            self._book(work, "arriving", "studio", hour, 2, "dina")
            self._ready(work)

    def _ready(self, work: Work) -> None:
        """A list before each booking of the studio, and a key that is out."""
        here = self.ids["gattaglio"]
        points = "\n".join(map(self.say, ("Chairs", "Heating", "Broom")))
        wish = ListValues(self.say("Chairs"), "before", points, self.town.rooms["studio"], True)
        self.town.chores["studio"] = save_list(work, here, wish).public_id
        key = save_key(work, here, KeyValues(self.say("Big key"), room=self.town.rooms["studio"]))
        give_key(work, here, key.public_id, holder=self.say("Rina Bassi"))

    def _coming(self) -> None:
        with self.site.writing() as work:
            self._book(work, "tango", "lisiere", self.town.day(3), 2, "ada", visibility="public")
            self._book(work, "choir", "lisiere", self.town.day(4), 2, "ada",
                       organisation_id=self.ids["body"], note=self.say("We sing."))  # fmt: skip
            self._book(work, "knitting", "studio", self.town.day(5), 1, "rina")
            self._book(work, "painted", "studio", self.town.day(6), 1, "dina")
            self._book(work, "dropped", "lisiere", self.town.day(10), 2, "ada")
            span = Span(self.town.day(6, 8), self.town.day(6, 20))
            close(
                work, self.ids["gattaglio"], span, self.texts("Works"), room_id=self.ids["studio"]
            )
        for name, who, days in (
            ("feast", "ada", 8),
            ("supper", "bice", 8),
            ("refused", "carla", 8),
            ("chess", "dina", 9),
        ):
            with self.site.writing(self._as(who), "en") as work:
                self._book(work, name, "salone", self.town.day(days, 18), 3, who)
        weekly = (("weekly", "ada", "lisiere", 40), ("asks", "dina", "salone", 41))
        for name, who, room, days in weekly:
            with self.site.writing(self._as(who), "en") as work:
                self._series(work, name, room, self.town.day(days, 18), who)
        manages = RoleFacts("venue_manager", self.ids["gattaglio"])
        with self.site.writing(self._as("manager", manages), "en") as work:
            decline(work, self.town.bookings["refused"], self.say("Too loud."))
            cancel(work, self.town.bookings["dropped"], self.say("Flood."))
        with self.site.writing(self._as("bice"), "en") as work:
            self.town.cards["bice"] = apply(work, self.town.plans["card"]).public_id
        with self.site.writing(self._as("elsa"), "en") as work:
            propose(work, self.say("Ai Tigli"), function=self.say("Presidente"))

    def _event(self) -> None:
        """An evening in the room, where Ada has a place, and remote."""
        with self.site.writing() as work:
            venue = work.session.get_one(Venue, self.ids["gattaglio"])
            self.town.events = an_event(
                work, venue, self.town.rooms["ponente"], self.town.day(12, 18),
                self.texts("An evening"), self.ids["ada"], self.say("Rina"),
            )  # fmt: skip

    def _season(self) -> None:
        """A season of next year that takes applications, with one of Ada's."""
        manages = RoleFacts("venue_manager", self.ids["gattaglio"])
        day = date.fromisoformat(self.town.date(0))
        said = RoundSaid(
            self.texts("Next season"), day + timedelta(days=300), day + timedelta(days=340),
            day, day + timedelta(days=60), {"member": 20, "district": 10, "years": 2},
        )  # fmt: skip
        with self.site.writing(self._as("manager", manages), "en") as work:
            row = put_round(work, self.ids["gattaglio"], said)
            rooms = (self.town.rooms["levante"], self.town.rooms["ponente"])
            slots = SlotsSaid(rooms, (1, 3), 1020, 1380, 120)
            add_slots(work, self.ids["gattaglio"], row.public_id, slots)
            open_round(work, self.ids["gattaglio"], row.public_id)
        with self.site.writing(self._as("ada"), "en") as work:
            asked = ApplicationSaid(
                self.say("Choir"), 12, 1, (self.town.rooms["levante"],), ((1, 1020, 1380),)
            )
            made = put_application(work, row, asked)
            self.town.seasons |= {"round": row.public_id, "choir": made.public_id}


def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (960, 560), (80, 120, 90)).save(out, "JPEG")
    return out.getvalue()


def build(site: Site, words: Words = plain, language: str = "en") -> Town:
    """The town on an empty site, whose people read one language."""
    return Builder(site, words, language).build()
