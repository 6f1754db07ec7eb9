"""What a booking costs: lines of whole cents, one rounding a line, no float anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, cast

from tierslieu.kernel.messages import Message
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts

LineCode = Literal[
    "hire",
    "member_hire",
    "parts_hire",
    "member_parts_hire",
    "place_hire",
    "member_place_hire",
    "thing",
    "extra",
]


@dataclass(frozen=True)
class TariffFacts:
    """What an hour costs, in minor units; no member price = the same for all.

    ``of``: of the room, of all its parts together where the room says nothing itself, or of one
    place.
    """

    hour_cents: int
    member_hour_cents: int | None = None
    of: Literal["", "parts_", "place_"] = ""

    @property
    def member_cents(self) -> int:
        """What members pay."""
        return self.hour_cents if self.member_hour_cents is None else self.member_hour_cents


@dataclass(frozen=True)
class PriceLine:
    """So many minutes at so much an hour, or things by the piece: the amount in minor units.

    An ``extra`` is a plugin's: ``key`` says which (``energy.heating``), ``label`` how it is called.
    """

    code: LineCode
    minutes: int
    hour_cents: int
    cents: int
    quantity: int = 1
    name: Texts | None = None
    key: str = ""
    label: Message | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is frozen on the booking."""
        stored: dict[str, Any] = {
            "code": self.code,
            "minutes": self.minutes,
            "hour_cents": self.hour_cents,
            "cents": self.cents,
        }
        if self.quantity != 1:
            stored["quantity"] = self.quantity
        if self.name is not None:
            stored["name"] = dict(self.name)
        if self.label is not None:
            stored["key"] = self.key
            stored["label"] = _stored(self.label)
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> PriceLine:
        """From what `to_json` wrote."""
        name = stored.get("name")
        return cls(
            stored["code"],
            stored["minutes"],
            stored["hour_cents"],
            stored["cents"],
            stored.get("quantity", 1),
            None if name is None else Texts(name),
            stored.get("key", ""),
            _label(stored.get("label")),
        )


def _stored(label: Message) -> dict[str, Any]:
    found: dict[str, Any] = {"domain": label.domain, "msgid": label.msgid}
    found["params"] = dict(label.params)
    return found if label.plural is None else found | {"plural": label.plural, "n": label.n}


def _label(stored: Mapping[str, Any] | None) -> Message | None:
    """A label as it was kept; its plugin may be gone, then it reads in English."""
    return None if stored is None else Message(**stored)


@dataclass(frozen=True)
class Price:
    """The lines and their sum; free of charge when there are none."""

    total: Money
    lines: tuple[PriceLine, ...] = ()

    @property
    def is_itemised(self) -> bool:
        """Whether its lines say more than its total."""
        return len(self.lines) > 1 or any(
            line.code not in ("hire", "member_hire") for line in self.lines
        )

    @property
    def as_member(self) -> bool:
        """Whether it is the members' price."""
        return any(line.code.startswith("member_") for line in self.lines)

    def line_total(self, line: PriceLine) -> Money:
        """What one of its lines comes to."""
        return Money(line.cents, self.total.currency)

    def difference(self, before: Price) -> Money:
        """What a move adds (or, negative, gives back)."""
        return self.total - before.total


def price(
    span: Span, tariff: TariffFacts | None, *, member: bool, currency: str, quantity: int = 1
) -> Price:
    """The price of the seen time. ``member``: her membership counts on the booking's date."""
    if tariff is None:
        return Price(Money(0, currency))
    at_member_price = member and tariff.member_hour_cents is not None
    hour = tariff.member_hour_cents if at_member_price else tariff.hour_cents
    if not hour:
        return Price(Money(0, currency))
    amount = Money(hour, currency).times(Fraction(span.minutes * quantity, 60))
    code = cast(LineCode, f"{'member_' if at_member_price else ''}{tariff.of}hire")
    return Price(amount, (PriceLine(code, span.minutes, hour, amount.cents, quantity),))


def whole_tariff(
    own: TariffFacts | None, parts: Sequence[TariffFacts | None]
) -> TariffFacts | None:
    """What the whole of a divisible room costs: its own tariff, else that of all its parts."""
    if own is not None:
        return own
    known = [part for part in parts if part is not None]
    if not known:
        return None
    hour, member = sum(p.hour_cents for p in known), sum(p.member_cents for p in known)
    return TariffFacts(hour, None if member == hour else member, "parts_")


def with_lines(cost: Price, lines: Iterable[PriceLine]) -> Price:
    """A price with what goes with it."""
    more = tuple(lines)
    extra = Money(sum(line.cents for line in more), cost.total.currency)
    return Price(cost.total + extra, (*cost.lines, *more))


def stored_price(lines: Iterable[Mapping[str, Any]], currency: str) -> Price:
    """The frozen price of a booking from its stored lines."""
    read = tuple(PriceLine.from_json(line) for line in lines)
    return Price(Money(sum(line.cents for line in read), currency), read)
