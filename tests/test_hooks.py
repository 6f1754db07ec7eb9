"""The hooks keep their word: each is documented, asked by the core, answered, and tested here."""

from __future__ import annotations

import inspect
import re
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu import __version__, hookspecs
from tierslieu.bookings.rules import stored_price
from tierslieu.config import load
from tierslieu.contributions import (
    BookingChange,
    CalendarEntry,
    HealthCheck,
    MailCalendar,
    NavItem,
    Objection,
    OtherWay,
    Panel,
    PersonDataPart,
    PriceExtra,
    ReportRows,
    ReportSection,
    SearchResult,
)
from tierslieu.demo.loader import add_what_plugins_have
from tierslieu.kernel.calls import heard
from tierslieu.kernel.errors import Refused
from tierslieu.kernel.hooks import _items, deprecations
from tierslieu.kernel.mail import Mail, as_message
from tierslieu.plugins import Plugins
from tierslieu.plugins.specs import MARKS, core_specs, said, summary, verb
from tierslieu.plugins.strikes import CORE
from tierslieu.testing import a_room, a_venue, an_account

ROOT = Path(__file__).resolve().parents[1]
SPECS = core_specs()
NAMES = [spec.__name__ for spec in SPECS]
say = tl.sentences("tierslieu")

each_spec = pytest.mark.parametrize("spec", SPECS, ids=NAMES)


# -- documented -----------------------------------------------------------------------------------


@each_spec
def test_a_spec_says_when_what_and_what_is_promised(spec: Any) -> None:
    assert list(said(spec)) == list(MARKS)
    assert summary(spec).endswith(".")


@each_spec
def test_the_version_since_which_it_is_there_is_one_of_ours(spec: Any) -> None:
    since = version(said(spec)["Since"].rstrip("."))

    assert version("0.1") <= since <= version(__version__)


@each_spec
def test_what_is_to_go_is_gone_two_minor_versions_later(spec: Any) -> None:
    assert all(version(each.gone_in) > version(__version__) for each in deprecations(spec))


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2])


@each_spec
def test_the_name_tells_the_family(spec: Any) -> None:
    name, kind = spec.__name__, verb(spec)

    assert (kind == "react") is bool(re.search(r"ed$", name)), "a reaction is in the past tense"
    assert kind != "contribute" or name.endswith(("s", "data")), "contributions are plural"


#: What an example is called with; work and candidates are the site's own.
SAMPLES: dict[str, Any] = {
    "actor": tl.SYSTEM,
    "place": "main",
    "venue_id": 1,
    "venue_slug": "gattaglio",
    "subject": {"room": "a room"},
    "person_id": 1,
    "changes": [BookingChange(1, 1, 1, None, "confirmed", "made")],
    "key": "garden",
    "bookings": [1],
    "booking_id": 1,
    "asked": SimpleNamespace(span=None),
    "rows": "main",
    "words": "trapano",
    "question": tl.CalendarQuestion(*[tl.clock.now() + timedelta(days=n) for n in (-1, 400)]),
}
#: What examples call and a plugin would have.
STUBS = {
    "loans_of": lambda _session, _of: [SimpleNamespace(name="A drill")],
    "talks_between": lambda _session, since, _until: [
        SimpleNamespace(id=1, title="Bread", at=since, changed_at=since)
    ],
    "rooms_under_inspection": lambda _session: [1],
    "delete": sa.delete,
    "Loan": tl.RoleGrant,
    "drills": lambda _session: [SimpleNamespace(name="Trapano", id=7)],
}


