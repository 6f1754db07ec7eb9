"""Dated things that plugins (and the core: deadlines) give, as a calendar reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical.rules import day_of, escaped, joined, place, plain, utc, wall

#: How far ahead plugins are asked.
AHEAD = timedelta(days=732)


def reach(now: datetime, days_back: int) -> tuple[datetime, datetime]:
    """From when to when plugins are asked: by whole days, so that it moves on once a day."""
    day = day_of(now)
    return day - timedelta(days=days_back), day + AHEAD


class Where(NamedTuple):
    """A venue or a room of it, as entries name it."""

    name: str
    zone: str


def dated_texts(
    work: tl.Work,
    question: tl.CalendarQuestion,
    locale: str,
    shown: Callable[[str, tl.CalendarEntry], bool],
) -> tuple[str, set[str]]:
    """The entries of a calendar as text in a language, and the zones they speak of.

    ``shown``: whether it tells of an entry of a plugin, whose name for the core is "deadlines".
    """
    given = tl.dated_entries(work, question)
    found = [(plugin, entry) for plugin, entry in given if shown(what_of(plugin), entry)]
    if not found:
        return "", set()
    network = tl.network(work.session)
    venues = _venues(work, {entry.venue_id for _, entry in found if entry.venue_id})
    base = work.site.config.base_url.rstrip("/")
    zones = set()
    parts = []
    for plugin, entry in found:
        at = venues.get(entry.venue_id or 0, Where("", network.zone))
        zone = entry.zone or at.zone
        if isinstance(entry.starts_at, datetime):
            zones.add(zone)
        words = Words(plugin, base, locale, network.locale, at.name, zone)
        parts.append(entry_text(entry, words))
    return "".join(parts), zones


def what_of(plugin: str) -> str:
    """How an address names what a plugin gives."""
    return "deadlines" if plugin.startswith("core") else plugin


class Words(NamedTuple):
    """What an entry is told with: whose it is, where, in which language."""

    plugin: str
    base: str
    locale: str
    fallback: str
    place: str
    zone: str


def entry_text(entry: tl.CalendarEntry, words: Words) -> str:
    """One VEVENT, folded; the same entry gives the same bytes."""
    stamp = utc(entry.changed_at or _moment(entry.starts_at))
    title, about = (_said(text, words) for text in (entry.title, entry.description))
    location = entry.location or words.place
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.key}.{words.plugin}@tierslieu",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"SEQUENCE:{entry.sequence}",
        *_times(entry, words.zone),
        f"SUMMARY:{escaped(title)}",
        *([f"LOCATION:{escaped(place(location))}"] if location else []),
        *([f"DESCRIPTION:{escaped(about)}"] if about else []),
        f"STATUS:{entry.status.upper()}",
        f"TRANSP:{'OPAQUE' if entry.blocks and entry.status != 'cancelled' else 'TRANSPARENT'}",
        *([f"URL:{plain(url)}"] if (url := _address(entry.url, words.base)) else []),
        "END:VEVENT",
    ]
    return joined(lines)


def _times(entry: tl.CalendarEntry, zone: str) -> Iterable[str]:
    start, end = entry.starts_at, entry.ends_at
    if isinstance(start, datetime):
        yield "DTSTART" + wall(start, zone)
        if isinstance(end, datetime) and end > start:
            yield "DTEND" + wall(end, zone)
        return
    yield f"DTSTART;VALUE=DATE:{start:%Y%m%d}"
    last = end if end is not None and end > start else start + timedelta(days=1)
    yield f"DTEND;VALUE=DATE:{last:%Y%m%d}"


def _moment(value: date) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _said(text: tl.Message | tl.Texts | str, words: Words) -> str:
    if isinstance(text, tl.Texts):
        return text.best(words.locale, words.fallback)[1]
    return tl.say(text, words.locale)


def _address(url: str, base: str) -> str:
    if url.startswith("/"):
        return base + url
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _venues(work: tl.Work, ids: set[int]) -> Mapping[int, Where]:
    asked = sa.select(tl.Venue.id, tl.Venue.name, tl.Venue.zone).where(tl.Venue.id.in_(sorted(ids)))
    return {row[0]: Where(row[1], row[2]) for row in work.session.execute(asked)}
