"""Whose calendars there are, how much each shows to whom, and what an address leaves out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import an_account, csrf_token, sign_in
from tierslieu_ical import services
from tierslieu_ical.feeds.queries import Reader
from tierslieu_ical.feeds.reading import occurrences
from tierslieu_ical.feeds.rules import choices, query
from tierslieu_ical.rules import utc
from tierslieu_ical.tests.builders import a_booking, a_person, a_place, a_room, change

MAY = frozenset({"feeds.own", "feeds.venue_private"})


class Town:
    """Two rooms at Gattaglio, one at Orologio; a club; bookings of each visibility."""

    def __init__(self, site: tl.Site, client: Any) -> None:
        self.site, self.client = site, client
        with site.writing() as work:
            room = a_place(work)
            venue = work.session.get_one(tl.Venue, room.venue_id)
            hall = a_room(work, venue, "Hall")
            other = tl.Venue(slug="orologio", name="Orologio", kind="centre")
            work.session.add(other)
            club = tl.Organisation(name="Velo club", created_at=work.now, state="accepted")
            work.session.add(club)
            work.session.flush()
            tower = a_room(work, other, "Torre")
            ada = a_person(work)
            acts = tl.OrganisationPerson(organisation_id=club.id, person_id=ada.id, may_act=True)
            work.session.add(acts)
            for n, who in enumerate(("public", "members", "private")):
                at = {"days": n + 1, "visibility": who}
                a_booking(work, room, None, title=f"Lisière {who}", **at)
                a_booking(work, hall, None, title=f"Hall {who}", purpose="dance", **at)
                a_booking(work, tower, None, title=f"Torre {who}", organisation_id=club.id, **at)
            a_booking(work, room, None, title="Asked for", days=9, state="requested")
            self.room, self.hall, self.venue, self.other = room, hall, venue, other
            self.person, self.club = ada, club

    def actor(self, *grants: tl.Grant, **facts: Any) -> tl.Actor:
        hers = tl.Grant("account", "own", None, MAY)
        return tl.Actor(self.person.id, 1, grants=(hers, *grants), **facts)

    def secret(self, scope: str, detail: str, actor: tl.Actor, **ids: int) -> str:
        with self.site.writing(actor) as work:
            opens = Reader(0, 0, "", "", scope, detail, **ids)
            return f"/feeds/{services.new_feed(work, opens)[1]}.ics"

    def titles(self, address: str) -> list[str]:
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        return sorted(str(event["SUMMARY"]) for event in events)


@pytest.fixture
def town(site: tl.Site, client: Any) -> Town:
    return Town(site, client)


def test_what_each_scope_tells_everybody(town: Town) -> None:
    assert town.titles("/calendar.ics") == ["Hall public", "Lisière public", "Torre public"]
    assert town.titles("/calendar.ics?venue=gattaglio") == ["Hall public", "Lisière public"]
    assert town.titles("/calendar.ics?not_venue=gattaglio") == ["Torre public"]
    assert len(town.titles("/calendar.ics?kind=centre")) == 3
    assert town.titles("/calendar.ics?kind=nothing") == []
    venue = "/venues/gattaglio/calendar.ics?lang=en"
    assert town.titles(venue) == ["Busy"] * 4 + ["Hall public", "Lisière public"]
    hall = town.hall.public_id
    assert town.titles(f"{venue}&room={hall}") == ["Busy", "Busy", "Hall public"]
    assert town.titles(f"{venue}&not_room={hall}") == ["Busy", "Busy", "Lisière public"]
    assert town.titles(f"{venue}&room=gone") == []
    assert town.titles(f"{venue}&purpose=dance") == ["Busy", "Busy", "Hall public"]
    assert town.titles(f"{venue}&not_purpose=dance") == ["Busy", "Busy", "Lisière public"]
    assert town.titles(f"{venue}&not_what=bookings") == []
    first = town.client.get(venue).headers["ETag"]
    narrow = town.client.get(f"{venue}&room={hall}", headers={"If-None-Match": first})
    assert narrow.status_code == 200
    assert town.client.get("/calendar.ics?room=" + "a," * 60 + "b").status_code == 200
    many = ",".join(str(n) for n in range(60))
    assert town.client.get(f"/calendar.ics?room={many}").status_code == 422


def test_secret_addresses_show_what_their_owner_may_read(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tl.Grant("venue_manager", "venue", town.venue.id, MAY)
    manager = town.actor(runs)
    member = town.actor(member_venues=frozenset({town.venue.id}))
    acting = town.actor(organisations=frozenset({town.club.id}))
    private = town.secret("venue", "private", manager, venue_id=town.venue.id)
    members = town.secret("venue", "member", member, venue_id=town.venue.id)
    network = town.secret("network", "member", member)
    body = town.secret("organisation", "private", acting, organisation_id=town.club.id)
    shown = town.secret("organisation", "public", acting, organisation_id=town.club.id)
    with pytest.raises(tl.Forbidden):
        town.secret("venue", "private", member, venue_id=town.venue.id)
    with pytest.raises(tl.Forbidden):
        town.secret("network", "private", manager)
    with pytest.raises(tl.Forbidden):
        town.secret("organisation", "private", member, organisation_id=town.club.id)

    def reads(address: str, actor: tl.Actor | None) -> list[str]:
        monkeypatch.setattr(tl, "acting", lambda *_: actor)
        answer = town.client.get(address)
        return town.titles(address) if answer.status_code == 200 else [str(answer.status_code)]

    assert reads(private, manager) == [
        "Asked for", "Hall members", "Hall private", "Hall public",
        "Lisière members", "Lisière private", "Lisière public",
    ]  # fmt: skip
    assert reads(private, member) == reads(private, None) == ["404"]
    both = ["Hall members", "Hall public", "Lisière members", "Lisière public"]
    assert [each for each in reads(members, member) if each in both] == both
    # Her card no longer counts: the address opens what everybody may know.
    assert [each for each in reads(members, manager) if each in both] == both[1::2]
    assert reads(network, member) == [*both, "Torre public"]
    assert reads(body, acting) == ["Torre members", "Torre private", "Torre public"]
    assert reads(shown, acting) == ["Torre public"]
    assert reads(body, member) == ["404"]


def test_what_was_told_to_members_is_told_to_everybody_once_it_is_public(town: Town) -> None:
    with town.site.writing() as work:
        booking = a_booking(work, town.room, None, title="Choir", days=5, visibility="members")
        change(work, booking.id, visibility="public")
    assert "Choir" in town.titles("/calendar.ics")


def test_json_and_the_page_say_what_the_calendar_says(town: Town) -> None:
    address = "/venues/gattaglio/calendar"
    answer = town.client.get(f"{address}.json?lang=en&days=40")
    again = {"If-None-Match": answer.headers["ETag"]}
    items = answer.json["items"]

    assert sorted(each["title"] for each in items) == town.titles(f"{address}.ics?lang=en")
    one = next(each for each in items if each["title"] == "Hall public")
    assert one["location"] == "Hall, Gattaglio, via Gattaglio 30"
    assert (one["all_day"], one["status"], one["timezone"]) == (False, "confirmed", "Europe/Rome")
    assert one["starts_at"].endswith("Z")
    asked = town.client.get(f"{address}.json?lang=en&days=40", headers=again)
    assert asked.status_code == 304
    assert town.client.get(f"{address}.json?from=never").status_code == 422
    assert town.client.get(f"{address}.json?from=9999-12-30&days=400").status_code == 422
    page = town.client.get(f"{address}.html?lang=en").get_data(as_text=True)
    assert all(title in page for title in ("Hall public", "Lisière public"))
    assert "Lisière private" not in page
    assert "webcal://" in page
    assert town.client.get("/calendar.html?from=2020-01-01").status_code == 200
    assert town.client.get("/feeds/tlf_never.html").status_code == 404


def test_free_busy_says_when_and_nothing_else(town: Town) -> None:
    with town.site.writing() as work:
        day = work.now.replace(hour=0, minute=0, second=0) + timedelta(days=2)
        at = {n: day + timedelta(hours=n) for n in (9, 11, 13, 15, 16)}
        for room, start, end in ((0, 9, 11), (0, 11, 13), (1, 11, 15), (0, 15, 16)):
            resource = (town.room, town.hall)[room].id
            span = tl.Span(at[start], at[end])
            claim = tl.new_claim(
                work, venue_id=town.venue.id, kind="staff", span=span, label="Painting"
            )
            tl.take(work, [tl.Taking(claim.id, (resource,), span)])

    answer = town.client.get(f"/rooms/{town.room.public_id}/freebusy.ics")
    whole = town.client.get("/venues/gattaglio/freebusy.ics?days=500")

    assert b"Painting" not in answer.data + whole.data
    busy = [line for line in answer.data.decode().splitlines() if line.startswith("FREEBUSY")]
    assert busy == [
        f"FREEBUSY;FBTYPE=BUSY:{utc(at[a])}/{utc(at[b])}" for a, b in ((9, 13), (15, 16))
    ]
    rooms = icalendar.Calendar.from_ical(whole.data).walk("VFREEBUSY")
    assert sorted(str(each["COMMENT"]) for each in rooms) == ["Hall", "Lisière"]
    assert rooms[0]["DTEND"].dt - rooms[0]["DTSTART"].dt <= timedelta(days=92, hours=1)
    assert town.client.get("/venues/gattaglio/freebusy.ics?from=x").status_code == 422


def test_she_puts_an_address_together(town: Town, app: Any) -> None:
    with town.site.writing() as work:
        an_account(work, "bea@example.org", role="venue_manager", venue=town.venue)
    client = app.test_client()
    assert "Which calendar" in client.get("/feeds/choose").get_data(as_text=True)
    hall = town.hall.public_id
    asked = f"/feeds/choose?of=venue:gattaglio&room={hall}&way_room=without&deadlines=1"
    page = client.get(asked).get_data(as_text=True)
    assert f"/venues/gattaglio/calendar.ics?not_room={hall}&amp;deadlines=1" in page
    assert "Google" in page
    assert client.get("/feeds/choose?of=organisation:x").status_code == 404

    sign_in(client, "bea@example.org")
    page = client.get(f"{asked}&detail=private").get_data(as_text=True)
    assert "Get a secret address" in page
    data = {
        "of": "venue:gattaglio", "detail": "private", "query": f"not_room={hall}",
        "csrf_token": csrf_token(client, asked + "&detail=private"),
    }  # fmt: skip
    made = client.post("/feeds", data=data).get_data(as_text=True)
    address = made.partition("/feeds/tlf_")[2].partition('"')[0].partition("<")[0]
    assert town.titles(f"/feeds/tlf_{address}") == [
        "Asked for", "Lisière members", "Lisière private", "Lisière public",
    ]  # fmt: skip
    mine = client.get("/feeds").get_data(as_text=True)
    assert "Gattaglio, everything" in mine
    with town.site.writing() as work:
        work.session.execute(sa.delete(tl.RoleGrant))
    assert town.client.get(f"/feeds/tlf_{address}").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [{}, {"room": ["a,b"]}, {"not_kind": ["x"], "deadlines": ["1"]}, {"what": ["deadlines,talks"]}],
)
def test_choices_are_written_as_they_are_read(asked: dict[str, list[str]]) -> None:
    found = choices(lambda name: asked.get(name, []))

    written = query(found)
    assert choices(lambda name: [v for k, v in written if k == name]) == found
    assert found.deadlines is ("deadlines" in str(asked))


SERIES = (
    "BEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Europe/Rome:20261020T180000\r\n"
    "DTEND;TZID=Europe/Rome:20261020T200000\r\nSUMMARY:Choir\\, sung\\nloud\r\n"
    "RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Europe/Rome:20261027T180000\r\nSTATUS:CONFIRMED\r\n"
    "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID;TZID=Europe/Rome:20261103T180000\r\n"
    "DTSTART;TZID=Europe/Rome:20261104T180000\r\nDTEND;TZID=Europe/Rome:20261104T200000\r\n"
    "SUMMARY:Choi\r\n r\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:b\r\nDTSTART;VALUE=DATE:20261104\r\nDTEND;VALUE=DATE:20261105\r\n"
    "SUMMARY:Apply\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n"
)


def test_series_are_read_back_date_by_date_across_the_clock_change() -> None:
    found = occurrences(SERIES, date(2026, 10, 1), date(2026, 12, 1))

    assert [(each.day.isoformat(), str(each.starts_at)[11:16], each.title) for each in found] == [
        ("2026-10-20", "16:00", "Choir, sung\nloud"),
        ("2026-11-04", "", "Apply"),
        ("2026-11-04", "17:00", "Choir"),
        ("2026-11-10", "17:00", "Choir, sung\nloud"),
    ]
    assert [each.status for each in found] == ["confirmed", "confirmed", "cancelled", "confirmed"]
