"""Our own calendar text, read back: what JSON and the page show. Pure.

Only text that we wrote: canonical, with every zone known. What others wrote is never read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl

Lines = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Shown:
    """One date of an entry. Whole days have dates, ``ends_at`` being the day after the last."""

    uid: str
    starts_at: datetime | date
    ends_at: datetime | date
    zone: str
    title: str
    location: str
    description: str
    url: str
    status: str
    repeats: bool

    @property
    def all_day(self) -> bool:
        return not isinstance(self.starts_at, datetime)

    @property
    def day(self) -> date:
        """The day on which it begins, where it takes place."""
        if isinstance(self.starts_at, datetime):
            return self.starts_at.astimezone(ZoneInfo(self.zone)).date()
        return self.starts_at


def occurrences(text: str, first: date, last: date) -> list[Shown]:
    """Every date of the events of a text that begins on a day between two, in order."""
    events = list(_events(text))
    changed: dict[str, dict[datetime, Lines]] = {}
    for event in events:
        if "RECURRENCE-ID" in event:
            named = _moment(*event["RECURRENCE-ID"][0])
            changed.setdefault(_text(event, "UID"), {})[named] = event
    found: list[Shown] = []
    for event in events:
        if "RRULE" in event or "RDATE" in event:
            found += _dates(event, changed.get(_text(event, "UID"), {}))
        else:
            found.append(_shown(event))
    kept = [each for each in found if first <= each.day <= last]
    return sorted(kept, key=lambda each: (each.day, not each.all_day, str(each.starts_at)))


def _events(text: str) -> Iterator[Lines]:
    event: Lines = {}
    for line in text.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        name, _, params = name.partition(";")
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT":
            yield event
        elif name:
            event.setdefault(name, []).append((params, value))


def _dates(event: Lines, changed: dict[datetime, Lines]) -> Iterator[Shown]:
    """The dates of a series, less those left out and those that have an event of their own."""
    start, end = _moment(*event["DTSTART"][0]), _moment(*event["DTEND"][0])
    length = end - start
    zone = _zone(*event["DTSTART"][0])
    without = {_moment(*each) for each in event.get("EXDATE", ())}
    starts = {start, *(_moment(*each) for each in event.get("RDATE", ()))}
    for _, rule in event.get("RRULE", ()):
        wall = start.astimezone(zone).replace(tzinfo=None)
        starts |= {each.starts_at for each in tl.expand_rule(tl.parse_rule(rule), wall, zone)}
    for each in sorted(starts - without - changed.keys()):
        yield _shown(event, each, each + length)


def _shown(event: Lines, start: datetime | None = None, end: datetime | None = None) -> Shown:
    given = event["DTSTART"][0]
    starts: datetime | date = start or _moment(*given)
    ends: datetime | date = end or _moment(*event.get("DTEND", [given])[0])
    if given[0] == "VALUE=DATE":
        starts, ends = _day(given[1]), _day(event["DTEND"][0][1])
    return Shown(
        _text(event, "UID"),
        starts,
        ends,
        str(_zone(*given)),
        _text(event, "SUMMARY"),
        _text(event, "LOCATION"),
        _text(event, "DESCRIPTION"),
        event.get("URL", [("", "")])[0][1],
        _text(event, "STATUS").lower(),
        any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID")),
    )


def _text(event: Lines, name: str) -> str:
    value = event.get(name, [("", "")])[0][1]
    parts = iter(value)
    return "".join(_unescaped(next(parts, "")) if char == "\\" else char for char in parts)


def _unescaped(char: str) -> str:
    return "\n" if char in "nN" else char


def _zone(params: str, _value: str) -> ZoneInfo:
    return ZoneInfo(params.removeprefix("TZID=")) if params.startswith("TZID=") else ZoneInfo("UTC")


def _moment(params: str, value: str) -> datetime:
    if params == "VALUE=DATE":
        day = _day(value)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    naive = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    return naive.replace(tzinfo=_zone(params, value)).astimezone(UTC)


def _day(value: str) -> date:
    return date(int(value[:4]), int(value[4:6]), int(value[6:8]))


def by_day(found: Iterable[Shown]) -> list[tuple[date, list[Shown]]]:
    """The dates of a list in its order, under their days."""
    days: dict[date, list[Shown]] = {}
    for each in found:
        days.setdefault(each.day, []).append(each)
    return list(days.items())


def window(first: date, days: int) -> tuple[date, date]:
    """The first and the last day of so many."""
    return first, first + timedelta(days=days - 1)
