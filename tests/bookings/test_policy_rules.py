"""The rules in force: field by field, the narrowest scope, the kindest fitting audience."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tierslieu.bookings.rules import (
    NONE,
    Notice,
    Origin,
    PolicyRow,
    PolicyValues,
    audiences_of,
    resolve,
)
from tierslieu.bookings.rules.policy import FIELDS, Scope
from tierslieu.kernel.errors import Invalid

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # 23:30 on the eve of the clock change


def row(scope: Scope, audience: str = "everyone", **values: Any) -> PolicyRow:
    return PolicyRow(scope, audience, PolicyValues.from_json(values))


def test_without_any_row_the_safe_default_holds() -> None:
    policy = resolve([], [])
    assert policy.who_may_book == "accounts"
    assert (policy.step_minutes, policy.longest_minutes) == (30, 240)
    assert (policy.notice_add, policy.horizon_days, policy.approval) == (Notice(2), 90, "asked")
    assert set(policy.origins.values()) == {Origin("built_in", "everyone")}
    assert set(policy.origins) == set(FIELDS)


@pytest.mark.parametrize(
    ("rows", "expected", "origin"),
    [
        pytest.param(
            [row("network", horizon_days=30), row("room", horizon_days=10)],
            10,
            Origin("room", "everyone"),
            id="the room before the network",
        ),
        pytest.param(
            [row("venue", horizon_days=30), row("room", step_minutes=15)],
            30,
            Origin("venue", "everyone"),
            id="a room that says nothing of it",
        ),
        pytest.param(
            [row("venue", horizon_days=30), row("venue", "members", horizon_days=180)],
            180,
            Origin("venue", "members"),
            id="the kinder of two fitting audiences",
        ),
        pytest.param(
            [row("venue", horizon_days=200), row("venue", "members", horizon_days=180)],
            200,
            Origin("venue", "everyone"),
            id="even when members have less",
        ),
        pytest.param(
            [row("venue", horizon_days=30), row("venue", "managers", horizon_days=NONE)],
            30,
            Origin("venue", "everyone"),
            id="an audience that does not fit",
        ),
        pytest.param(
            [row("room", horizon_days=30), row("network", "members", horizon_days=NONE)],
            30,
            Origin("room", "everyone"),
            id="kindness does not climb over scopes",
        ),
        pytest.param(
            [row("venue", horizon_days=30), row("venue", "members", horizon_days=NONE)],
            None,
            Origin("venue", "members"),
            id="no limit is the kindest",
        ),
    ],
)
def test_a_field_is_resolved_by_scope_then_kindness(
    rows: list[PolicyRow], expected: int | None, origin: Origin
) -> None:
    audiences = audiences_of(member=True, for_organisation=False, manages=False)
    policy = resolve(rows, audiences)
    assert policy.horizon_days == expected
    assert policy.origins["horizon_days"] == origin


@pytest.mark.parametrize(
    ("field", "kinder", "harder"),
    [
        ("who_may_book", "anyone", "members"),
        ("approval", "none", "asked"),
        ("approval", "over", "asked"),
        ("approval_over", 50, 20),
        ("step_minutes", 15, 60),
        ("shortest_minutes", 30, 60),
        ("longest_minutes", NONE, 600),
        ("notice_add", "20h", "1d"),
        ("notice_cancel", NONE, "1h"),
        ("membership_required", False, True),
        ("max_open_bookings", 5, 2),
        ("before_minutes", 0, 15),
        ("requests", "hold", "compete"),
    ],
)
def test_each_field_knows_what_is_kinder(field: str, kinder: Any, harder: Any) -> None:
    rows = [row("venue", **{field: harder}), row("venue", "members", **{field: kinder})]
    for order in (rows, rows[::-1]):
        found = resolve(order, ["members"])
        assert found.origins[field].audience == "members"


@pytest.mark.parametrize(
    "stored",
    [
        {"horizon": 3},
        {"horizon_days": -1},
        {"horizon_days": "3"},
        {"horizon_days": True},
        {"who_may_book": "everybody"},
        {"who_may_book": ["anyone"]},
        {"approval_over": NONE},
        {"notice_add": "2 days"},
        {"notice_add": 2},
        {"notice_add": "²h"},
        {"check_in": 1},
        {"longest_minutes": 10**9},
    ],
)
def test_a_wrong_value_is_refused_with_its_field(stored: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        PolicyValues.from_json(stored)
    assert refused.value.reasons[0].field == next(iter(stored))


def test_what_is_said_is_stored_as_it_was_read() -> None:
    stored = {"notice_add": "3d", "horizon_days": NONE, "check_in": False, "approval": "none"}
    assert PolicyValues.from_json(stored).to_json() == stored


@pytest.mark.parametrize(
    ("notice", "earliest"),
    [
        pytest.param("0h", NOW, id="none"),
        pytest.param("24h", datetime(2026, 3, 29, 22, 30, tzinfo=UTC), id="elapsed hours"),
        pytest.param("1d", datetime(2026, 3, 28, 23, tzinfo=UTC), id="from the next midnight"),
        pytest.param("2d", datetime(2026, 3, 29, 22, tzinfo=UTC), id="over a short day"),
    ],
)
def test_notice_counts_hours_elapsed_and_days_on_the_calendar(
    notice: str, earliest: datetime
) -> None:
    assert Notice.read(notice).earliest(NOW, ROME) == earliest


def test_the_horizon_counts_local_days() -> None:
    assert resolve([row("venue", horizon_days=1)], []).last_day(NOW, ROME) == date(2026, 3, 29)
    assert resolve([row("venue", horizon_days=NONE)], []).last_day(NOW, ROME) is None


@pytest.mark.parametrize(
    ("said", "attendance", "asked"),
    [
        ({"approval": "none"}, 500, False),
        ({"approval": "asked"}, 1, True),
        ({"approval": "over", "approval_over": 30}, 30, False),
        ({"approval": "over", "approval_over": 30}, 31, True),
        ({"approval": "over", "approval_over": 30}, None, True),
    ],
)
def test_approval_is_asked_as_the_policy_says(
    said: dict[str, Any], attendance: int | None, asked: bool
) -> None:
    assert resolve([row("room", **said)], []).asks_approval(attendance) is asked
