"""Web and worker in one process, and the small supervisor that starts it again."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tierslieu import watching
from tierslieu.config import Config
from tierslieu.kernel import hung

#: How long requests that were accepted may go on after SIGTERM, in seconds.
PATIENCE = 15
#: More restarts than this within a minute mean that something is wrong.
RESTARTS = 5
THREADS = 8


def for_this_machine(config: Config, host: str, port: int) -> Config:
    """Settings under ``run`` and ``demo``: this machine's own names are answered to."""
    names = [config.hosts, host, "localhost", "127.0.0.1", "[::1]", socket.gethostname()]
    base = config.base_url
    if base == Config().base_url and port != 8000:
        base = f"http://127.0.0.1:{port}"
    return replace(config, hosts=",".join(name for name in names if name), base_url=base)


def serve(
    config: Config, host: str, port: int, announce: Callable[[str], None], *, dev: bool = False
) -> int:
    """Migrate, serve and work until SIGTERM or SIGINT; then finish what was accepted.

    With ``dev`` it also ends when a file of the program or of a plugin changed; the exit status
    then asks to be started again, otherwise it is 0. Raises MigrationError when the tables cannot
    be brought up to date, OSError when the port is taken.
    """
    from waitress.server import create_server

    from tierslieu.app import create_app, settle
    from tierslieu.installation import open_site, upgrade
    from tierslieu.worker import Worker

    _die_with_parent()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    config = for_this_machine(config, host, port)
    site = open_site(config)
    upgrade(site)
    for name, why in site.plugins.broken.items():
        announce(f"The plugin “{name}” cannot be used: {why}")
    site.plugins.guard(site)
    app = create_app(site=site)
    app.jinja_env.auto_reload = dev
    watch = watching.Watch(watching.of_program(site.plugins) if dev else None, announce)
    server = create_server(
        app, host=host, port=port, threads=THREADS, ident=None, channel_timeout=60
    )
    worker = Worker(site)
    worker.start()
    settle()
    announce(f"Serving on {config.base_url} (Ctrl-C ends it)")
    try:
        _until(server, lambda: stopping.is_set() or watch.notices(), timeout=0.5)
        _finish(server)
    finally:
        worker.stop()
        site.db.dispose()
    return watch.status


def _until(server: Any, is_over: Callable[[], bool], timeout: float) -> None:
    from waitress import wasyncore

    while not is_over():
        wasyncore.loop(timeout=timeout, map=_map(server), count=1)


def _map(server: Any) -> dict[int, Any]:
    """Its sockets; a server on several addresses keeps them under another name."""
    found: dict[int, Any] = getattr(server, "map", None) or server._map
    return found


def _finish(server: Any) -> None:
    """Accept nothing new, answer what was accepted, and end."""
    from waitress import wasyncore
    from waitress.server import BaseWSGIServer

    listening = [each for each in _map(server).values() if isinstance(each, BaseWSGIServer)]
    for each in listening:
        # Not its own close(), which would take away the trigger that wakes the loop.
        wasyncore.dispatcher.close(each)
    over = time.monotonic() + PATIENCE
    _until(server, lambda: time.monotonic() > over or not _busy(server, listening), timeout=0.1)
    server.task_dispatcher.shutdown(timeout=1)
    for channel in [each for one in listening for each in list(one.active_channels.values())]:
        channel.handle_close()
    wasyncore.close_all(_map(server), ignore_all=True)


def _busy(server: Any, listening: Sequence[Any]) -> bool:
    if server.task_dispatcher.queue or server.task_dispatcher.active_count:
        return True
    channels = [channel for each in listening for channel in each.active_channels.values()]
    return any(channel.total_outbufs_len or channel.requests for channel in channels)


def _die_with_parent() -> None:
    """On Linux: be ended when the supervisor was killed, instead of keeping its port."""
    if sys.platform != "linux" or os.getppid() == 1:
        return
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def supervise(arguments: Sequence[str], instance: Path) -> int:
    """Run ``tierslieu`` with these arguments as a child; start it again when it asks or crashed.

    It asks by its exit status, when a plugin hung; see the watchdog.
    SIGTERM and SIGINT are handed on. The exit status is the child's last one.
    """
    ending = False
    status = 0
    child: subprocess.Popen[bytes] | None = None

    def end(number: int, _frame: Any) -> None:
        nonlocal ending
        ending = True
        # Ctrl-C reaches the child from the terminal by itself.
        if child is not None and number == signal.SIGTERM:
            child.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    started: list[float] = []
    while True:
        # Somebody who writes a plugin saves more often than a server that works may crash.
        started = [] if status == watching.EXIT else started
        started = [at for at in started if at > time.monotonic() - 60] + [time.monotonic()]
        child = subprocess.Popen([sys.executable, "-m", "tierslieu", *arguments])  # noqa: S603
        if ending:
            child.terminate()
        status = child.wait()
        again = (
            status < 0 or status in (hung.EXIT, watching.EXIT) or hung.froze(instance, child.pid)
        )
        if ending or not again or len(started) > RESTARTS:
            return max(status, 0) if ending else abs(status)
