"""Turns at SQLite's one pen: first come, first served, within one process.

SQLite's own waiting is a poll with growing pauses, so a busy worker that writes one batch after
the other can keep somebody signing in waiting for many seconds. Threads of one process queue here
first; between processes SQLite's busy timeout remains.
"""

from __future__ import annotations

import threading
from collections import deque


class Turn:
    """A lock that is given to those who wait in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def take(self, timeout: float) -> bool:
        """Wait for one's turn, at most ``timeout`` seconds; whether it came."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(timeout):
            return True
        with self._guard:
            if mine.is_set():
                return True
            self._waiting.remove(mine)
            return False

    def give(self) -> None:
        """Hand it to whoever has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
