"""What serves ends well when it is told to, and is there again when it was killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tierslieu.serve import _finish, _until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_for(question: Callable[[], Any], seconds: float = 40) -> Any:
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        try:
            found = question()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come up")


class Running:
    """``tierslieu run`` on an empty installation, as somebody starts it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        environ = {k: v for k, v in os.environ.items() if not k.startswith("TIERSLIEU_")}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tierslieu", "--instance", str(folder)),
                *("run", "--port", str(self.port)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environ,
        )

    def is_alive(self) -> bool:
        return ask(self.port, "/healthz")[0] == 200

    def child(self) -> int:
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(found.split()[0])

    def end(self) -> str:
        if self.process.poll() is None:
            self.process.terminate()
        out, _ = self.process.communicate(timeout=40)
        return str(out)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    found = Running(tmp_path / "instance")
    try:
        wait_for(found.is_alive)
        yield found
    finally:
        found.end()


@pytest.mark.slow
def test_run_makes_its_tables_serves_and_ends_when_told(running: Running) -> None:
    assert ask(running.port, "/readyz") == (200, "ready\n")
    said = running.end()
    assert f"http://127.0.0.1:{running.port}" in said
    assert running.process.returncode == 0
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_site_that_was_killed_is_there_again_in_ten_seconds(running: Running) -> None:
    killed = running.child()
    began = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: running.child() != killed and running.is_alive())
    # Ten on a machine of one's own; the tests share theirs.
    assert time.monotonic() - began < 30
    assert ask(running.port, "/readyz")[0] == 200


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child")
def test_a_site_does_not_outlive_its_supervisor(running: Running) -> None:
    child = running.child()
    running.process.kill()
    running.process.communicate()
    wait_for(lambda: not Path(f"/proc/{child}").exists())


def test_what_was_accepted_is_answered_whole_and_nothing_new_is_taken() -> None:
    from waitress.server import create_server

    asked = threading.Event()
    body = b"x" * 3_000_000

    def slow(_environ: Any, start: Any) -> list[bytes]:
        asked.set()
        time.sleep(0.5)
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    port = free_port()
    server = create_server(slow, host="127.0.0.1", port=port, threads=1)
    answers: list[int] = []

    def client() -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            answers.append(len(answer.read()))

    clients = [threading.Thread(target=client) for _ in range(2)]
    for each in clients:
        each.start()
    # The second waits in the queue: accepted, and not begun.
    _until(server, lambda: asked.is_set() and len(server.active_channels) == 2, timeout=0.1)
    time.sleep(0.1)
    _until(server, lambda: bool(server.task_dispatcher.queue), timeout=0.1)
    _finish(server)
    for each in clients:
        each.join(timeout=20)
    assert answers == [len(body)] * 2
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