@each_spec
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_example_answers_as_the_spec_says(spec: Any, site: tl.Site) -> None:
    module = ModuleType("example")
    vars(module).update({"tl": tl, "say": say, **STUBS})
    example = said(spec)["Example"]
    assert len(example.splitlines()) <= 8

    exec(example, vars(module))  # the text is our own docstring
    site.plugins.manager.register(module, name=f"{CORE}.example")
    with site.writing() as work:
        span = tl.Span(work.now, work.now + timedelta(hours=1))
        here = SAMPLES | {"work": work, "candidates": [tl.Candidate(1, 1, span)]}
        here["place"] = "room" if spec.__name__ == "panels" else "main"
        asked = {name: here[name] for name in inspect.signature(spec).parameters}
        [example_impl] = [
            impl
            for impl in getattr(site.hooks.manager.hook, spec.__name__).get_hookimpls()
            if impl.plugin is module
        ]
        with heard() as calls:
            site.hooks._ask(spec, example_impl, asked, _items if verb(spec) != "react" else _none)

    assert [(call.error, bool(call.answer)) for call in calls] == [("", verb(spec) != "react")]


def _none(_spec: Any, answer: Any) -> None:
    assert answer is None


# -- asked, answered, tested ---------------------------------------------------------------------


def sources() -> str:
    """The core's own code, less the hooks' definitions."""
    paths = (ROOT / "tierslieu").rglob("*.py")
    skip = {"hookspecs.py", "contract.py"}
    return "\n".join(path.read_text("utf-8") for path in paths if path.name not in skip)


@each_spec
def test_the_core_asks_it(spec: Any) -> None:
    assert re.search(rf"hookspecs\.{spec.__name__}\b", sources()), "a hook nobody calls is a lie"


@each_spec
def test_somebody_we_ship_answers_it_and_the_spec_says_who(spec: Any) -> None:
    implementers = Plugins(load({})).hooks.implementers(spec)
    users = said(spec)["Used by"].rstrip(".").split(", ")
    bundled = {f"tierslieu_{name}" for name in implementers if not name.startswith(CORE)}

    assert {each for each in users if each.startswith("tierslieu_")} == bundled
    # A judge guards what plugins of an installation know; we ship none that forbids.
    assert implementers or verb(spec) == "judge"


@each_spec
def test_there_is_a_test_of_its_name(spec: Any) -> None:
    assert f"test_hook_{spec.__name__}" in globals()


def test_the_page_of_hooks_has_every_hook_and_no_other() -> None:
    page = (ROOT / "docs" / "hooks.md").read_text("utf-8")

    assert sorted(re.findall(r"^### (\w+)$", page, re.MULTILINE)) == sorted(NAMES)


# -- one by one: the core asks, and what is answered counts ---------------------------------------


class Guest:
    """A feature of the test's own, always on, that remembers what it was told."""

    def __init__(self, **answers: Any) -> None:
        self.told: list[Any] = []
        for name, answer in answers.items():
            setattr(self, name, tl.hookimpl(answer))


def join(site: tl.Site, **answers: Any) -> Guest:
    guest = Guest(**answers)
    site.plugins.manager.register(guest, name=f"{CORE}.guest")
    return guest


def test_hook_nav_items(site: tl.Site, client: Any) -> None:
    def nav_items(place: str) -> Any:
        yield NavItem(say("A guest book"), f"/guest-{place}")

    join(site, nav_items=nav_items)
    with site.writing() as work:
        a_venue(work)

    page = client.get("/").get_data(as_text=True)

    assert "A guest book" in page
    assert 'href="/guest-main"' in page


def test_hook_panels(site: tl.Site, client: Any) -> None:
    seen: dict[str, Any] = {}

    def panels(place: str, subject: Any) -> Any:
        seen[place] = subject
        if place == "page_end":
            yield Panel("web/error.html", {"status": 418})

    join(site, panels=panels)
    with site.writing() as work:
        room = a_room(work, a_venue(work))

    page = client.get("/venues/gattaglio").get_data(as_text=True)
    client.get(f"/rooms/{room.public_id}")

    assert "webcal://" in page
    assert seen["venue"]["venue"].slug == "gattaglio"
    assert seen["room"]["room"].id == room.id


def test_hook_person_data(site: tl.Site) -> None:
    def person_data(person_id: int) -> Any:
        yield PersonDataPart(say("Guest book"), ({"wrote": f"person {person_id}"},))

    join(site, person_data=person_data)
    with site.writing() as work:
        person_id = an_account(work, "ada@example.org").person_id
        from tierslieu.people.services import export

        assert f"person {person_id}" in str(export(work, person_id))


