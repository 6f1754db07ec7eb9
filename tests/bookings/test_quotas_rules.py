"""Quotas, pure: what counts, in which period, and how many of many dates fit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.bookings.rules.quotas import (
    CONCERNED,
    MEASURES,
    PERIODS,
    Counted,
    Quota,
    candidates,
    concerns,
    first_that_fit,
    next_period,
    over,
    period_of,
    portions,
    quota_reasons,
    used_by,
    window,
)
from tierslieu.kernel.span import Span, at_wall, local_date

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WEEKEND = frozenset({5, 6})


def on(day: str, start: str, end: str) -> Span:
    """A span by the clock of Rome; an end before the start is the next day's."""
    first = date.fromisoformat(day)

    def minutes(clock: str) -> int:
        hours, _, rest = clock.partition(":")
        return int(hours) * 60 + int(rest)

    ends = minutes(end) + (1440 if minutes(end) <= minutes(start) else 0)
    return Span(
        at_wall(first, minutes(start), ROME),
        at_wall(first + timedelta(days=ends // 1440), ends % 1440, ROME),
    )


def quota(per: str = "month", amount: int = 600, measure: str = "hours", **more: object) -> Quota:
    return Quota(measure, amount, per, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("per", "day", "first", "after"),
    [
        ("day", "2026-11-04", "2026-11-04", "2026-11-05"),
        ("week", "2026-11-04", "2026-11-02", "2026-11-09"),
        ("month", "2024-02-29", "2024-02-01", "2024-03-01"),
        ("month", "2026-12-31", "2026-12-01", "2027-01-01"),
        ("year", "2024-12-31", "2024-01-01", "2025-01-01"),
        ("season", "2026-08-31", "2025-09-01", "2026-09-01"),
        ("season", "2026-09-01", "2026-09-01", "2027-09-01"),
    ],
)
def test_a_day_lies_in_its_period(per: str, day: str, first: str, after: str) -> None:
    found = period_of(quota(per), date.fromisoformat(day))
    assert (found.isoformat(), next_period(quota(per), found).isoformat()) == (first, after)


@pytest.mark.parametrize(
    ("said", "span", "expected"),
    [
        pytest.param(quota(), on("2026-11-04", "18:00", "20:00"), {"2026-11-01": 120}, id="hours"),
        pytest.param(
            quota(), on("2026-11-30", "22:00", "02:00"),
            {"2026-11-01": 120, "2026-12-01": 120}, id="over the end of a month each its own",
        ),
        pytest.param(
            quota(measure="count"), on("2026-11-30", "22:00", "02:00"), {"2026-11-01": 1},
            id="a booking counts where it begins",
        ),
        pytest.param(
            quota(from_minute=1080, until_minute=1320), on("2026-11-04", "17:00", "23:00"),
            {"2026-11-01": 240}, id="only the hours that count",
        ),
        pytest.param(
            quota(weekdays=WEEKEND), on("2026-11-06", "23:00", "01:00"), {"2026-11-01": 60},
            id="Saturday's hour of a Friday night",
        ),
        pytest.param(
            quota(weekdays=WEEKEND, measure="count"), on("2026-11-04", "18:00", "20:00"), {},
            id="a Wednesday does not count at the week-end",
        ),
        pytest.param(
            quota(), on("2026-10-25", "01:00", "04:00"), {"2026-10-01": 240},
            id="the night with an hour more",
        ),
        pytest.param(
            quota(), on("2027-03-28", "01:00", "04:00"), {"2027-03-01": 120},
            id="the night with an hour less",
        ),
    ],
)  # fmt: skip
def test_what_a_booking_takes(said: Quota, span: Span, expected: dict[str, int]) -> None:
    found = {first.isoformat(): taken for first, taken in portions(said, span, ROME).items()}
    assert found == expected


@pytest.mark.parametrize(
    ("whose", "audience", "organisation", "audiences", "expected"),
    [
        ("person", "everyone", False, (), True),
        ("person", "everyone", True, (), False),
        ("organisation", "everyone", True, (), True),
        ("organisation", "everyone", False, (), False),
        ("either", "everyone", True, (), True),
        ("group", "members", False, ("members",), True),
        ("either", "members", False, (), False),
        ("either", "others", False, (), True),
        ("either", "others", False, ("members",), False),
        ("either", "residents", False, ("residents",), True),
        ("either", "organisations", False, (), False),
    ],
)
def test_whom_it_concerns(
    whose: str, audience: str, organisation: bool, audiences: tuple[str, ...], expected: bool
) -> None:
    said = quota(whose=whose, audience=audience)
    assert concerns(said, organisation=organisation, audiences=audiences) is expected
    assert audience in CONCERNED


def test_the_limit_itself_is_allowed_and_a_minute_more_is_not() -> None:
    used = {date(2026, 11, 1): 480}
    counted = Counted(quota(), ROME, used)
    assert quota_reasons([on("2026-11-04", "18:00", "20:00")], [counted]) == []
    found = quota_reasons([on("2026-11-04", "18:00", "20:01")], [counted])
    assert [reason.code for reason in found] == ["quota"]
    assert "At most 10:00:00 a month." in str(found[0].message)


def test_a_series_is_judged_whole_and_says_how_many_of_its_dates_fit() -> None:
    dates = [
        on((date(2026, 11, 3) + timedelta(days=7 * n)).isoformat(), "18:00", "20:00")
        for n in range(10)
    ]
    narrow = Counted(quota("season", 600), ROME, {date(2026, 9, 1): 240})
    wide = Counted(quota("year", 3, "count"), ROME)
    assert quota_reasons(dates[:3], [narrow, wide]) == []
    assert over(narrow, dates) == 3
    assert first_that_fit(dates, [narrow, wide]) == 3
    hours, count = quota_reasons(dates, [narrow, wide])
    assert "the first 3 fit" in str(hours.message)
    assert dict(count.nearest[0].values) == {"first_dates": "3"}
    none_left = Counted(quota("season", 240), ROME, {date(2026, 9, 1): 240})
    assert quota_reasons(dates, [none_left])[0].nearest == ()


def test_a_booking_that_moves_may_keep_what_it_had() -> None:
    """Invariant 3: the quota came later and she is above it; moving takes nothing more."""
    first = date(2026, 11, 1)
    counted = Counted(quota(), ROME, {first: 600}, {first: 120})
    assert over(counted, [on("2026-11-05", "18:00", "20:00")]) is None
    assert over(counted, [on("2026-11-05", "18:00", "20:30")]) == 0


def test_what_would_do_instead_is_shorter_or_outside_its_hours_or_later() -> None:
    said = quota("week", 180, weekdays=frozenset(range(5)), from_minute=1080, until_minute=1320)
    counted = Counted(said, ROME, {date(2026, 11, 2): 120})
    asked = on("2026-11-04", "18:00", "20:00")
    found = candidates(asked, [counted], 30, NOW)
    assert on("2026-11-04", "18:00", "19:00") in found
    assert on("2026-11-04", "16:00", "18:00") in found
    assert on("2026-11-11", "18:00", "20:00") in found


# -- properties -----------------------------------------------------------------------------------

SPANS = st.lists(
    st.tuples(st.integers(0, 500 * 24 * 4), st.integers(1, 40)).map(
        lambda pair: Span(
            NOW + timedelta(minutes=15 * pair[0]), NOW + timedelta(minutes=15 * sum(pair))
        )
    ),
    max_size=8,
)
QUOTAS = st.builds(
    Quota,
    measure=st.sampled_from(MEASURES),
    amount=st.integers(0, 900),
    per=st.sampled_from(PERIODS),
    weekdays=st.frozensets(st.integers(0, 6)),
    from_minute=st.integers(0, 600),
    until_minute=st.integers(601, 1440),
)


@settings(max_examples=60, deadline=None)
@given(QUOTAS, SPANS)
def test_what_fits_one_by_one_fits_together_and_the_next_does_not(
    said: Quota, spans: list[Span]
) -> None:
    fitting = over(Counted(said, ROME), spans)
    fits = len(spans) if fitting is None else fitting
    assert all(taken <= said.amount for taken in used_by(said, spans[:fits], ROME).values())
    if fitting is not None:
        more = used_by(said, spans[: fitting + 1], ROME)
        assert any(taken > said.amount for taken in more.values())


@settings(max_examples=60, deadline=None)
@given(QUOTAS, SPANS.filter(bool))
def test_all_that_counts_in_the_periods_of_some_spans_lies_in_their_window(
    said: Quota, spans: list[Span]
) -> None:
    around = window(said, spans, ROME)
    for span in spans:
        for first in portions(said, span, ROME):
            assert around.starts_at <= at_wall(first, 0, ROME)
            assert at_wall(next_period(said, first), 0, ROME) <= around.ends_at
        assert portions(said, span, ROME).keys() <= {
            period_of(said, local_date(span.starts_at, ROME) + timedelta(days=n)) for n in range(3)
        }
