"""When a place is open: the strongest fact of each day, on the wall clock, closures last."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.span import Span, at_wall
from tierslieu.kernel.texts import Texts
from tierslieu.venues.rules import (
    ALL_DAY,
    Closing,
    DayException,
    Holiday,
    Interval,
    OpeningFacts,
    Period,
    clock_minutes,
    clock_text,
    day_hours,
    intervals_from,
    is_open,
    next_opening,
    open_now,
    open_spans,
    weekly_from,
    weekly_to,
    why_shut,
)

ROME = ZoneInfo("Europe/Rome")
MONDAY = date(2026, 5, 4)
SPLIT = (Interval(540, 780), Interval(880, 1110))  # 9:00–13:00, 14:40–18:30
WEEKDAYS = dict.fromkeys(range(5), SPLIT)
LAB = Period("venue", WEEKDAYS)


def on(day: date, opens: int, closes: int) -> Span:
    return Span(at_wall(day, opens, ROME), at_wall(day, closes, ROME))


def hours(*pairs: tuple[int, int]) -> tuple[Interval, ...]:
    return tuple(Interval(opens * 60, closes * 60) for opens, closes in pairs)


def always(scope: str, *pairs: tuple[int, int], priority: int = 0, **valid: date) -> Period:
    week = {day: hours(*pairs) for day in range(7)}
    return Period("room" if scope == "room" else "venue", week, priority=priority, **valid)


def shown(facts: OpeningFacts, day: date = MONDAY) -> list[str]:
    return [
        f"{span.starts_at.astimezone(ROME):%H:%M}-{span.ends_at.astimezone(ROME):%H:%M}"
        for span in open_spans(facts, day, day, ROME)
    ]


def test_split_hours_at_odd_minutes_are_two_spans() -> None:
    assert shown(OpeningFacts((LAB,))) == ["09:00-13:00", "14:40-18:30"]
    assert shown(OpeningFacts((LAB,)), MONDAY + timedelta(days=5)) == []


FEAST = Holiday(MONDAY, Texts(it="Festa"))
OPEN_ON = DayException(MONDAY, hours((10, 12)), "venue")
ROOM_OPEN_ON = DayException(MONDAY, hours((15, 16)), "room")
CLOSED_ON = DayException(MONDAY, (), "venue", Texts(it="Inventario"))
SHUT = Closing(on(MONDAY, 600, 660), "venue", Texts(it="Lavori"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(OpeningFacts(), [], id="nothing said: closed"),
        pytest.param(
            OpeningFacts((always("venue", (8, 20)), always("room", (9, 12)))),
            ["09:00-12:00"],
            id="the room's week replaces the venue's",
        ),
        pytest.param(
            OpeningFacts((LAB, Period("room", {5: SPLIT}))),
            [],
            id="as a whole week, not by day",
        ),
        pytest.param(
            OpeningFacts((always("venue", (8, 20)), always("room", (6, 23)))),
            ["08:00-20:00"],
            id="a room without keys stays inside the venue's hours",
        ),
        pytest.param(
            OpeningFacts((always("venue", (8, 20)), always("room", (6, 23))), keys=True),
            ["06:00-23:00"],
            id="a room with keys reaches beyond",
        ),
        pytest.param(
            OpeningFacts((always("room", (6, 23)),)),
            ["06:00-23:00"],
            id="a room of a venue that says nothing",
        ),
        pytest.param(
            OpeningFacts((always("venue", (8, 20)), always("venue", (10, 11), priority=1))),
            ["10:00-11:00"],
            id="higher priority",
        ),
        pytest.param(
            OpeningFacts(
                (
                    always("venue", (8, 20)),
                    always(
                        "venue", (9, 10), valid_from=MONDAY, valid_until=MONDAY + timedelta(days=9)
                    ),
                    always("venue", (7, 8), valid_from=MONDAY, valid_until=date(2026, 9, 1)),
                )
            ),
            ["09:00-10:00"],
            id="shortest period",
        ),
        pytest.param(
            OpeningFacts((LAB, always("venue", (1, 2), valid_until=MONDAY - timedelta(days=1)))),
            ["09:00-13:00", "14:40-18:30"],
            id="a period that is over says nothing",
        ),
        pytest.param(OpeningFacts((LAB,), holidays=(FEAST,)), [], id="closed on a holiday"),
        pytest.param(
            OpeningFacts((LAB,), holidays=(FEAST,), closed_on_holidays=False),
            ["09:00-13:00", "14:40-18:30"],
            id="a venue open on holidays",
        ),
        pytest.param(
            OpeningFacts((LAB,), (OPEN_ON,), holidays=(FEAST,)),
            ["10:00-12:00"],
            id="an exception beats a holiday",
        ),
        pytest.param(OpeningFacts((LAB,), (CLOSED_ON,)), [], id="an exception closes"),
        pytest.param(
            OpeningFacts((LAB,), (CLOSED_ON, ROOM_OPEN_ON)),
            ["15:00-16:00"],
            id="the room's exception beats the venue's",
        ),
        pytest.param(
            OpeningFacts((LAB,), (ROOM_OPEN_ON,), holidays=(FEAST,)),
            ["15:00-16:00"],
            id="the room's exception beats the venue's holiday",
        ),
        pytest.param(
            OpeningFacts((LAB,), (ROOM_OPEN_ON,), (Closing(on(MONDAY, 0, 1440)),)),
            [],
            id="but not the venue's closure",
        ),
        pytest.param(
            OpeningFacts((LAB,), (OPEN_ON,), (SHUT,)),
            ["11:00-12:00"],
            id="a closure beats an exception and takes only its time",
        ),
    ],
)
def test_the_strongest_fact_of_the_day_speaks(facts: OpeningFacts, expected: list[str]) -> None:
    assert shown(facts) == expected


def test_hours_that_meet_at_midnight_join() -> None:
    bar = OpeningFacts((Period("venue", {0: hours((20, 24)), 1: hours((0, 2), (9, 12))}),))
    assert is_open(bar, Span(at_wall(MONDAY, 1380, ROME), at_wall(MONDAY, 1500, ROME)), ROME)


def test_a_house_open_all_hours_is_one_span_and_never_changes() -> None:
    house = OpeningFacts((Period("venue", dict.fromkeys(range(7), ALL_DAY)),))
    [span] = open_spans(house, MONDAY, MONDAY + timedelta(days=6), ROME)
    assert span.duration == timedelta(days=7)
    assert open_now(house, at_wall(MONDAY, 600, ROME), ROME).changes_at is None


@pytest.mark.parametrize(
    ("day", "interval", "expected"),
    [
        pytest.param(date(2026, 3, 29), (0, 24), 23, id="a spring day"),
        pytest.param(date(2026, 10, 25), (0, 24), 25, id="an autumn day"),
        pytest.param(date(2026, 3, 29), (1, 4), 2, id="over the gap"),
        pytest.param(date(2026, 10, 25), (1, 4), 4, id="over the doubled hour"),
    ],
)
def test_a_night_of_clock_change_is_as_long_as_it_is(
    day: date, interval: tuple[int, int], expected: int
) -> None:
    [span] = open_spans(OpeningFacts((always("venue", interval),)), day, day, ROME)
    assert span.duration == timedelta(hours=expected)


def test_hours_wholly_inside_the_gap_do_not_exist() -> None:
    night = date(2026, 3, 29)
    facts = OpeningFacts((Period("venue", {6: (Interval(125, 175),)}),))
    assert open_spans(facts, night, night, ROME) == []


@pytest.mark.parametrize(
    ("minute", "is_now_open", "changes"),
    [
        pytest.param(600, True, (MONDAY, 780), id="in the morning, until the break"),
        pytest.param(780, False, (MONDAY, 880), id="at the break, until 14:40"),
        pytest.param(1110, False, (MONDAY + timedelta(days=1), 540), id="in the evening"),
    ],
)
def test_open_now_says_until_when(
    minute: int, is_now_open: bool, changes: tuple[date, int]
) -> None:
    found = open_now(OpeningFacts((LAB,)), at_wall(MONDAY, minute, ROME), ROME)
    assert (found.open, found.changes_at) == (is_now_open, at_wall(*changes, ROME))


def test_the_next_opening_is_found_behind_a_long_closure_or_not_at_all() -> None:
    august = Closing(on(MONDAY, 0, 1440 * 30))
    facts = OpeningFacts((LAB,), closings=(august,))
    noon = at_wall(MONDAY, 720, ROME)
    assert next_opening(facts, noon, ROME) == at_wall(date(2026, 6, 3), 540, ROME)
    assert next_opening(facts, noon, ROME, days=20) is None
    assert next_opening(OpeningFacts(), noon, ROME) is None


def test_next_opening_of_what_never_closes_is_none() -> None:
    house = OpeningFacts((Period("venue", dict.fromkeys(range(7), ALL_DAY)),))
    assert next_opening(house, at_wall(MONDAY, 600, ROME), ROME) is None


@pytest.mark.parametrize(
    ("facts", "span", "expected"),
    [
        pytest.param(OpeningFacts((LAB,)), on(MONDAY, 600, 700), [], id="open"),
        pytest.param(
            OpeningFacts((LAB,)), on(MONDAY, 700, 900), [("hours", "")], id="over the break"
        ),
        pytest.param(
            OpeningFacts((LAB,), holidays=(FEAST,)),
            on(MONDAY, 600, 700),
            [("holiday", "Festa")],
            id="a holiday by name",
        ),
        pytest.param(
            OpeningFacts((LAB,), (CLOSED_ON,)),
            on(MONDAY, 600, 700),
            [("exception", "Inventario")],
            id="a day unlike the others",
        ),
        pytest.param(
            OpeningFacts((LAB,), closings=(SHUT,)),
            on(MONDAY, 600, 700),
            [("closure", "Lavori")],
            id="a closure in opening hours",
        ),
        pytest.param(
            OpeningFacts((LAB,), closings=(SHUT,)),
            on(MONDAY, 500, 700),
            [("closure", "Lavori"), ("hours", "")],
            id="a closure and hours",
        ),
    ],
)
def test_why_shut_names_every_cause(
    facts: OpeningFacts, span: Span, expected: list[tuple[str, str]]
) -> None:
    assert [(shut.cause, str(shut.name)) for shut in why_shut(facts, span, ROME)] == expected


def test_a_venue_as_such_forgets_what_only_a_room_says() -> None:
    facts = OpeningFacts((LAB, always("room", (0, 24))), (ROOM_OPEN_ON,), (SHUT,), (FEAST,))
    assert day_hours(facts.of_venue(), MONDAY).source == "holiday"
    assert facts.of_venue().closings == (SHUT,)


def test_stored_hours_are_read_and_written() -> None:
    stored: dict[str, object] = {"0": [[540, 780], [880, 1110]], "6": []}
    assert weekly_from(stored) == {0: SPLIT, 6: ()}
    assert weekly_to(weekly_from(stored)) == stored
    assert [clock_text(m) for m in (0, 880, 1440)] == ["00:00", "14:40", "24:00"]
    assert [clock_minutes(t) for t in ("0:00", "14.40", "24:00")] == [0, 880, 1440]


@pytest.mark.parametrize(
    "pairs", [[[600, 600]], [[600, 500]], [[0, 1441]], [[0, 60], [30, 90]], [[True, 60]], "x", [1]]
)
def test_impossible_hours_are_refused(pairs: object) -> None:
    with pytest.raises(Invalid):
        intervals_from(pairs)


@pytest.mark.parametrize("written", ["24:01", "12", "12:60", "ab:cd", "-1:00", "", "123:00", "1:2"])
def test_an_impossible_time_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        clock_minutes(written)


intervals = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 600)).map(
        lambda pair: Interval(pair[0], min(1440, sum(pair)))
    ),
    max_size=3,
).map(tuple)
days = st.dates(date(2026, 3, 26), date(2026, 4, 1))
facts_strategy = st.builds(
    OpeningFacts,
    st.lists(
        st.builds(
            Period,
            st.sampled_from(["venue", "room"]),
            st.dictionaries(st.integers(0, 6), intervals),
            priority=st.integers(0, 2),
        ),
        max_size=3,
    ).map(tuple),
    st.lists(
        st.builds(DayException, days, intervals, st.sampled_from(["venue", "room"])), max_size=3
    ).map(tuple),
    st.lists(
        st.builds(
            lambda day, start, length: Closing(on(day, start, start + length)),
            days,
            st.integers(0, 1000),
            st.integers(200, 3000),
        ),
        max_size=2,
    ).map(tuple),
    st.lists(st.builds(Holiday, days), max_size=2).map(tuple),
    st.booleans(),
    st.booleans(),
)


@given(facts_strategy, st.integers(0, 7 * 24 * 4))
@settings(max_examples=80, deadline=None)
def test_open_spans_are_sorted_apart_outside_closures_and_explained(
    facts: OpeningFacts, quarter: int
) -> None:
    spans = open_spans(facts, date(2026, 3, 25), date(2026, 4, 2), ROME)
    assert all(one.ends_at < other.starts_at for one, other in pairwise(spans))
    assert not any(span.overlaps(closing.span) for span in spans for closing in facts.closings)
    start = datetime(2026, 3, 26, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    asked = Span(start, start + timedelta(minutes=45))
    assert bool(why_shut(facts, asked, ROME)) != is_open(facts, asked, ROME)
    now = open_now(facts, start, ROME)
    assert now.open == any(span.contains(start) for span in spans)
    assert now.changes_at is None or now.changes_at > start
