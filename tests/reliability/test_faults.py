"""What breaks under us: the database goes, the disk is full, two servers, a signal."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tierslieu.app import create_app, create_site
from tierslieu.kernel.db import Database
from tierslieu.testing import (
    POSTGRES,
    a_room,
    a_token,
    a_venue,
    an_account,
    csrf_token,
    left_out,
    sign_in,
)

pytestmark = [pytest.mark.slow]

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
FIRST = datetime.fromisoformat("2031-05-01T10:00")


@dataclass
class Place:
    """A site as it is served (faults become answers), with a room and a member's token."""

    app: Any
    room: str
    token: str

    @property
    def db(self) -> Database:
        found: Database = self.app.extensions["tierslieu"].db
        return found

    def book(self, hour: int) -> Any:
        start = FIRST + timedelta(hours=hour)
        wish = {
            "room_id": self.room,
            "starts_at": start.isoformat(timespec="minutes"),
            "ends_at": (start + timedelta(hours=1)).isoformat(timespec="minutes"),
            "title": "Tombola",
        }
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.app.test_client().post("/api/v1/bookings", json=wish, headers=headers)

    def get(self, address: str) -> int:
        return int(self.app.test_client().get(address).status_code)


@pytest.fixture
def place(config: Any) -> Iterator[Place]:
    config.instance.mkdir(parents=True, exist_ok=True)
    app = create_app(replace(config, testing=False))
    with app.extensions["tierslieu"].writing() as work:
        room = a_room(work, a_venue(work), capacity=40)
        member = an_account(work, "member@demo.example")
        made = Place(app, room.public_id, a_token(work, member))
    yield made
    made.db.dispose()


# -- the database goes away -------------------------------------------------------------------


def end_connections(url: str) -> int:
    """What a restart of PostgreSQL does to everybody who is connected to a database."""
    target = sa.make_url(url)
    server = sa.create_engine(
        target.set(drivername="postgresql+psycopg", database="postgres"),
        isolation_level="AUTOCOMMIT",
    )
    text = sa.text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                   " WHERE datname = :name AND pid <> pg_backend_pid()")  # fmt: skip
    with server.connect() as connection:
        ended = connection.scalar(text, {"name": target.database})
    server.dispose()
    return int(ended or 0)


@ON_POSTGRES
def test_after_a_restart_of_the_database_the_next_request_is_answered(
    place: Place, database_url: str
) -> None:
    for round_ in range(3):
        assert place.book(round_ * 10).status_code == 201
        assert place.get("/") == 200
        assert end_connections(database_url) >= 1
        assert place.get("/") == 200
        assert place.book(round_ * 10 + 1).status_code == 201


@ON_POSTGRES
def test_while_the_database_restarts_nobody_sees_a_fault_and_nothing_is_lost(
    place: Place, database_url: str
) -> None:
    stop = threading.Event()
    answers: Counter[int] = Counter()
    kept: list[str] = []

    def keep_booking(who: int) -> None:
        for hour in range(who, 5000, 6):
            if stop.is_set():
                return
            answer = place.book(hour)
            answers[answer.status_code] += 1
            if answer.status_code == 201:
                kept.append(answer.get_json()["id"])
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) > 0
            answers[place.get("/venues/gattaglio")] += 1

    with ThreadPoolExecutor(6) as people:
        busy = [people.submit(keep_booking, who) for who in range(6)]
        try:
            for _ in range(5):
                until_more_is_kept(kept)
                end_connections(database_url)
            until_more_is_kept(kept)
        finally:
            stop.set()
        for one in busy:
            one.result()

    assert set(answers) <= {200, 201, 503}, answers
    with place.db.reader.connect() as connection:
        there = set(connection.scalars(sa.text("SELECT public_id FROM booking")))
        audited = connection.scalar(
            sa.text("SELECT count(*) FROM audit_entry WHERE verb = 'bookings.book'")
        )
    assert set(kept) <= there
    assert audited == len(there), "none is half there"


def until_more_is_kept(kept: list[str]) -> None:
    """Between two restarts bookings are kept again, however slow the machine is."""
    before, over = len(kept), time.monotonic() + 60
    while len(kept) < before + 3:
        assert time.monotonic() < over, "nothing is kept any more"
        time.sleep(0.05)


@contextmanager
def planted(url: str, sqlstate: str, times: int) -> Iterator[None]:
    """A database that gives up the first ``times`` bookings with an error that says: again."""
    server = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        for step in (
            "CREATE SEQUENCE planted_count",
            f"""CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('planted_count') <= {times} THEN
               RAISE EXCEPTION 'planted' USING ERRCODE = '{sqlstate}';
             END IF; RETURN NEW; END $$""",
            """CREATE TRIGGER planted BEFORE INSERT ON booking FOR EACH ROW
             EXECUTE FUNCTION planted()""",
        ):
            connection.exec_driver_sql(step)
        try:
            yield
        finally:
            connection.exec_driver_sql("DROP TRIGGER planted ON booking")
            connection.exec_driver_sql("DROP FUNCTION planted()")
            connection.exec_driver_sql("DROP SEQUENCE planted_count")
    server.dispose()


@ON_POSTGRES
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_the_database_asks_to_do_again_is_done_again(
    place: Place, database_url: str, sqlstate: str
) -> None:
    with planted(database_url, sqlstate, times=2):
        answer = place.book(1)

    assert answer.status_code == 201
    with place.db.reader.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM booking")) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM occupancy")) == 1


@ON_POSTGRES
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_it_is_done_again_a_bounded_number_of_times(
    place: Place, database_url: str, sqlstate: str
) -> None:
    with planted(database_url, sqlstate, times=100):
        refused = place.book(1)
    later = place.book(1)

    assert refused.status_code == 503
    assert refused.mimetype == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    assert later.status_code == 201


