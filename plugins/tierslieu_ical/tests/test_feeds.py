"""Feeds over HTTP and in the database: invariants 1 to 6, on every engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa
import time_machine

import tierslieu.toolkit as tl
from tierslieu_ical import jobs, queries, services
from tierslieu_ical.models import Feed, Fragment
from tierslieu_ical.tests.builders import a_booking, a_person, a_place, a_room, change
from tierslieu_ical.uses import uses_of


@dataclass
class Scene:
    """Ada has booked Lisière and made an address."""

    site: tl.Site
    client: Any
    room: tl.Room
    person: tl.Person
    booking: tl.Booking
    token: str

    @property
    def address(self) -> str:
        return f"/feeds/{self.token}.ics"

    def read(self, address: str = "", **headers: str) -> Any:
        return self.client.get(address or self.address, headers=headers)

    def events(self, address: str = "") -> list[icalendar.Event]:
        answer = self.read(address)
        assert answer.status_code == 200
        return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))  # type: ignore[arg-type]

    def acting(self) -> tl.Actor:
        grant = self.site_grant()
        return tl.Actor(person_id=self.person.id, account_id=1, grants=(grant,))

    def site_grant(self) -> Any:
        return tl.Grant("account", "own", None, frozenset({"feeds.own"}))

    @contextmanager
    def writing(self) -> Iterator[tl.Work]:
        with self.site.writing(self.acting()) as work:
            yield work


@pytest.fixture
def scene(site: tl.Site, client: Any) -> Scene:
    with site.writing() as work:
        room = a_place(work)
        person = a_person(work)
        booking = a_booking(work, room, person)
    made = Scene(site, client, room, person, booking, "")
    with made.writing() as work:
        _, made.token = services.new_feed(work)
    return made


def test_a_person_reads_her_bookings_by_her_address(scene: Scene) -> None:
    answer = scene.read()

    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    event = scene.events()[0]
    assert (event["SUMMARY"], event["UID"]) == ("Repair café", scene.booking.uid)
    assert event["LOCATION"] == "Lisière, Gattaglio, via Gattaglio 30"
    assert event["URL"].endswith(f"/bookings/{scene.booking.public_id}")
    calendar = icalendar.Calendar.from_ical(answer.data)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Rome"]
    assert b"\n" not in answer.data.replace(b"\r\n", b"")


def test_invariant_2_unchanged_is_the_same_bytes_and_304(scene: Scene) -> None:
    first = scene.read()
    with time_machine.travel(tl.clock.now() + timedelta(hours=1), tick=True):
        second = scene.read()
        third = scene.read(**{"If-None-Match": first.headers["ETag"]})

    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert (third.status_code, third.data) == (304, b"")
    assert third.headers["ETag"] == first.headers["ETag"]
    assert third.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    ("facts", "sees"),
    [
        ({"label": "Mending café"}, ("SUMMARY", "Mending café")),
        ({"state": "cancelled"}, ("STATUS", "CANCELLED")),
        ({"state": "requested"}, ("STATUS", "TENTATIVE")),
    ],
    ids=["another title", "cancelled", "asked again"],
)
def test_invariant_1_a_change_is_read_at_once(
    scene: Scene, facts: dict[str, Any], sees: tuple[str, str]
) -> None:
    before = scene.read().headers["ETag"]
    with scene.site.writing() as work:
        change(work, scene.booking.id, **facts)

    answer = scene.read(**{"If-None-Match": before})
    assert answer.status_code == 200
    event = scene.events()[0]
    assert event[sees[0]] == sees[1]
    assert event["SEQUENCE"] == 1
    assert event["UID"] == scene.booking.uid


def test_invariant_1_a_change_that_is_undone_is_not_read(scene: Scene) -> None:
    before = scene.read().data

    def fail() -> None:
        with scene.site.writing() as work:
            change(work, scene.booking.id, label="Never")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert scene.read().data == before


def test_moving_to_another_room_keeps_the_uid(scene: Scene) -> None:
    with scene.site.writing() as work:
        venue = work.session.get(tl.Venue, scene.room.venue_id)
        assert venue is not None
        other = a_room(work, venue, "Sala grande")
        change(work, scene.booking.id, room_id=other.id)

    event = scene.events()[0]
    assert event["UID"] == scene.booking.uid
    assert event["LOCATION"].startswith("Sala grande")
    assert scene.events(f"/rooms/{scene.room.public_id}/calendar.ics") == []
    assert len(scene.events(f"/rooms/{other.public_id}/calendar.ics")) == 1


def test_invariant_3_reading_writes_nothing_and_use_is_noted_hourly(scene: Scene) -> None:
    statements: list[str] = []
    sa.event.listen(
        scene.site.db.writer, "before_cursor_execute", lambda *a: statements.append(a[2])
    )
    scene.read()
    scene.read(**{"If-None-Match": scene.read().headers["ETag"]})
    assert statements == []

    with time_machine.travel(tl.clock.now() + timedelta(minutes=61), tick=False):
        scene.read().close()
        queued = waiting(scene.site, "ical.note_uses")
    assert len(queued) == 1
    with scene.site.writing() as work:
        jobs.note_uses(work, **queued[0])
        feed = work.session.scalars(sa.select(Feed)).one()
        assert feed.last_used_at is not None
    assert uses_of(scene.site).taken(tl.clock.now()) == {}


def waiting(site: tl.Site, name: str) -> list[Any]:
    job = tl.Model.metadata.tables["job"]
    with site.reading() as work:
        return list(work.session.scalars(sa.select(job.c.payload).where(job.c.name == name)))


def test_invariant_4_a_stopped_address_is_dead_at_once(scene: Scene) -> None:
    tag = scene.read().headers["ETag"]
    with scene.writing() as work:
        feed = queries.feeds_of(work.session, scene.person.id)[0]
        services.stop_feed(work, feed.public_id)

    stopped = scene.read(**{"If-None-Match": tag})
    unknown = scene.read("/feeds/tlf_never.ics")
    assert stopped.status_code == unknown.status_code == 404
    assert stopped.data == unknown.data


def test_a_new_address_takes_the_place_of_the_old(scene: Scene) -> None:
    with scene.writing() as work:
        feed = queries.feeds_of(work.session, scene.person.id)[0]
        _, token = services.renew_feed(work, feed.public_id)

    assert scene.read().status_code == 404
    assert scene.read(f"/feeds/{token}.ics").status_code == 200
    assert re.fullmatch(r"tlf_[\w-]{43}", token)


def test_the_address_is_kept_only_as_a_hash(scene: Scene) -> None:
    with scene.site.reading() as work:
        row = work.session.execute(sa.select(Feed.__table__)).one()

    assert scene.token not in str(row)


def test_another_person_can_neither_see_nor_stop_it(scene: Scene) -> None:
    with scene.site.writing() as work:
        other = a_person(work, "Bruno")
    somebody = replace(scene.acting(), person_id=other.id)

    with scene.site.writing(somebody) as work:
        mine = queries.feeds_of(work.session, scene.person.id)[0].public_id
        assert queries.feeds_of(work.session, other.id) == []
        with pytest.raises(tl.NotFound):
            services.stop_feed(work, mine)


@pytest.mark.parametrize(
    "token",
    ["null", "", "tlf_", "tlf_" + "a" * 5000, "..%2f..%2fetc%2fpasswd", "tlf_%00", "%0d%0aX:1"],
)
def test_a_guessed_address_is_not_found(scene: Scene, token: str) -> None:
    assert scene.read(f"/feeds/{token}.ics").status_code == 404


def test_nobody_reads_for_a_suspended_account(scene: Scene) -> None:
    with scene.site.writing() as work:
        work.session.execute(sa.update(tl.Account).values(suspended_at=work.now))

    assert scene.read().status_code == 404


def test_what_her_organisations_booked_is_there_once(scene: Scene) -> None:
    with scene.site.writing() as work:
        club = tl.Organisation(name="Velo club", created_at=work.now)
        work.session.add(club)
        work.session.flush()
        work.session.add(tl.OrganisationPerson(organisation_id=club.id, person_id=scene.person.id))
        bruno = a_person(work, "Bruno")
        a_booking(work, scene.room, bruno, title="Ride", days=2, organisation_id=club.id)
        a_booking(work, scene.room, scene.person, title="Both", days=3, organisation_id=club.id)
        a_booking(work, scene.room, bruno, title="Bruno's own", days=4)

    assert [e["SUMMARY"] for e in scene.events()] == ["Repair café", "Ride", "Both"]


def test_invariant_5_public_calendars_say_busy_unless_the_title_is_public(scene: Scene) -> None:
    with scene.site.writing() as work:
        a_booking(work, scene.room, None, title="Open day", days=2, visibility="public")
        a_booking(work, scene.room, None, title="For members", days=3, visibility="members")
        a_booking(work, scene.room, None, title="Asked for", days=4, state="requested")

    for address in (
        "/venues/gattaglio/calendar.ics",
        f"/rooms/{scene.room.public_id}/calendar.ics",
    ):
        answer = scene.read(address + "?lang=en")
        assert answer.headers["Cache-Control"].startswith("public")
        assert "Set-Cookie" not in answer.headers
        titles = [e["SUMMARY"] for e in scene.events(address + "?lang=en")]
        assert titles == ["Busy", "Open day", "Busy"]
        assert b"Repair" not in answer.data
        again = scene.read(address + "?lang=en", **{"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_invariant_6_the_cancelled_is_told_for_90_days(scene: Scene) -> None:
    with scene.site.writing() as work:
        change(work, scene.booking.id, state="cancelled")
    public = "/venues/gattaglio/calendar.ics"

    assert [e["STATUS"] for e in scene.events()] == ["CANCELLED"]
    assert [e["STATUS"] for e in scene.events(public)] == ["CANCELLED"]
    with time_machine.travel(tl.clock.now() + timedelta(days=92), tick=False):
        assert scene.events() == []
        assert scene.events(public) == []


@pytest.mark.parametrize("slug", ["nowhere", "gattaglio%0d%0aX-Evil:1"])
def test_a_venue_that_is_not_there_is_not_found(scene: Scene, slug: str) -> None:
    assert scene.read(f"/venues/{slug}/calendar.ics").status_code == 404
    assert scene.read(f"/feeds/venue/{slug}.svg").status_code == 404
    assert scene.read("/rooms/aaaaaaaaaaaaaaaa/calendar.ics").status_code == 404


def test_a_venue_that_is_not_published_has_no_calendar(scene: Scene) -> None:
    with scene.site.writing() as work:
        work.session.execute(sa.update(tl.Venue).values(published=False))

    assert scene.read("/venues/gattaglio/calendar.ics").status_code == 404
    assert scene.read(f"/rooms/{scene.room.public_id}/calendar.ics").status_code == 404


def test_the_code_to_photograph_is_a_picture_of_the_address(scene: Scene) -> None:
    answer = scene.read("/feeds/venue/gattaglio.svg")

    assert answer.mimetype == "image/svg+xml"
    assert b"<svg" in answer.data
    assert b"style=" not in answer.data


def test_switched_off_everything_of_it_is_absent_and_back_when_on(scene: Scene) -> None:
    scene.site.plugins.disable(scene.site, "ical")
    assert scene.read().status_code == 404
    assert scene.read("/venues/gattaglio/calendar.ics").status_code == 404
    assert scene.read("/feeds").status_code == 404
    assert scene.client.put("/feeds").status_code == 404

    scene.site.plugins.enable(scene.site, "ical")
    assert scene.read().status_code == 200
    assert waiting(scene.site, "ical.rebuild")


def test_rebuilding_makes_the_same_text_and_finds_what_was_missed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scene.read()
    with scene.site.writing() as work:
        jobs.rebuild(work)
    assert scene.read().data == first.data

    with scene.site.writing() as work:
        work.session.execute(sa.delete(Fragment))
        a_booking(work, scene.room, scene.person, title="Second", days=2)
        work.session.execute(sa.delete(Fragment))
        assert services.behind(work) == (2, 0)
    monkeypatch.setattr(services, "BATCH", 1)
    with scene.site.writing() as work:
        jobs.look_after(work)
    for payload in [{}, *({"after": scene.booking.id},)]:
        with scene.site.writing() as work:
            jobs.rebuild(work, **payload)

    assert [e["SUMMARY"] for e in scene.events()] == ["Repair café", "Second"]
    assert len(waiting(scene.site, "ical.rebuild")) >= 1


def test_another_base_address_makes_every_text_again(scene: Scene) -> None:
    with scene.site.reading() as work:
        assert queries.behind(work.session, work.now, "another recipe", tl.Places()) == (0, 1)


def test_erasing_a_person_leaves_no_address_of_hers(scene: Scene) -> None:
    with scene.site.writing() as work:
        services.forget(work, scene.person.id)

    assert scene.read().status_code == 404
    with scene.site.reading() as work:
        assert list(work.session.scalars(sa.select(Feed))) == []
        assert list(work.session.scalars(sa.select(Fragment.person_id))) == [None]


def test_ten_thousand_entries_are_joined_not_written_anew(scene: Scene) -> None:
    with scene.site.writing() as work:
        fragment = work.session.scalars(sa.select(Fragment)).one()
        row = {c.key: getattr(fragment, c.key) for c in sa.inspect(Fragment).column_attrs}
        claim = work.session.get(tl.Claim, scene.booking.id)
        assert claim is not None
        claims = [
            {
                "public_id": f"{n:016d}",
                "venue_id": claim.venue_id,
                "kind": "booking",
                "owner": "core",
                "label": "",
                "visibility": "private",
                "starts_at": claim.starts_at,
                "ends_at": claim.ends_at,
            }
            for n in range(9_999)
        ]
        work.session.execute(sa.insert(tl.Claim), claims)
        ids = work.session.scalars(sa.select(tl.Claim.id).where(tl.Claim.id != claim.id))
        work.session.execute(sa.insert(Fragment), [row | {"claim_id": n} for n in ids])
    statements: list[str] = []
    sa.event.listen(
        scene.site.db.reader, "before_cursor_execute", lambda *a: statements.append(a[2])
    )

    answer = scene.read()

    assert answer.data.count(b"BEGIN:VEVENT") == 10_000
    assert len([each for each in statements if "ical_" in each]) == 3
    assert scene.read(**{"If-None-Match": answer.headers["ETag"]}).status_code == 304
