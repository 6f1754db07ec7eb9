"""How a booking reads in a calendar: invariants 2, 5 and 6, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from tierslieu_ical.rules import (
    ALWAYS,
    BUSY,
    CALENDAR_TAIL,
    CANCELLED_FOR,
    NEVER,
    Entry,
    calendar_head,
    escaped,
    folded_line,
    own_side,
    plain,
    public_side,
)
from tierslieu_ical.zones import vtimezone

MADE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = MADE + timedelta(days=1)
REPAIR = Entry(
    uid="abc@lisiere",
    sequence=0,
    starts_at=datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
    ends_at=datetime(2026, 11, 24, 19, 0, tzinfo=UTC),
    zone="Europe/Rome",
    created_at=MADE,
    title="Repair café; bring tools, and a cake",
    location="Lisière, Gattaglio",
    url="https://example.org/bookings/abc",
    state="confirmed",
    visibility="private",
)


def read(text: str) -> icalendar.Component:
    whole = calendar_head("Gattaglio") + vtimezone("Europe/Rome") + text + CALENDAR_TAIL
    return next(iter(icalendar.Calendar.from_ical(whole).walk("VEVENT")))


def test_its_people_read_title_place_and_wall_time() -> None:
    event = read(own_side(REPAIR, None, MADE).text)

    assert event["SUMMARY"] == "Repair café; bring tools, and a cake"
    assert event["LOCATION"] == "Lisière, Gattaglio"
    assert event.start == REPAIR.starts_at
    assert event["DTSTART"].params["TZID"] == "Europe/Rome"
    assert event["STATUS"] == "CONFIRMED"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == MADE


@pytest.mark.parametrize(
    ("state", "own", "public"),
    [
        ("requested", "TENTATIVE", None),
        ("held", "TENTATIVE", None),
        ("confirmed", "CONFIRMED", "CONFIRMED"),
        ("checked_in", "CONFIRMED", "CONFIRMED"),
        ("no_show", "CONFIRMED", None),
        ("declined", "CANCELLED", None),
        ("cancelled", "CANCELLED", None),
        ("expired", "CANCELLED", None),
    ],
)
def test_states_are_statuses(state: str, own: str, public: str | None) -> None:
    entry = replace(REPAIR, state=state)
    side = public_side(entry, None, MADE)

    assert read(own_side(entry, None, MADE).text)["STATUS"] == own
    assert (read(side.text)["STATUS"] if side.text else None) == public
    assert side.until == (ALWAYS if public else NEVER)


def test_invariant_2_the_same_booking_is_the_same_bytes_a_day_later() -> None:
    first = own_side(REPAIR, None, MADE)

    assert own_side(REPAIR, first, LATER) == first
    assert public_side(REPAIR, public_side(REPAIR, None, MADE), LATER).mark == (
        public_side(REPAIR, None, MADE).mark
    )


def test_a_change_has_another_mark_and_the_moment_of_the_change() -> None:
    first = own_side(REPAIR, None, MADE)
    second = own_side(replace(REPAIR, title="Repair café", sequence=1), first, LATER)

    assert second.mark != first.mark
    assert read(second.text)["DTSTAMP"].dt == LATER
    assert read(second.text)["SEQUENCE"] == 1


@pytest.mark.parametrize(
    ("visibility", "shown"), [("private", False), ("members", False), ("public", True)]
)
def test_invariant_5_a_title_is_public_only_if_it_says_so(visibility: str, shown: bool) -> None:
    text = public_side(replace(REPAIR, visibility=visibility), None, MADE).text

    assert ("Repair" in text) is shown
    assert (BUSY in text) is not shown
    assert "URL" not in text


def test_invariant_6_what_was_shown_and_cancelled_is_told_for_90_days() -> None:
    before = public_side(REPAIR, None, MADE)
    after = public_side(replace(REPAIR, state="cancelled"), before, LATER)

    assert read(after.text)["STATUS"] == "CANCELLED"
    assert after.until == LATER + CANCELLED_FOR


@pytest.mark.parametrize(
    "text",
    [
        "evil\r\nBEGIN:VALARM",
        "evil\nATTACH:file",
        "a\u2028b\u2029c\u0085d\x0be\x0cf",
        "nul\x00 and bell\x07",
        "back\\slash; semi, comma",
        "“Ballo liscio” 🎻 àèìòù " * 20,
    ],
)
def test_no_text_begins_a_line_of_its_own(text: str) -> None:
    event = read(own_side(replace(REPAIR, title=text, location=text), None, MADE).text)

    assert set(event.keys()) == set(read(own_side(REPAIR, None, MADE).text).keys())
    assert not event.subcomponents
    wanted = "".join(c for c in text.replace("\r\n", "\n") if c not in "\x00\x07")
    for odd in "\u2028\u2029\u0085\x0b\x0c":
        wanted = wanted.replace(odd, "\n")
    assert event["SUMMARY"] == wanted


def test_lines_are_folded_at_75_octets_between_characters() -> None:
    line = "SUMMARY:" + "perché" * 40
    folded = folded_line(line)

    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.endswith("\r\n")
    assert folded.replace("\r\n ", "").removesuffix("\r\n") == line


def test_plain_and_escaped_leave_ordinary_words_alone() -> None:
    assert plain("Sala civica, città") == "Sala civica, città"
    assert escaped("Sala") == "Sala"
    assert escaped("a\ud800b") == "ab"


def test_the_night_the_clock_goes_back_keeps_its_two_hours() -> None:
    night = replace(
        REPAIR,
        starts_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ends_at=datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    )
    text = own_side(night, None, MADE).text

    assert "DTSTART;TZID=Europe/Rome:20261025T023000" in text
    assert "DTEND;TZID=Europe/Rome:20261025T033000" in text
    second = replace(night, starts_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert "DTSTART:20261025T013000Z" in own_side(second, None, MADE).text


def test_zones_carry_their_rules_and_utc_needs_none() -> None:
    assert vtimezone("UTC") == ""
    assert vtimezone("Europe/Rome").startswith("BEGIN:VTIMEZONE\r\nTZID:Europe/Rome\r\n")
    assert "\n" not in vtimezone("Europe/Rome").replace("\r\n", "")
