"""Whether a file of the program or of a plugin changed, for ``tierslieu run --dev``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

#: The exit status with which a server asks to be started again, since its files changed.
EXIT = 71
#: Seconds between two looks.
EVERY = 0.5
#: Templates are read again by themselves; caches change by being used.
LEFT_ALONE = {".html", ".pyc"}


class Files:
    """The files below some folders as they were; ``changed`` tells what is otherwise now."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = sorted({folder.resolve() for folder in folders if folder.is_dir()})
        self._seen = dict(self._stamps())

    def changed(self) -> list[Path]:
        """The files that were written, made or removed since it was asked before."""
        now = dict(self._stamps())
        found = [path for path in {*now, *self._seen} if now.get(path) != self._seen.get(path)]
        self._seen = now
        return sorted(found)

    def _stamps(self) -> Iterator[tuple[Path, int]]:
        for folder in self.folders:
            for path in folder.rglob("*"):
                if path.suffix in LEFT_ALONE or "__pycache__" in path.parts:
                    continue
                try:
                    if path.is_file():
                        yield path, path.stat().st_mtime_ns
                except OSError:
                    # It went while we looked: the next look will tell.
                    continue


class Watch:
    """Looks at files from time to time; ``status`` is the exit status to end with."""

    def __init__(self, files: Files | None, announce: Callable[[str], None]) -> None:
        self._files, self._announce = files, announce
        self._looked_at = time.monotonic()
        self.status = 0

    def notices(self) -> bool:
        """Whether a file changed since the beginning; it looks twice a second at most."""
        if self._files is None or self.status or time.monotonic() - self._looked_at < EVERY:
            return bool(self.status)
        self._looked_at = time.monotonic()
        if changed := self._files.changed():
            self._announce(f"{changed[0].name} changed: starting again")
            self.status = EXIT
        return bool(self.status)


def of_program(plugins: Any) -> Files:
    """The files of the program and of each plugin that was found, the broken ones too."""
    here = [Path(__file__).parent]
    for item in plugins.all:
        # One that failed to be imported is no module any more, but its folder is on the path.
        here += [Path(place) / item.package for place in sys.path if place]
    return Files(here)
