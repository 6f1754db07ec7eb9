"""A hook that never returns: the process is ended, and the next one goes on without the plugin.

Real processes on each database. Limits are a second instead of ten.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.app import create_site
from tierslieu.config import Config
from tierslieu.plugins.models import PluginFault, PluginState
from tierslieu.plugins.suspension import go_on_without
from tierslieu.testing import a_room, a_token, a_venue, an_account

pytestmark = [pytest.mark.slow]

FIRST = datetime.fromisoformat("2031-05-01T10:00")

#: Each hangs in one hook, once the test says so by a file.
HANGS = """
from pathlib import Path
@tl.hookimpl
def {hook}({asked}):
    while (Path(__file__).parent / "now").exists():
        {how}
    {answer}
"""
SLEEPS = "time.sleep(0.05)"
#: Never gives the interpreter back, so that no other thread runs, the watchdog's neither.
FREEZES = "__import__('re').match(r'(a+)+$', 'a' * 64 + 'b')"


def hangs(hook: str, asked: str, answer: str = "return ()", how: str = SLEEPS) -> str:
    text = HANGS.replace("{hook}", hook).replace("{asked}", asked)
    return text.replace("{answer}", answer).replace("{how}", how)


@dataclass
class Server:
    """``tierslieu run`` on one installation."""

    environment: dict[str, str]
    port: int
    room: str
    token: str
    log: Path
    process: subprocess.Popen[bytes] | None = None
    hour: int = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tierslieu", "run", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.until_answered("/healthz", 60)

    def stop(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON; (0, None) when no answer came."""
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            door.request(method, path, json.dumps(body) if body else None, headers)
            answer = door.getresponse()
            text = answer.read()
            said = json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else None
            return answer.status, said
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            door.close()

    def book(self) -> tuple[int, Any]:
        self.hour += 2
        start = FIRST + timedelta(hours=self.hour)
        body = {"room_id": self.room, "title": "Tombola", "starts_at": start.isoformat()}
        ends = (start + timedelta(hours=1)).isoformat()
        return self.ask("POST", "/api/v1/bookings", body | {"ends_at": ends})

    def until_answered(self, path: str, seconds: float = 20) -> None:
        over = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < over:
            if self.ask("GET", path)[0] == 200:
                return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-4000:])


#: The promise is for a machine of one's own; tests share theirs.
PATIENCE = 4


@pytest.fixture
def server(config: Config, write: Callable[..., Path], tmp_path: Path) -> Iterator[Server]:
    write("adds", hangs("nav_items", "place"))
    write("reacts", hangs("bookings_changed", "work, changes", "work.later('reacts.told')"))
    write("judges", hangs("booking_objections", "work, candidates"))
    write("freezes", hangs("nav_items", "place", how=FREEZES))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment: dict[str, str] = os.environ | {
        "TIERSLIEU_INSTANCE": str(config.instance),
        "TIERSLIEU_DATABASE_URL": config.database_url,
        "TIERSLIEU_SECRET_KEY": "for tests only",
        "TIERSLIEU_RATE_LIMITS": "0",
        "TIERSLIEU_PLUGINS_FOLDERS": str(tmp_path / "plugins"),
        "TIERSLIEU_HOOK_SECONDS": "1",
    }
    with site_of(config, tmp_path) as site:
        for name in ("adds", "reacts", "judges", "freezes"):
            site.plugins.enable(site, name)
        with site.writing() as work:
            room = a_room(work, a_venue(work))
            token = a_token(work, an_account(work, "ada@example.org"))
            made = Server(environment, port, room.public_id, token, tmp_path / "server.log")
    yield made
    made.stop()


@contextlib.contextmanager
def site_of(config: Config, folder: Path) -> Iterator[Any]:
    """The same installation from outside the server."""
    config.instance.mkdir(parents=True, exist_ok=True)
    site = create_site(replace(config, plugins_folders=(str(folder / "plugins"),)))
    try:
        yield site
    finally:
        site.db.dispose()


def test_whichever_hook_hangs_others_are_answered_and_what_was_acknowledged_is_kept(
    server: Server, config: Config, tmp_path: Path
) -> None:
    server.start()
    kept = [server.book()]

    def hang(name: str, act: Callable[[], tuple[int, Any]]) -> None:
        """Let one hang while others ask; when it is over everything answers again."""
        flag = tmp_path / "plugins" / name / "now"
        flag.touch()
        answers: list[tuple[int, Any]] = []
        victim = threading.Thread(target=lambda: answers.append(act()))
        victim.start()
        victim.join(20 * PATIENCE)
        # It was not acknowledged, and it ended with the process.
        assert answers == [(0, None)], (name, server.log.read_text()[-4000:])
        for path in ("/sign-in", "/api/v1/bookings"):
            server.until_answered(path)
        assert flag.exists(), "nothing but the suspension keeps it from hanging again"

    hang("adds", lambda: server.ask("GET", "/sign-in"))
    kept.append(server.book())
    hang("reacts", server.book)
    kept.append(server.book())
    if config.database_url.startswith("sqlite"):
        hang("freezes", lambda: server.ask("GET", "/sign-in"))
    hang("judges", server.book)

    status, said = server.book()
    assert (status, [each["code"] for each in said["reasons"]]) == (422, ["cannot_be_checked"])
    with site_of(config, tmp_path) as site:
        with site.writing() as work:
            go_on_without(work, "judges")
            rows = work.session.execute(sa.select(PluginState.name, PluginState.hung))
            hung = {name: hooks for name, hooks in rows if hooks}
            seen = set(work.session.scalars(sa.select(PluginFault.detail)))
        assert hung.items() >= EXPECTED.items()
        assert any("time.sleep(0.05)" in each for each in seen), "where it stood is told"
    server.until_answered("/sign-in")
    kept.append(wait_for_booking(server))

    assert [status for status, _ in kept] == [201] * 4
    span = "starts_after=2031-05-01T00:00&ends_before=2031-05-09T00:00"
    listed = server.ask("GET", f"/api/v1/bookings?room_id={server.room}&{span}")[1]
    assert {said["id"] for _, said in kept} == {each["id"] for each in listed["items"]}
    assert list((config.instance / "hung").glob("*.json")) == []


EXPECTED = {
    "adds": "nav_items",
    "reacts": "bookings_changed",
    "judges": "booking_objections",
}


def wait_for_booking(server: Server) -> tuple[int, Any]:
    """A process may go on for a second with what it read of the switches."""
    for _ in range(20):
        status, said = server.book()
        if status != 422:
            break
        time.sleep(0.2)
    return status, said
