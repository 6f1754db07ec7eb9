"""A series in a calendar: one rule, what differs, and the same dates as ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa

from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking
from tierslieu.bookings.series.changing import cancel_series, change_series
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, cancel
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Claim
from tierslieu.testing import csrf_token, left_out

At = Callable[..., Span]
Reads = Callable[[], bytes]


@pytest.fixture
def reads(house: Any, browser: Any) -> Reads:
    """Ada's feed."""
    ada = browser("ada")
    made = ada.post("/feeds", data={"csrf_token": csrf_token(ada, "/feeds")})
    address = made.get_data(as_text=True).split("/feeds/")[1].split(".ics")[0]

    def read() -> bytes:
        answer = browser().get(f"/feeds/{address}.ics")
        assert answer.status_code == 200
        return bytes(answer.data)

    return read


def events(text: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))  # type: ignore[arg-type]


def expanded(text: bytes) -> list[tuple[datetime, datetime]]:
    """The dates as another programme reads them, without those that are cancelled."""
    try:
        import recurring_ical_events
    except ModuleNotFoundError:
        left_out("recurring-ical-events")
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(since, until)
    return sorted(
        (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC))
        for event in found
        if event.get("STATUS") != "CANCELLED"
    )


def ours(house: Any) -> list[tuple[datetime, datetime]]:
    with house.reading("ada") as work:
        question = sa.select(Claim.starts_at, Claim.ends_at).join(Booking, Booking.id == Claim.id)
        rows = work.session.execute(question.where(Booking.state == "confirmed"))
        return sorted((row[0], row[1]) for row in rows)


def book(house: Any, at: At, rule: str, room: str = "night") -> list[str]:
    new = NewBooking(house.rooms[room], at("2026-11-06 18:00", "20:00"), "Coro")
    with house.writing("ada") as work:
        made = book_series(work, NewSeries(new, parse(rule)))
        return [view.booking.public_id for view in made.views]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;COUNT=52",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH,SA;COUNT=30",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=14",
        "FREQ=DAILY;UNTIL=20270405",
    ],
)
def test_expanding_a_series_gives_our_dates(house: Any, at: At, reads: Reads, rule: str) -> None:
    book(house, at, rule)
    text = reads()
    assert len(events(text)) == 1
    assert expanded(text) == ours(house)


def test_what_differs_is_an_override_and_what_is_unchanged_is_the_same_bytes(
    house: Any, at: At, reads: Reads
) -> None:
    made = book(house, at, "FREQ=WEEKLY;COUNT=6")
    with house.writing("ada") as work:
        cancel(work, made[1])
    with house.writing("ada") as work:
        change(work, made[2], Edit(span=at("2026-11-21 09:00", "11:00"), title="Prove"))
    text = reads()
    assert len({str(event["UID"]) for event in events(text)}) == 1
    assert [str(event["STATUS"]) for event in events(text)] == [
        "CONFIRMED", "CANCELLED", "CONFIRMED",
    ]  # fmt: skip
    assert reads() == text
    assert expanded(text) == ours(house)


def test_this_and_following_has_an_uid_of_its_own_and_says_whom_it_follows(
    house: Any, at: At, reads: Reads
) -> None:
    made = book(house, at, "FREQ=WEEKLY;COUNT=6")
    before = str(events(reads())[0]["UID"])
    with house.writing("ada") as work:
        change_series(work, made[3], Edit(span=at("2026-11-27 19:00", "21:00")), "following")
    text = reads()
    new = [event for event in events(text) if str(event["UID"]) != before]
    assert len(events(text)) == 2
    assert str(new[0]["RELATED-TO"]) == before
    assert expanded(text) == ours(house)
    with house.writing("ada") as work:
        cancel_series(work, made[3], "following")
    assert expanded(reads()) == ours(house)
