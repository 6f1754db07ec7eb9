"""When an address was last used: remembered while reading, written down by a job, hourly at most.

Reading a feed writes nothing; a process hands on what it remembers after it has answered.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import tierslieu.toolkit as tl

EVERY = timedelta(hours=1)
NOTE = "ical.note_uses"


class Uses:
    """The uses of one process since it last handed them on."""

    def __init__(self, now: datetime) -> None:
        self._lock = threading.Lock()
        self._seen: dict[int, datetime] = {}
        self._handed_on = now

    def see(self, feed_id: int, now: datetime) -> bool:
        """Remember a use; True when it is time to hand on."""
        with self._lock:
            self._seen[feed_id] = now
            return now - self._handed_on >= EVERY

    def taken(self, now: datetime) -> dict[int, datetime]:
        """What was remembered; it is forgotten here."""
        with self._lock:
            seen, self._seen = self._seen, {}
            self._handed_on = now
            return seen


_of_sites: WeakKeyDictionary[tl.Site, Uses] = WeakKeyDictionary()


def uses_of(site: tl.Site) -> Uses:
    """The memory of this process for a site."""
    return _of_sites.setdefault(site, Uses(tl.clock.now()))


def hand_on(site: tl.Site) -> None:
    """Queue the job that writes the uses down."""
    now = tl.clock.now()
    seen = uses_of(site).taken(now)
    if seen:
        with site.writing() as work:
            work.later(NOTE, uses={str(feed): at.isoformat() for feed, at in seen.items()})
