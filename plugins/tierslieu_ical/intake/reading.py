"""A calendar's text as plain events, and the times they take within a stretch of time.

What cannot be read is named and left out, never guessed. Before anything is taken apart its size
is looked at, and the rules of its time zones, which are unrolled by the library that reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

import tierslieu.toolkit as tl
from tierslieu_ical.intake.repeats import Budget, NotUnderstood, Pattern, days, pattern_of

MOST_BYTES = 4 * 1024 * 1024
MOST_EVENTS = 5000
MOST_DATES = 20_000
#: Days looked at for all repetitions of one calendar: about two seconds of work.
MOST_DAYS = 1_000_000
#: No event begins before this year or lasts longer than this.
FIRST_YEAR = 1970
LONGEST = timedelta(days=366)
_ZONES = re.compile(rb"^BEGIN:VTIMEZONE\r?$.*?^END:VTIMEZONE\r?$", re.MULTILINE | re.DOTALL | re.I)
_RULE = re.compile(rb"^RRULE[^\r\n]*", re.MULTILINE | re.I)
_YEARLY = re.compile(
    rb"RRULE:FREQ=YEARLY(?:;(?:INTERVAL|COUNT|UNTIL|BYMONTH|BYDAY|WKST|BYSETPOS)=[\w+-]{1,16}"
    rb"|;BYMONTHDAY=[\d,-]{1,30})*",
    re.I,
)


class Unreadable(Exception):
    """This is no calendar, or one of a size that nobody's calendar has; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Event:
    """One VEVENT. ``wall`` is its naive start in ``zone``; ``all_day``: whole days of the place.

    ``without`` are the starts that are left out and ``also`` further ones, as walls;
    ``recurrence_id`` is the wall of the date whose place this one takes.
    """

    uid: str
    title: str
    wall: datetime
    zone: tzinfo
    length: timedelta
    all_day: bool = False
    rule: str = ""
    without: frozenset[datetime] = frozenset()
    also: tuple[datetime, ...] = ()
    recurrence_id: datetime | None = None
    busy: bool = True
    cancelled: bool = False

    @property
    def pattern(self) -> Pattern | None:
        """How it comes again. Raises NotUnderstood."""
        return pattern_of(self.rule) if self.rule else None

    def span_at(self, wall: datetime) -> tl.Span:
        """The time it takes when it starts there; whole days end at midnight of the place."""
        start = instant(wall, self.zone)
        if self.all_day:
            return tl.Span(start, instant(wall + self.length, self.zone))
        return tl.Span(start, start + self.length)


@dataclass(frozen=True)
class Unread:
    """An event that could not be read, with what is known of it."""

    uid: str
    title: str