def test_hook_health_checks(site: tl.Site) -> None:
    def health_checks() -> Any:
        yield HealthCheck("guest book", "error", say("The guest book is full."))

    join(site, health_checks=health_checks)
    from tierslieu.doctor import examine

    assert "guest book: The guest book is full." in [line.text for line in examine(site)]


def test_hook_mail_calendars(site: tl.Site) -> None:
    asked: list[tuple[int, int]] = []

    def mail_calendars(booking_id: int, venue_id: int) -> Any:
        asked.append((booking_id, venue_id))
        yield MailCalendar("BEGIN:VCALENDAR…", "PUBLISH")

    join(site, mail_calendars=mail_calendars)
    with site.writing() as work:
        room = a_room(work, a_venue(work))
        booking = booked(site, work, room, an_account(work, "ada@example.org").person_id)
        mail = work.session.scalars(sa.select(Mail).order_by(Mail.id.desc())).first()
        assert asked == [(booking.id, room.venue_id)]
        assert mail is not None
        message = as_message(site.config, mail)

    parts = [part.get_content_type() for part in message.iter_parts()]
    assert (message.get_content_type(), parts) == (
        "multipart/alternative", ["text/plain", "text/calendar"],
    )  # fmt: skip


def test_hook_calendar_entries(site: tl.Site) -> None:
    def calendar_entries(question: Any) -> Any:
        at = question.since + timedelta(days=1)
        for n, who in enumerate(("public", "members", "private")):
            for venue in (1, 2, None):
                key = f"{who}-{venue}"
                yield CalendarEntry(key, key, at, venue_id=venue, room_id=n, visibility=who)
        yield CalendarEntry("again", "again", at, at + timedelta(hours=1), visibility="public")
        yield CalendarEntry("again", "twice", at, visibility="public")
        yield CalendarEntry("due", "due", at.date(), visibility="public", deadline=True)
        for n, start in enumerate((at - timedelta(days=9), question.until + timedelta(days=9))):
            yield CalendarEntry(f"far-{n}", "far", start, visibility="public")

    join(site, calendar_entries=calendar_entries)
    with site.writing() as work:
        now = work.now

        def keys(**asked: Any) -> list[str]:
            question = tl.CalendarQuestion(now, now + timedelta(days=30), **asked)
            return sorted(entry.key for _, entry in tl.dated_entries(work, question))

        here = {"venues": tl.Places(frozenset({1}), only=True)}
        assert keys() == ["again", "public-1", "public-2", "public-None"]
        assert keys(deadlines=True) == ["again", "due", "public-1", "public-2", "public-None"]
        assert keys(**here) == ["public-1"]
        assert keys(**here, member_venues=frozenset({1})) == ["members-1", "public-1"]
        assert keys(**here, detail="private") == ["members-1", "private-1", "public-1"]
        assert keys(**here, detail="private", room_ids=frozenset({2})) == ["private-1"]
        assert len(keys(person_id=5)) == 10
        assert keys(person_id=5, **here)[:3] == ["again", "members-1", "members-None"]


def booked(site: tl.Site, work: tl.Work, room: Any, person_id: int) -> Any:
    from tierslieu.bookings.services import NewBooking, book

    start = work.now.replace(minute=0, second=0) + timedelta(days=3)
    span = tl.Span(start, start + timedelta(hours=2))
    return book(work, NewBooking(room.public_id, span, "Repair café", person_id=person_id))


def test_hook_price_lines(site: tl.Site) -> None:
    def price_lines(candidates: Any) -> Any:
        for each in candidates:
            zone = ZoneInfo(each.zone)
            words = say("%(thing)s after %(hour)s", thing="Cleaning", hour=9)
            yield PriceExtra(each, "clean", words, 2000 if zone.key == "Europe/Rome" else 1)
            yield PriceExtra(each, "nothing", words, 0)

    guest = join(site, price_lines=price_lines)
    with site.writing() as work:
        room = a_room(work, a_venue(work))
        booking = booked(site, work, room, an_account(work, "ada@example.org").person_id)
        site.plugins.manager.unregister(guest)
        kept = stored_price(booking.price_lines, "EUR")

    assert booking.price_cents == kept.total.cents == 2000
    assert [(each.key, str(each.label)) for each in kept.lines] == [
        (f"{CORE}.guest.clean", "Cleaning after 9")
    ]
    with pytest.raises(TypeError):
        PriceExtra(tl.Candidate(1, 1, booking_span()), "clean", say("Off"), -1)


