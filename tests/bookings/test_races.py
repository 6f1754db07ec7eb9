"""Every door by which a room is taken, raced by real processes on both databases.

Each racer is a process with a site of its own. Whoever comes second gets a refusal that says what
is taken: nobody an exception, nobody "database is locked"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.kits import desks, things
from tests.bookings.races import RACERS, At, Order, Race, Racers, made
from tests.bookings.test_complaints_first import unguarded
from tierslieu.bookings.handling.queries import to_handle
from tierslieu.bookings.models import Booking
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, cancel
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.services import join
from tierslieu.kernel import clock
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span, iso
from tierslieu.resources.models import Occupancy
from tierslieu.testing import a_room
from tierslieu.venues.models import Venue

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def racers() -> Iterator[dict[str, Racers]]:
    """By the database they race in."""
    started: dict[str, Racers] = {}
    yield started
    for each in started.values():
        each.stop()


@pytest.fixture
def race(house: Any, racers: dict[str, Racers]) -> Iterator[Race]:
    here = Race(racers, house)
    yield here
    here.over()


def said(span: Span) -> Order:
    return {"start": span.starts_at.isoformat(), "end": span.ends_at.isoformat()}


def holders(house: Any) -> list[tuple[int, int, Any, Any]]:
    """What is occupied: (leaf, claim, from, until)."""
    with house.site.reading() as work:
        columns = (Occupancy.resource_id, Occupancy.claim_id, Occupancy.starts_at,
                   Occupancy.ends_at)  # fmt: skip
        return [tuple(row) for row in work.session.execute(sa.select(*columns))]


def overlaps(house: Any) -> int:
    """How many pairs hold one leaf at one moment: what must never be found."""
    return sum(
        one[0] == other[0] and one[2] < other[3] and other[2] < one[3]
        for one, other in combinations(holders(house), 2)
    )


def during(house: Any, span: Span) -> int:
    """How many bookings hold the sala at a time."""
    room = house.ids["sala"]
    return sum(
        row[0] == room and row[2] < span.ends_at and row[3] > span.starts_at
        for row in holders(house)
    )


def to_book(house: Any, span: Span, at: At, n: int) -> Order:
    return {"verb": "book", "room": house.rooms["sala"], **said(span)}


def to_move(house: Any, span: Span, at: At, n: int) -> Order:
    """Each has a booking in another room at another hour, and wants that one."""
    day = span.starts_at.date() + timedelta(days=1)
    there = at(f"{day} {9 + n // 2:02}:{n % 2 * 30:02}", "13:00")
    there = Span(there.starts_at, there.starts_at + timedelta(minutes=30))
    room = house.rooms["sala"]
    return {"verb": "move", "booking": made(house, "ada", there), "room": room, **said(span)}


def to_approve(house: Any, span: Span, at: At, n: int) -> Order:
    """Each answers another request for that time."""
    asked(house, "asked")
    booking = made(house, "ada", span)
    asked(house, "none")
    return {"verb": "approve", "booking": booking}


def asked(house: Any, approval: str) -> None:
    """Whether bookings of the sala need an answer."""
    from tierslieu.bookings.models import Policy

    with house.writing("admin") as work:
        row = work.session.scalars(sa.select(Policy).where(Policy.room_id == house.ids["sala"]))
        found = row.one()
        found.rules = found.rules | {"approval": approval}


def to_repeat(house: Any, span: Span, at: At, n: int) -> Order:
    return {"verb": "series", "room": house.rooms["sala"], **said(span)}


def to_shift(house: Any, span: Span, at: At, n: int) -> Order:
    """Each has a series of two weeks at another hour, and wants both at that one."""
    day = span.starts_at.date() + timedelta(days=1)
    there = at(f"{day} {9 + n // 2:02}:{n % 2 * 30:02}", "13:00")
    wish = NewBooking(
        house.rooms["sala"],
        Span(there.starts_at, there.starts_at + timedelta(minutes=30)),
        "Before",
    )
    with house.writing(("ada", "bice")[n % 2]) as work:
        first = book_series(work, NewSeries(wish, parse("FREQ=WEEKLY;COUNT=2"))).views[0]
        return {"verb": "move a series", "booking": first.booking.public_id, **said(span)}


def to_send(house: Any, span: Span, at: At, n: int) -> Order:
    """Two rooms together, half of them in the other order."""
    wishes = [{"room": house.rooms[room], **said(span)} for room in ("sala", "tidy")]
    return {"verb": "cart", "wishes": wishes[:: 1 if n % 2 else -1]}


def to_import(house: Any, span: Span, at: At, n: int) -> Order:
    """A file of two rooms, half of them in the other order."""
    rows = [
        f"alba,{room},{iso(span.starts_at)},{iso(span.ends_at)},Race,," for room in ("sala", "tidy")
    ][:: 1 if n % 2 else -1]
    head = "venue,room,starts_at,ends_at,title,email,attendance"
    return {"verb": "import", "file": "\n".join([head, *rows])}


DOORS = {
    "booking": to_book,
    "moving": to_move,
    "approving": to_approve,
    "a series": to_repeat,
    "moving a series": to_shift,
    "a list sent together": to_send,
    "a file": to_import,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_of_all_who_want_one_hour_by_one_door_exactly_one_gets_it(
    house: Any, race: Race, at: At, door: Any
) -> None:
    for day in (9, 11):
        span = at(f"2026-11-{day:02} 15:00", "16:00")
        orders = [door(house, span, at, n) for n in range(RACERS)]
        assert Counter(race.all(orders)) == {"won": 1, "taken": RACERS - 1}
        assert during(house, span) == 1
        assert overlaps(house) == 0
    assert states(house) <= {"confirmed", "requested"}


def states(house: Any) -> set[str]:
    with house.site.reading() as work:
        return set(work.session.scalars(sa.select(Booking.state)))


def test_of_all_who_come_by_different_doors_exactly_one_gets_the_hour(
    house: Any, race: Race, at: At
) -> None:
    for day in (9, 11, 13):
        span = at(f"2026-11-{day:02} 15:00", "16:00")
        doors = [*DOORS.values(), *DOORS.values()][day % 4 :][:RACERS]
        orders = [door(house, span, at, n) for n, door in enumerate(doors)]
        assert Counter(race.all(orders)) == {"won": 1, "taken": RACERS - 1}
        assert during(house, span) == 1
        assert overlaps(house) == 0


def test_without_the_guard_the_same_race_would_be_won_by_several(
    house: Any, race: Race, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of all doors: they have one guard, and this race can see it missing."""
    span = at("2026-11-09 15:00", "16:00")
    with unguarded(house, monkeypatch):
        answers = race.all([to_book(house, span, at, n) for n in range(RACERS)])
        assert answers.count("won") > 1
        assert overlaps(house) > 0


