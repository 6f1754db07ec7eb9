"""A plugin that raises, or answers rubbish, in every hook in turn: the site goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.bookings.handling.services import Decision, handle, ways_at
from tierslieu.contributions import Candidate, ReportAsked
from tierslieu.demo.loader import add_what_plugins_have
from tierslieu.doctor import examine
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Refused
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.people.privacy.services import erase
from tierslieu.plugins.models import PluginFault
from tierslieu.plugins.specs import core_specs, verb
from tierslieu.plugins.suspension import go_on_without, suspend
from tierslieu.reporting import report_rows, report_sections
from tierslieu.testing import a_room, a_token, a_venue, an_account, csrf_token, sign_in
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.opening.services import close
from tierslieu.venues.places.services import publish

Write = Callable[..., Path]
Open = Callable[..., Any]

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

#: What each hook may be given that it did not ask for; the last ones look right and are not.
RUBBISH = {
    "nav_items": "[tl.NavItem(say('%(gap)s', other=1), 'nowhere', icon='no such icon')]",
    "panels": "[tl.Panel('wreck/absent.html', {}), tl.Panel('wreck/bad.html', {'a': 1})]",
    "other_ways": "[tl.OtherWay('wreck', say('%(gap)s', other=1), 'not a message')]",
    "mail_calendars": "[tl.MailCalendar('no calendar', 'REQUEST')]",
    "calendar_entries": "[tl.CalendarEntry('wreck', say('%(gap)s', other=1), work.now)]",
    "search_results": "[tl.SearchResult(say('%(gap)s', other=1), '/x', say('%(gap)s', other=1))]",
    "price_lines": "[tl.PriceExtra(tl.Candidate(1, 1, None), 'x', say('%(gap)s', other=1), 9)]",
    "report_sections": "[tl.ReportSection('wreck', say('%(gap)s', other=1))]",
    "report_rows": "[tl.ReportRows((say('%(gap)s', other=1),), (('a',),))]",
    "person_data": "[tl.PersonDataPart(say('Rows'), ('no row',))]",
    "health_checks": "[tl.HealthCheck('wreck', 'splendid', say('?'))]",
    "booking_objections": "[tl.Reason('of_another_kind', say('?'))]",
}
WRECK = """
MODE = {"hook": "", "how": ""}

def act(hook, rubbish):
    if MODE["hook"] != hook:
        return None
    if MODE["how"] == "raises":
        raise ValueError(hook)
    if MODE["how"] == "ends":
        raise SystemExit(hook)
    return rubbish() if MODE["how"] == "looks right" else [object(), None, "text"]
