"""Plugins at venues: off means that nobody sees anything of it there, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.contributions import BookingChange, Candidate
from tierslieu.kernel.actor import SYSTEM, Actor, Grant
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Forbidden, Invalid, Refused
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.plugins.venues.services import at_other_venues, switch
from tierslieu.testing import a_room, a_venue, an_account, sign_in

Write = Callable[[str, str], Path]
House = Callable[[], Site]

WORDS = """
import flask
bp = flask.Blueprint("{name}", __name__)
seen = []
def catch_up(work, venue=None): ...
plugin = tl.Plugin(
    "{name}", "Words", "Words of a test.", blueprints=[bp],
    jobs=[tl.JobKind("{name}.catch_up", catch_up)], on_enable=("{name}.catch_up",),
)
@bp.get("/venues/<slug>/{name}")
@tl.allow(tl.PUBLIC)
def at_venue(slug): return "words"
@bp.get("/rooms/<public_id>/{name}")
@tl.allow(tl.PUBLIC)
def at_room(public_id): return "words"
@bp.get("/{name}")
@tl.allow(tl.PUBLIC)
def all_of_it():
    with tl.reading() as work:
        return str([tl.is_on(work, n) for n in (1, 2)])
@tl.hookimpl
def nav_items(place, venue_slug):
    yield tl.NavItem(say("Words"), f"/venues/{venue_slug}/{name}")
@tl.hookimpl
def booking_objections(work, candidates):
    for each in candidates:
        yield tl.Objection(each, tl.Reason("words", say("No.")))
@tl.hookimpl
def bookings_changed(work, changes):
    seen.append([each.venue_id for each in changes])