def test_a_request_that_all_answer_at_once_is_answered_once(house: Any, race: Race, at: At) -> None:
    order = to_approve(house, at("2026-11-09 15:00", "16:00"), at, 0)
    assert Counter(race.all([order] * RACERS)) == {"won": 1, "wrong_state": RACERS - 1}


def test_an_offer_that_lapsed_and_those_who_book_its_hour_make_one_holder(
    house: Any, race: Race, at: At
) -> None:
    """Half of them accept what was offered to Ada, half book it: her acceptance is one."""
    for day in (9, 11):
        span = at(f"2026-11-{day:02} 15:00", "16:00")
        offer = offered(house, span)
        want = {"verb": "accept", "booking": offer}, to_book(house, span, at, 0)
        in_time = race.all([want[n % 2] for n in range(RACERS)], "ada")
        assert in_time == ["won", "taken"] * (RACERS // 2), "while it lasts it holds the room"

        span = at(f"2026-11-{day + 1:02} 15:00", "16:00")
        offer = offered(house, span)
        want = {"verb": "accept", "booking": offer}, to_book(house, span, at, 0)
        late = (clock.now() + timedelta(days=3)).isoformat()
        answers = race.all([{**want[n % 2], "now": late} for n in range(RACERS)], "ada")
        accepted, booked = answers[::2], answers[1::2]
        assert set(accepted) in ({"won"}, {"taken"})
        assert (
            Counter(booked)
            == {
                frozenset({"won"}): {"taken": RACERS // 2},
                frozenset({"taken"}): {"won": 1, "taken": RACERS // 2 - 1},
            }[frozenset(accepted)]
        )
        assert during(house, span) == 1
        assert overlaps(house) == 0


def test_who_takes_up_an_offer_and_leaves_the_line_at_once_never_wait_in_a_circle(
    house: Any, race: Race, at: At
) -> None:
    """Half of them accept the offer, half leave by the entry: bookings are locked before rooms."""
    for day in range(9, 13):
        span = at(f"2026-11-{day:02} 15:00", "16:00")
        offer = offered(house, span)
        want = {"verb": "accept", "booking": offer}, {"verb": "give up", "entry": entry_of(house)}
        answers = race.all([want[n % 2] for n in range(RACERS)], "ada")
        assert set(answers[::2]) in ({"won"}, {"wrong_state"})
        assert set(answers[1::2]) == {"won"}


def entry_of(house: Any) -> str:
    """The newest entry of a waiting list."""
    with house.site.reading() as work:
        newest = sa.select(WaitingEntry.public_id).order_by(WaitingEntry.id.desc()).limit(1)
        return str(work.session.scalars(newest).one())


def offered(house: Any, span: Span) -> str:
    """What Ada is offered, who waited for it."""
    gone = made(house, "bice", span)
    with house.writing("ada") as work:
        entry = join(work, NewBooking(house.rooms["sala"], span, "Waits")).public_id
    with house.writing("bice") as work:
        cancel(work, gone)
    with house.site.reading() as work:
        question = (
            sa.select(Booking.public_id)
            .join(WaitingEntry, WaitingEntry.booking_id == Booking.id)
            .where(WaitingEntry.public_id == entry)
        )
        return str(work.session.scalars(question).one())


def test_the_last_desks_are_given_once(house: Any, race: Race, at: At) -> None:
    """Four desks, six who want one."""
    room = desks(house, 4)
    span = at("2026-11-04 15:00", "17:00")
    order = {"verb": "book", "room": room, "places": 1, **said(span)}
    assert Counter(race.all([order] * RACERS, "ada")) == {"won": 4, "taken": 2}
    assert overlaps(house) == 0


def test_the_last_projector_is_given_once(house: Any, race: Race, at: At) -> None:
    """Two rooms, one projector."""
    projector, _ = things(house)
    for day in (9, 11):
        span = at(f"2026-11-{day:02} 15:00", "16:00")
        orders = [
            {"verb": "book", "room": house.rooms[room], "things": [[projector, 1]], **said(span)}
            for room in ("sala", "tidy") * (RACERS // 2)
        ]
        answers = Counter(race.all(orders, "ada"))
        assert answers["won"] == 1, answers
        assert set(answers) <= {"won", "taken", "accessory_taken"}
        assert overlaps(house) == 0


def test_the_last_chairs_are_given_once(house: Any, race: Race, at: At) -> None:
    """Thirty chairs, six rooms that want twelve."""
    _, chairs = things(house)
    with house.writing("manager") as work:
        venue = work.session.get_one(Venue, house.venue)
        rooms = [a_room(work, venue, f"r{n}", capacity=40).public_id for n in range(RACERS)]
    for day in (9, 11):
        span = at(f"2026-11-{day:02} 15:00", "16:00")
        orders = [
            {"verb": "book", "room": room, "things": [[chairs, 12]], **said(span)} for room in rooms
        ]
        answers = Counter(race.all(orders, "ada"))
        assert answers == {"won": 2, "accessory_taken": RACERS - 2}


def test_whoever_races_a_closing_is_refused_or_to_be_handled(
    house: Any, race: Race, at: At
) -> None:
    for day in (9, 11, 13):
        hours = [at(f"2026-11-{day:02} {hour}", f"{hour[:2]}:59")
                 for hour in ("09:00", "10:00", "11:00", "12:00", "15:00")]  # fmt: skip
        hours = [Span(each.starts_at, each.starts_at + timedelta(minutes=50)) for each in hours]
        whole = Span(hours[0].starts_at, hours[-1].ends_at)
        orders = [to_book(house, hour, at, 0) for hour in hours]
        closing = {"verb": "close", "venue": house.venue, "room_id": house.ids["sala"]}
        orders.insert(day % RACERS, {**closing, **said(whole)})
        answers = Counter(race.all(orders))
        assert set(answers) <= {"won", "closure"}
        with house.reading("manager") as work:
            venue = work.session.get_one(Venue, house.venue)
            listed = [t for t in to_handle(work.session, venue, work.now) if t.span in hours]
        assert len(listed) == answers["won"] - 1