@dataclass(frozen=True)
class Contents:
    """What a calendar holds."""

    events: tuple[Event, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class Occurrence:
    """One date of an event: the time it takes, and the wall its rule gave it."""

    event: Event
    original: datetime
    span: tl.Span

    @property
    def key(self) -> str:
        """What names this date within its calendar, also after it was moved."""
        if not (self.event.rule or self.event.also or self.event.recurrence_id):
            return self.event.uid
        return f"{self.event.uid}\n{self.original:%Y%m%dT%H%M%S}"


def read(data: bytes, zone: ZoneInfo) -> Contents:
    """The events of a calendar; ``zone`` is where times without one are. Raises Unreadable."""
    _refuse_bombs(data)
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except Exception as error:  # whatever the library raises, it is no calendar to us
        raise Unreadable("no_calendar") from error
    events: list[Event] = []
    unread: list[Unread] = []
    if not any(calendar.name == "VCALENDAR" for calendar in calendars):
        raise Unreadable("no_calendar")
    for component in chain.from_iterable(each.walk("VEVENT") for each in calendars):
        try:
            events.append(_event(component, zone))
        except Exception:  # one event that is wrong is not all of them
            unread.append(Unread(_text(component, "UID"), _text(component, "SUMMARY")))
    return Contents(tuple(events), tuple(unread))


def _refuse_bombs(data: bytes) -> None:
    """What would take long to take apart is not begun."""
    if len(data) > MOST_BYTES or data.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise Unreadable("too_large")
    flat = re.sub(rb"\r?\n[ \t]", b"", data)
    for block in _ZONES.findall(flat):
        if len(block) > 100_000 or not all(map(_YEARLY.fullmatch, _RULE.findall(block))):
            raise Unreadable("strange_zone")


def occurrences(
    events: Sequence[Event], window: tl.Span, budget: Budget
) -> tuple[list[Occurrence], list[Event]]:
    """Every date that touches the window, in order, and the events whose repetition is strange.

    A date that another VEVENT replaces is told as that one. Raises TooMuch, and Unreadable for
    more dates than anybody's calendar has.
    """
    replaced = {
        (event.uid, event.recurrence_id) for event in events if event.recurrence_id is not None
    }
    found: dict[tuple[str, datetime], Occurrence] = {}
    strange: list[Event] = []
    for event in events:
        try:
            for wall in walls(event, window, budget):
                if event.recurrence_id is None and (event.uid, wall) in replaced:
                    continue
                original = event.recurrence_id or wall
                span = event.span_at(wall)
                if span.overlaps(window) and not event.cancelled:
                    found[event.uid, original] = Occurrence(event, original, span)
        except NotUnderstood:
            strange.append(event)
        if len(found) > MOST_DATES:
            raise Unreadable("too_large")
    return sorted(found.values(), key=lambda each: (each.span, each.key)), strange


def walls(event: Event, window: tl.Span, budget: Budget) -> Iterator[datetime]:
    """The starts of an event that may touch the window. Raises NotUnderstood, TooMuch."""
    pattern = event.pattern
    if pattern is None:
        yield event.wall
    else:
        margin = timedelta(days=2) + event.length
        since, upto = (window.starts_at - margin).date(), (window.ends_at + margin).date()
        for day in days(pattern, event.wall.date(), since, upto, budget):
            wall = datetime.combine(day, event.wall.time())
            if pattern.ends_before(wall, instant(wall, event.zone)):
                break
            if wall not in event.without:
                yield wall
    for wall in event.also:
        if wall not in event.without:
            yield wall


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The moment at a wall time: a doubled one is its first, a skipped one comes later."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _event(component: Any, zone: ZoneInfo) -> Event:
    written = component["DTSTART"].dt
    wall, own_zone = _wall(written, zone)
    if not FIRST_YEAR <= wall.year <= 2200 or _ranges(component):
        raise ValueError("a start that is not meant")
    replaces = component.get("RECURRENCE-ID")
    return Event(
        uid=_text(component, "UID")[:500] or f"{wall:%Y%m%dT%H%M%S}-{_text(component, 'SUMMARY')}",
        title=_text(component, "SUMMARY"),
        wall=wall,
        zone=own_zone,
        length=_length(component, written),
        all_day=not isinstance(written, datetime),
        rule=_rule(component),
        without=frozenset(_dates(component, "EXDATE", own_zone)),
        also=tuple(_dates(component, "RDATE", own_zone)),
        recurrence_id=None if replaces is None else _in_zone(replaces.dt, own_zone),
        busy=_text(component, "TRANSP").upper() != "TRANSPARENT",
        cancelled=_text(component, "STATUS").upper() == "CANCELLED",
    )


def _ranges(component: Any) -> bool:
    """Whether it replaces this date and all that follow, which hardly any programme writes."""
    replaces = component.get("RECURRENCE-ID")
    return replaces is not None and "RANGE" in replaces.params


def _length(component: Any, start: date) -> timedelta:
    if "DTEND" in component:
        end = component["DTEND"].dt
        length = _in_utc(end) - _in_utc(start)
    elif "DURATION" in component:
        length = component["DURATION"].dt
    else:
        length = timedelta(0) if isinstance(start, datetime) else timedelta(days=1)
    whole = timedelta(seconds=int(length.total_seconds()))
    if not timedelta(0) < whole <= LONGEST:
        raise ValueError("it takes no time, or more than a year")
    return whole


def _in_utc(moment: date) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _rule(component: Any) -> str:
    rule = component.get("RRULE")
    if rule is None:
        return ""
    if isinstance(rule, list):
        raise ValueError("several rules")
    return str(rule.to_ical().decode())


def _dates(component: Any, name: str, zone: tzinfo) -> Iterable[datetime]:
    lists = component.get(name, [])
    for each in lists if isinstance(lists, list) else [lists]:
        for moment in each.dts:
            yield _in_zone(moment.dt[0] if isinstance(moment.dt, tuple) else moment.dt, zone)


def _wall(moment: date, zone: ZoneInfo) -> tuple[datetime, tzinfo]:
    """A wall time and where it is; whole days and times without a zone are of the place."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time()), zone
    moment = moment.replace(microsecond=0)
    return moment.replace(tzinfo=None), moment.tzinfo or zone


def _in_zone(moment: date, zone: tzinfo) -> datetime:
    """Another date of the same event, as a wall time of its zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    moment = moment.replace(microsecond=0)
    return (moment.astimezone(zone) if moment.tzinfo else moment).replace(tzinfo=None)


def _text(component: Any, name: str) -> str:
    value = component.get(name, "")
    text = str(value[0] if isinstance(value, list) and value else value)
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:200]
