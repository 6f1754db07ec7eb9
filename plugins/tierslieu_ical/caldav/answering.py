"""What is answered to a calendar programme, whoever carries it: a status, headers, a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote, urlsplit

import tierslieu.toolkit as tl
from tierslieu_ical.caldav import queries, rules
from tierslieu_ical.caldav.rules import CAL, DAV, SERVER, Asked, Object, Refused, Thing, tag

READS = ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT")
WRITES = ("PUT", "DELETE", "POST", "PATCH", "PROPPATCH", "MKCOL", "MKCALENDAR", "MOVE", "COPY",
          "LOCK", "UNLOCK", "ACL")  # fmt: skip
ROOT = "/caldav/"
_READ = "".join(
    tag((DAV, "privilege"), tag((DAV, name)))
    for name in ("read", "read-current-user-privilege-set")
)
_REPORTS = "".join(
    tag((DAV, "supported-report"), tag((DAV, "report"), tag((CAL, name))))
    for name in ("calendar-query", "calendar-multiget")
)
_EVENTS = tag((CAL, "comp"), attributes=' name="VEVENT"')


@dataclass(frozen=True)
class Question:
    """What was sent: where (``root``, ``home``, ``collection``, ``object``), how, and with what."""

    where: str
    method: str
    depth: str = "0"
    body: bytes = b""
    name: str = ""
    known: str = ""


@dataclass(frozen=True)
class Reply:
    """What is sent back."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


XML = {"Content-Type": "application/xml; charset=utf-8"}
GREETING = {"DAV": "1, 3, calendar-access", "Allow": ", ".join(READS)}


@dataclass
class Answering:
    """One question of one reader; her collection is read when it is asked about."""

    work: tl.Work
    whose: queries.Whose

    @cached_property
    def collection(self) -> queries.Collection:
        return queries.collection(self.work, self.whose)

    @property
    def home(self) -> str:
        return f"{ROOT}{self.whose.key}/"

    @property
    def calendar(self) -> str:
        return f"{self.home}bookings/"

    def answer(self, question: Question) -> Reply:
        """The answer; what cannot be done says which precondition failed."""
        try:
            if question.method in WRITES:
                raise Refused("need-privileges")
            if question.method in {"GET", "HEAD"}:
                return self._get(question)
            if question.method == "PROPFIND":
                return self._propfind(question)
            return self._report(question)
        except Refused as refused:
            return Reply(403, rules.error(refused.condition), XML)
        except rules.BadRequest:
            return Reply(400)

    def _get(self, question: Question) -> Reply:
        if question.where != "object":
            return Reply(405, headers={"Allow": "OPTIONS, PROPFIND, REPORT"})
        found = self.collection.objects.get(question.name)
        if found is None:
            return Reply(404)
        if question.known and found.etag in question.known:
            return Reply(304, headers={"ETag": found.etag})
        said = {"Content-Type": "text/calendar; charset=utf-8", "ETag": found.etag}
        return Reply(200, found.text, said)

    def _propfind(self, question: Question) -> Reply:
        asked = rules.propfind_of(question.body)
        if question.depth not in {"0", "1"}:
            raise Refused("propfind-finite-depth")
        things = list(self._things(question))
        if not things:
            return Reply(404)
        return Reply(207, rules.multistatus(asked, things), XML)

    def _things(self, question: Question) -> Iterable[Thing]:
        deep = question.depth == "1"
        if question.where == "root":
            yield self._root()
        if question.where == "home" or (question.where == "root" and deep):
            yield self._home()
        if question.where == "collection" or (question.where == "home" and deep):
            yield self._calendar()
        if question.where == "collection" and deep:
            yield from map(self._object, self.collection.objects.values())
        if question.where == "object" and question.name in self.collection.objects:
            yield self._object(self.collection.objects[question.name])

    def _report(self, question: Question) -> Reply:
        if question.where not in {"collection", "object"}:
            raise Refused("supported-report")
        asked = rules.report_of(question.body)
        if asked.kind == "calendar-multiget":
            return self._multiget(asked)
        found: list[Object] = [] if asked.none else list(self.collection.objects.values())
        if question.where == "object":
            found = [each for each in found if each.name == question.name]
        if asked.window is not None and asked.window != (None, None):
            found = queries.touching(found, asked.window)
        return Reply(207, rules.multistatus(asked, map(self._object, found)), XML)

    def _multiget(self, asked: Asked) -> Reply:
        found, missing = [], []
        for href in asked.hrefs:
            folder, _, name = unquote(urlsplit(href).path).rpartition("/")
            one = self.collection.objects.get(name) if f"{folder}/" == self.calendar else None
            if one is None:
                missing.append(href)
            else:
                found.append(self._object(one))
        return Reply(207, rules.multistatus(asked, found, missing), XML)

    # What there is, with its properties.

    def _common(self, kinds: str, title: str) -> dict[rules.Name, str]:
        return {
            (DAV, "resourcetype"): kinds,
            (DAV, "displayname"): rules.text(title),
            (DAV, "current-user-principal"): rules.href(self.home),
            (DAV, "current-user-privilege-set"): _READ,
            (DAV, "owner"): rules.href(self.home),
        }

    def _root(self) -> Thing:
        return Thing(ROOT, self._common(tag((DAV, "collection")), "Tierslieu"))

    def _home(self) -> Thing:
        kinds = tag((DAV, "collection")) + tag((DAV, "principal"))
        address = rules.href(f"mailto:{self.whose.email}") + rules.href(self.home)
        more = {
            (DAV, "principal-URL"): rules.href(self.home),
            (CAL, "calendar-home-set"): rules.href(self.home),
            (CAL, "calendar-user-address-set"): address,
        }
        return Thing(self.home, self._common(kinds, self.whose.name) | more)

    def _calendar(self) -> Thing:
        kinds = tag((DAV, "collection")) + tag((CAL, "calendar"))
        data = tag((CAL, "calendar-data"), attributes=' content-type="text/calendar" version="2.0"')
        ctag = rules.text(f'"{self.collection.tag}"')
        more = {
            (SERVER, "getctag"): ctag,
            (DAV, "getetag"): ctag,
            (DAV, "getcontenttype"): "text/calendar",
            (DAV, "supported-report-set"): _REPORTS,
            (CAL, "supported-calendar-component-set"): _EVENTS,
            (CAL, "supported-calendar-data"): data,
        }
        return Thing(self.calendar, self._common(kinds, self.collection.title) | more)

    def _object(self, one: Object) -> Thing:
        return Thing(
            f"{self.calendar}{one.name}",
            {
                (DAV, "resourcetype"): "",
                (DAV, "getetag"): rules.text(one.etag),
                (DAV, "getcontenttype"): "text/calendar; component=vevent; charset=utf-8",
                (DAV, "current-user-privilege-set"): _READ,
                (CAL, "calendar-data"): lambda: rules.text(one.text),
            },
        )
