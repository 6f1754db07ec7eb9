"""How a booking reads in a calendar (RFC 5545): pure functions on plain values."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Part of every ETag and fragment: counted up when the texts below are made differently.
FORMAT = 3
#: How long something cancelled is still told.
CANCELLED_FOR = timedelta(days=90)
#: "Shown until": from the beginning hidden, or for ever there.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = datetime(9999, 12, 31, tzinfo=UTC)
#: Stands for "busy" until the reader's language is known; no title can contain it.
BUSY = "\x1fbusy\x1f"

STATUS = {
    "requested": "TENTATIVE",
    "held": "TENTATIVE",
    "confirmed": "CONFIRMED",
    "checked_in": "CONFIRMED",
    "no_show": "CONFIRMED",
    "declined": "CANCELLED",
    "cancelled": "CANCELLED",
    "expired": "CANCELLED",
}
PUBLIC_STATES = {"confirmed", "checked_in"}


@dataclass(frozen=True)
class Entry:
    """A booking as plain values; moments are aware UTC, ``zone`` is where it takes place."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    created_at: datetime
    title: str
    location: str
    url: str
    state: str
    visibility: str
    recurrence_id: datetime | None = None


@dataclass(frozen=True)
class Side:
    """One audience's text of an entry, until when it is told, and when it last changed."""

    text: str
    until: datetime
    changed_at: datetime

    @property
    def mark(self) -> int:
        """44 bits of the text: a feed's ETag adds the marks of what it shows."""
        return int(hashlib.sha256(self.text.encode()).hexdigest()[:11], 16)


def own_side(entry: Entry, before: Side | None, now: datetime) -> Side:
    """What its people read; the same object when nothing they see has changed."""
    return _side(entry, STATUS[entry.state], entry.title, entry.url, before, now)


def public_side(entry: Entry, before: Side | None, now: datetime) -> Side:
    """What everybody reads: busy, or the title if it is public; nothing before it is confirmed."""
    was_shown = before is not None and before.text != ""
    if entry.state not in PUBLIC_STATES and not was_shown:
        return Side("", NEVER, before.changed_at if before else now)
    status = "CONFIRMED" if entry.state in PUBLIC_STATES else "CANCELLED"
    title = entry.title if entry.visibility == "public" and entry.title else BUSY
    return _side(entry, status, title, "", before if was_shown else None, now)


def member_side(entry: Entry, before: Side | None, now: datetime) -> Side | None:
    """What members read where their card counts; None: the same as everybody."""
    if entry.visibility != "members":
        return None
    return public_side(replace(entry, visibility="public"), before, now)


def untitled(text: str) -> str:
    """The same events, each of which is only "busy"."""
    return _SUMMARY.sub(f"SUMMARY:{BUSY}", text)


_SUMMARY = re.compile(r"^SUMMARY:[^\r\n]*(?:\r\n [^\r\n]*)*", re.MULTILINE)


def _side(
    entry: Entry, status: str, title: str, url: str, before: Side | None, now: datetime
) -> Side:
    stamp = before.changed_at if before else now
    text = vevent(entry, status, title, url, stamp)
    if before is not None and text != before.text:
        stamp = now
        text = vevent(entry, status, title, url, stamp)
    until = stamp + CANCELLED_FOR if status == "CANCELLED" else ALWAYS
    return Side(text, until, stamp)


def vevent(
    entry: Entry,
    status: str,
    title: str,
    url: str,
    stamp: datetime,
    more: Sequence[str] = (),
    start: str = "",
) -> str:
    """One VEVENT, folded, with CRLF at every end of line.

    ``more``: lines of a series; ``start``: its first wall time, as the rule has it.
    """
    lines = [
        "BEGIN:VEVENT",
        f"UID:{plain(entry.uid)}",
        f"DTSTAMP:{utc(stamp)}",
        f"CREATED:{utc(entry.created_at)}",
        f"LAST-MODIFIED:{utc(stamp)}",
        f"SEQUENCE:{entry.sequence}",
        "DTSTART" + (start or wall(entry.starts_at, entry.zone)),
        "DTEND" + wall(entry.ends_at, entry.zone),
        f"SUMMARY:{title if title == BUSY else escaped(title)}",
        f"LOCATION:{escaped(entry.location)}",
        f"STATUS:{status}",
        f"TRANSP:{'TRANSPARENT' if status == 'CANCELLED' else 'OPAQUE'}",
    ]
    if entry.recurrence_id is not None:
        lines.append("RECURRENCE-ID" + wall(entry.recurrence_id, entry.zone))
    lines += more
    if url:
        lines.append(f"URL:{plain(url)}")
    lines.append("END:VEVENT")
    return joined(lines)


def calendar_head(name: str) -> str:
    """The beginning of a calendar, up to its zones and events."""
    return joined(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Tierslieu//Calendars//EN",
            "CALSCALE:GREGORIAN",
            f"NAME:{escaped(name)}",
            f"X-WR-CALNAME:{escaped(name)}",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
        ]
    )


CALENDAR_TAIL = "END:VCALENDAR\r\n"


def joined(lines: list[str]) -> str:
    """Lines folded at 75 octets and ended by CRLF."""
    return "".join(folded_line(line) for line in lines)


def folded_line(line: str) -> str:
    """One content line: no part longer than 75 octets, no character torn apart."""
    if len(line) <= 75 and line.isascii():
        return line + "\r\n"
    parts, room, start = [], 75, 0
    used = 0
    for index, char in enumerate(line):
        size = len(char.encode())
        if used + size > room:
            parts.append(line[start:index])
            start, used, room = index, 0, 74
        used += size
    parts.append(line[start:])
    return "\r\n ".join(parts) + "\r\n"


def escaped(text: str) -> str:
    """Free text as a TEXT value: nothing in it can end the line or begin another property."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(plain(line) for line in text.split("\n"))


def plain(text: str) -> str:
    """Without control characters and lone surrogates, which no line may carry."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cs"})


def place(*parts: str) -> str:
    """A location in one line: what is known of room, venue, street and town."""
    return ", ".join(part for part in parts if part)


def day_of(now: datetime) -> datetime:
    """Midnight UTC: what a feed shows moves on once a day, not with every second."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def rfc3339(moment: datetime | date) -> str:
    """A moment as scripts read it, in UTC; a day as a day."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.isoformat()


def utc(moment: datetime) -> str:
    """A moment as iCalendar writes it."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def wall(moment: datetime, zone: str) -> str:
    """A moment as wall time of a zone, with what stands between name and value."""
    local = moment.astimezone(ZoneInfo(zone))
    # An hour that comes twice is read as its first time, so the second is said in UTC.
    if zone == "UTC" or local.fold:
        return f":{utc(moment)}"
    return f";TZID={zone}:{local:%Y%m%dT%H%M%S}"


_BREAKS = {ord(char): "\n" for char in "\u0085\u2028\u2029\v\f"}
