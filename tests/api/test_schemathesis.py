"""The API held to its own document, with every check there is.

schemathesis reads ``/api/openapi.json`` and asks what the document allows and what it forbids:
examples, the bounds of each value, values drawn at random, and chains of calls (made, read,
changed, cancelled). The seed is fixed, so a failure here is the same failure everywhere.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import sqlalchemy as sa
from schemathesis import hooks
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.open_season import an_open_season
from tierslieu.app import create_app
from tierslieu.bookings.attendance.services import miss
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.bookings.waiting.queries import waiting_view
from tierslieu.bookings.waiting.services import join
from tierslieu.config import load
from tierslieu.kernel import clock
from tierslieu.kernel.span import Span, iso
from tierslieu.kernel.tokens import hash_token
from tierslieu.people.queries import actor_for_token
from tierslieu.testing import a_room, a_token, a_venue, an_account
from tierslieu.venues.models import Room

pytestmark = [pytest.mark.slow]

EXAMPLES = 12

#: These ask for a change of the world, and the world may be in the way of a request that is well
#: written: a day already over, a room closed then, more people than seats, a state that has no
#: such move. The contract answers 422 for what a rule refuses. What is *not* said here stays as
#: strict as schemathesis is: reading answers 2xx or 404 to whatever the document allows.
RULED = (
    "POST /api/v1/bookings",
    "POST /api/v1/bookings/batch",
    "PATCH /api/v1/bookings/{booking_id}",
    "DELETE /api/v1/bookings/{booking_id}",
    "POST /api/v1/bookings/{booking_id}/approve",
    "POST /api/v1/bookings/{booking_id}/decline",
    "POST /api/v1/bookings/{booking_id}/check-in",
    "POST /api/v1/bookings/{booking_id}/no-show",
    "DELETE /api/v1/bookings/{booking_id}/no-show",
    "POST /api/v1/bookings/{booking_id}/accept",
    "POST /api/v1/waiting",
    "DELETE /api/v1/waiting/{entry_id}",
    "POST /api/v1/venues/{slug}/season/applications",
    # A span whose end is before its start, the hour that the spring night skips, more days than
    # are looked at: no document can say these of two texts.
    "GET /api/v1/availability",
    "GET /api/v1/availability/matrix",
    "GET /api/v1/bookings",
    "GET /api/v1/calendar",
    # A scope that one does not have oneself.
    "POST /api/v1/tokens",
    # Hours that end before they begin, a room that is not offered.
    "POST /api/v1/venues/{slug}/season/applications",
)
#: Where this world has nothing yet: asked and checked as all the rest, though hardly anything there
#: is answered with yes. That it can be is shown by the tests of those plugins.
EMPTY = ("/api/v1/events", "/api/v1/lending", "/api/v1/reports")
ACCEPTED = ["2xx", "401", "403", "404", "409", "422"]


@pytest.fixture(scope="module")
def app(_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One installation for the whole run, on SQLite."""
    folder = tmp_path_factory.mktemp("document")
    shutil.copy(_template, folder / "tierslieu.db")
    config = load(
        {},
        folder,
        database_url=f"sqlite:///{folder / 'tierslieu.db'}",
        secret_key="for tests only",
        base_url="http://localhost",
        locale="en",
        testing=False,
        rate_limits=False,
    )
    made = create_app(config)
    yield made
    made.extensions["tierslieu"].db.dispose()


