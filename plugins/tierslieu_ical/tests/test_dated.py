"""What other plugins date stands in the calendars, in the reader's language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import icalendar
import pytest

import tierslieu.toolkit as tl
from tierslieu_ical.tests.builders import a_booking, a_place

SAID = tl.sentences("tierslieu")
DAY = tl.clock.now().date() + timedelta(days=20)


@pytest.fixture
def told(site: tl.Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A plugin's entries, of which a test may change the title."""
    facts: dict[str, Any] = {"title": tl.Texts(it="Festa", en="Party")}

    class Talks:
        @tl.hookimpl
        def calendar_entries(self, question: tl.CalendarQuestion) -> Any:
            if question.is_own:
                return
            at = question.since + timedelta(days=370, hours=10)
            changed = question.since
            all_see: Any = {"changed_at": changed, "visibility": "public"}
            days = (DAY, DAY + timedelta(days=2))
            yield tl.CalendarEntry("party", facts["title"], *days, url="/talks/1", **all_see)
            hour = (at, at + timedelta(hours=1))
            more: Any = {"url": "javascript:x", "description": SAID("Save"), "zone": "Europe/Rome"}
            yield tl.CalendarEntry("talk", "Talk; on bread", *hour, **more, **all_see)
            yield tl.CalendarEntry("inner", "Inner", at, changed_at=changed)
            yield tl.CalendarEntry("due", "Due", at, visibility="public", deadline=True)

    site.hooks.manager.register(Talks(), name="talks")
    monkeypatch.setattr(site.hooks, "_is_on", lambda name, venue=None: True)
    monkeypatch.setattr(tl, "dated_by", lambda _work: [("talks", "Talks")])
    return facts


def test_they_are_told_with_their_days_and_links(
    site: tl.Site, client: Any, told: dict[str, Any]
) -> None:
    with site.writing() as work:
        room = a_place(work)
        a_booking(work, room, None, title="Open day", visibility="public")
    address = "/calendar.ics?lang=en"

    def events(more: str = "") -> dict[str, Any]:
        answer = client.get(address + more)
        assert answer.status_code == 200
        found = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        return {str(event["SUMMARY"]): event for event in found}

    first = client.get(address)
    assert client.get(address).data == first.data
    assert sorted(events()) == ["Open day", "Party", "Talk; on bread"]
    party, talk = events()["Party"], events()["Talk; on bread"]
    assert (party["DTSTART"].dt, party["DTEND"].dt) == (DAY, DAY + timedelta(days=2))
    assert (party["UID"], party["URL"]) == ("party.talks@tierslieu", "http://localhost/talks/1")
    assert (talk["DESCRIPTION"], "URL" in talk) == ("Save", False)
    assert talk["DTSTART"].params["TZID"] == "Europe/Rome"
    assert sorted(events("&what=talks,deadlines")) == ["Due", "Party", "Talk; on bread"]
    assert sorted(events("&not_what=talks")) == ["Open day"]
    items = client.get(f"/calendar.json?lang=en&from={DAY}&days=1").json["items"]
    assert [(item["title"], item["all_day"]) for item in items] == [("Party", True)]
    # Not at the venue's: it happens nowhere that is named.
    assert "Party" not in client.get("/venues/gattaglio/calendar.ics").get_data(as_text=True)

    told["title"] = "Dance"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert "Dance" in again.get_data(as_text=True)
    told["title"] = 3
    assert sorted(events()) == ["Open day"]