"""


def wreck() -> str:
    """A plugin with an implementation of every hook there is."""
    parts = [WRECK]
    for spec in core_specs():
        name = spec.__name__
        rubbish = RUBBISH.get(name, "3")
        asked = "work" if verb(spec) == "react" or "work." in rubbish else ""
        parts.append(f"@tl.hookimpl\ndef {name}({asked}):")
        if verb(spec) == "react":
            parts.append(f"    work.later('wreck.{name}')")
        parts.append(f"    return act('{name}', lambda: {rubbish})\n")
    return "\n".join(parts)


@dataclass
class House:
    """A site with the wreck, and what is asked of it."""

    app: Any
    room: str
    token: str
    admin: Any
    days: int = 2

    @property
    def site(self) -> Any:
        return self.app.extensions["tierslieu"]

    def mode(self, hook: str, how: str) -> None:
        self.site.plugins.find("wreck").module.MODE.update(hook=hook, how=how)

    def api(self, method: str, path: str, **json: Any) -> Any:
        said = {"Authorization": f"Bearer {self.token}"}
        body = json or None
        client = self.app.test_client()
        return client.open(f"/api/v1{path}", method=method, json=body, headers=said)

    def book(self) -> Any:
        self.days += 1
        with self.site.reading() as work:
            start = (work.now + timedelta(days=self.days)).replace(minute=0, second=0)
        body = {"room_id": self.room, "title": "Repair café", "starts_at": start.isoformat()}
        return self.api("POST", "/bookings", **body, ends_at=(start + HOUR).isoformat())

    def looked_at(self, much: int = 3) -> dict[str, int]:
        """Pages and calls that read, and their answers: two of them, some, or the main ones."""
        anybody = self.app.test_client()
        span = "starts_at=2031-05-01T10:00Z&ends_at=2031-05-01T12:00Z"
        search = "/search?n=2&date=2031-05-01&start=10:00&end=12:00"
        feed = "/venues/gattaglio/calendar.ics"
        pages = ["/venues/gattaglio", feed, f"/rooms/{self.room}", search, "/", "/venues"]
        calls = ["/bookings", f"/availability?{span}", "/venues", "/rooms"]
        mine = ["/me", "/me/privacy", "/manage/gattaglio", "/admin/", "/admin/plugins"]
        n = {1: (1, 0, 1), 2: (3, 1, 2), 3: (6, 5, 4)}[much]
        found = {path: anybody.get(path).status_code for path in pages[: n[0]]}
        found |= {path: self.admin.get(path).status_code for path in mine[: n[1]]}
        return found | {path: self.api("GET", path).status_code for path in calls[: n[2]]}


HOUR = timedelta(hours=1)


@pytest.fixture
def house(write: Write, open_app: Open, monkeypatch: pytest.MonkeyPatch) -> House:
    write("wreck", wreck(), templates__wreck__bad_dot_html="{{ a.b.c.d }}")
    app = open_app("wreck", testing=False)
    # It goes on failing for as long as the test looks.
    monkeypatch.setattr("tierslieu.plugins.strikes.STRIKES", 10**9)
    with app.extensions["tierslieu"].writing() as work:
        room = a_room(work, a_venue(work))
        admin = an_account(work, "admin@example.org", role="network_admin")
        made = House(app, room.public_id, a_token(work, admin), app.test_client())
    sign_in(made.admin, "admin@example.org")
    return made


#: Hooks that pages and reading calls ask.
ON_PAGES = {"nav_items", "panels", "booking_objections", "calendar_entries"}
HOWS = ("raises", "rubbish", "ends", "looks right")
NAMES = [spec.__name__ for spec in core_specs()]


def test_whatever_it_does_in_whichever_hook_pages_and_calls_are_answered(house: House) -> None:
    well = house.looked_at()
    assert set(well.values()) == {200}, well

    for hook in NAMES:
        for how in HOWS if hook in ON_PAGES | {"person_erased"} else HOWS[::3]:
            house.mode(hook, how)
            much = (3 if how == "raises" else 2) if hook in ON_PAGES else 1
            assert house.looked_at(much).items() <= well.items(), (hook, how)
            if hook in APART:
                assert_what_is_asked_apart_is_answered(house)
            elif hook in RARE:
                assert_what_is_rare_works(house, hook, how)
            else:
                assert_it_works(house, hook, how)
    called = {hook for plugin, hook in house.site.hooks.calls.counts if plugin == "wreck"}
    assert called == set(NAMES)


def assert_it_works(house: House, hook: str, how: str) -> None:
    """A booking is made and cancelled, unless the judge cannot answer."""
    made = house.book()
    if hook == "booking_objections" and how in ("raises", "ends", "rubbish"):
        assert made.status_code == 422
        assert [each["code"] for each in made.json["reasons"]] == ["cannot_be_checked"]
        return
    if hook == "booking_objections":
        assert made.status_code == 422
        return
    assert made.status_code == 201, (hook, how, made.text)
    assert house.api("DELETE", f"/bookings/{made.json['id']}").status_code in (200, 204)
    assert house.api("GET", f"/bookings/{made.json['id']}").json["state"] == "cancelled"


#: Hooks that are asked by themselves: looking for words, a report, the demo.
APART = {"search_results", "report_sections", "report_rows", "demo_loaded"}


def assert_what_is_asked_apart_is_answered(house: House) -> None:
    """What the core knows is found, reported and shown."""
    found = house.app.test_client().get("/search/names?q=gatt")
    assert found.status_code == 200
    assert 'href="/venues/gattaglio"' in found.text
    with house.site.writing() as work:
        venue = work.session.scalars(sa.select(Venue.id)).one()
        days = Span(work.now - timedelta(days=2), work.now)
        asked = ReportAsked(days.starts_at.date(), days.ends_at.date(), days, "Europe/Rome")
        assert "core" in {name for name, _ in report_sections(work, asked, venue)}
        report_rows(work, "wreck", "days", asked, venue)
        add_what_plugins_have(work)


#: What the doctor says of a test's own installation.
WEAK = "the secret key is weak: use at least 32 random characters"
RARE = {
    "venue_changed",
    "other_ways",
    "way_followed",
    "person_data",
    "person_erased",
    "health_checks",
}


def assert_what_is_rare_works(house: House, hook: str, how: str) -> None:
    """Doctor, publishing, closing over a booking, export and erasure."""
    if hook == "health_checks":
        assert {each.text for each in examine(house.site) if each.level == "error"} <= {WEAK}
    assert house.admin.get("/me/privacy/export").status_code == 200
    made = house.book().json
    span = Span(*(datetime.fromisoformat(made[key]) for key in ("starts_at", "ends_at")))
    with house.site.writing() as work:
        venue = work.session.scalars(sa.select(Venue.id)).one()
        for published in (False, True):
            publish(work, venue, published)
        person = an_account(work, f"{hook}-{how.replace(' ', '-')}@example.org").person_id
        erase(work, person)
        close(work, venue, span, Texts(en="Works"))
        assert "online" in {way.key for way in ways_at(work, venue)}
    decision = Decision("online", words="https://meet.example")
    fails = hook == "way_followed" and how in ("raises", "ends")
    with pytest.raises(Refused) if fails else nullcontext(), house.site.writing() as work:
        assert handle(work, venue, [made["id"]], decision) == 1


# -- what becomes of it ---------------------------------------------------------------------------

RAISES = """
@tl.hookimpl
def nav_items(place):
    raise OSError("no menu")

