"""What WebDAV and CalDAV ask and answer, as plain values; and an event's text as an object.

What is asked is XML from anybody: no document type, so no entities; bounded in size and depth.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

from tierslieu_ical.rules import CALENDAR_TAIL
from tierslieu_ical.zones import vtimezone

MOST_BYTES, MOST_DEPTH, MOST_ELEMENTS = 1024 * 1024, 20, 20_000
DAV, CAL, SERVER = "DAV:", "urn:ietf:params:xml:ns:caldav", "http://calendarserver.org/ns/"
PREFIXES = {DAV: "D", CAL: "C", SERVER: "S"}

Name = tuple[str, str]


class BadRequest(Exception):
    """No XML, or XML that nobody needs here."""


class Refused(Exception):
    """Understood and not done: the precondition that failed, by its element."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


@dataclass(frozen=True)
class Asked:
    """A question: ``props`` None means all that are known. ``window``: only events that touch it.

    ``kind``: propfind, propname, calendar-query or calendar-multiget. ``none``: it asks for
    components that are not here.
    """

    kind: str
    props: tuple[Name, ...] | None = None
    hrefs: tuple[str, ...] = ()
    window: tuple[datetime | None, datetime | None] | None = None
    none: bool = False


@dataclass(frozen=True)
class Thing:
    """Something that is asked about: its address and its properties, as XML or as who makes it."""

    href: str
    props: Mapping[Name, str | Callable[[], str]] = field(hash=False)


def parsed(data: bytes) -> Element | None:
    """The document, or None where there is nothing. Raises BadRequest."""
    if not data.strip():
        return None
    if len(data) > MOST_BYTES:
        raise BadRequest
    builder, parser = TreeBuilder(), expat.ParserCreate(namespace_separator="\n")
    seen, depth = 0, 0

    def refuse(*_said: object) -> None:
        raise BadRequest

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal seen, depth
        seen, depth = seen + 1, depth + 1
        if seen > MOST_ELEMENTS or depth > MOST_DEPTH:
            raise BadRequest
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadRequest from error
    return builder.close()


def name_of(element: Element) -> Name:
    """Its namespace and its name."""
    space, _, name = element.tag.rpartition("\n")
    return space, name


def propfind_of(data: bytes) -> Asked:
    """What a PROPFIND asks; nothing means everything. Raises BadRequest."""
    root = parsed(data)
    if root is None:
        return Asked("propfind")
    if name_of(root) != (DAV, "propfind"):
        raise BadRequest
    inside = {name_of(child) for child in root}
    if (DAV, "propname") in inside:
        return Asked("propname")
    return Asked("propfind", _props(root))


def report_of(data: bytes) -> Asked:
    """What a REPORT asks. Raises BadRequest, and Refused for reports that there are not."""
    root = parsed(data)
    if root is None:
        raise BadRequest
    space, kind = name_of(root)
    if space != CAL or kind not in {"calendar-query", "calendar-multiget"}:
        raise Refused("supported-report")
    hrefs = tuple((child.text or "").strip() for child in root if name_of(child) == (DAV, "href"))
    if kind == "calendar-multiget":
        return Asked(kind, _props(root), hrefs)
    filters = [child for child in root if name_of(child) == (CAL, "filter")]
    return _filtered(Asked(kind, _props(root)), filters)


def _props(root: Element) -> tuple[Name, ...] | None:
    for child in root:
        if name_of(child) == (DAV, "prop"):
            return tuple(dict.fromkeys(name_of(each) for each in child))
    return None


def _filtered(asked: Asked, filters: Sequence[Element]) -> Asked:
    """The question with its filter: a calendar's events, perhaps those of a stretch of time."""
    calendars = [each for one in filters for each in one]
    for calendar in calendars:
        if name_of(calendar) != (CAL, "comp-filter") or calendar.get("name") != "VCALENDAR":
            return Asked(asked.kind, asked.props, none=True)
        for component in calendar:
            if name_of(component) != (CAL, "comp-filter"):
                raise Refused("supported-filter")
            if component.get("name") != "VEVENT":
                return Asked(asked.kind, asked.props, none=True)
            return Asked(asked.kind, asked.props, window=_window(component))
    return asked