"""
VERBS = 'plugin = tl.Plugin("{name}", "Verbs", "They need words.", requires=("words",))\n'


@pytest.fixture
def two(house: House, write: Write) -> tuple[Site, Any, Any]:
    """A house with words and verbs on, and two venues."""
    write("words", WORDS)
    write("verbs", VERBS)
    site = house()
    with site.writing() as work:
        venues = a_venue(work, "one"), a_venue(work, "two")
    site.plugins.enable(site, "words")
    site.plugins.enable(site, "verbs")
    return site, *venues


def press(
    site: Site, venue: Any, *, actor: Actor = SYSTEM, others: bool = False, **on: bool
) -> None:
    with site.writing(actor) as work:
        switch(work, site.plugins, venue.id, on, others=others)


def manager(venue: Any) -> Actor:
    grant = Grant("venue_manager", "venue", venue.id, frozenset({"plugins.venue"}))
    return Actor(person_id=None, account_id=1, grants=(grant,))


def test_it_is_off_there_and_on_elsewhere(two: tuple[Site, Any, Any]) -> None:
    site, one, other = two
    press(site, one, words=False, others=True)
    is_on = site.plugins.is_on

    assert [is_on("words", venue.id) for venue in (one, other)] == [False, True]
    assert is_on("words")
    items = [
        site.hooks.gather(
            hookspecs.nav_items, actor=SYSTEM, place="desk", venue_id=v.id, venue_slug=v.slug
        )
        for v in (one, other)
    ]
    assert [len([i for i in found if i.url.endswith("/words")]) for found in items] == [0, 1]


def test_of_many_it_is_told_those_of_the_venues_where_it_is_on(
    two: tuple[Site, Any, Any],
) -> None:
    site, one, other = two
    seen = site.plugins.find("words").module.seen  # type: ignore[union-attr]
    with site.writing() as work:
        span = Span(work.now, work.now + timedelta(hours=1))
        asked = [Candidate(1, one.id, span), Candidate(2, other.id, span)]
        changes = [
            BookingChange(n, v.id, 1, None, "confirmed", "made") for n, v in enumerate(two[1:])
        ]

        def told() -> tuple[list[Any], list[Any]]:
            seen.clear()
            site.hooks.tell(hookspecs.bookings_changed, work=work, changes=changes)
            said = site.hooks.objections(hookspecs.booking_objections, work=work, candidates=asked)
            return list(seen), [item.candidate.venue_id for item in said]  # type: ignore[union-attr]

        both = [one.id, other.id]
        assert told() == ([both], both)
    press(site, one, words=False, others=True)
    with site.writing() as work:
        assert told() == ([[other.id]], [other.id])
    press(site, other, words=False, others=True)
    with site.writing() as work:
        assert told() == ([], [])


def test_what_needs_it_goes_off_too_when_that_was_said(two: tuple[Site, Any, Any]) -> None:
    site, one, other = two
    with pytest.raises(Invalid) as refused:
        press(site, one, words=False)
    assert "verbs" in str(refused.value)

    press(site, one, words=False, others=True)
    assert not site.plugins.is_on("verbs", one.id)
    assert site.plugins.is_on("verbs", other.id)
    with pytest.raises(Invalid) as refused:
        press(site, one, verbs=True)
    assert refused.value.reasons[0].code == "plugin_requires"
    press(site, one, verbs=True, words=True)
    assert site.plugins.is_on("verbs", one.id)


def test_in_the_network_too_others_go_off_only_when_that_was_said(
    two: tuple[Site, Any, Any],
) -> None:
    site, _, _ = two
    with pytest.raises(Invalid):
        site.plugins.disable(site, "words")
    site.plugins.disable(site, "words", others=True)

    assert [site.plugins.is_on(name) for name in ("words", "verbs")] == [False, False]


def test_a_manager_switches_her_venue_and_what_the_network_allows(
    two: tuple[Site, Any, Any],
) -> None:
    site, one, other = two
    hers = manager(one)
    press(site, one, actor=hers, verbs=False)
    press(site, one, actor=hers, verbs=True)
    with pytest.raises(Forbidden):
        press(site, other, actor=hers, verbs=False)

    press(site, one, verbs=False)
    with pytest.raises(Refused) as refused:
        press(site, one, actor=hers, verbs=True)
    assert refused.value.reasons[0].code == "plugin_barred"
    press(site, one, verbs=True)

    site.plugins.disable(site, "verbs")
    with pytest.raises(Refused) as refused:
        press(site, one, actor=hers, verbs=True)
    assert refused.value.reasons[0].code == "plugin_off"


def test_a_press_is_in_the_journal_and_it_catches_up(two: tuple[Site, Any, Any]) -> None:
    site, one, _ = two
    press(site, one, words=False, others=True)
    press(site, one, words=True)

    with site.reading() as work:
        asked = sa.select(AuditEntry.verb, AuditEntry.subject).where(AuditEntry.venue_id == one.id)
        rows = [tuple(row) for row in work.session.execute(asked.order_by(AuditEntry.id))]
        jobs = sa.select(Job.payload).where(Job.key == f"words.catch_up:{one.id}")
        assert work.session.scalars(jobs).all() == [{"venue": one.id}]
    assert rows == [
        ("plugins.venue.disable", "plugin:words"),
        ("plugins.venue.disable", "plugin:verbs"),
        ("plugins.venue.enable", "plugin:words"),
    ]


def test_the_network_says_what_holds_where_nobody_said_anything(
    two: tuple[Site, Any, Any],
) -> None:
    site, one, other = two
    press(site, one, verbs=False)
    press(site, one, verbs=True)
    with site.writing() as work:
        at_other_venues(work, site.plugins, "verbs", False)

    assert [site.plugins.is_on("verbs", v.id) for v in (one, other)] == [True, False]
    site.plugins.disable(site, "verbs")
    site.plugins.enable(site, "verbs")
    assert [site.plugins.is_on("verbs", v.id) for v in (one, other)] == [True, False]


def test_another_process_notices_within_a_second(
    two: tuple[Site, Any, Any], house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, one, _ = two
    there = house()
    assert there.plugins.is_on("words", one.id)

    press(site, one, words=False, others=True)
    # What it read lately may be used for FRESH seconds: with none of them left it asks at once.
    monkeypatch.setattr("tierslieu.plugins.switches.FRESH", 0.0)
    assert not there.plugins.is_on("words", one.id)


# -- pages --------------------------------------------------------------------------------------


@pytest.fixture
def town(open_app: Callable[[], Any], write: Write) -> Any:
    """The application with words and verbs, two venues, a manager of one and a network admin."""
    write("words", WORDS)
    write("verbs", VERBS)
    app = open_app()
    site = app.extensions["tierslieu"]
    with site.writing() as work:
        one = a_venue(work, "one")
        a_venue(work, "two")
        a_room(work, one, "lisiere")
        an_account(work, "admin@example.org", role="network_admin")
        an_account(work, "manager@example.org", role="venue_manager", venue=one)
    site.plugins.enable(site, "words")
    site.plugins.enable(site, "verbs")
    return app


def statuses(client: Any, *addresses: str) -> list[int]:
    return [client.get(address).status_code for address in addresses]


def test_its_pages_about_a_venue_are_absent_where_it_is_off(town: Any) -> None:
    site = town.extensions["tierslieu"]
    with site.reading() as work:
        one = work.session.execute(sa.text("SELECT id FROM venue WHERE slug = 'one'")).scalar()
        room = work.session.execute(sa.text("SELECT public_id FROM room")).scalar()
    client = town.test_client()
    pages = ("/venues/one/words", f"/rooms/{room}/words", "/venues/two/words", "/words")
    assert statuses(client, *pages) == [200, 200, 200, 200]

    with site.writing() as work:
        switch(work, site.plugins, one, {"words": False}, others=True)
    assert statuses(client, *pages) == [404, 404, 200, 200]
    assert client.post("/venues/one/words").status_code == 404

    with site.writing() as work:
        switch(work, site.plugins, one, {"words": True})
    assert statuses(client, *pages) == [200, 200, 200, 200]


def test_a_manager_sees_her_column_and_presses(town: Any) -> None:
    client = town.test_client()
    sign_in(client, "manager@example.org")

    page = client.get("/manage/one/plugins").get_data(as_text=True)
    assert "They need words." in page
    assert statuses(client, "/manage/two/plugins", "/admin/plugins/switchboard") == [403, 403]
    asked = client.post("/manage/one/plugins/words/off").get_data(as_text=True)
    assert "go off with it" in asked
    assert client.post("/manage/one/plugins/words/off", data={"others": "1"}).status_code == 302
    assert client.get("/venues/one/words").status_code == 404
    assert client.post("/manage/one/plugins/words/on").status_code == 302
    assert client.get("/venues/one/words").status_code == 200


def test_the_network_presses_many_and_is_asked_about_what_falls(town: Any) -> None:
    client = town.test_client()
    sign_in(client, "admin@example.org")
    page = client.get("/admin/plugins/switchboard").get_data(as_text=True)
    assert 'name="one:words"' in page
    names = [f"{row}:{name}" for row in ("*", "one", "two") for name in ("ical", "verbs", "words")]
    form = {f"was:{name}": "1" for name in names} | dict.fromkeys(names, "1")
    del form["one:words"]
    del form["two:ical"]

    asked = client.post("/admin/plugins/switchboard", data=form)
    assert asked.status_code == 422
    assert "More would go off" in asked.get_data(as_text=True)
    assert client.get("/venues/one/words").status_code == 200
    assert client.post("/admin/plugins/switchboard", data=form | {"others": "1"}).status_code == 302
    assert statuses(client, "/venues/one/words", "/venues/two/words") == [404, 200]
    # A second form that was opened before says nothing of what it did not press.
    assert client.post("/admin/plugins/switchboard", data=form).status_code == 302
    plugins = town.extensions["tierslieu"].plugins
    assert len(plugins.switches.get("ical").said) == 1

    manager = town.test_client()
    sign_in(manager, "manager@example.org")
    assert "Off by the network" in manager.get("/manage/one/plugins").get_data(as_text=True)
