"""The rules of a time zone, as a calendar carries them with it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from icalendar import Timezone


@lru_cache(maxsize=64)
def vtimezone(zone: str) -> str:
    """The VTIMEZONE of a zone, with CRLF; the same bytes each time. UTC needs none."""
    if zone == "UTC":
        return ""
    made = Timezone.from_tzid(zone, first_date=date(2015, 1, 1), last_date=date(2045, 1, 1))
    return str(made.to_ical().decode())
