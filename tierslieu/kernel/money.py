"""Money: whole minor units (cents) of one currency; never a float."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


class CurrencyMismatch(ValueError):
    """Two currencies cannot be added or compared."""


def half_up(value: Fraction) -> int:
    """Nearest whole number; halves go away from zero, so that a refund mirrors its charge."""
    doubled = abs(value) * 2
    rounded = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return rounded if value >= 0 else -rounded


@dataclass(frozen=True)
class Money:
    """``cents`` in minor units of an ISO 4217 ``currency``; may be negative (a refund)."""

    cents: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError("money is counted in whole minor units")
        if len(self.currency) != 3 or not (self.currency.isascii() and self.currency.isupper()):
            raise ValueError(f"not an ISO 4217 currency: {self.currency!r}")

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + self._same(other).cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - self._same(other).cents, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.cents < self._same(other).cents

    def __le__(self, other: Money) -> bool:
        return self.cents <= self._same(other).cents

    def __bool__(self) -> bool:
        return self.cents != 0

    def times(self, factor: Fraction | int) -> Money:
        """This amount × an exact factor, rounded half up once."""
        return Money(half_up(Fraction(self.cents) * factor), self.currency)

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        whole, rest = divmod(abs(self.cents), 100)
        return f"{sign}{whole}.{rest:02d} {self.currency}"