def _window(component: Element) -> tuple[datetime | None, datetime | None] | None:
    found = None
    for child in component:
        if name_of(child) != (CAL, "time-range"):
            raise Refused("supported-filter")
        found = _moment(child.get("start")), _moment(child.get("end"))
    return found


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        return datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadRequest from error


# Answers


def tag(name: Name, inner: str = "", attributes: str = "") -> str:
    """An element; names of other namespaces bring theirs along."""
    space, local = name
    prefix = PREFIXES.get(space)
    closing = f"{prefix or 'X'}:{local}" if space else local
    opening = closing if prefix else f'{closing} xmlns{":X" if space else ""}="{_quoted(space)}"'
    opening += attributes
    return f"<{opening}>{inner}</{closing}>" if inner else f"<{opening}/>"


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def text(value: str) -> str:
    """Free text inside an element: what XML cannot say is left out."""
    return escape("".join(char for char in value if char in "\t\n\r" or ord(char) >= 32))


def href(address: str) -> str:
    """An address as a property's value."""
    return tag((DAV, "href"), text(address))


def multistatus(asked: Asked, things: Iterable[Thing], missing: Iterable[str] = ()) -> str:
    """The answer about each thing; ``missing``: addresses where nothing is."""
    told = [_told(asked, thing) for thing in things]
    gone = [
        tag((DAV, "response"), href(each) + tag((DAV, "status"), "HTTP/1.1 404 Not Found"))
        for each in missing
    ]
    spaces = "".join(f' xmlns:{prefix}="{space}"' for space, prefix in PREFIXES.items())
    inner = "".join([*told, *gone])
    return f'<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus{spaces}>{inner}</D:multistatus>'


def error(condition: str) -> str:
    """A refusal: the element that says which precondition failed."""
    space = CAL if condition == "supported-filter" else DAV
    spaces = "".join(f' xmlns:{prefix}="{each}"' for each, prefix in PREFIXES.items())
    inner = tag((space, condition))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<D:error{spaces}>{inner}</D:error>'


def _told(asked: Asked, thing: Thing) -> str:
    if asked.kind == "propname":
        found = [tag(name) for name in thing.props]
        return tag((DAV, "response"), href(thing.href) + _status(found, "200 OK"))
    # "Everything" is what is cheap to say: an object's text is asked for by name.
    names = asked.props or tuple(n for n in thing.props if n != (CAL, "calendar-data"))
    found = [tag(name, _value(thing.props[name])) for name in names if name in thing.props]
    absent = [tag(name) for name in names if name not in thing.props]
    inner = _status(found, "200 OK") if found or not absent else ""
    return tag(
        (DAV, "response"),
        href(thing.href) + inner + (_status(absent, "404 Not Found") if absent else ""),
    )


def _value(value: str | Callable[[], str]) -> str:
    return value if isinstance(value, str) else value()


def _status(props: Sequence[str], status: str) -> str:
    said = tag((DAV, "prop"), "".join(props)) + tag((DAV, "status"), f"HTTP/1.1 {status}")
    return tag((DAV, "propstat"), said)


# Objects


@dataclass(frozen=True)
class Object:
    """All that is told of one event: its name in the collection, and its VEVENTs."""

    name: str
    events: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.events.encode()).hexdigest()[:32]}"'

    @property
    def text(self) -> str:
        """As a calendar of its own, with the zones it speaks of."""
        zones = sorted(set(_ZONE.findall(self.events)))
        head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tierslieu//Calendars//EN\r\n"
        return "".join([head, *map(vtimezone, zones), self.events, CALENDAR_TAIL])


_ZONE = re.compile(r"^(?:DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE);TZID=([^:;\r\n]+)", re.MULTILINE)
_EVENT = re.compile(r"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
_UID = re.compile(r"^UID:([^\r\n]*(?:\r\n [^\r\n]*)*)", re.MULTILINE)


def objects_of(text: str) -> dict[str, Object]:
    """A feed's events as objects by name, in their order; those of one UID are one object."""
    by_uid: dict[str, list[str]] = {}
    for event in _EVENT.findall(text):
        found = _UID.search(event)
        uid = found[1].replace("\r\n ", "") if found else ""
        by_uid.setdefault(uid, []).append(event)
    made = (
        Object(hashlib.sha256(uid.encode()).hexdigest()[:32] + ".ics", "".join(events))
        for uid, events in by_uid.items()
    )
    return {each.name: each for each in made}
