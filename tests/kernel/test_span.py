"""Stretches of time: half-open, in UTC, right on the two nights the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.kernel.span import (
    BadSpan,
    Span,
    WallTimeAmbiguous,
    WallTimeGap,
    at_wall,
    iso,
    local_date,
    local_day_span,
    merged,
    wall_to_utc,
)

ROME = ZoneInfo("Europe/Rome")
NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)


def hours(start: int, end: int) -> Span:
    return Span(NOON + timedelta(hours=start), NOON + timedelta(hours=end))


spans = st.builds(
    lambda start, length: hours(start, start + length), st.integers(0, 40), st.integers(1, 8)
)


def inside(hour: int, *some: Span) -> bool:
    return any(span.contains(NOON + timedelta(hours=hour)) for span in some)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "code"),
    [
        pytest.param(NOON, NOON, "empty_span", id="nothing"),
        pytest.param(NOON, NOON - timedelta(hours=1), "empty_span", id="backwards"),
        pytest.param(NOON.replace(tzinfo=None), NOON, "naive_time", id="naive"),
        pytest.param(NOON, NOON.replace(microsecond=1), "too_fine", id="finer than a second"),
        pytest.param(NOON, NOON.replace(year=9999), "out_of_range", id="year 9999"),
        pytest.param(NOON.replace(year=1), NOON, "out_of_range", id="year 1"),
    ],
)
def test_what_is_no_stretch_of_time_is_refused(
    starts_at: datetime, ends_at: datetime, code: str
) -> None:
    with pytest.raises(BadSpan) as refused:
        Span(starts_at, ends_at)
    assert refused.value.code == code


def test_any_zone_becomes_utc() -> None:
    local = Span(
        datetime(2026, 5, 2, 14, tzinfo=ROME),
        datetime(2026, 5, 2, 14, tzinfo=timezone(timedelta(hours=1))),
    )
    assert str(local) == "2026-05-02T12:00:00Z/2026-05-02T13:00:00Z"
    assert local == hours(0, 1)


def test_the_night_the_clock_goes_back_is_compared_in_utc() -> None:
    first = datetime(2026, 10, 25, 2, 50, tzinfo=ROME, fold=0)
    second = datetime(2026, 10, 25, 2, 20, tzinfo=ROME, fold=1)
    assert Span(first, second).minutes == 30


@pytest.mark.parametrize(
    ("one", "other", "overlap", "touch"),
    [
        pytest.param(hours(0, 2), hours(1, 3), True, False, id="overlapping"),
        pytest.param(hours(0, 2), hours(2, 3), False, True, id="touching"),
        pytest.param(hours(0, 2), hours(3, 4), False, False, id="apart"),
        pytest.param(hours(0, 4), hours(1, 2), True, False, id="inside"),
    ],
)
def test_touching_is_not_overlapping(one: Span, other: Span, overlap: bool, touch: bool) -> None:
    assert (one.overlaps(other), one.touches(other)) == (overlap, touch)
    assert (other.overlaps(one), other.touches(one)) == (overlap, touch)
    assert (one.intersection(other) is not None) == overlap


def test_widening_adds_set_up_before_and_clear_up_after() -> None:
    assert hours(1, 2).widened(timedelta(hours=1), timedelta(hours=2)) == hours(0, 4)


@given(spans, st.lists(spans, max_size=6))
def test_minus_leaves_exactly_the_rest(whole: Span, others: list[Span]) -> None:
    left = whole.minus(others)
    assert left == merged(left)
    for hour in range(50):
        assert inside(hour, *left) == (inside(hour, whole) and not inside(hour, *others))


@given(st.lists(spans, max_size=8))
def test_merged_is_sorted_disjoint_and_covers_the_same(some: list[Span]) -> None:
    union = merged(some)
    assert all(one.ends_at < other.starts_at for one, other in pairwise(union))
    assert all(inside(hour, *union) == inside(hour, *some) for hour in range(50))


@pytest.mark.parametrize(
    ("day", "length"),
    [
        pytest.param(date(2026, 3, 29), 23, id="spring"),
        pytest.param(date(2026, 10, 25), 25, id="autumn"),
        pytest.param(date(2026, 5, 2), 24, id="any other"),
    ],
)
def test_a_local_day_is_as_long_as_the_clock_makes_it(day: date, length: int) -> None:
    assert local_day_span(day, ROME).duration == timedelta(hours=length)


def test_a_wall_time_in_the_gap_is_refused_with_the_next_that_exists() -> None:
    with pytest.raises(WallTimeGap) as refused:
        wall_to_utc(datetime(2026, 3, 29, 2, 30), ROME, field="starts_at")  # noqa: DTZ001
    [reason] = refused.value.reasons
    assert reason.field == "starts_at"
    assert reason.nearest[0].values == {"starts_at": "2026-03-29T03:00:00+02:00"}


def test_a_wall_time_shown_twice_needs_its_offset() -> None:
    twice = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    with pytest.raises(WallTimeAmbiguous) as refused:
        wall_to_utc(twice, ROME)
    assert [choice.values["at"][-6:] for choice in refused.value.reasons[0].nearest] == [
        "+02:00",
        "+01:00",
    ]
    assert iso(wall_to_utc(twice, ROME, fold=0)) == "2026-10-25T00:30:00Z"
    assert iso(wall_to_utc(twice, ROME, fold=1)) == "2026-10-25T01:30:00Z"


def test_an_ordinary_wall_time_is_simply_converted() -> None:
    assert iso(wall_to_utc(datetime(2026, 5, 2, 14), ROME)) == "2026-05-02T12:00:00Z"  # noqa: DTZ001


@given(
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)]),
    st.integers(0, 1440),
    st.integers(0, 1440),
)
def test_later_on_the_wall_never_comes_earlier(day: date, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert at_wall(day, low, ROME) <= at_wall(day, high, ROME)


def test_the_date_is_the_one_on_the_wall() -> None:
    assert local_date(datetime(2026, 5, 1, 22, 30, tzinfo=UTC), ROME) == date(2026, 5, 2)
