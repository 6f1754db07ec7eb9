"""gunicorn with two workers, and what the processor gives to it and to PostgreSQL."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """One operation: median wall time and processor time a request, in milliseconds."""

    p50: float
    cpu: float


class Server:
    """A running gunicorn; ``ask`` goes over one connection that is kept."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, database: str) -> None:
        self.process, self.port, self.database = process, port, database
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        """(status, headers, body) of one request."""
        data = None if body is None else json.dumps(body)
        more = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, path, data, headers | more)
        try:
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:
            # It was left idle while others asked, and gunicorn closes such before it reads.
            self.connection.request(method, path, data, headers | more)
            answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def measure(self, act: Any, times: int) -> Figures:
        """Do ``act(n)`` so many times; the first three do not count."""
        for n in range(3):
            act(n)
        taken = []
        before = self.cpu()
        for n in range(3, times + 3):
            began = time.perf_counter()
            act(n)
            taken.append((time.perf_counter() - began) * 1000)
        return Figures(statistics.median(taken), (self.cpu() - before) / times * 1000)

    def cpu(self) -> float:
        """Seconds of the processor that gunicorn and its processes of PostgreSQL have had."""
        return sum(_seconds(pid) for pid in _family(self.process.pid, self.database))

    def memory(self) -> float:
        """Resident megabytes of the largest worker."""
        page = os.sysconf("SC_PAGE_SIZE")
        sizes = [0]
        for pid in _children(self.process.pid):
            try:
                sizes.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page)
            except OSError:
                continue
        return max(sizes) / 1e6


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                found.append(int(entry.name))
    return found


def _family(master: int, database: str) -> list[int]:
    """gunicorn, its workers, and the processes of PostgreSQL that serve this database.

    Those of other databases are somebody else's: a machine may be shared.
    """
    found = [master, *_children(master)]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                title = (entry / "cmdline").read_text()
            except (OSError, UnicodeDecodeError):
                continue
            if title.startswith("postgres: ") and f" {database} " in title:
                found.append(int(entry.name))
    return found


def _seconds(pid: int) -> float:
    """Processor time of a process, the children it has waited for included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(each) for each in fields[11:15]) / TICK


@contextmanager
def served(instance: Path, url: str) -> Iterator[Server]:
    """``gunicorn -w 2`` on an installation, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "TIERSLIEU_INSTANCE": str(instance),
        "TIERSLIEU_DATABASE_URL": url,
        "TIERSLIEU_SECRET_KEY": "for the bench only",
        "TIERSLIEU_BASE_URL": f"http://127.0.0.1:{port}",
        "TIERSLIEU_RATE_LIMITS": "0",
    }
    arguments = ["-k", "gthread", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}"]
    with (instance / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *arguments, "tierslieu.wsgi:app"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        server = Server(process, port, sa.make_url(url).database or "")
        _wait(server)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _wait(server: Server) -> None:
    over = time.monotonic() + 60
    while time.monotonic() < over:
        try:
            if server.ask("GET", "/readyz", {})[0] == 200:
                return
        except OSError:
            server.connection.close()
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
