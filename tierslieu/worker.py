"""The worker: Huey carries the news that there are jobs; the rows in the database say which.

A message only means "look"; losing one loses nothing, since every worker looks once a minute
anyway. By default messages go through a SQLite file of their own in the instance folder, because
Huey locks it exclusively; ``jobs_url`` puts Redis or PostgreSQL in its place.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import huey
import structlog
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from tierslieu.config import Config
from tierslieu.kernel.jobs import drain, give_back, plan
from tierslieu.kernel.site import Site

log = structlog.get_logger("tierslieu.worker")

#: Pause between two messages of one process, in seconds: a burst of bookings is one message.
TOGETHER = 0.05
#: Jobs done for one message before the next is taken.
AT_ONCE = 200
#: How long a stopping worker waits for the job in its hands, in seconds.
PATIENCE = 20


def carrier(config: Config) -> Any:
    """The Huey of an installation. Raises ValueError for an address it does not know."""
    # A message is a pickle: only what was signed with our key is opened.
    common = {"serializer": SignedSerializer(config.key), "results": False}
    url = config.jobs_url or config.redis_url
    scheme = url.split(":", 1)[0]
    if not url:
        config.instance.mkdir(parents=True, exist_ok=True)
        return huey.SqliteHuey("tierslieu", filename=str(config.instance / "jobs.db"), **common)
    if scheme in {"redis", "rediss", "unix"}:
        return huey.RedisHuey("tierslieu", url=url, **common)
    if scheme in {"postgres", "postgresql"}:
        return huey.PostgresHuey("tierslieu", dsn=url, **common)
    raise ValueError(f"jobs_url must begin with redis:// or postgresql://, not {scheme}://")


class Messenger:
    """Tells the workers, from a thread of its own: no request waits for a message."""

    def __init__(self, site: Site) -> None:
        self.huey = carrier(site.config)
        self.look = self.huey.task()(self._look)
        self.stopping = threading.Event()
        self._site = site
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        site.nudge = self.nudge

    def nudge(self) -> None:
        """Say that there is something to do."""
        self._wanted.set()
        with self._lock:
            # Begun late, so that a process that forks afterwards has its own.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._tell, name="messenger", daemon=True)
                self._thread.start()

    def _tell(self) -> None:
        while not self.stopping.is_set():
            self._wanted.wait()
            if self.stopping.wait(TOGETHER):
                return
            self._wanted.clear()
            try:
                self.look()
            except Exception:
                # The worker's own sweep finds the rows.
                log.warning("no worker could be told", exc_info=True)

    def close(self) -> None:
        """End the thread."""
        self.stopping.set()
        self._wanted.set()

    def _look(self) -> None:
        """Do what is due: the one task there is."""
        if drain(self._site, AT_ONCE, self.stopping.is_set) == AT_ONCE:
            self.nudge()


def connect(site: Site) -> Messenger:
    """Let this process tell the workers of what it wrote."""
    return Messenger(site)


class _QuietConsumer(Consumer):  # type: ignore[misc]  # huey has no types
    """Huey's consumer, less its signal handlers: whoever starts it has handlers of its own."""

    def _set_signal_handlers(self) -> None:
        return


class Worker:
    """Threads that do jobs and keep the schedules, until stopped."""

    def __init__(self, site: Site, threads: int | None = None) -> None:
        logging.getLogger("huey").setLevel(logging.WARNING)
        self.site = site
        self.messenger = connect(site)
        self.threads = threads or (1 if site.db.is_sqlite else 2)
        self._consumer: Any = _QuietConsumer(
            self.messenger.huey,
            workers=self.threads,
            # One scheduler, ours: the sweep below.
            periodic=False,
            max_delay=1.0,
            check_worker_health=False,
        )
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._consumer.start()
        self._sweeper.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """Let the job in hand finish for a while, then return the leases that are still held."""
        self.messenger.stopping.set()
        ender = threading.Thread(target=self._consumer.stop, kwargs={"graceful": True}, daemon=True)
        ender.start()
        ender.join(patience)
        self.messenger.close()
        returned = give_back(self.site)
        if returned:
            log.warning("leases returned", jobs=returned)

    def _sweep(self) -> None:
        """Once a minute: write the schedules' next rows and look for what no message told of."""
        pause = 0.0
        while not self.messenger.stopping.wait(pause):
            pause = 60.0
            try:
                plan(self.site)
                self.messenger.nudge()
            except Exception:
                log.exception("sweep")
