"""CalDAV: discovery, reading, refusing; what is asked is XML from anybody."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import a_room as a_real_room
from tierslieu.testing import a_venue, an_account, csrf_token, sign_in
from tierslieu_ical.caldav import rules, services
from tierslieu_ical.caldav.answering import WRITES
from tierslieu_ical.caldav.models import AppPassword
from tierslieu_ical.caldav.rules import CAL, DAV, BadRequest, Refused, parsed, report_of

D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"


class Scene:
    """Ada has a booking and a series of three; her phone has a password."""

    def __init__(self, site: tl.Site, client: Any) -> None:
        self.site, self.client = site, client
        with site.writing() as work:
            room = a_real_room(work, a_venue(work))
            self.ada = an_account(work, "ada@example.org").person
            self.bea = an_account(work, "bea@example.org").person
            start = work.now.replace(hour=9, minute=0, second=0) + timedelta(days=2)
            self.span = tl.Span(start, start + timedelta(hours=2))
            wish = tl.NewBooking(room.public_id, self.span, "Repair café", person_id=self.ada.id)
            self.booking = tl.book(work, wish)
            evening = tl.NewBooking(room.public_id, self.span.shifted(timedelta(hours=6)), "Choir",
                                    person_id=self.ada.id)  # fmt: skip
            weekly = tl.parse_rule("FREQ=WEEKLY;COUNT=3")
            tl.book_series(work, tl.NewSeries(evening, weekly))
        own = tl.Grant("account", "own", None, frozenset({"feeds.own"}))
        actor = tl.Actor(person_id=self.ada.id, account_id=1, grants=(own,))
        with site.writing(actor) as work:
            row, self.secret = services.new_password(work, "Phone")
            self.password_id = row.id
        self.home = f"/caldav/{self.ada.public_id}/"
        self.calendar = f"{self.home}bookings/"

    def ask(self, method: str, path: str, body: str = "", **more: Any) -> Any:
        user, secret = more.pop("user", "Ada@example.org"), more.pop("secret", self.secret)
        given = b64encode(f"{user}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {given}"} | more.pop("headers", {})
        if "depth" in more:
            headers["Depth"] = more.pop("depth")
        return self.client.open(path, method=method, data=body, headers=headers, **more)

    def tree(self, method: str, path: str, body: str = "", **more: Any) -> Any:
        answer = self.ask(method, path, body, **more)
        assert answer.status_code == 207, (answer.status, answer.text)
        return ElementTree.fromstring(answer.text)

    def etags(self) -> dict[str, str]:
        found = self.tree("PROPFIND", self.calendar, props("D:getetag"), depth="1")
        pairs = {r.findtext(f"{D}href"): r.findtext(f".//{D}getetag") for r in found}
        pairs.pop(self.calendar)
        return pairs


def props(*names: str) -> str:
    inner = "".join(f"<{name}/>" for name in names)
    return ('<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
            'xmlns:S="http://calendarserver.org/ns/" xmlns:Z="urn:other">'
            f"<D:prop>{inner}</D:prop></D:propfind>")  # fmt: skip


def query(inner: str = "", component: str = "VEVENT") -> str:
    return (f'<C:calendar-query xmlns:D="DAV:" xmlns:C="{CAL}"><D:prop><D:getetag/>'
            '<C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR">'
            f'<C:comp-filter name="{component}">{inner}</C:comp-filter></C:comp-filter></C:filter>'
            "</C:calendar-query>")  # fmt: skip


@pytest.fixture
def scene(site: tl.Site, client: Any) -> Scene:
    return Scene(site, client)


def test_a_programme_finds_the_calendar_by_itself(scene: Scene) -> None:
    """The way of Apple, DAVx5 and Thunderbird: address, principal, home, collections."""
    there = scene.client.open("/.well-known/caldav", method="PROPFIND")
    assert (there.status_code, there.headers["Location"]) == (301, "/caldav/")
    greeting = scene.client.open("/caldav/", method="OPTIONS")
    assert greeting.status_code == 200
    assert "calendar-access" in greeting.headers["DAV"]
    assert "PUT" not in greeting.headers["Allow"]

    root = scene.tree("PROPFIND", "/caldav/", props("D:current-user-principal"), depth="0")
    assert root.findtext(f".//{D}current-user-principal/{D}href") == scene.home
    home = scene.tree("PROPFIND", scene.home, props("C:calendar-home-set"), depth="0")
    assert home.findtext(f".//{C}calendar-home-set/{D}href") == scene.home
    asked = props("D:resourcetype", "D:displayname", "S:getctag", "D:current-user-privilege-set",
                  "C:supported-calendar-component-set", "Z:color")  # fmt: skip
    found = scene.tree("PROPFIND", scene.home, asked, depth="1")
    [calendar] = [r for r in found if r.find(f".//{C}calendar") is not None]
    assert calendar.findtext(f"{D}href") == scene.calendar
    assert calendar.findtext(f".//{D}displayname") == "Bookings of Ada"
    assert calendar.find(f".//{C}comp").get("name") == "VEVENT"
    privileges = [each.tag for each in calendar.findall(f".//{D}privilege/*")]
    assert f"{D}read" in privileges
    assert not any("write" in each or "bind" in each for each in privileges)
    assert [e.text for e in calendar.findall(f".//{D}status")][1] == "HTTP/1.1 404 Not Found"


def test_it_tells_what_the_feed_tells(scene: Scene) -> None:
    own = tl.Grant("account", "own", None, frozenset({"feeds.own"}))
    actor = tl.Actor(person_id=scene.ada.id, account_id=1, grants=(own,))
    with scene.site.writing(actor) as work:
        from tierslieu_ical.services import new_feed

        _, token = new_feed(work)
    feed = scene.client.get(f"/feeds/{token}.ics").data

    etags = scene.etags()
    assert len(etags) == 2
    hrefs = "".join(f"<D:href>{each}</D:href>" for each in [*etags, f"{scene.calendar}no.ics"])
    body = (f'<C:calendar-multiget xmlns:D="DAV:" xmlns:C="{CAL}"><D:prop><D:getetag/>'
            f"<C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>")  # fmt: skip
    found = scene.tree("REPORT", scene.calendar, body)
    assert [r.findtext(f"{D}status") for r in found][-1] == "HTTP/1.1 404 Not Found"
    told: list[bytes] = []
    for response in found[:-1]:
        href = response.findtext(f"{D}href")
        assert response.findtext(f".//{D}getetag") == etags[href]
        got = scene.ask("GET", href)
        assert (got.status_code, got.headers["ETag"]) == (200, etags[href])
        assert got.headers["Content-Type"] == "text/calendar; charset=utf-8"
        data = response.findtext(f".//{C}calendar-data")
        assert got.text.replace("\r\n", "\n") == data.replace("\r\n", "\n")
        same = scene.ask("GET", href, headers={"If-None-Match": etags[href]})
        assert same.status_code == 304
        calendar = icalendar.Calendar.from_ical(got.data)
        assert len({str(event["UID"]) for event in calendar.walk("VEVENT")}) == 1
        assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Rome"]
        told += [event.to_ical() for event in calendar.walk("VEVENT")]
    expected = icalendar.Calendar.from_ical(feed).walk("VEVENT")
    assert sorted(told) == sorted(event.to_ical() for event in expected)

    tag = props("S:getctag")
    before = scene.ask("PROPFIND", scene.calendar, tag, depth="0").text
    assert scene.ask("PROPFIND", scene.calendar, tag, depth="0").text == before
    with scene.site.writing() as work:
        booking = work.session.get_one(tl.Booking, scene.booking.id)
        work.session.get_one(tl.Claim, booking.id).label = "Mending"
        booking.revision += 1
        work.session.flush()
        from tierslieu_ical.services import keep

        keep(work, [booking.id])
    assert scene.ask("PROPFIND", scene.calendar, tag, depth="0").text != before
    assert len({*scene.etags().items()} & {*etags.items()}) == 1


def test_a_stretch_of_time_and_other_components(scene: Scene) -> None:
    def found(start: int, end: int | None = None, component: str = "VEVENT") -> int:
        base = scene.span.starts_at
        window = f'start="{base + timedelta(days=start):%Y%m%dT%H%M%SZ}"'
        if end is not None:
            window += f' end="{base + timedelta(days=end):%Y%m%dT%H%M%SZ}"'
        body = query(f"<C:time-range {window}/>", component)
        return len(scene.tree("REPORT", scene.calendar, body))

    assert len(scene.tree("REPORT", scene.calendar, query())) == 2
    assert [found(-1), found(1), found(-9, 30), found(3, 5), found(6, 8), found(20, 30)] == [
        2, 1, 2, 0, 1, 0]  # fmt: skip
    assert found(-1, component="VTODO") == 0


def test_nothing_can_be_written(scene: Scene) -> None:
    before = scene.etags()
    for path in (scene.calendar, next(iter(before)), f"{scene.calendar}new.ics", "/caldav/"):
        for method in WRITES:
            assert scene.ask(method, path, "BEGIN:VCALENDAR").status_code == 403, method
    assert scene.etags() == before
    for method, path, body, status in (
        ("PROPFIND", scene.calendar, "<no", 400),
        ("REPORT", scene.calendar, "", 400),
        ("REPORT", scene.calendar, '<D:sync-collection xmlns:D="DAV:"/>', 403),
        ("REPORT", scene.calendar, query('<C:prop-filter name="UID"/>'), 403),
        ("GET", scene.calendar, "", 405),
        ("GET", f"{scene.calendar}no.ics", "", 404),
        ("PROPFIND", f"{scene.calendar}no.ics", "", 404),
        ("PROPFIND", f"/caldav/{scene.bea.public_id}/", "", 404),
    ):
        assert scene.ask(method, path, body).status_code == status, (method, body)
    assert scene.ask("PROPFIND", scene.calendar, depth="infinity").status_code == 403


def test_only_by_a_password_that_works(scene: Scene) -> None:
    path = scene.calendar
    nobody = scene.client.open(path, method="PROPFIND")
    assert nobody.status_code == 401
    assert nobody.headers["WWW-Authenticate"].startswith("Basic")
    spoken = scene.ask("PROPFIND", path, secret=scene.secret.upper().replace("-", " "))
    assert spoken.status_code == 207
    spoken.close()
    assert scene.ask("PROPFIND", path, user="bea@example.org").status_code == 401
    assert scene.ask("PROPFIND", path, secret="a quiet afternoon").status_code == 401
    # Over a line that others can read no password is asked for.
    scene.client.application.config["tierslieu.hosts"] |= {"spazi.example"}
    plain = scene.client.open(path, method="PROPFIND", base_url="http://spazi.example")
    assert (plain.status_code, plain.headers.get("WWW-Authenticate")) == (403, None)
    safe = scene.client.open(path, method="PROPFIND", base_url="https://spazi.example")
    assert safe.status_code == 401

    sign_in(scene.client, "ada@example.org")
    # The cookie opens nothing here.
    assert scene.client.open(path, method="PROPFIND").status_code == 401
    shown = scene.client.get("/feeds/apps").get_data(as_text=True)
    assert "Phone" in shown
    assert scene.secret not in shown
    assert "Last used" in shown
    token = csrf_token(scene.client, "/feeds/apps")
    made = scene.client.post("/feeds/apps", data={"name": "Laptop", "csrf_token": token})
    secret = made.get_data(as_text=True).partition('<code translate="no">')[2].partition("<")[0]
    assert scene.ask("PROPFIND", path, secret=secret).status_code == 207
    with scene.site.reading() as work:
        rows = work.session.scalars(sa.select(AppPassword)).all()
        ids = {row.name: row.public_id for row in rows}
        assert all(secret not in (row.secret_hash, row.name) for row in rows)
    scene.client.post(f"/feeds/apps/{ids['Phone']}/stop", data={"csrf_token": token})
    assert scene.ask("PROPFIND", path).status_code == 401
    assert scene.ask("PROPFIND", path, secret=secret).status_code == 207


LAUGHS = ('<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]><x>&i;</x>").encode()  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"<a>" * 21 + b"</a>" * 21,
        b"<a>" + b"<b/>" * 20_001 + b"</a>",
        b"<a>" + b" " * rules.MOST_BYTES + b"</a>",
        b"<a",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)
def test_strange_xml_is_refused_at_once(data: bytes) -> None:
    began = time.perf_counter()
    with pytest.raises(BadRequest):
        parsed(data)
    assert time.perf_counter() - began < 0.5


def test_titles_cannot_become_elements() -> None:
    thing = rules.Thing("/a&b/", {(DAV, "displayname"): rules.text("<b>&\x00]]>")})
    told = rules.multistatus(rules.Asked("propfind"), [thing], ["/x<y"])
    root = ElementTree.fromstring(told)
    assert root.findtext(f".//{D}displayname") == "<b>&]]>"
    assert [each.text for each in root.findall(f"{D}response/{D}href")] == ["/a&b/", "/x<y"]
    strange = rules.Asked("propfind", (('urn:"<x>&', "odd"), ("", "none")))
    ElementTree.fromstring(rules.multistatus(strange, [thing]))
    with pytest.raises(Refused):
        report_of(b"<free-busy-query/>")