@tl.hookimpl
def booking_objections(work, candidates):
    ASKED.append(len(candidates))
    raise OSError("no rules")
ASKED = []
"""


@dataclass
class Admin:
    """A network administrator's browser, and her site."""

    app: Any
    client: Any
    room: str

    @property
    def site(self) -> Any:
        return self.app.extensions["tierslieu"]

    def press(self, what: str) -> Any:
        data = {"csrf_token": csrf_token(self.client, "/admin/plugins")}
        return self.client.post(f"/admin/plugins/wreck/{what}", data=data)

    def page(self) -> str:
        return str(self.client.get("/admin/plugins").text)

    def refused(self) -> bool:
        """Whether the plugin's judge is in the way of a booking."""
        with self.site.writing() as work:
            room = work.session.scalars(sa.select(Room)).one()
            start = work.now + timedelta(days=3)
            candidate = Candidate(room.id, room.venue_id, Span(start, start + HOUR))
            said = work.hooks.objections(
                hookspecs.booking_objections, work=work, candidates=[candidate]
            )
        return bool(said)

    def calls(self) -> int:
        return len(self.site.plugins.find("wreck").module.ASKED)


@pytest.fixture
def admin(write: Write, open_app: Open) -> Admin:
    write("wreck", RAISES)
    app = open_app("wreck", testing=False)
    with app.extensions["tierslieu"].writing() as work:
        room = a_room(work, a_venue(work)).public_id
        an_account(work, "admin@example.org", role="network_admin")
        an_account(work, "member@example.org")
    client = app.test_client()
    sign_in(client, "admin@example.org")
    return Admin(app, client, room)


