"""The week of a room as a grid."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tierslieu.bookings.calendar.board import drawing
from tierslieu.bookings.calendar.rules import Cell, Held, Row, Week, grid, monday_of
from tierslieu.bookings.rules import PolicyRow, PolicyValues, resolve
from tierslieu.kernel.span import Span, at_wall
from tierslieu.venues.rules import Interval, OpeningFacts, Period

ROME = ZoneInfo("Europe/Rome")
MONDAY = date(2026, 11, 2)
LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
TWICE = (Interval(540, 780), Interval(880, 1110))


def week(monday: date = MONDAY, *, days: int = 5, said: dict[str, object] | None = None) -> Week:
    """A venue open twice a day on so many days of the week."""
    facts = OpeningFacts(periods=(Period("venue", dict.fromkeys(range(days), TWICE)),))
    values = {"step_minutes": 10, "notice_add": "none", "horizon_days": "none"} | (said or {})
    rows = [PolicyRow("network", "everyone", PolicyValues.from_json(values))]
    return Week(monday, facts, ROME, resolve(rows, ["everyone"]))


def at(day: int, start: str, end: str, **more: object) -> Held:
    """Something held on a day of the week (0 = Monday)."""
    when = date.fromordinal(MONDAY.toordinal() + day)
    seen = Span(at_wall(when, _minutes(start), ROME), at_wall(when, _minutes(end), ROME))
    return Held(seen, seen, **more)  # type: ignore[arg-type]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def row(rows: list[Row], opens: str) -> Row:
    return next(each for each in rows if each.opens == _minutes(opens))


def cell(rows: list[Row], opens: str, day: int) -> Cell:
    return row(rows, opens).cells[day]


def starts(found: Cell) -> str:
    assert found.start is not None
    return f"{found.start.astimezone(ROME):%H:%M}"


def test_rows_count_from_each_opening_and_say_where_it_is_closed() -> None:
    rows = grid(week(), [], LONG_AGO)
    assert [each.opens for each in rows] == [540, 600, 660, 720, 780, 880, 940, 1000, 1060]
    assert row(rows, "13:00") == Row(780, 880)
    assert starts(cell(rows, "14:40", 1)) == "14:40"


def test_a_day_that_is_closed_is_shut_all_along() -> None:
    rows = grid(week(), [], LONG_AGO)
    assert {each.cells[6].state for each in rows if each.cells} == {"shut"}


def test_a_place_that_stays_shut_all_week_has_no_rows() -> None:
    assert grid(week(days=0), [], LONG_AGO) == []


def test_what_is_taken_shows_the_title_the_reader_may_read() -> None:
    held = [at(1, "14:40", "16:40", title="Choir"), at(2, "14:40", "15:40")]
    rows = grid(week(), held, LONG_AGO)
    assert cell(rows, "15:40", 1) == Cell("busy", None, "Choir")
    assert cell(rows, "14:40", 2) == Cell("busy")
    assert cell(rows, "16:40", 1).state == "free"


def test_an_hour_that_is_mostly_free_can_be_booked_from_where_it_is() -> None:
    rows = grid(week(), [at(1, "15:00", "16:00")], LONG_AGO)
    assert cell(rows, "14:40", 1).state == "busy"
    assert cell(rows, "15:40", 1).state == "free"
    assert starts(cell(rows, "15:40", 1)) == "16:00"


def test_tidying_time_of_our_own_is_kept_before_and_after_others() -> None:
    tidy = week(said={"before_minutes": 20, "after_minutes": 0})
    rows = grid(tidy, [at(1, "14:40", "15:40")], LONG_AGO)
    assert starts(cell(rows, "15:40", 1)) == "16:00"


def test_a_request_shows_and_others_may_still_ask() -> None:
    asked = at(3, "16:40", "17:40", waits=True, occupies=False)
    rows = grid(week(), [asked], LONG_AGO)
    found = cell(rows, "16:40", 3)
    assert (found.state, starts(found)) == ("wait", "16:40")


def test_a_request_that_keeps_the_time_cannot_be_asked_for_again() -> None:
    rows = grid(week(), [at(3, "16:40", "17:40", waits=True)], LONG_AGO)
    assert cell(rows, "16:40", 3) == Cell("wait")


MOMENTS = {
    "over": ("2026-11-03 12:00", {}, "past"),
    "now, begun": ("2026-11-03 10:30", {}, "blocked"),
    "too soon for the notice": ("2026-11-03 09:30", {"notice_add": "2h"}, "blocked"),
    "far enough ahead": ("2026-11-03 07:30", {"notice_add": "2h"}, "free"),
    "beyond the horizon": ("2026-10-01 09:00", {"horizon_days": 7}, "blocked"),
}


@pytest.mark.parametrize("case", MOMENTS.values(), ids=MOMENTS)
def test_a_cell_is_a_link_only_when_it_can_be_booked(
    case: tuple[str, dict[str, object], str],
) -> None:
    moment, said, state = case
    now = datetime.fromisoformat(moment).replace(tzinfo=ROME).astimezone(UTC)
    assert cell(grid(week(said=said), [], now), "10:00", 1).state == state


@pytest.mark.parametrize("monday", [date(2026, 10, 19), date(2027, 3, 22)])
def test_weeks_in_which_the_clock_changes_have_seven_days_too(monday: date) -> None:
    rows = grid(week(monday, days=7), [], LONG_AGO)
    assert all(len(each.cells) == 7 for each in rows if each.cells)
    assert starts(cell(rows, "9:00", 6)) == "09:00"


def test_a_step_moves_the_start_to_the_next_allowed_time() -> None:
    rows = grid(week(said={"step_minutes": 30}), [at(1, "15:00", "15:50")], LONG_AGO)
    assert starts(cell(rows, "15:40", 1)) == "16:00"


def test_weeks_begin_on_monday() -> None:
    assert monday_of(date(2026, 11, 8)) == MONDAY


def test_a_poster_has_the_drawing_of_its_words_and_always_the_same_one() -> None:
    assert drawing("Tombola del martedì") == "tombola"
    assert drawing("Cena di Natale") == "pranzo"
    assert drawing("Qualcosa") == drawing("Qualcosa")
