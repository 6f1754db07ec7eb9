"""What of a venue's things may go with a room, what they cost, and when too few are free. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from tierslieu.bookings.rules.prices import PriceLine
from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import LocalSpan, Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.rules import peak

#: The most of anything a form takes; more is a slip of the finger.
MOST = 10_000
MOST_NUMBERED = 100


@dataclass(frozen=True)
class Thing:
    """A thing as one room offers it: how many there are, included, at most, and what more cost."""

    id: int
    public_id: str
    name: Texts
    total: int
    included: int = 0
    most: int | None = None
    price_cents: int = 0
    price_per: str = "use"
    pool_id: int | None = None
    stock_id: int | None = None
    offered: bool = True

    @property
    def limit(self) -> int:
        """The most that may be asked for here."""
        return self.total if self.most is None else min(self.total, self.most)

    @property
    def field(self) -> str:
        """Its field in a form, and in reasons."""
        return f"thing-{self.public_id}"


def wish_reasons(
    offered: Sequence[Thing], wanted: Iterable[tuple[str, int]]
) -> tuple[list[tuple[Thing, int]], list[Reason]]:
    """What is wanted as (thing, how many), each once, and why some of it cannot be asked for."""
    by_id = {thing.public_id: thing for thing in offered if thing.offered}
    found: dict[str, int] = {}
    reasons: list[Reason] = []
    for public_id, quantity in wanted:
        thing = by_id.get(public_id)
        if thing is None:
            text = msg("This is not to be had in this room.")
            reasons.append(Reason("accessory_not_here", text, "accessories"))
        elif public_id in found:
            text = msg("This was given more than once.")
            reasons.append(Reason("given_twice", text, thing.field))
        else:
            found[public_id] = quantity
            if quantity > thing.limit:
                reasons.append(_over(thing))
    return [(by_id[key], n) for key, n in found.items() if n > 0], reasons


def _over(thing: Thing) -> Reason:
    text = nmsg(
        "%(thing)s: at most %(n)s here.",
        "%(thing)s: at most %(n)s here.",
        thing.limit,
        thing=thing.name,
    )
    return Reason("accessory_over", text, thing.field, _fewer(thing, thing.limit))


def _fewer(thing: Thing, n: int) -> tuple[Choice, ...]:
    if n <= 0:
        label = msg("Without %(thing)s", thing=thing.name)
    else:
        label = msg("%(thing)s: %(n)s", thing=thing.name, n=n)
    return (Choice(label, {thing.field: str(max(n, 0))}),)


def short(thing: Thing, free: int, wanted: int, when: LocalSpan | Span) -> Reason:
    """Too few are free meanwhile: how many are, and that number to choose."""
    text = nmsg(
        "%(thing)s: only %(n)s is left %(when)s, %(wanted)s were asked for.",
        "%(thing)s: only %(n)s are left %(when)s, %(wanted)s were asked for.",
        free,
        thing=thing.name,
        when=when,
        wanted=wanted,
    )
    return Reason("accessory_taken", text, thing.field, _fewer(thing, free), "conflict")


def line(thing: Thing, quantity: int, span: Span, currency: str) -> PriceLine | None:
    """What so many cost for a span, those included in the room left out; None = nothing."""
    paid = max(0, quantity - thing.included)
    if not paid or not thing.price_cents:
        return None
    factor = Fraction(paid) if thing.price_per == "use" else Fraction(paid * span.minutes, 60)
    amount = Money(thing.price_cents, currency).times(factor)
    return PriceLine("thing", span.minutes, thing.price_cents, amount.cents, paid, thing.name)


def stretches(uses: Sequence[tuple[Span, int]], total: int, wanted: int) -> list[Span]:
    """The stretches in which fewer than ``wanted`` of ``total`` pieces are free."""
    bounds = sorted({moment for span, _ in uses for moment in (span.starts_at, span.ends_at)})
    between = [Span(a, b) for a, b in pairwise(bounds)]
    return [one for one in between if total - peak(uses, one) < wanted]


# -- what a manager says -----------------------------------------------------------------------


@dataclass(frozen=True)
class ThingSaid:
    """All a manager says of a thing."""

    name: Texts
    numbered: bool
    quantity: int
    out_of_use: int = 0
    price_cents: int = 0
    price_per: str = "use"
    offered: bool = True


@dataclass(frozen=True)
class RoomSaid:
    """What a manager says of a thing in one room; ``price_cents`` None: the thing's own price."""

    room_id: int
    offered: bool = True
    included: int = 0
    most: int | None = None
    price_cents: int | None = None


def said_reasons(said: ThingSaid) -> list[Reason]:
    """Why a thing cannot be like this."""
    reasons: list[Reason] = []
    if not said.name:
        reasons.append(Reason("missing", msg("Please fill this in."), "name_it"))
    most = MOST_NUMBERED if said.numbered else MOST
    if not 1 <= said.quantity <= most:
        text = msg("Write a number from %(least)s to %(most)s.", least=1, most=most)
        reasons.append(Reason("out_of_range", text, "quantity"))
    if not 0 <= said.out_of_use <= said.quantity:
        text = msg("Write a number from %(least)s to %(most)s.", least=0, most=said.quantity)
        reasons.append(Reason("out_of_range", text, "out_of_use"))
    if said.price_cents < 0:
        text = msg("This cannot be less than zero.")
        reasons.append(Reason("negative", text, "price"))
    if said.price_per not in ("use", "hour"):
        text = msg("This is not one of the possible values.")
        reasons.append(Reason("invalid", text, "price_per"))
    return reasons


def room_reasons(rule: RoomSaid) -> list[Reason]:
    """Why a room cannot say this of a thing."""
    numbers = (rule.included, rule.most or 1, rule.price_cents or 0)
    if any(not 0 <= n <= MOST * 100 for n in numbers):
        text = msg("Write a number from %(least)s to %(most)s.", least=0, most=MOST)
        return [Reason("out_of_range", text, "rooms")]
    return []