def test_going_on_without_it_lets_its_judges_rest_until_it_is_tried_again(admin: Admin) -> None:
    admin.page()
    assert admin.site.plugins.is_suspended("wreck")
    assert admin.refused()
    assert "what it refuses is still refused" in admin.page()

    assert admin.press("continue").status_code == 302
    asked = admin.calls()
    assert not admin.refused()
    assert admin.calls() == asked
    assert "its rules are not asked" in admin.page()
    with admin.site.reading() as work:
        verbs = list(work.session.scalars(sa.select(AuditEntry.verb)))
    assert [verbs.count(f"plugins.{verb}") for verb in ("suspended", "continue_without")] == [1, 1]

    admin.site.plugins.enable(admin.site, "wreck")
    assert not admin.site.plugins.is_suspended("wreck")
    assert admin.refused()


@ON_SQLITE
def test_only_a_network_admin_goes_on_without_and_only_without_what_is_suspended(
    admin: Admin,
) -> None:
    other = admin.app.test_client()
    sign_in(other, "member@example.org")
    data = {"csrf_token": csrf_token(other, "/me/profile")}
    assert other.post("/admin/plugins/wreck/continue", data=data).status_code == 403

    admin.site.plugins.enable(admin.site, "wreck")
    with pytest.raises(Refused, match="not_suspended"), admin.site.writing() as work:
        go_on_without(work, "wreck")


@ON_SQLITE
def test_trying_again_begins_with_a_clean_sheet(admin: Admin) -> None:
    with admin.site.writing() as work:
        work.session.execute(sa.update(PluginFault).values(at=work.now - timedelta(minutes=5)))
    admin.site.plugins.enable(admin.site, "wreck")
    for _ in range(2):
        admin.refused()
        assert not admin.site.plugins.is_suspended("wreck")
    admin.refused()
    assert admin.site.plugins.is_suspended("wreck")