def booking_span() -> tl.Span:
    start = tl.clock.now()
    return tl.Span(start, start + timedelta(hours=1))


def test_hook_booking_objections(site: tl.Site) -> None:
    def booking_objections(work: tl.Work, candidates: Any) -> Any:
        for each in candidates:
            yield Objection(each, tl.Reason("inspection", say("Under inspection.")))

    join(site, booking_objections=booking_objections)
    with site.writing() as work:
        room = a_room(work, a_venue(work))
        person_id = an_account(work, "ada@example.org").person_id

    def try_it() -> None:
        with site.writing() as work:
            booked(site, work, room, person_id)

    with pytest.raises(Refused) as refused:
        try_it()
    assert "inspection" in [reason.code for reason in refused.value.reasons]


def test_hook_bookings_changed(site: tl.Site, client: Any) -> None:
    told: list[Any] = []

    def bookings_changed(work: tl.Work, changes: Any) -> None:
        told.extend(changes)

    join(site, bookings_changed=bookings_changed)
    with site.writing() as work:
        room = a_room(work, a_venue(work))
        booking = booked(site, work, room, an_account(work, "ada@example.org").person_id)
    with site.writing() as work:
        from tierslieu.bookings.services import cancel

        cancel(work, booking.public_id, "The iron is broken")

    assert [(c.before, c.after, c.room_id) for c in told] == [
        (None, "confirmed", room.id),
        ("confirmed", "cancelled", room.id),
    ]
    feed = client.get(f"/rooms/{room.public_id}/calendar.ics").get_data(as_text=True)
    assert "STATUS:CANCELLED" in feed


def closed_over_a_booking(site: tl.Site, work: tl.Work) -> tuple[Any, str]:
    """A venue that is closed while something is booked there."""
    from tierslieu.kernel.texts import Texts
    from tierslieu.venues.opening.services import close

    venue = a_venue(work)
    made = booked(site, work, a_room(work, venue), an_account(work, "ada@example.org").person_id)
    start = work.session.get_one(tl.Claim, made.id).starts_at
    close(work, venue.id, tl.Span(start, start + timedelta(hours=1)), Texts(en="Works"))
    return venue, made.public_id


def test_hook_other_ways(site: tl.Site) -> None:
    from tierslieu.bookings.handling.services import ways_at

    join(site, other_ways=lambda: [OtherWay("garden", say("In the garden"), say("Outside"))])
    with site.writing() as work:
        venue, _ = closed_over_a_booking(site, work)
        assert [way.key for way in ways_at(work, venue.id)] == ["online", "events_fewer", "garden"]


def test_hook_way_followed(site: tl.Site) -> None:
    from tierslieu.bookings.handling.services import Decision, handle

    heard: list[tuple[str, int, str]] = []

    def way_followed(key: str, bookings: Any, words: str) -> None:
        heard.append((key, len(bookings), words))
        if words == "It rains.":
            raise RuntimeError(words)

    asks = say("Where")
    ways = [OtherWay("garden", say("In the garden"), say("Outside"), asks)]
    join(site, other_ways=lambda: ways, way_followed=way_followed)
    with site.writing() as work:
        venue, public_id = closed_over_a_booking(site, work)
    with pytest.raises(Refused), site.writing() as work:
        handle(work, venue.id, [public_id], Decision("garden", words="It rains."))
    with site.writing() as work:
        handle(work, venue.id, [public_id], Decision("garden", words="Under the lime."))
        # Nothing of the refused one was kept, so it was there to be handled.
        assert heard == [("garden", 1, "It rains."), ("garden", 1, "Under the lime.")]
    site.hooks.faults.clear()


