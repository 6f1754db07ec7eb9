"""The town of the journeys on a real server, and a real browser to walk about in it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tierslieu.app import create_site
from tierslieu.config import load
from tierslieu.installation import upgrade
from tierslieu.testing import PASSWORD, left_out

#: A refused form or move is no fault of the page, though Chromium writes it down.
REFUSAL = re.compile(r"responded with a status of (?:403|404|409|422)")


def _beside(name: str) -> Any:
    """A module of this folder, which is no package."""
    known = f"journeys_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[known]


@pytest.fixture(scope="session")
def towns() -> Any:
    """The module ``town.py`` beside this one."""
    return _beside("town")


@pytest.fixture(scope="session")
def reading() -> Any:
    """The module ``reading.py`` beside this one."""
    return _beside("reading")


@dataclass
class Served:
    """The town as a server shows it at ``url``; ``states`` are the cookies of who entered.

    ``kept`` is the town as it was built, with the sessions of those who entered since.
    """

    url: str
    town: Any
    kept: Path
    states: dict[str, Any] = field(default_factory=dict)

    @property
    def lived(self) -> Path:
        """The database of the server."""
        return self.town.folder / "tierslieu.db"

    def begin_again(self) -> None:
        """No story meets what another one did: the server's database is as it was built."""
        with _opened(self.kept) as kept, _opened(self.lived) as lived:
            kept.backup(lived)

    def keep_sessions(self) -> None:
        """Whoever has entered stays signed in when the next story begins."""
        with _opened(self.kept) as kept:
            kept.execute("ATTACH ? AS lived", [str(self.lived)])
            kept.execute("INSERT OR IGNORE INTO sign_in SELECT * FROM lived.sign_in")
            kept.commit()


def _opened(path: Path) -> Any:
    return contextlib.closing(sqlite3.connect(path, timeout=30))


