"""A real server in a process of its own, on each database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tierslieu.app import create_site
from tierslieu.config import Config
from tierslieu.testing import a_room, a_token, a_venue, an_account


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """``tierslieu run`` with a room, and tokens of some members."""

    environment: dict[str, str]
    port: int
    room: str
    tokens: list[str]
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(default_factory=Path)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tierslieu", "run", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 60) -> None:
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            try:
                with urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(self.log.read_text()[-4000:])

    def kill(self) -> None:
        """SIGKILL to all of it: supervisor, web and worker."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


@pytest.fixture
def server(config: Config, tmp_path: Path) -> Iterator[Server]:
    """A server that is not started yet, with a room and eight members' tokens."""
    config.instance.mkdir(parents=True, exist_ok=True)
    site = create_site(config)
    with site.writing() as work:
        room = a_room(work, a_venue(work), capacity=40)
        members = [an_account(work, f"member{n}@demo.example") for n in range(8)]
        tokens = [a_token(work, member) for member in members]
        public_id = room.public_id
    site.db.dispose()
    port = free_port()
    environment: dict[str, Any] = os.environ | {
        "TIERSLIEU_INSTANCE": str(config.instance),
        "TIERSLIEU_DATABASE_URL": config.database_url,
        "TIERSLIEU_SECRET_KEY": "for tests only",
        "TIERSLIEU_BASE_URL": f"http://127.0.0.1:{port}",
        "TIERSLIEU_RATE_LIMITS": "0",
    }
    made = Server(environment, port, public_id, tokens, log=tmp_path / "server.log")
    yield made
    made.stop()
