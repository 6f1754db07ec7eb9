"""What is decided about loans: tables of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import tierslieu.toolkit as tl
from tierslieu_lending import rules
from tierslieu_lending.rules import Borrower, Terms

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)  # a Monday, ten o'clock in Rome


def span(start: float, end: float) -> tl.Span:
    """From so many days after now to so many."""
    first, last = (timedelta(seconds=round(days * 86_400)) for days in (start, end))
    return tl.Span(NOW + first, NOW + last)


@pytest.mark.parametrize(
    ("when", "terms", "who", "codes"),
    [
        (span(1, 3), Terms(), Borrower(), []),
        (span(1, 8), Terms(longest_days=7), Borrower(), []),
        (span(1, 8.1), Terms(longest_days=7), Borrower(), []),
        (span(1, 9), Terms(longest_days=7), Borrower(), ["too_long"]),
        (span(-1, 1), Terms(), Borrower(), ["past"]),
        (span(-0.001, 1), Terms(), Borrower(at_desk=True), []),
        (span(-2, -1), Terms(), Borrower(at_desk=True), ["past"]),
        (span(0.5, 1), Terms(notice_hours=24), Borrower(), ["notice"]),
        (span(0.5, 1), Terms(notice_hours=24), Borrower(at_desk=True), []),
        (span(1, 2), Terms(notice_hours=24), Borrower(), []),
        (span(91, 92), Terms(horizon_days=90), Borrower(), ["horizon"]),
        (span(90, 92), Terms(horizon_days=90), Borrower(), []),
        (span(1, 2), Terms(audience="members"), Borrower(), ["members_only"]),
        (span(1, 2), Terms(audience="members"), Borrower(is_member=True), []),
        (span(1, 2), Terms(most=3), Borrower(has=2), []),
        (span(1, 2), Terms(most=3), Borrower(has=3), ["too_many"]),
        (
            span(1, 20),
            Terms(audience="members", most=1),
            Borrower(has=1),
            ["members_only", "too_many", "too_long"],
        ),
    ],
)
def test_who_may_borrow_what_and_when(
    when: tl.Span, terms: Terms, who: Borrower, codes: list[str]
) -> None:
    assert [each.code for each in rules.reasons(when, terms, who, NOW, ROME)] == codes


def test_a_week_is_a_week_on_the_wall_also_when_the_clock_changes() -> None:
    zone_night = datetime(2026, 10, 24, 8, tzinfo=UTC)
    week = tl.Span(
        tl.at_wall(date(2026, 10, 24), 660, ROME), tl.at_wall(date(2026, 10, 31), 660, ROME)
    )

    assert rules.reasons(week, Terms(longest_days=7), Borrower(), zone_night, ROME) == []


@pytest.mark.parametrize(
    ("state", "verb", "then"),
    [
        ("reserved", "hand_out", "out"),
        ("out", "take_back", "returned"),
        ("requested", "confirm", "reserved"),
        ("offered", "confirm", "reserved"),
        ("reserved", "cancel", "cancelled"),
        ("out", "cancel", None),
        ("returned", "take_back", None),
        ("cancelled", "hand_out", None),
        ("requested", "hand_out", None),
    ],
)
def test_where_a_loan_can_go_from_where_it_is(state: str, verb: str, then: str | None) -> None:
    if then is None:
        with pytest.raises(tl.Conflict):
            rules.after(state, verb)
    else:
        assert rules.after(state, verb) == then


@pytest.mark.parametrize(
    ("busy", "days"),
    [
        ([], None),
        ([[]], 0),
        ([[span(-1, 2)]], 2),
        ([[span(-1, 2)], []], 0),
        ([[span(-1, 2), span(2, 3)], [span(-1, 5)]], 3),
        ([[span(1, 2)]], 0),
    ],
)
def test_when_one_is_free_first(busy: list[list[tl.Span]], days: int | None) -> None:
    then = None if days is None else NOW + timedelta(days=days)

    assert rules.first_free(busy, NOW) == then


def test_how_many_are_free_on_each_day() -> None:
    busy = [[span(0, 1)], []]
    days = [date(2026, 5, 3 + n) for n in range(4)]

    assert rules.free_by_day(busy, days, ROME) == [2, 1, 1, 2]


@pytest.mark.parametrize(("taken", "kept", "back"), [(2000, 0, 2000), (2000, 500, 1500), (0, 0, 0)])
def test_what_comes_back_of_a_deposit(taken: int, kept: int, back: int) -> None:
    assert rules.deposit_back(taken, kept) == back


@pytest.mark.parametrize(("taken", "kept"), [(0, 1), (2000, 2001), (2000, -1)])
def test_no_more_is_kept_than_was_taken(taken: int, kept: int) -> None:
    with pytest.raises(tl.Invalid):
        rules.deposit_back(taken, kept)


def test_numbers_count_on() -> None:
    assert rules.prefix_of("Scala a tre rampe") == "SC"
    assert rules.prefix_of("6") == "N"
    assert rules.next_number("SC", []) == "SC-1"
    assert rules.next_number("SC", ["SC-1", "SC-12", "TR-40", "SC-x"]) == "SC-13"
