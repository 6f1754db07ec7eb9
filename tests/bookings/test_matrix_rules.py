"""The matrix rule: the first time of each day is the one that judging every minute would find."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.bookings.rules import Applicant, Ask, RoomFacts, check, resolve
from tierslieu.bookings.rules.matrix import (
    Cell,
    Limits,
    Wanted,
    blocked,
    cells,
    free_units,
    moment,
    next_free,
    pieces_of,
    scarce,
    steady,
)
from tierslieu.bookings.rules.policy import EffectivePolicy, Notice, PolicyRow, PolicyValues
from tierslieu.kernel.span import Span, at_wall, local_date
from tierslieu.venues.rules import Interval, OpeningFacts, Period, open_spans

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 12, 28, 9, 0, tzinfo=UTC)
MONDAY = date(2027, 1, 4)
EVENINGS = Wanted(MONDAY, MONDAY + timedelta(days=6), 120, 18 * 60, 24 * 60, frozenset(range(5)))


def opening(*intervals: tuple[int, int], days: Sequence[int] = range(7)) -> OpeningFacts:
    hours = tuple(Interval(*pair) for pair in intervals)
    return OpeningFacts((Period("venue", dict.fromkeys(days, hours)),))


def rules(**values: object) -> EffectivePolicy:
    usual = {"horizon_days": 365, "longest_minutes": "none", "approval": "none"}
    said = PolicyValues(**(usual | values))  # type: ignore[arg-type]
    return resolve([PolicyRow("network", "everyone", said)], ())


def row(
    wanted: Wanted,
    facts: OpeningFacts,
    policy: EffectivePolicy,
    busy: Sequence[Span] = (),
    now: datetime = NOW,
) -> list[Cell]:
    limits = Limits.of(policy, wanted.minutes, now, ROME)
    opens = open_spans(facts, wanted.first, wanted.last + timedelta(days=1), ROME)
    taken = [(int(s.starts_at.timestamp()), int(s.ends_at.timestamp())) for s in busy]
    return cells(wanted, pieces_of(wanted, opens, ROME), blocked(taken, limits), limits)


def told(found: Sequence[Cell]) -> list[str]:
    """Times by the clock of Rome, or why there is none."""
    return [
        each if isinstance(each, str) else f"{moment(each).astimezone(ROME):%H:%M}"
        for each in found
    ]


def wall(day: date, start: int, end: int) -> Span:
    return Span(at_wall(day, start, ROME), at_wall(day, end, ROME))


TUESDAY = MONDAY + timedelta(days=1)
CASES = {
    "the first time within the hours asked for": (
        opening((540, 1440)), rules(), [], ["18:00"] * 5,
    ),
    "from when the doors open, on step or not": (
        opening((1090, 1440)), rules(), [], ["18:10"] * 5,
    ),
    "closed before the evening": (opening((540, 1080)), rules(), [], ["closed"] * 5),
    "open for too short a time": (opening((540, 1170)), rules(), [], ["closed"] * 5),
    "open on two days": (
        opening((540, 1440), days=(1, 3)), rules(), [],
        ["closed", "18:00", "closed", "18:00", "closed"],
    ),
    "after what is taken, on step": (
        opening((540, 1440)), rules(), [wall(TUESDAY, 1080, 1150)],
        ["18:00", "19:30", "18:00", "18:00", "18:00"],
    ),
    "with room for what has to be set up": (
        opening((540, 1440)), rules(before_minutes=30), [wall(TUESDAY, 1080, 1140)],
        ["18:00", "19:30", "18:00", "18:00", "18:00"],
    ),
    "with room for what has to be cleared up": (
        opening((540, 1440)), rules(after_minutes=30), [wall(TUESDAY, 1200, 1230)],
        ["18:00", "20:30", "18:00", "18:00", "18:00"],
    ),
    "taken all evening": (
        opening((540, 1440)), rules(), [wall(TUESDAY, 1140, 1380)],
        ["18:00", "taken", "18:00", "18:00", "18:00"],
    ),
    "beyond the horizon": (
        opening((540, 1440)), rules(horizon_days=8), [],
        ["18:00", "18:00", "too_far", "too_far", "too_far"],
    ),
    "too soon": (
        opening((540, 1440)), rules(notice_add=Notice(9, "days")), [],
        ["too_soon", "too_soon", "18:00", "18:00", "18:00"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_any_weekday_evening(
    case: tuple[OpeningFacts, EffectivePolicy, list[Span], list[str]],
) -> None:
    facts, policy, busy, expected = case
    assert told(row(EVENINGS, facts, policy, busy)) == expected


def test_the_evening_may_end_past_midnight() -> None:
    late = Wanted(MONDAY, MONDAY, 180, 22 * 60, 26 * 60)
    assert told(row(late, opening((0, 1440)), rules())) == ["22:00"]
    assert told(row(late, opening((540, 1440)), rules())) == ["closed"]


def test_one_steady_time_and_the_days_to_skip() -> None:
    facts, policy = opening((540, 1440)), rules()
    busy = [wall(TUESDAY, 1080, 1440), wall(MONDAY, 1080, 1140)]
    limits = Limits.of(policy, 120, NOW, ROME)
    opens = open_spans(facts, MONDAY, MONDAY + timedelta(days=7), ROME)
    taken = blocked(
        [(int(s.starts_at.timestamp()), int(s.ends_at.timestamp())) for s in busy], limits
    )
    assert steady(EVENINGS, pieces_of(EVENINGS, opens, ROME), taken, limits) == (
        19 * 60,
        [TUESDAY],
    )


@pytest.mark.parametrize(
    ("needed", "when"),
    [(1, [(20, 30)]), (2, [(10, 30), (30, 40)]), (3, [(0, 50)])],
    ids=["one of three", "two of three", "all three"],
)
def test_places_are_scarce_when_fewer_are_free_than_are_needed(
    needed: int, when: list[tuple[int, int]]
) -> None:
    units = [[(0, 30)], [(10, 30), (30, 40)], [(20, 50)]]
    assert scarce(units, needed) == when


def test_a_place_counts_as_free_only_for_the_whole_time() -> None:
    units = [[(0, 30)], [(30, 40)], []]
    assert [free_units(units, 0, 30), free_units(units, 20, 20), free_units(units, 30, 5)] == [
        2, 1, 2,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "policy", "minutes"),
    [(60, rules(), 60), (60, rules(shortest_minutes=90), 90), (60, rules(step_minutes=45), 90),
     (240, rules(longest_minutes=120), 120)],
    ids=["as asked", "the shortest there is", "in whole steps", "the longest there is"],
)  # fmt: skip
def test_the_next_free_time_is_as_long_as_the_rules_have_it(
    asked: int, policy: EffectivePolicy, minutes: int
) -> None:
    opens = open_spans(opening((540, 1440)), MONDAY, TUESDAY, ROME)
    found = next_free(opens, [], policy, NOW, ROME, asked)
    assert found is not None
    assert found.minutes == minutes


hours = st.tuples(st.integers(0, 280), st.integers(3, 200)).map(
    lambda pair: (pair[0] * 5, min(1440, (pair[0] + pair[1]) * 5))
)
spans = st.tuples(st.integers(0, 3), st.integers(0, 280), st.integers(1, 60))
#: Usual days, and the nights on which the clock goes forward and back.
DAYS = (MONDAY, date(2027, 3, 27), date(2027, 10, 30))


@settings(max_examples=60, deadline=None)
@given(
    first=st.sampled_from(DAYS),
    open_=st.lists(hours, min_size=1, max_size=2),
    minutes=st.sampled_from((15, 30, 45, 60, 95, 120)),
    window=st.sampled_from(((0, 1440), (1080, 1440), (510, 900), (1260, 1560))),
    step=st.sampled_from((5, 15, 30, 45, 60)),
    buffers=st.sampled_from(((0, 0), (10, 20), (30, 0))),
    taken=st.lists(spans, max_size=4),
)
def test_it_finds_what_judging_every_minute_would_find(
    first: date,
    open_: list[tuple[int, int]],
    minutes: int,
    window: tuple[int, int],
    step: int,
    buffers: tuple[int, int],
    taken: list[tuple[int, int, int]],
) -> None:
    facts = opening(*open_)
    policy = rules(step_minutes=step, before_minutes=buffers[0], after_minutes=buffers[1])
    now = datetime(2026, 12, 28, 9, 0, tzinfo=UTC)
    wanted = Wanted(first, first + timedelta(days=1), minutes, *window)
    midnight = at_wall(first, 0, ROME)
    busy = [
        Span(midnight + timedelta(days=d, minutes=5 * m), midnight
             + timedelta(days=d, minutes=5 * (m + n)))
        for d, m, n in taken
    ]  # fmt: skip
    room = RoomFacts(ROME, facts)
    for day, found in zip(wanted.days, row(wanted, facts, policy, busy, now), strict=True):
        low, high = (at_wall(day + timedelta(days=at // 1440), at % 1440, ROME) for at in window)
        expected: datetime | None = None
        start = low
        while expected is None and start + timedelta(minutes=minutes) <= high:
            span = Span(start, start + timedelta(minutes=minutes))
            ask = Ask(span)
            if check("book", ask, room, policy, Applicant(), now, busy, choices=0).allowed:
                expected = start
            start += timedelta(minutes=5)
        got = moment(found) if isinstance(found, int) else None
        assert got == expected, (found, local_date(low, ROME))
