"""Seasons of any start, grace, moves of a membership, dues and cards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.kernel.errors import Reason
from tierslieu.kernel.money import Money
from tierslieu.memberships.rules import (
    MOVES,
    STATES,
    MembershipFacts,
    PlanFacts,
    Season,
    apply_reasons,
    card_key,
    card_number,
    move,
    next_season,
    owed,
    running,
    season_of,
    standing,
    take_reasons,
    withdraw_reasons,
)

ARCI = PlanFacts(10, 1, fee_cents=1500)
CALENDAR = PlanFacts()


@pytest.mark.parametrize(
    ("plan", "day", "starts", "ends", "name"),
    [
        pytest.param(
            CALENDAR, date(2026, 1, 1), date(2026, 1, 1), date(2027, 1, 1), "2026", id="first day"
        ),
        pytest.param(
            CALENDAR, date(2026, 12, 31), date(2026, 1, 1), date(2027, 1, 1), "2026", id="last day"
        ),
        pytest.param(
            ARCI, date(2026, 9, 30), date(2025, 10, 1), date(2026, 10, 1), "2025/26", id="before"
        ),
        pytest.param(
            ARCI, date(2026, 10, 1), date(2026, 10, 1), date(2027, 10, 1), "2026/27", id="begins"
        ),
        pytest.param(
            PlanFacts(2, 29),
            date(2027, 2, 28),
            date(2027, 2, 28),
            date(2028, 2, 29),
            "2027/28",
            id="a leap day in a plain year",
        ),
        pytest.param(
            PlanFacts(2, 29),
            date(2028, 2, 28),
            date(2027, 2, 28),
            date(2028, 2, 29),
            "2027/28",
            id="the eve of a leap day",
        ),
    ],
)
def test_a_day_is_in_one_season(
    plan: PlanFacts, day: date, starts: date, ends: date, name: str
) -> None:
    season = season_of(plan, day)
    assert (season.starts_on, season.ends_on) == (starts, ends)
    assert str(season) == name
    assert next_season(plan, season).starts_on == ends


@given(st.integers(1, 12), st.integers(1, 31), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_seasons_follow_one_another_without_gap(month: int, first: int, day: date) -> None:
    plan = PlanFacts(month, first)
    season = season_of(plan, day)
    assert season.contains(day)
    assert season_of(plan, season.last_day) == season
    assert season_of(plan, season.ends_on).starts_on == season.ends_on
    assert timedelta(days=365) <= season.ends_on - season.starts_on <= timedelta(days=366)


SEASON = Season(date(2025, 10, 1), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("state", "day", "counts", "called"),
    [
        pytest.param("admitted", date(2025, 9, 30), False, "coming", id="before"),
        pytest.param("admitted", date(2025, 10, 1), True, "running", id="first day"),
        pytest.param("admitted", date(2026, 9, 30), True, "running", id="last day"),
        pytest.param("admitted", date(2026, 10, 31), True, "grace", id="last day of grace"),
        pytest.param("admitted", date(2026, 11, 1), False, "lapsed", id="after grace"),
        pytest.param("applied", date(2026, 1, 1), False, "applied", id="applied"),
        pytest.param("refused", date(2026, 1, 1), False, "refused", id="refused"),
        pytest.param("left", date(2026, 1, 1), False, "left", id="left"),
    ],
)
def test_a_membership_runs_when_admitted_in_season_or_grace(
    state: str, day: date, counts: bool, called: str
) -> None:
    membership = MembershipFacts(state, SEASON)
    assert running(membership, ARCI, day) is counts
    assert standing(membership, ARCI, day) == called


@pytest.mark.parametrize("verb", sorted(MOVES))
@pytest.mark.parametrize("state", STATES)
def test_a_membership_moves_only_as_the_table_says(state: str, verb: str) -> None:
    found = move(state, verb)
    assert isinstance(found, Reason) is (state not in MOVES[verb])
    assert isinstance(found, Reason) or found in STATES


@pytest.mark.parametrize(
    ("existing", "active", "expected"),
    [
        (None, True, []),
        (None, False, ["plan_inactive"]),
        ("applied", True, ["already_there"]),
        ("admitted", True, ["already_there"]),
        ("refused", True, []),
    ],
)
def test_nobody_applies_twice(existing: str | None, active: bool, expected: list[str]) -> None:
    there = MembershipFacts(existing, SEASON) if existing else None
    assert [r.code for r in apply_reasons(there, plan_active=active)] == expected


@pytest.mark.parametrize(
    ("state", "cents", "method", "expected"),
    [
        pytest.param("applied", 1500, "cash", [], id="whole"),
        pytest.param("admitted", 500, "card", [], id="a part"),
        pytest.param("admitted", 0, "free", [], id="waived"),
        pytest.param("admitted", 1501, "cash", ["too_much"], id="a cent too many"),
        pytest.param("admitted", 0, "cash", ["bad_amount"], id="nothing in cash"),
        pytest.param("admitted", 5, "free", ["bad_amount"], id="five cents for free"),
        pytest.param("admitted", -5, "cash", ["bad_amount"], id="less than nothing"),
        pytest.param("refused", 1500, "cash", ["wrong_state"], id="from one refused"),
        pytest.param("admitted", 1500, "barter", ["bad_method"], id="in eggs"),
    ],
)
def test_dues_are_taken_as_owed(state: str, cents: int, method: str, expected: list[str]) -> None:
    found = take_reasons(state, Money(cents, "EUR"), method, owed(ARCI, []), "EUR")
    assert [reason.code for reason in found] == expected


def test_dues_too_high_offer_the_rest_and_a_foreign_coin_is_refused() -> None:
    rest = owed(ARCI, [1000, -1000, 700])
    [reason] = take_reasons("admitted", Money(1500, "EUR"), "cash", rest, "EUR")
    assert dict(reason.nearest[0].values) == {"amount": "800"}
    assert owed(ARCI, [2000]) == 0
    [foreign] = take_reasons("admitted", Money(100, "CHF"), "cash", rest, "EUR")
    assert foreign.code == "wrong_currency"


def test_a_payment_is_withdrawn_once() -> None:
    assert withdraw_reasons(is_withdrawal=False, already_withdrawn=False) == []
    assert withdraw_reasons(is_withdrawal=True, already_withdrawn=False)
    assert withdraw_reasons(is_withdrawal=False, already_withdrawn=True)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2025-00042", "2025-00042"),
        (" 2025 42 ", "2025-00042"),
        ("2025/42", "2025-00042"),
        ("arci 99", "ARCI 99"),
        ("", ""),
    ],
)
def test_a_card_is_found_as_it_is_typed(typed: str, expected: str) -> None:
    assert card_key(typed) == expected


def test_card_numbers_begin_with_the_season_and_count_from_one() -> None:
    assert card_number(SEASON, 42) == "2025-00042"
    with pytest.raises(ValueError, match="count from one"):
        card_number(SEASON, 0)