@pytest.fixture(scope="module")
def address(app: Any) -> Iterator[str]:
    """The same over HTTP: what a header or a path becomes on the wire is part of the question."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None: ...


@dataclass
class World:
    """What there is to ask about: without it nearly every well written request ends in a 404.

    ``fit`` puts into three of four positive requests what exists: rooms, hours that are free,
    bookings in the state that the act needs. The fourth goes out as it was drawn, and so does
    every request that is wrong on purpose.
    """

    token: str
    rooms: list[str]
    waiting: list[str]
    known: set[str]
    #: Taken hours, places in line for them, and offers that wait to be accepted.
    taken: list[dict[str, str]] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    #: Bookings that have begun, and some of them to which nobody came.
    begun: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    #: What was asked of the season.
    asked: list[str] = field(default_factory=list)
    calls: int = 0

    def fit(self, case: Any) -> None:
        if case.meta is None or case.meta.generation.mode.is_negative:
            return
        self.calls += 1
        if self.calls % 4 == 0:
            return
        ids = case.path_parameters or {}
        if ids.get("booking_id", "known") not in self.known | {"known"} and self.waiting:
            ids["booking_id"] = self.waiting[self.calls % len(self.waiting)]
        self._fit_waiting(case, ids)
        self._fit_season(case, ids)
        hours = self.hours()
        if case.operation.path == "/api/v1/availability":
            case.query |= hours
            case.query.pop("venue", None)
        if case.operation.path == "/api/v1/calendar":
            case.query = {"starts_after": hours["starts_at"], "ends_before": hours["ends_at"]}
        if case.operation.path == "/api/v1/availability/matrix":
            case.query |= self.days()
            case.query.pop("venue", None)
        if case.operation.path.startswith("/api/v1/bookings") and isinstance(case.body, dict):
            self._fit_body(case, hours)

    def _fit_waiting(self, case: Any, ids: dict[str, Any]) -> None:
        if case.operation.path.endswith("/accept"):
            ids["booking_id"] = self.offers[self.calls % len(self.offers)]
        if case.operation.path.endswith("/no-show"):
            there = self.begun if case.method == "POST" else self.missed
            ids["booking_id"] = there[self.calls % len(there)]
        if "entry_id" in ids:
            ids["entry_id"] = self.entries[self.calls % len(self.entries)]
        if case.operation.path == "/api/v1/waiting" and isinstance(case.body, dict):
            case.body |= self.taken[self.calls % len(self.taken)]
            case.body.pop("organisation_id", None)
            if case.body.get("attendance"):
                case.body["attendance"] = 1 + case.body["attendance"] % 12

    def _fit_season(self, case: Any, ids: dict[str, Any]) -> None:
        if "application_id" in ids:
            ids["application_id"] = self.asked[self.calls % len(self.asked)]
        if "/season" in case.operation.path and "slug" in ids:
            ids["slug"] = "gattaglio"
            if isinstance(case.body, dict):
                case.body |= {
                    "rooms": self.rooms[: 1 + self.calls % 2], "times": 1,
                    "windows": [{"weekday": "tu", "starts": "09:00", "ends": "13:00"}],
                }  # fmt: skip
                case.body.pop("organisation_id", None)

    def _fit_body(self, case: Any, hours: dict[str, str]) -> None:
        for n, each in enumerate(case.body.get("bookings") or ()):
            if isinstance(each, dict):
                starts = {"starts_at": f"{hours['starts_at'][:11]}{10 + n % 9}:00:00Z",
                          "ends_at": f"{hours['ends_at'][:11]}{11 + n % 9}:00:00Z"}  # fmt: skip
                self._fit_wish(each, starts)
        if case.method == "POST" and "room_id" in case.body:
            case.body |= hours | {"room_id": self.rooms[self.calls % len(self.rooms)]}
        if case.method == "PATCH":
            case.body |= hours
            case.body.pop("room_id", None)
        _without_what_is_not_there(case.body)

    def _fit_wish(self, wish: dict[str, Any], hours: dict[str, str]) -> None:
        wish |= hours | {"room_id": self.rooms[self.calls % len(self.rooms)]}
        for name in ("accessories", "places", "place", "accept_terms", "sponsor"):
            wish.pop(name, None)
        _without_what_is_not_there(wish)

    def days(self) -> dict[str, str]:
        first = date(2029, 1, 1) + timedelta(days=self.calls)
        last = first + timedelta(days=self.calls % 40)
        return {
            "from": first.isoformat(), "until": last.isoformat(), "window": "08:00-23:00",
            "minutes": str(30 + self.calls % 8 * 30),
        }  # fmt: skip

    def hours(self) -> dict[str, str]:
        day = date(2029, 1, 1) + timedelta(days=self.calls)
        return {"starts_at": f"{day}T10:00:00Z", "ends_at": f"{day}T11:00:00Z"}


def _without_what_is_not_there(body: dict[str, Any]) -> None:
    body.pop("organisation_id", None)
    body.pop("purpose", None)
    if body.get("attendance"):
        body["attendance"] = 1 + body["attendance"] % 12


@pytest.fixture(scope="module")
def world(app: Any) -> World:
    """A manager, with a token that may do all that the API can, and two rooms of hers."""
    made = World("", [], [], set())
    site = app.extensions["tierslieu"]
    scopes = ("bookings", "rooms", "venues", "people", "waiting")
    with site.writing() as work:
        venue = a_venue(work, "gattaglio")
        always = {"check_in_before_minutes": 1440}
        open_room = a_room(work, venue, "lisiere", capacity=40, step_free=True, rules=always)
        asking = a_room(work, venue, "sala", capacity=12, rules={"approval": "asked"} | always)
        made.rooms = [open_room.public_id, asking.public_id]
        manager = an_account(work, "manager@demo.example", role="venue_manager", venue=venue)
        member = an_account(work, "member@demo.example")
        wanted = [f"{area}:{act}" for area in scopes for act in ("read", "write")]
        made.token = a_token(work, manager, *wanted, "tokens.own")
        actor = actor_for_token(work.session, hash_token(a_token(work, member)), work.now)
    soon = clock.now().replace(minute=0, second=0) + timedelta(hours=1)
    for hour in range(22):
        start = soon + timedelta(hours=hour)
        new = NewBooking(made.rooms[hour % 2], Span(start, start + timedelta(hours=1)), "Coro")
        with site.writing(actor) as work:
            made.waiting.append(book(work, new).public_id)
    made.known = set(made.waiting)
    with site.reading() as work:
        mine = actor_for_token(work.session, hash_token(made.token), work.now)
    for day in range(24):
        start = soon + timedelta(days=40 + day)
        new = NewBooking(made.rooms[0], Span(start, start + timedelta(hours=1)), "Coro")
        with site.writing(actor) as work:
            holder = book(work, new).public_id
        if day >= 12:
            made.taken.append({"room_id": new.room, "starts_at": iso(new.span.starts_at),
                               "ends_at": iso(new.span.ends_at)})  # fmt: skip
            continue
        with site.writing(mine) as work:
            entry = join(work, new).public_id
        if day < 6:
            made.entries.append(entry)
            continue
        with site.writing(actor) as work:
            cancel(work, holder)
        with site.reading() as work:
            made.offers += [waiting_view(work.session, entry).booking]
    _begin(site, mine, venue, made, soon)
    _call_for_the_season(site, mine, venue, made)
    return made


def _call_for_the_season(site: Any, manager: Any, venue: Any, made: World) -> None:
    """A round that takes applications, with some that the manager made for herself."""
    with site.writing() as work:
        rooms = work.session.scalars(sa.select(Room.id).where(Room.public_id.in_(made.rooms))).all()
        _, applied = an_open_season(work, venue, rooms, manager.person_id, "Coro", times=12)
        made.asked = [each.public_id for each in applied]


def _begin(site: Any, manager: Any, venue: Any, made: World, soon: Any) -> None:
    """Bookings of this very hour, each in a room of its own; nobody came to half of them."""
    for number in range(16):
        with site.writing() as work:
            room = a_room(work, venue, f"begun-{number}").public_id
        with site.writing(manager) as work:
            span = Span(soon - timedelta(hours=2), soon + timedelta(hours=3))
            begun = book(work, NewBooking(room, span, "Coro", override="it has begun")).public_id
            if number % 2:
                miss(work, begun)
        (made.missed if number % 2 else made.begun).append(begun)


def settings(token: str) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {token}"},
            "workers": 1,
            "continue-on-failure": True,
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            # A cancelled booking can still be read: the contract answers with it.
            "checks": {"use_after_free": {"enabled": False}},
            "phases": {"stateful": {"max-steps": 6, "generation": {"max-examples": 15}}},
            "operations": [
                {
                    "include-name": name,
                    "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
                }
                for name in RULED
            ],
        }
    )


@dataclass
class Findings:
    """What a run showed."""

    faults: dict[str, str] = field(default_factory=dict)
    checks: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)

    def note(self, event: Any) -> None:
        match event:
            case events.ScenarioFinished():
                for case_id, checks in event.recorder.checks.items():
                    self._note_case(event.recorder, case_id, checks)
            case events.NonFatalError():
                self.faults[f"{event.label}: {event.value!r}"] = event.info.format()
            case events.FatalError():
                raise event.exception

    def _note_case(self, recorder: Any, case_id: str, checks: Any) -> None:
        operation = recorder.cases[case_id].value.operation.label
        answer = recorder.find_response(case_id=case_id)
        if answer is not None and answer.status_code < 300 and answer.request.method in operation:
            self.accepted.add(operation)
        for check in checks:
            self.checks.add(check.name)
            if check.status != Status.FAILURE:
                continue
            failure = check.failure_info.failure
            seen = "" if answer is None else f"{answer.status_code} {answer.content[:600]!r}"
            text = f"{failure.message}\n{check.failure_info.code_sample}\n{seen}"
            self.faults.setdefault(f"{check.name} · {operation} · {failure.title}", text)


def test_the_api_is_what_its_document_says(address: str, world: World) -> None:
    load_all_checks()
    config = settings(world.token)
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)

    def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
        world.fit(case)

    found = Findings()
    schemathesis.hook(before_call)
    try:
        for event in from_schema(schema).execute():
            found.note(event)
    finally:
        hooks.unregister(before_call)

    told = "\n\n".join(f"{name}\n{text}" for name, text in sorted(found.faults.items()))
    assert not found.faults, told
    assert found.checks == set(CHECKS.get_all_names()) - {"use_after_free"}
    every = {_label(each) for each in schema.get_all_operations()}
    assert found.accepted <= every
    missed = {label for label in every - found.accepted if not label.split()[1].startswith(EMPTY)}
    assert missed == set()


def _label(found: Any) -> str:
    return str(found.ok().label)
