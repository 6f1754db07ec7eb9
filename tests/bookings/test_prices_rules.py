"""What a booking costs: exact, rounded once a line, frozen as lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.bookings.rules import TariffFacts, price, stored_price
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import Span

START = datetime(2026, 5, 2, 16, tzinfo=UTC)


def lasting(minutes: int) -> Span:
    return Span(START, START + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("tariff", "minutes", "member", "cents", "lines"),
    [
        pytest.param(None, 120, False, 0, [], id="no tariff"),
        pytest.param(TariffFacts(0), 120, False, 0, [], id="free of charge"),
        pytest.param(TariffFacts(1500), 120, False, 3000, ["hire"], id="two hours"),
        pytest.param(TariffFacts(1500, 900), 120, False, 3000, ["hire"], id="not a member"),
        pytest.param(TariffFacts(1500, 900), 120, True, 1800, ["member_hire"], id="a member"),
        pytest.param(TariffFacts(1500, 0), 120, True, 0, [], id="free for members"),
        pytest.param(TariffFacts(1500), 120, True, 3000, ["hire"], id="no member price"),
        pytest.param(TariffFacts(1001), 30, False, 501, ["hire"], id="half a cent goes up"),
        pytest.param(TariffFacts(1000), 20, False, 333, ["hire"], id="a third goes down"),
        pytest.param(TariffFacts(1000), 40, False, 667, ["hire"], id="two thirds go up"),
    ],
)
def test_a_price_is_its_lines(
    tariff: TariffFacts | None, minutes: int, member: bool, cents: int, lines: list[str]
) -> None:
    found = price(lasting(minutes), tariff, member=member, currency="EUR")
    assert found.total == Money(cents, "EUR")
    assert [line.code for line in found.lines] == lines
    assert stored_price([line.to_json() for line in found.lines], "EUR") == found


def test_a_move_shows_the_difference() -> None:
    tariff = TariffFacts(1500)
    before, after = (price(lasting(m), tariff, member=False, currency="EUR") for m in (120, 60))
    assert after.difference(before) == Money(-1500, "EUR")


@given(st.integers(0, 10**6), st.integers(1, 44_640))
def test_the_sum_is_exact_within_half_a_cent_a_line(hour: int, minutes: int) -> None:
    found = price(lasting(minutes), TariffFacts(hour), member=False, currency="EUR")
    assert found.total.cents == sum(line.cents for line in found.lines)
    assert abs(found.total.cents - Fraction(hour * minutes, 60)) <= Fraction(1, 2)
