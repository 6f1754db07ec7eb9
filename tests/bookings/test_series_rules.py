"""Whatever the rule: a series cut in two or moved has the same dates, and calendars read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tierslieu.bookings.models import Series
from tierslieu.bookings.series.dates import _write
from tierslieu.bookings.series.queries import series_also, series_dates, series_rule
from tierslieu.bookings.series.rules import Repeat, Shift, shifted, split
from tierslieu.kernel.recurrence import BadRule, Rule
from tierslieu.testing import left_out

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    freq = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    weekdays = st.lists(st.integers(0, 6), max_size=3, unique=True)
    byday: tuple[tuple[int, int], ...] = ()
    bymonthday: tuple[int, ...] = ()
    if freq == "WEEKLY":
        byday = tuple((0, day) for day in sorted(draw(weekdays)))
    elif freq == "MONTHLY":
        how = draw(st.sampled_from(("date", "nth", "last", "monthday")))
        if how in ("nth", "last"):
            nth = draw(st.integers(1, 5)) if how == "nth" else -1
            byday = ((nth, draw(st.integers(0, 6))),)
        elif how == "monthday":
            bymonthday = (draw(st.sampled_from((1, 15, 29, 31, -1))),)
    most = {"DAILY": 40, "WEEKLY": 25, "MONTHLY": 8, "YEARLY": 2}[freq]
    interval = draw(st.integers(1, 3)) if freq != "YEARLY" else 1
    return Rule(freq, interval, count=draw(st.integers(1, most)), byday=byday,
                bymonthday=bymonthday, wkst=draw(st.sampled_from((0, 6))))  # fmt: skip


@st.composite
def repeats(draw: st.DrawFn) -> Repeat:
    """Near the nights on which the clock changes, leap day and the ends of years, and anywhere."""
    near = st.sampled_from(
        (date(2027, 3, 28), date(2027, 10, 31), date(2028, 2, 29), date(2027, 12, 31))
    )
    first = draw(near) - timedelta(days=draw(st.integers(0, 60)))
    clock = draw(st.sampled_from(((18, 0), (2, 30), (1, 0), (22, 0), (0, 0), (23, 30))))
    wall = datetime(first.year, first.month, first.day, *clock)  # noqa: DTZ001 (a wall time)
    rule = draw(rules())
    made = Repeat(rule, wall, draw(st.sampled_from((30, 60, 120, 480))), ROME)
    try:
        walls = made.rule_walls()
    except BadRule:
        assume(False)
    also = draw(st.lists(st.integers(1, 90), max_size=2, unique=True))
    gone = draw(st.lists(st.sampled_from(walls), max_size=2, unique=True))
    made = Repeat(
        rule, wall, made.minutes, ROME,
        tuple(sorted(first + timedelta(days=n) for n in also)), tuple(w.date() for w in gone),
    )  # fmt: skip
    try:
        made.dates()
    except BadRule:
        assume(False)
    return made


def walls_of(repeat: Repeat | None) -> list[datetime]:
    try:
        return [each.local_start for each in repeat.dates()] if repeat else []
    except BadRule:
        return []  # all that it has is left out


@settings(max_examples=60, deadline=None)
@given(repeats())
def test_complaint_11_every_date_is_at_its_wall_time_whatever_the_rule(repeat: Repeat) -> None:
    dates = repeat.dates()
    assert [each.span.starts_at for each in dates] == sorted(
        {each.span.starts_at for each in dates}
    )
    for each in dates:
        shown = each.span.starts_at.astimezone(ROME).replace(tzinfo=None)
        assert each.local_start.time() == repeat.first.time()
        # A time that the clock skips comes as much later as the clock jumps.
        assert shown - each.local_start in (timedelta(0), timedelta(hours=1))
        assert each.span.ends_at > each.span.starts_at
    assert walls_of(repeat.settled()) == [each.local_start for each in dates]


@settings(max_examples=60, deadline=None)
@given(repeats(), st.integers(-3, 120))
@example(Repeat(Rule("YEARLY", count=1), datetime(2028, 2, 29, 9), 60, ROME), 400)  # noqa: DTZ001
def test_a_series_cut_in_two_has_all_its_dates_and_no_other(repeat: Repeat, on: int) -> None:
    cut = repeat.first.date() + timedelta(days=on)
    head, tail = split(repeat, cut)
    before, after = walls_of(head), walls_of(tail)
    assert before + after == walls_of(repeat)
    assert all(wall.date() < cut for wall in before)
    assert all(wall.date() >= cut for wall in after)


@settings(max_examples=60, deadline=None)
@given(repeats(), st.integers(-8, 8), st.sampled_from((0, 2, 20)))
def test_a_series_that_moves_has_each_date_moved_by_as_much(
    repeat: Repeat, days: int, hour: int
) -> None:
    shift = Shift(days, datetime(2026, 1, 1, hour, 30).time(), 90)  # noqa: DTZ001
    there = shifted(repeat, shift)
    assert walls_of(there) == [shift.wall(wall) for wall in walls_of(repeat)]
    for part in split(there, repeat.first.date() + timedelta(days=10)):
        assert set(walls_of(part)) <= set(walls_of(there))


@settings(max_examples=40, deadline=None)
@given(repeats(), st.sets(st.integers(0, 40), max_size=3), st.sets(st.integers(0, 40), max_size=2))
def test_other_programmes_read_our_dates_whatever_the_rule(
    repeat: Repeat, cancelled: set[int], moved: set[int]
) -> None:
    try:
        import icalendar
        import recurring_ical_events

        from tierslieu_ical.repeating import Member, Repeating, own_series
        from tierslieu_ical.rules import Entry
    except ModuleNotFoundError:
        left_out("recurring-ical-events")

    row = Series(uid="weekly@x", zone=ROME.key, minutes=0, local_start="", rrule="")
    _write(row, repeat, 1)
    nominal = tuple((span.starts_at, span.ends_at, wall) for wall, span in series_dates(row))
    series = Repeating(row.uid, "", series_rule(row), tuple(series_also(row)), nominal)
    members, ours = [], []
    for n, each in enumerate(repeat.dates()):
        away = timedelta(hours=3) if n in moved else timedelta(0)
        start, end = each.span.starts_at + away, each.span.ends_at + away
        state = "cancelled" if n in cancelled else "confirmed"
        entry = Entry(row.uid, 0, start, end, ROME.key, NOW, "Coro", "Sala", "", state, "private")
        members.append(Member(each.span.starts_at, entry, NOW))
        if state == "confirmed":
            ours.append((start, end))
    assume(ours)
    text = own_series(series, members, None, NOW).text
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{text}END:VCALENDAR\r\n"
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar)).between(
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)
    )
    read = sorted(
        (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC))
        for event in found
        if event.get("STATUS") != "CANCELLED"
    )
    assert read == sorted(ours)
