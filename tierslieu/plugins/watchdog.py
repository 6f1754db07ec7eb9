"""The watchdog: a hook that never returns ends its process, and the next one begins without it.

No thread can be stopped from outside, so a hook that hangs would hold its thread, its locks and
every request behind them for ever. The watchdog writes down who it was, where the database may be
out of reach (its lock may be what the hook holds), and ends the process; whoever supervises it
(``tierslieu run``, gunicorn, systemd) starts another, which reads that and suspends the plugin.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from tierslieu.kernel import clock, hung
from tierslieu.kernel.calls import Call, Calls
from tierslieu.kernel.hooks import Fault
from tierslieu.plugins.strikes import CORE
from tierslieu.plugins.suspension import note, suspend

if TYPE_CHECKING:
    from tierslieu.kernel.site import Site
    from tierslieu.plugins.platform import Plugins

log = structlog.get_logger("tierslieu.watchdog")

#: A process that does not even let its watchdog look for so many limits is ended from below.
FROZEN = 3


class Watchdog:
    """Looks at the calls of one process; ``limit`` is in seconds, 0 looks at none."""

    def __init__(self, calls: Calls, instance: Path, limit: float) -> None:
        self.calls = calls
        self.instance, self.folder = instance, hung.folder(instance)
        self.limit = limit

    def start(self) -> None:
        """Begin, in a thread of its own."""
        if self.limit <= 0:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _watch(self) -> None:
        pause = min(0.5, self.limit / 5)
        frozen = hung.frozen_file(self.instance, os.getpid()).open("w", encoding="utf-8")
        before = time.monotonic()
        while True:
            # Code that never gives the interpreter back, such as a hopeless regular expression,
            # stops this thread too. This timer is not Python's, and ends the process all the same.
            faulthandler.dump_traceback_later(FROZEN * self.limit, exit=True, file=frozen)
            time.sleep(pause)
            now = time.monotonic()
            # What passed while the whole machine stood still is nobody's fault.
            passed, before = min(now - before, 2 * pause), now
            for call in self.calls.now():
                call.seen += passed
                if call.seen >= self.limit and not call.plugin.startswith(CORE):
                    self._end(call)

    def _end(self, call: Call) -> None:
        frame = sys._current_frames().get(call.thread)
        trace = "".join(traceback.format_stack(frame)) if frame is not None else ""
        log.error("plugin hung", plugin=call.plugin, hook=call.hook, trace=trace)
        said = {
            "plugin": call.plugin,
            "hook": call.hook,
            "at": clock.now().isoformat(),
            "seconds": round(call.seen, 1),
            "trace": trace,
        }
        try:
            self._write(said)
        finally:
            sys.stderr.flush()
            # Not sys.exit: nothing may wait for the thread that never returns.
            os._exit(hung.EXIT)

    def _write(self, said: dict[str, Any]) -> None:
        path = self.folder / f"{os.getpid()}.json"
        half = path.with_suffix(".half")
        with half.open("w", encoding="utf-8") as file:
            json.dump(said, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)


def take_in(site: Site) -> list[str]:
    """Suspend the plugins that an ended process wrote down; their names are returned.

    A file that cannot be taken in stays for the next start.
    """
    folder = hung.folder(site.config.instance)
    found: list[str] = []
    for path in sorted(folder.glob("*.json")) + sorted(folder.glob("*.frozen")):
        try:
            fault = _read(site.plugins, path)
            if fault is not None:
                _suspend(site, fault)
                found.append(fault.plugin)
            if fault is not None or not _lives(path.stem):
                path.unlink(missing_ok=True)
        except Exception:
            log.exception("a suspension could not be taken in", path=str(path))
    return found


def _suspend(site: Site, fault: Fault) -> None:
    with site.writing() as work:
        note(work.session, [fault], work.now)
        why = fault.detail.splitlines()[0]
        suspend(work.session, fault.plugin, work.now, why, hung=fault.hook)
        work.audit("plugins.suspended", f"plugin:{fault.plugin}", hook=fault.hook)
    site.plugins.switches.stale()


def _read(plugins: Plugins, path: Path) -> Fault | None:
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        said = json.loads(text)
        where = f"{said['hook']} did not return within {said['seconds']} s"
        # The innermost frames are its own; the log has all of them.
        inner = "\n".join(said["trace"].splitlines()[-INNER:])
        at = datetime.fromisoformat(said["at"])
        return Fault(said["plugin"], said["hook"], "hung", f"{where}\n{inner}", at)
    if text.strip():
        log.error("process froze", trace=text)
    for name, hook in _frozen_in(plugins, text):
        detail = f"{hook} never gave the interpreter back\n{text}"[:8000]
        return Fault(name, hook, "hung", detail, clock.now())
    return None


#: How many lines of a trace are kept with a fault.
INNER = 16
#: A line of what faulthandler writes of each thread, the innermost frame first.
_FRAME = re.compile(r'^  File "(.+)", line \d+ in (.+)$', re.MULTILINE)


def _frozen_in(plugins: Plugins, text: str) -> Iterator[tuple[str, str]]:
    """The plugins and the hooks that a frozen process was in."""
    folders = {item.name: f"{item.folder}{os.sep}" for item in plugins.all if item.folder}
    hooks = {spec.__name__ for spec in plugins.known_hooks()}
    for file, function in _FRAME.findall(text):
        for name, folder in folders.items():
            if function in hooks and file.startswith(folder):
                yield name, function


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
