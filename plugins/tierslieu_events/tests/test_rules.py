"""Tables of cases: who has a place, who is offered one, who may register."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import tierslieu.toolkit as tl
from tierslieu_events import rules
from tierslieu_events.rules import Offered, Seat, Wish

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def has(n: int, seats: int = 1) -> Seat:
    return Seat(n, seats, "registered", True, at(-9))


def waits(n: int, seats: int = 1, joined: float = -2) -> Seat:
    return Seat(n, seats, "waiting", False, at(joined))


def offer(n: int, until: float, seats: int = 1) -> Seat:
    return Seat(n, seats, "offered", True, at(-3), at(until))


@pytest.mark.parametrize(
    ("capacity", "line", "lapsed", "offered", "taken", "waiting"),
    [
        (2, [], (), (), 0, 0),
        (2, [has(1), waits(2)], (), (2,), 2, 0),
        (2, [has(1), has(2), waits(3)], (), (), 2, 1),
        # In the order of joining, whatever the order of their rows.
        (2, [has(1), waits(5, joined=-3), waits(4, joined=-1)], (), (5,), 2, 1),
        # A smaller group does not pass a larger one.
        (3, [has(1), has(2), waits(3, seats=2, joined=-5), waits(4)], (), (), 2, 2),
        (4, [has(1), has(2), waits(3, seats=2, joined=-5), waits(4)], (), (3,), 4, 1),
        # An offer holds until its end, and from that moment on no longer.
        (1, [offer(1, until=1), waits(2)], (), (), 1, 1),
        (1, [offer(1, until=0), waits(2)], (1,), (2,), 1, 0),
        (1, [Seat(1, 1, "pending", True, at(-2), at(-1)), waits(2)], (1,), (2,), 1, 0),
        # Whoever is not confirmed yet, and holds nothing, is nobody's place.
        (1, [Seat(1, 1, "pending", False, at(-1), at(1)), has(2)], (), (), 1, 0),
        (None, [has(1, 900), waits(2, 99)], (), (2,), 999, 0),
        (0, [waits(1)], (), (), 0, 1),
    ],
)  # fmt: skip
def test_places_that_are_free_go_to_who_waits(
    capacity: int | None, line: list[Seat], lapsed: tuple[int, ...], offered: tuple[int, ...],
    taken: int, waiting: int,
) -> None:  # fmt: skip
    settled = rules.settle(capacity, line, NOW)
    assert settled == rules.Settled(lapsed, offered, taken, waiting)


@pytest.mark.parametrize(
    ("settled", "capacity", "seats", "has_room"),
    [
        (rules.Settled((), (), 1, 0), 2, 1, True),
        (rules.Settled((), (), 1, 0), 2, 2, False),
        (rules.Settled((), (), 1, 1), 3, 1, False),  # a group of three waits: nobody passes it
        (rules.Settled((), (), 9, 0), None, 50, True),
    ],
)
def test_nobody_passes_who_waits(
    settled: rules.Settled, capacity: int | None, seats: int, has_room: bool
) -> None:
    assert settled.has_room(capacity, seats) is has_room


@pytest.mark.parametrize(
    ("now", "starts_in", "ends"),
    [
        (NOW, 100, at(24)),
        (NOW, 10, at(5)),  # half of what is left
        (NOW, 0.01, at(0) + timedelta(minutes=1)),
        # 23:30 in Rome: it begins at eight in the morning.
        (datetime(2027, 3, 10, 22, 30, tzinfo=UTC), 100, datetime(2027, 3, 12, 7, tzinfo=UTC)),
        # ... unless the date is too near for that.
        (datetime(2027, 3, 10, 22, 30, tzinfo=UTC), 10, datetime(2027, 3, 11, 3, 30, tzinfo=UTC)),
    ],
)
def test_when_an_offer_ends(now: datetime, starts_in: float, ends: datetime) -> None:
    assert rules.offer_ends(now, now + timedelta(hours=starts_in), 24, ROME) == ends


OPEN = Offered("published", "planned", at(48), at(50), ("room", "remote"), True, 4, None)
SHE = Wish("room", 1, is_guest=False, is_member=False, by_desk=False)


@pytest.mark.parametrize(
    ("wish", "date", "codes"),
    [
        ({}, {}, []),
        ({}, {"state": "draft"}, ["not_open"]),
        ({}, {"date_state": "cancelled"}, ["not_open"]),
        ({}, {"starts_at": at(-1), "ends_at": at(1)}, ["past"]),
        ({"kind": "remote"}, {"starts_at": at(-1), "ends_at": at(1)}, []),
        ({"by_desk": True}, {"starts_at": at(-1), "ends_at": at(1)}, []),
        ({"by_desk": True}, {"starts_at": at(-2), "ends_at": at(-1)}, ["past"]),
        ({"kind": "remote"}, {"open_sides": ("room",)}, ["no_such_side"]),
        ({"is_guest": True}, {}, []),
        ({"is_guest": True}, {"guests": False}, ["sign_in_needed"]),
        ({"is_guest": True, "by_desk": True}, {"guests": False}, []),
        ({"seats": 0}, {}, ["too_many_seats"]),
        ({"seats": 5}, {}, ["too_many_seats"]),
        ({"seats": 5, "by_desk": True}, {}, []),
        ({}, {"members_until": at(1)}, ["members_first"]),
        ({"is_member": True}, {"members_until": at(1)}, []),
        ({}, {"members_until": at(0)}, []),
        ({"seats": 9, "kind": "remote"}, {"open_sides": ("room",)},
         ["no_such_side", "too_many_seats"]),
    ],
)  # fmt: skip
def test_who_may_register(wish: dict, date: dict, codes: list[str]) -> None:
    from dataclasses import replace

    found = rules.registration_reasons(replace(SHE, **wish), replace(OPEN, **date), NOW)
    assert [reason.code for reason in found] == codes


@pytest.mark.parametrize(
    ("state", "starts", "ends", "codes"),
    [
        ("registered", 1, 3, []),
        ("registered", 4, 6, ["too_early"]),
        ("registered", -100, -98, []),
        ("registered", -300, -298, ["past"]),
        ("waiting", 1, 3, ["wrong_state"]),
        ("offered", 1, 3, ["wrong_state"]),
    ],
)
def test_who_is_let_in(state: str, starts: float, ends: float, codes: list[str]) -> None:
    found = rules.check_in_reasons(state, at(starts), at(ends), NOW)
    assert [reason.code for reason in found] == codes


@pytest.mark.parametrize(
    ("written", "cents"),
    [("", 0), ("5", 500), ("5,50", 550), ("5.5", 550), (" 12 € ", 1200), ("0", 0)],
)
def test_prices_as_people_write_them(written: str, cents: int) -> None:
    assert rules.cents_of(written) == cents
    assert rules.cents_of(rules.price_words(cents)) == cents


@pytest.mark.parametrize("written", ["five", "-1", "5,555", "1e3", "5,x", "²"])
def test_what_is_no_price(written: str) -> None:
    with pytest.raises(tl.Invalid):
        rules.cents_of(written)


@pytest.mark.parametrize(
    ("starts", "hours", "mode", "has_room", "codes"),
    [
        (1, 2, "room", True, []),
        (1, 2, "remote", False, []),
        (-1, 2, "room", True, ["past"]),
        (1, 25, "remote", False, ["too_long"]),
        (1, 2, "hybrid", False, ["room_missing"]),
    ],
)
def test_what_a_date_must_be(
    starts: float, hours: float, mode: str, has_room: bool, codes: list[str]
) -> None:
    found = rules.date_reasons(tl.Span(at(starts), at(starts + hours)), mode, has_room, NOW)
    assert [reason.code for reason in found] == codes
