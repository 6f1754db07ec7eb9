"""Repeating dates: bounded, on the wall clock, the same as dateutil says."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.recurrence import WEEKDAYS, BadRule, Frequency, Rule, expand, parse, text

ROME = ZoneInfo("Europe/Rome")
MONDAY = datetime(2026, 3, 2, 18, 0)  # noqa: DTZ001 (a wall time)


def days(rule: str, start: datetime = MONDAY) -> list[str]:
    return [f"{o.local_start:%m-%d}" for o in expand(parse(rule), start, ROME)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param("FREQ=DAILY;COUNT=3", ["03-02", "03-03", "03-04"], id="daily"),
        pytest.param("RRULE:FREQ=WEEKLY;COUNT=2", ["03-02", "03-09"], id="weekly, with name"),
        pytest.param(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=4",
            ["03-02", "03-05", "03-16", "03-19"],
            id="every other week on two days",
        ),
        pytest.param("FREQ=MONTHLY;COUNT=2", ["03-02", "04-02"], id="monthly by date"),
        pytest.param("FREQ=MONTHLY;BYDAY=1MO;COUNT=2", ["03-02", "04-06"], id="first Monday"),
        pytest.param("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["03-27", "04-24"], id="last Friday"),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;COUNT=2", ["03-10", "04-14"], id="by position"
        ),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["03-31", "04-30"], id="last day"),
        pytest.param("FREQ=WEEKLY;UNTIL=20260316", ["03-02", "03-09", "03-16"], id="until a date"),
        pytest.param(
            "FREQ=WEEKLY;UNTIL=20260316T165959Z", ["03-02", "03-09"], id="until an instant before"
        ),
        pytest.param(
            "FREQ=WEEKLY;UNTIL=20260316T170000Z",
            ["03-02", "03-09", "03-16"],
            id="until the very instant",
        ),
        pytest.param("FREQ=YEARLY;COUNT=2", ["03-02", "03-02"], id="yearly"),
        pytest.param("FREQ=WEEKLY;BYDAY=TU;COUNT=1", ["03-03"], id="a start that does not fit"),
    ],
)
def test_a_rule_gives_its_dates(rule: str, expected: list[str]) -> None:
    assert days(rule) == expected


def test_a_monthly_31st_leaves_short_months_out() -> None:
    start = datetime(2026, 1, 31, 9, 0)  # noqa: DTZ001
    assert days("FREQ=MONTHLY;COUNT=3", start) == ["01-31", "03-31", "05-31"]


def test_the_wall_time_stays_through_both_clock_changes() -> None:
    start = datetime(2026, 3, 28, 18, 0)  # noqa: DTZ001
    found = expand(parse("FREQ=DAILY;COUNT=2"), start, ROME)
    assert [o.starts_at.hour for o in found] == [17, 16]


def test_a_skipped_wall_time_comes_an_hour_later_and_a_doubled_one_first() -> None:
    spring = expand(parse("FREQ=DAILY;COUNT=2"), datetime(2026, 3, 28, 2, 30), ROME)  # noqa: DTZ001
    assert spring[1].starts_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    autumn = expand(parse("FREQ=DAILY;COUNT=2"), datetime(2026, 10, 24, 2, 30), ROME)  # noqa: DTZ001
    assert autumn[1].starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        pytest.param("FREQ=SECONDLY;COUNT=5", "unsupported_rrule", id="every second"),
        pytest.param("FREQ=DAILY;BYHOUR=1,2;COUNT=5", "unsupported_rrule", id="several a day"),
        pytest.param("FREQ=DAILY", "series_too_long", id="endless"),
        pytest.param("FREQ=DAILY;COUNT=1000000000", "too_many_dates", id="a milliard of dates"),
        pytest.param("FREQ=DAILY;COUNT=367", "too_many_dates", id="one too many"),
        pytest.param("FREQ=DAILY;UNTIL=20280101", "too_many_dates", id="too many by date"),
        pytest.param("FREQ=WEEKLY;UNTIL=20990101", "series_too_long", id="a century"),
        pytest.param("FREQ=DAILY;UNTIL=99991231T235959Z", "out_of_range", id="year 9999"),
        pytest.param("FREQ=YEARLY;COUNT=300", "series_too_long", id="three centuries"),
        pytest.param(
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "series_too_long", id="30 February"
        ),
        pytest.param(
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20270101", "no_dates", id="no date at all"
        ),
        pytest.param("FREQ=DAILY;UNTIL=20260101", "no_dates", id="ends before it begins"),
        pytest.param("FREQ=DAILY;INTERVAL=0;COUNT=2", "bad_rrule", id="interval nought"),
        pytest.param("FREQ=DAILY;INTERVAL=999;COUNT=2", "bad_interval", id="interval too wide"),
        pytest.param("FREQ=DAILY;COUNT=-1", "bad_rrule", id="minus one date"),
        pytest.param("FREQ=DAILY;COUNT=2;UNTIL=20260301", "bad_rrule", id="two ends"),
        pytest.param("FREQ=DAILY;COUNT=٣", "bad_rrule", id="digits of another script"),
        pytest.param("FREQ=DAILY;COUNT=1;COUNT=2", "bad_rrule", id="said twice"),
        pytest.param("FREQ=DAILY;COUNT", "bad_rrule", id="no value"),
        pytest.param("FREQ=WEEKLY;BYDAY=1MO;COUNT=2", "bad_rrule", id="first Monday of a week"),
        pytest.param("FREQ=MONTHLY;BYDAY=XX;COUNT=2", "bad_rrule", id="no such day"),
        pytest.param("FREQ=MONTHLY;BYDAY=,;COUNT=2", "bad_rrule", id="empty days"),
        pytest.param("", "bad_rrule", id="nothing"),
        pytest.param("FREQ=DAILY;" + "BYDAY=MO" * 99, "bad_rrule", id="very long"),
        pytest.param("FREQ=DAILY;COUNT=" + "9" * 200, "bad_rrule", id="a very long number"),
        pytest.param("FREQ=DAILY;UNTIL=20261332", "bad_rrule", id="no such date"),
    ],
)
def test_a_bomb_or_rubbish_is_refused_at_once_with_its_field(rule: str, code: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Invalid) as refused:
        expand(parse(rule), MONDAY, ROME)
    assert refused.value.code == code
    assert refused.value.reasons[0].field == "rrule"
    assert time.perf_counter() - began < 10, "expanded, it would be minutes"


def test_a_refused_length_offers_the_longest_allowed() -> None:
    with pytest.raises(BadRule) as refused:
        expand(parse("FREQ=WEEKLY"), MONDAY, ROME)
    offered = refused.value.reasons[0].nearest[0].values["rrule"]
    assert expand(parse(offered), MONDAY, ROME)[-1].local_start.date() == date(2028, 2, 28)


def test_the_last_year_is_refused_not_a_fault() -> None:
    with pytest.raises(BadRule, match="out_of_range"):
        expand(parse("FREQ=DAILY;COUNT=2"), datetime(2199, 1, 1, 9), ROME)  # noqa: DTZ001


def test_an_end_date_is_written_as_the_instant_calendars_ask_for() -> None:
    rule = parse("FREQ=WEEKLY;UNTIL=20260701")
    assert text(rule, ROME) == "FREQ=WEEKLY;UNTIL=20260701T215959Z"
    assert expand(parse(text(rule, ROME)), MONDAY, ROME) == expand(rule, MONDAY, ROME)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequencies: list[Frequency] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
    freq = draw(st.sampled_from(frequencies))
    counted = st.sampled_from([1, 2, 3, 4, -1, -2])
    nth = counted if freq in ("MONTHLY", "YEARLY") and draw(st.booleans()) else st.just(0)
    byday = draw(st.sets(st.tuples(nth, st.integers(0, 6)), max_size=3))
    monthday = st.integers(-31, 31).filter(bool)
    bymonthday = draw(st.sets(monthday, max_size=3)) if freq != "WEEKLY" else set()
    return Rule(
        freq=freq,
        interval=draw(st.integers(1, 5)),
        until=date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 360))),
        byday=tuple(sorted(byday)),
        bymonthday=tuple(sorted(bymonthday)),
        bymonth=tuple(sorted(draw(st.sets(st.integers(1, 12), max_size=3)))),
        wkst=draw(st.integers(0, 6)),
    )


@given(rules(), st.dates(date(2026, 1, 1), date(2026, 3, 1)))
@settings(max_examples=70, deadline=None)
def test_every_rule_gives_the_dates_that_dateutil_gives(rule: Rule, first: date) -> None:
    start = datetime.combine(first, datetime.min.time().replace(hour=18))
    assert rule.until is not None
    written = text(rule).replace(f"UNTIL={rule.until:%Y%m%d}", f"UNTIL={rule.until:%Y%m%d}T235959")
    expected = list(rrulestr(written, dtstart=start))
    try:
        found: list[object] = [o.local_start for o in expand(rule, start, ROME)]
    except BadRule as refused:
        found = [refused.code] if refused.code != "no_dates" else []
    assert found == expected


@given(rules())
@settings(max_examples=100, deadline=None)
def test_text_and_rule_are_the_same_thing(rule: Rule) -> None:
    assert parse(text(rule)) == rule


def test_weekdays_count_from_monday() -> None:
    assert WEEKDAYS[MONDAY.weekday()] == "MO"
