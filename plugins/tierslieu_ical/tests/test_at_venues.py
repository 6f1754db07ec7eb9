"""Calendars at a venue: off, they are as if they were not there; on, set as it says."""

from __future__ import annotations

from typing import Any

import icalendar
import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical import rules, services
from tierslieu_ical.tests.builders import a_booking, a_person, a_place, a_room

PUBLIC = (
    "/venues/gattaglio/calendar.ics",
    "/rooms/{room}/calendar.ics",
    "/feeds/venue/gattaglio.svg",
)


class Scene:
    """Ada has booked at Gattaglio and at Orologio; her feed tells both."""

    def __init__(self, site: tl.Site, client: Any) -> None:
        self.site, self.client = site, client
        with site.writing() as work:
            room = a_place(work)
            other = tl.Venue(slug="orologio", name="Orologio", kind="centre")
            work.session.add(other)
            work.session.flush()
            ada = a_person(work)
            a_booking(work, room, ada, title="Mending", visibility="public")
            a_booking(work, room, ada, title="Long ago", days=-20, visibility="public")
            a_booking(work, a_room(work, other, "Torre"), ada, title="Reading")
            self.room, self.venue_id = room, room.venue_id
        hers = tl.Grant("account", "own", None, frozenset({"feeds.own"}))
        with site.writing(tl.Actor(person_id=ada.id, account_id=1, grants=(hers,))) as work:
            self.feed = f"/feeds/{services.new_feed(work)[1]}.ics"
        self.public = [each.format(room=room.public_id) for each in PUBLIC]

    def put(self, table: str, **values: Any) -> None:
        """Write a row of the platform's, as the switchboard and the settings do."""
        with self.site.writing() as work:
            rows = tl.Model.metadata.tables[table]
            said = values | {"plugin": "ical", "changed_at": work.now}
            work.session.execute(sa.insert(rows).values(**said))
        self.site.plugins.switches.stale()

    def titles(self, address: str) -> list[str]:
        answer = self.client.get(address)
        assert answer.status_code == 200
        events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        return sorted(str(event["SUMMARY"]) for event in events)


@pytest.fixture
def scene(site: tl.Site, client: Any) -> Scene:
    return Scene(site, client)


def test_where_they_are_off_they_answer_as_absent(scene: Scene) -> None:
    before = scene.client.get(scene.feed).headers["ETag"]
    assert scene.titles(scene.feed) == ["Long ago", "Mending", "Reading"]
    scene.put("plugin_venue", venue_id=scene.venue_id, state="off")

    assert [scene.client.get(each).status_code for each in scene.public] == [404, 404, 404]
    assert scene.client.get("/venues/orologio/calendar.ics").status_code == 200
    # Nobody keeps these entries up to date any more: one at the wrong hour is worse than none.
    assert scene.titles(scene.feed) == ["Reading"]
    assert scene.client.get(scene.feed).headers["ETag"] != before
    assert "calendar.ics" not in scene.client.get("/venues/gattaglio").get_data(as_text=True)
    with scene.site.reading() as work:
        assert services.behind(work) == (0, 0)


def test_days_back_follow_the_nearest_word(scene: Scene) -> None:
    venue, room = scene.public[:2]
    assert scene.titles(venue) == scene.titles(room) == ["Long ago", "Mending"]
    said = {"name": "days_back", "scope_id": scene.venue_id, "value": 7}
    scene.put("plugin_setting", scope="venue", **said)
    scene.put("plugin_setting", scope="room", **said | {"scope_id": scene.room.id, "value": 30})

    assert scene.titles(venue) == ["Mending"]
    assert scene.titles(room) == ["Long ago", "Mending"]
    assert scene.titles(scene.feed) == ["Long ago", "Mending", "Reading"]
    scene.put("plugin_setting", scope="network", **said | {"scope_id": 0})
    assert scene.titles(scene.feed) == ["Mending", "Reading"]


def test_a_venue_may_tell_no_titles(scene: Scene) -> None:
    venue = scene.public[0]
    before = scene.client.get(venue).headers["ETag"]
    scene.put(
        "plugin_setting", name="titles", scope="venue", scope_id=scene.venue_id, value="never"
    )

    assert scene.titles(f"{venue}?lang=en") == ["Busy", "Busy"]
    assert scene.client.get(venue, headers={"If-None-Match": before}).status_code == 200
    assert "Mending" in scene.titles(scene.feed)


def test_titles_of_several_lines_go_whole() -> None:
    long = "SUMMARY:" + "a" * 67 + "\r\n bcd\r\n ef\r\nLOCATION:Lisière\r\n"
    assert rules.untitled(long) == f"SUMMARY:{rules.BUSY}\r\nLOCATION:Lisière\r\n"