def test_hook_venue_changed(site: tl.Site) -> None:
    told: list[int] = []

    def venue_changed(venue_id: int) -> None:
        told.append(venue_id)

    join(site, venue_changed=venue_changed)
    with site.writing() as work:
        venue = a_venue(work)
        from tierslieu.venues.places.services import publish

        publish(work, venue.id, False)

    assert venue.id in told


def test_hook_person_erased(site: tl.Site) -> None:
    told: list[int] = []

    def person_erased(person_id: int) -> None:
        told.append(person_id)

    join(site, person_erased=person_erased)
    with site.writing() as work:
        person_id = an_account(work, "ada@example.org").person_id
        from tierslieu.people.services import erase

        erase(work, person_id)

    assert told == [person_id]


def of_one_day() -> tl.ReportAsked:
    day = date(2026, 11, 2)
    start = tl.at_wall(day, 0, ZoneInfo("Europe/Rome"))
    return tl.ReportAsked(day, day, tl.Span(start, start + timedelta(days=1)), "Europe/Rome")


def test_hook_report_sections(site: tl.Site) -> None:
    def report_sections(asked: tl.ReportAsked, venue_id: int) -> Any:
        lent = tl.Figure("lent", say("Loans"), 3 if venue_id else 0, say("What was lent."))
        yield ReportSection("lending", say("Lending"), (lent,))

    join(site, report_sections=report_sections)
    with site.writing() as work:
        venue = a_venue(work, weekly={"0": [[540, 720]]})
        a_room(work, venue, step_free=True)
        found = {
            part.key: (owner, part)
            for owner, part in tl.report_sections(work, of_one_day(), venue.id)
        }

    owner, lending = found["lending"]
    assert (owner, lending.figures[0].value) == ("core", 3)
    assert found["opening"][1].figures[0].value == 180


def test_hook_report_rows(site: tl.Site) -> None:
    def report_rows(rows: str, asked: tl.ReportAsked) -> Any:
        if rows == "loans":
            yield ReportRows((say("What"),), (("A drill",),))

    join(site, report_rows=report_rows)
    with site.writing() as work:
        venue = a_venue(work, weekly={"0": [[540, 720]]})
        days = tl.report_rows(work, "core", "venues.open_days", of_one_day(), venue.id)
        loans = tl.report_rows(work, "core", "loans", of_one_day(), venue.id)
        nobodys = tl.report_rows(work, "other", "loans", of_one_day(), venue.id)

    assert [table.rows for table in days] == [((date(2026, 11, 2), 180),)]
    assert [table.rows for table in loans] == [(("A drill",),)]
    assert nobodys == []


def test_hook_search_results(site: tl.Site, client: Any) -> None:
    def search_results(words: str) -> Any:
        if tl.has_words(words, "Caffè dei libri"):
            yield SearchResult("Caffè dei libri", "/guest", say("Venue"))

    join(site, search_results=search_results)
    with site.writing() as work:
        venue = a_venue(work, name="Gattaglio")
        a_room(work, venue, name="Sala caffè")
        a_room(work, a_venue(work, "hidden", published=False), name="Caffè nascosto")

    def page(words: str) -> str:
        return str(client.get(f"/search/names?q={words}").get_data(as_text=True))

    found = page("CAFFE")
    assert "2 things are called so." in found
    assert found.index("Caffè dei libri") < found.index("Sala caffè")
    assert 'href="/guest"' in found
    assert "nascosto" not in found
    assert "One thing is called so." in page("caffe gattaglio")
    assert "Nothing here is called so" in page("Zanzibar")
    assert client.get("/search/names").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hook_demo_loaded(site: tl.Site) -> None:
    told: list[Any] = []
    join(site, demo_loaded=lambda work: told.append(work.now))
    with site.writing() as work:
        member = an_account(work, "member@demo.example").person_id
        add_what_plugins_have(work)

    assert told == [work.now]
    with site.reading() as work:
        parts = site.hooks.gather(hookspecs.person_data, work=work, person_id=member)
        rows = [part.rows for part in parts if str(part.title) == "Calendar addresses"]
    assert [len(each) for each in rows] == [1]