@ON_SQLITE
def test_repeated_slowness_suspends(
    write: Write, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("slow", "@tl.hookimpl\ndef venue_changed(work, venue_id):\n    work.later('slow.done')\n")
    site = open_app("slow", testing=False).extensions["tierslieu"]
    monkeypatch.setattr("tierslieu.kernel.hooks.SLOW", -1)
    with site.writing() as work:
        venue = a_venue(work).id
    for on in (False, True, False):
        assert not site.plugins.is_suspended("slow")
        with site.writing() as work:
            publish(work, venue, on)
    assert site.plugins.is_suspended("slow")
    with site.reading() as work:
        assert set(work.session.scalars(sa.select(PluginFault.kind))) == {"slow"}
        # What it wrote counts: being slow is not being wrong.
        assert (
            work.session.scalar(sa.text("SELECT count(*) FROM job WHERE name = 'slow.done'")) == 3
        )


def test_a_judge_that_hung_objects_without_being_asked(admin: Admin) -> None:
    admin.site.plugins.enable(admin.site, "wreck")
    with admin.site.writing() as work:
        suspend(work.session, "wreck", work.now, "it hung", hung="booking_objections")
    admin.site.plugins.switches.stale()
    asked = admin.calls()

    assert admin.refused()
    assert admin.calls() == asked
    with admin.site.writing() as work:
        go_on_without(work, "wreck")
    admin.site.plugins.switches.stale()
    assert not admin.refused()


JUDGES = """
@tl.hookimpl
def booking_objections(work, candidates): return ()
"""


@pytest.mark.parametrize("breaks", ["import a_library_that_is_gone", "plugin = None"])
def test_what_a_broken_plugin_judged_is_refused_until_it_is_switched_off(
    write: Write, open_app: Open, breaks: str
) -> None:
    folder = write("wreck", JUDGES)
    first = open_app("wreck", testing=False)
    with first.extensions["tierslieu"].writing() as work:
        room = a_room(work, a_venue(work)).public_id
    assert not Admin(first, None, room).refused()

    path = folder / "plugin.py"
    path.write_text(path.read_text() + breaks)
    for module in [each for each in sys.modules if each.split(".")[0] == "wreck"]:
        del sys.modules[module]
    later = Admin(open_app(testing=False), None, room)
    assert set(later.site.plugins.broken) == {"wreck"}
    assert later.refused()
    later.site.plugins.disable(later.site, "wreck")
    assert not later.refused()


PAGES = """
import flask
bp = flask.Blueprint("wreck", __name__, template_folder="templates")
plugin = tl.Plugin("wreck", "A wreck", "Its pages fail.", blueprints=[bp])
@bp.get("/wreck")
@tl.allow(tl.PUBLIC)
def wreck(): raise OSError("rust")
@bp.get("/wreck/template")
@tl.allow(tl.PUBLIC)
def template(): return tl.page("wreck/bad.html")
@bp.get("/api/v1/wreck")
@tl.allow(tl.PUBLIC)
def api(): return {"n": 1 / 0}
@bp.get("/wreck/nothing")
@tl.allow(tl.PUBLIC)
def nothing(): raise tl.NotFound
"""


@ON_SQLITE
def test_a_page_of_a_plugin_that_raises_says_whose_it_is(write: Write, open_app: Open) -> None:
    write("wreck", "", PAGES, templates__wreck__bad_dot_html="{% if %}")
    app = open_app("wreck", testing=False)
    site, client = app.extensions["tierslieu"], app.test_client()
    with site.writing() as work:
        a_venue(work)

    for address in ("/wreck", "/wreck/template"):
        answer = client.get(address, headers={"Accept-Language": "en"})
        assert answer.status_code == 500
        assert "This page belongs to “A wreck”, a plugin" in answer.text
        assert "rust" not in answer.text
    answer = client.get("/api/v1/wreck")
    assert (answer.status_code, answer.json["code"]) == (500, "plugin_failed")
    assert client.get("/wreck/nothing").status_code == 404
    assert client.get("/").status_code == 200

    with site.reading() as work:
        found = work.session.scalars(sa.select(PluginFault.hook).order_by(PluginFault.id))
        assert list(found) == ["page wreck.wreck", "page wreck.template", "page wreck.api"]
    assert site.plugins.is_suspended("wreck")


@ON_SQLITE
def test_a_panel_whose_template_fails_is_left_out_and_counts(write: Write, open_app: Open) -> None:
    write(
        "wreck",
        """
        @tl.hookimpl
        def panels(place):
            if place == "venue":
                yield tl.Panel("wreck/good.html", {}, order=1)
                yield tl.Panel("wreck/bad.html", {"n": 0}, order=2)
        """,
        """
import flask
bp = flask.Blueprint("wreck", __name__, template_folder="templates")
plugin = tl.Plugin("wreck", "A wreck", "Its panels fail.", blueprints=[bp])
""",
        templates__wreck__good_dot_html="<p>Still drawn</p>",
        templates__wreck__bad_dot_html="<p>Half</p>{{ 1 // n }}",
    )
    app = open_app("wreck", testing=False)
    site = app.extensions["tierslieu"]
    with site.writing() as work:
        a_venue(work)

    page = app.test_client().get("/venues/gattaglio").text

    assert "Still drawn" in page
    assert "Half" not in page
    raised = [each for each in site.hooks.faults if each.kind == "raised"]
    assert [(fault.plugin, fault.hook) for fault in raised] == [("wreck", "panels")]
    assert "ZeroDivisionError" in raised[0].detail


@ON_SQLITE
@pytest.mark.parametrize(
    "act",
    [
        "@bp.before_app_request\ndef act(): ...",
        "@bp.after_app_request\ndef act(answer): return answer",
        "@bp.app_errorhandler(404)\ndef act(error): return 'mine'",
        "@bp.app_context_processor\ndef act(): return {'home_url': 'mine'}",
    ],
    ids=["before", "after", "errors", "names"],
)
def test_a_plugin_that_would_act_on_every_page_is_broken(
    write: Write, open_app: Open, act: str
) -> None:
    write("wreck", act, PAGES)
    site = open_app(testing=False).extensions["tierslieu"]

    assert "acts on every page" in str(site.plugins.broken["wreck"])
