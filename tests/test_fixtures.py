"""What ``tierslieu.testing`` gives to the tests of plugins: clock, mails, bookings, calendars."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tierslieu.kernel import clock
from tierslieu.kernel.site import Site
from tierslieu.testing import (
    MailBox,
    StoppedClock,
    a_booking,
    a_card,
    a_room,
    a_venue,
    an_account,
    calendar_entries,
)
from tierslieu.testing.reading import read_calendar


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_booking_is_made_by_the_rules_told_and_in_the_calendar(
    site: Site, client: Any, mailbox: MailBox, stopped_clock: StoppedClock
) -> None:
    with site.writing() as work:
        venue = a_venue(work)
        room = a_room(work, venue)
        ada = an_account(work, "ada@example.org")
        a_card(work, venue, ada.person_id)
        booking = a_booking(work, room, ada.person_id, title="Choir", visibility="public")
        begins = work.now + timedelta(days=1)

    assert booking.state == "confirmed"
    assert "confirmed" in mailbox.to("ada@example.org")[0].subject
    assert mailbox.to("bea@example.org") == []
    entry = calendar_entries(client, "/venues/gattaglio/calendar.ics")["Choir"]
    assert entry["DTSTART"].dt == begins.replace(minute=0, second=0)
    before = stopped_clock.now
    stopped_clock.move(hours=3)
    assert clock.now() == before + timedelta(hours=3)


EVENT = (
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20300101T100000Z\r\n"
    "DTSTART:20300101T100000Z\r\nEND:VEVENT\r\n"
)


@pytest.mark.parametrize(
    ("events", "wrong"),
    [
        (EVENT + EVENT, "twice"),
        (EVENT.replace("DTSTAMP:20300101T100000Z\r\n", ""), "lacks"),
        (
            EVENT.replace("DTSTART:", "DTSTART;TZID=Europe/Rome:").replace("Z\r\nEND", "\r\nEND"),
            "described",
        ),
        (EVENT.replace("UID:1", "UID:" + "1" * 80), "75"),
    ],
)
def test_what_some_calendar_would_not_take_fails(events: str, wrong: str) -> None:
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"

    with pytest.raises(AssertionError, match=wrong):
        read_calendar(text.encode())