# -- the disk is full, the file is read only --------------------------------------------------


def full(connection: Any, _record: Any) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")


def read_only(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only=ON")


@ON_SQLITE
@pytest.mark.parametrize("broken", [full, read_only], ids=["full", "read only"])
def test_without_room_to_write_reading_goes_on_and_writing_comes_back(
    place: Place, broken: Callable[[Any, Any], None]
) -> None:
    browser = place.app.test_client()
    sign_in(browser, "member@demo.example")
    form = {"csrf_token": csrf_token(browser, "/sign-in"), "email": "member@demo.example",
            "password": "a quiet afternoon"}  # fmt: skip
    booked = place.book(0).get_json()["id"]

    event.listen(place.db.writer, "connect", broken)
    place.db.writer.dispose()
    statuses = [place.book(hour).status_code for hour in range(1, 40)]
    stranger = place.app.test_client()
    form["csrf_token"] = csrf_token(stranger, "/sign-in")
    page = stranger.post("/sign-in", data=form) if broken is read_only else None

    # Pages that are not full yet still take a row or two; from then on nothing is written.
    assert set(statuses) <= {201, 507}
    assert statuses[-5:] == [507] * 5
    refused = place.book(50)
    assert refused.mimetype == "application/problem+json"
    assert refused.get_json()["code"] == "no_room"
    if page is not None:
        assert page.status_code == 507
        assert "Traceback" not in page.get_data(as_text=True)
    for address in ("/", "/venues/gattaglio", f"/rooms/{place.room}", "/api/v1/venues", "/healthz"):
        assert place.get(address) == 200, address
    for address in ("/me", "/me/bookings", f"/bookings/{booked}", f"/book/{place.room}"):
        assert browser.get(address).status_code == 200, address

    event.remove(place.db.writer, "connect", broken)
    place.db.writer.dispose()
    assert place.book(60).status_code == 201
    with place.db.reader.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
        bookings = connection.scalar(sa.text("SELECT count(*) FROM booking"))
        assert bookings == statuses.count(201) + 2


# -- two servers ------------------------------------------------------------------------------


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = sa.create_engine(
        sa.make_url(POSTGRES).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    name = f"tierslieu_{uuid.uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except sa.exc.OperationalError:
        left_out("PostgreSQL")
    yield str(server.url.set(database=name).render_as_string(hide_password=False))
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.mark.parametrize("empty_url", ["sqlite", "postgresql"], indirect=True)
@ON_SQLITE
def test_two_servers_start_at_once_on_one_empty_database_and_share_it(
    server: Any, empty_url: str, config: Any, tmp_path: Path
) -> None:
    server.environment["TIERSLIEU_DATABASE_URL"] = empty_url
    other = replace(server, log=tmp_path / "other.log", process=None, port=server.port)
    other.port = free_port()
    other.environment = server.environment | {
        "TIERSLIEU_BASE_URL": other.url,
        "TIERSLIEU_INSTANCE": str(tmp_path / "other"),
    }
    try:
        with ThreadPoolExecutor(2) as both:
            for started in [both.submit(one.start) for one in (server, other)]:
                started.result()
        site = create_site(replace(config, database_url=empty_url))
        with site.writing() as work:
            room = a_room(work, a_venue(work), capacity=40)
            member = an_account(work, "member@demo.example")
            token, server.room = a_token(work, member), room.public_id
        site.db.dispose()
        with ThreadPoolExecutor(8) as people:
            answers = Counter(
                people.map(lambda n: post((server, other)[n % 2].port, token, server.room, n),
                           range(80))
            )  # fmt: skip
    finally:
        other.stop()

    assert answers == {201: 80}, "nobody is told that the database is locked"
    for log in (server.log, other.log):
        assert "database is locked" not in log.read_text()
        assert "Traceback" not in log.read_text()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def post(port: int, token: str, room: str, hour: int) -> int:
    """One booking over a connection of its own; the status."""
    start = FIRST + timedelta(hours=hour)
    wish = {
        "room_id": room,
        "starts_at": start.isoformat(timespec="minutes"),
        "ends_at": (start + timedelta(hours=1)).isoformat(timespec="minutes"),
        "title": "Tombola",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(
            "POST",
            "/api/v1/bookings",
            json.dumps(wish),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


# -- a signal ---------------------------------------------------------------------------------


def test_told_to_end_it_finishes_what_it_accepted(server: Any, database_url: str) -> None:
    server.start()
    answers: Counter[int] = Counter()
    broken: list[str] = []

    def keep_booking(who: int) -> None:
        for hour in range(who, 5000, 6):
            try:
                answers[post(server.port, server.tokens[who], server.room, hour)] += 1
            except ConnectionRefusedError:
                return  # it does not listen any more: nothing was accepted
            except (OSError, http.client.HTTPException) as error:
                broken.append(repr(error))
                return

    people = [threading.Thread(target=keep_booking, args=(who,)) for who in range(6)]
    for person in people:
        person.start()
    while answers[201] < 30:
        threading.Event().wait(0.05)
    assert server.process is not None
    os.killpg(server.process.pid, signal.SIGTERM)
    for person in people:
        person.join(40)
    code = server.process.wait(30)

    database = Database(database_url)
    with database.reader.connect() as connection:
        kept = connection.scalar(sa.text("SELECT count(*) FROM booking"))
        leased = connection.scalar(sa.text("SELECT count(*) FROM job WHERE state = 'running'"))
    database.dispose()
    assert set(answers) == {201}
    assert kept >= answers[201]
    assert kept - answers[201] <= len(broken), "what was written was answered"
    assert code == 0
    assert leased == 0, "leases are returned"