@pytest.fixture(scope="session")
def served(towns: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``tierslieu run`` on SQLite, with the town in it."""
    folder = tmp_path_factory.mktemp("served")
    site = create_site(load({}, folder, secret_key="for tests only"))
    upgrade(site)
    town = towns.build(site)
    town.folder, town.guest = folder, _beside("guesting").a_guest(site, town)
    town.report = _beside("reporting").a_report(site)
    site.db.dispose()
    kept = folder / "as-built.db"
    with _opened(folder / "tierslieu.db") as built, _opened(kept) as copy:
        built.backup(copy)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "TIERSLIEU_INSTANCE": str(folder),
        "TIERSLIEU_SECRET_KEY": "for tests only",
        "TIERSLIEU_BASE_URL": url,
        "TIERSLIEU_RATE_LIMITS": "0",
        "TIERSLIEU_TILE_URL": "",
    }
    log = folder / "server.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "tierslieu", "run", "--port", str(port)],
            env=environment,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        _wait(url, log)
        yield Served(url, town, kept)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(url: str, log: Path) -> None:
    over = time.monotonic() + 60
    while time.monotonic() < over:
        try:
            with urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-4000:])


@pytest.fixture(scope="session")
def pages(served: Served) -> list[tuple[str, str]]:
    """(who, address) of every page there is, with things of the town in the addresses."""
    town = served.town
    ids: dict[str, str] = {
        "slug": "gattaglio",
        "room": town.rooms["lisiere"],
        "booking_id": town.bookings["arriving"],
        "path": "",
        "kind": "house",
        "filename": "",
        "key": "closure-none",
        "name": "ical",
        **town.events,
    }
    own = {
        "venues.room": town.rooms["lisiere"],
        "venues.edit_room": town.rooms["salone"],
        "bookings.room_week": town.rooms["lisiere"],
        "plugin_settings.room": town.rooms["lisiere"],
        "people.me_organisation": town.bodies["body"],
        "people.desk_person": town.people["rina"],
        "people.admin_person": town.people["ada"],
        "memberships.desk_member": town.cards["ada"],
        "memberships.desk_card": town.cards["ada"],
        "memberships.me_card": town.cards["ada"],
        "memberships.new_card": town.people["dina"],
        "memberships.edit_plan": town.plans["card"],
        "bookings.terms": town.terms,
        "bookings.series": town.bookings["weekly"],
        "bookings.series_change": town.bookings["weekly"],
        "bookings.series_cancel": town.bookings["weekly"],
        "bookings.desk_series": town.bookings["asks"],
        "bookings.desk_propose": town.bookings["chess"],
        "bookings.desk_decline": town.bookings["chess"],
        "bookings.desk_others": town.bookings["painted"],
        "bookings.room_places": town.rooms["scrivanie"],
        "bookings.thing": town.things["chairs"],
        "bookings.answer": town.bookings["chess"],
        "bookings.chore": town.chores["studio"],
        "bookings.season_round": town.seasons["round"],
        "bookings.season_edit": town.seasons["round"],
        "bookings.season_slots": town.seasons["round"],
        "bookings.season_application": town.seasons["choir"],
        "bookings.my_season": town.seasons["choir"],
        "bookings.my_season_change": town.seasons["choir"],
        "reports.one": town.report,
        "reports.words": town.report,
        "reports.rows": town.report,
        "reports.public": town.report,
        "lending.thing": town.things["ladder"],
        "lending_desk.thing": town.things["ladder"],
        "lending_desk.loan": town.things["loan"],
        "lending_desk.item": town.things["item"],
    }
    from tierslieu.app import create_app

    app = create_app(load({}, town.folder, secret_key="for tests only"))
    lisiere = town.rooms["lisiere"]
    found = [
        ("", "/nowhere"),
        ("", f"/search?{SEARCH.format(town.date(19))}"),
        ("", "/search?n=0&date=x"),
        ("", f"/search?n=500&date={town.date(19)}&start=10:00&end=12:00&where="),
        ("", f"/find?n=12&from={town.date(1)}&until={town.date(9)}&days=any&part=any"),
        ("", f"/find/why?n=99&room={lisiere}&day={town.date(3)}"),
        ("ada", f"/book/{lisiere}?date={town.date(3)}&start=10:00&end=12:00&n=99"),
        ("", f"/book/{town.rooms['levante']}?date={town.date(46)}&start=07:00&end=08:00"),
        ("", town.guest),
        ("", f"{town.guest}/move"),
        ("", f"{town.guest}/cancel"),
        (
            "manager",
            f"/book/{town.rooms['levante']}/take-over?date={town.date(45)}&start=07:00&end=08:00",
        ),
        ("ada", "/me/bookings?past=1"),
        ("ada", f"/bookings/{town.bookings['came']}"),
        ("manager", f"/manage/gattaglio/timeline?day={town.date(3)}"),
        ("manager", f"/manage/gattaglio/timeline?day={town.date(3)}&view=print"),
        ("manager", f"/manage/gattaglio/book?person={town.people['rina']}&room={lisiere}"),
        ("manager", f"/manage/gattaglio/members/{town.cards['bice']}"),
        ("manager", "/manage/gattaglio/people?q=Ada"),
        ("manager", f"/reports/{town.report}/rows?of=core:bookings.used"),
        ("manager", f"/manage/gattaglio/lending/new?person={town.people['rina']}"),
        ("manager", f"/manage/gattaglio/rules?room={lisiere}&audience=members"),
        ("admin", "/admin/people?q=Ada"),
    ]
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(NO_PAGES):
            continue
        values = ids | {"public_id": own.get(rule.endpoint, town.bookings["choir"])}
        if rule.endpoint in NOT_TO_BE_HAD or "token" in rule.arguments:
            continue
        unknown = rule.arguments - set(values)
        assert not unknown, f"{rule.rule}: say here what {unknown} is"
        built = rule.build({name: values[name] for name in rule.arguments})
        if built is not None:
            found.append((_reader(built[1]), built[1]))
    app.extensions["tierslieu"].db.dispose()
    return found


#: Addresses that give files, pieces, other pages, or need what a mail has in it.
NO_PAGES = (
    "/static",
    "/leaflet",
    "/photos",
    "/api/v1",
    "/api/openapi",
    "/healthz",
    "/readyz",
    "/caldav",
    "/events/static",
    "/.well-known",
    "/style",
)
NOT_TO_BE_HAD = frozenset(
    ("operations.mail", "bookings.take_over", "people.language", "people.me_export",
     "bookings.booking_code", "reports.file", "reports.public_file",
     "bookings.network_board",
     "bookings.timeline_board", "bookings.chore_picture", "bookings.find_why",
     "memberships.me_card_qr", "ical.picture", "events.picture", "events.calendar",
     "ical_feeds.feed", "ical_feeds.network_calendar", "ical_feeds.venue_busy",
     "ical_feeds.room_busy", "ical_imports.look",
     "ical_feeds.venue_calendar", "ical_feeds.room_calendar", "ical_feeds.booking_calendar")
)  # fmt: skip
SEARCH = "n=12&date={}&start=18:00&end=22:00&where=&access=step_free"


def _reader(address: str) -> str:
    for start, who in (
        ("/admin", "admin"),
        ("/manage", "manager"),
        ("/sign-in", ""),
        ("/answers", "manager"),
        ("/chores", "manager"),
        ("/reports/public", ""),
        ("/reports", "manager"),
    ):
        if address.startswith(start):
            return who
    mine = ("/me", "/cart", "/book", "/feeds", "/events/mine", "/events/registrations",
            "/venues/gattaglio/join",
            "/venues/gattaglio/season/apply")  # fmt: skip
    return "ada" if address.startswith(mine) else ""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        left_out("Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


Enter = Callable[..., Any]


@pytest.fixture
def enter(chromium: Any, served: Served) -> Iterator[Enter]:
    """``enter("ada", "/me", width=390)`` opens a page as somebody; nothing may go wrong there.

    What the console says of errors, of forbidden styles and scripts, fails the story at its end.
    """
    served.begin_again()
    contexts: list[Any] = []
    faults: list[str] = []

    def state_of(who: str) -> Any:
        if who not in served.states:
            context = chromium.new_context(base_url=served.url)
            page = context.new_page()
            page.goto("/sign-in")
            page.fill("input[name=email]", f"{who}@demo.example")
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            served.states[who] = context.storage_state()
            context.close()
            served.keep_sessions()
        return served.states[who]

    def open_page(
        who: str = "",
        address: str = "/",
        *,
        width: int = 1280,
        height: int = 900,
        locale: str = "en-GB",
        scheme: str = "light",
        javascript: bool = True,
        **more: Any,
    ) -> Any:
        context = chromium.new_context(
            base_url=served.url,
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Europe/Rome",
            color_scheme=scheme,
            reduced_motion="reduce",
            java_script_enabled=javascript,
            storage_state=state_of(who) if who else None,
            **more,
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        context.add_init_script(path=Path(__file__).with_name("looking.js"))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: _note(faults, page.url, said))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def _note(faults: list[str], url: str, said: Any) -> None:
    if said.type == "error" and not REFUSAL.search(said.text):
        faults.append(f"{url}: {said.text}")
