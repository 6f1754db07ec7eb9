"""Memberships: which season a day is in, when one runs, how it moves, what is still owed."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.money import Money

STATES: Final = ("applied", "admitted", "refused", "left")
METHODS: Final = ("cash", "card", "transfer", "free")

Standing = Literal["applied", "coming", "running", "grace", "lapsed", "refused", "left"]


@dataclass(frozen=True, order=True)
class Season:
    """One year of a plan: from `starts_on`, up to but without `ends_on`."""

    starts_on: date
    ends_on: date

    def contains(self, day: date) -> bool:
        """Whether the day lies in the season."""
        return self.starts_on <= day < self.ends_on

    @property
    def last_day(self) -> date:
        """The last day of the season, for showing."""
        return self.ends_on - timedelta(days=1)

    def __str__(self) -> str:
        last = self.last_day
        if last.year == self.starts_on.year:
            return str(last.year)
        return f"{self.starts_on.year}/{last.year % 100:02d}"


@dataclass(frozen=True)
class PlanFacts:
    """What the rules need of a plan: when its season starts, grace in days, fee in cents."""

    season_month: int = 1
    season_day: int = 1
    grace_days: int = 31
    fee_cents: int = 0


@dataclass(frozen=True)
class MembershipFacts:
    """One membership: its state and its season."""

    state: str
    season: Season


def season_of(plan: PlanFacts, day: date) -> Season:
    """The season of a plan that contains a day."""
    start = _start_in(plan, day.year)
    first = start if start <= day else _start_in(plan, day.year - 1)
    return Season(first, _start_in(plan, first.year + 1))


def next_season(plan: PlanFacts, season: Season) -> Season:
    """The season that follows."""
    return season_of(plan, season.ends_on)


def _start_in(plan: PlanFacts, year: int) -> date:
    """The season's first day in a year; 29 February is the 28th where there is none."""
    last = calendar.monthrange(year, plan.season_month)[1]
    return date(year, plan.season_month, min(plan.season_day, last))


def counts_until(membership: MembershipFacts, plan: PlanFacts) -> date:
    """The first day on which an admitted membership no longer counts, grace included."""
    return membership.season.ends_on + timedelta(days=plan.grace_days)


def running(membership: MembershipFacts, plan: PlanFacts, day: date) -> bool:
    """Whether it counts on a day: admitted, and in its season or the plan's grace."""
    return membership.state == "admitted" and (
        membership.season.starts_on <= day < counts_until(membership, plan)
    )


def standing(membership: MembershipFacts, plan: PlanFacts, day: date) -> Standing:
    """What to call a membership on a day."""
    match membership.state:
        case "applied":
            return "applied"
        case "refused":
            return "refused"
        case "left":
            return "left"
    if day < membership.season.starts_on:
        return "coming"
    if membership.season.contains(day):
        return "running"
    return "grace" if running(membership, plan, day) else "lapsed"


#: verb → state before → state after.
MOVES: Final[Mapping[str, Mapping[str, str]]] = {
    "admit": {"applied": "admitted"},
    "refuse": {"applied": "refused"},
    "leave": {"applied": "left", "admitted": "left"},
    "apply_again": {"refused": "applied", "left": "applied"},
}

_STATE_WORDS: Final[Mapping[str, Message]] = {
    "applied": msg("This application is waiting for an answer."),
    "admitted": msg("This person is already admitted."),
    "refused": msg("This application was refused."),
    "left": msg("This membership has ended."),
}


def move(state: str, verb: str) -> str | Reason:
    """The state after a verb, or why not (``wrong_state``, 409). KeyError: no such verb."""
    after = MOVES[verb].get(state)
    return after or Reason("wrong_state", _STATE_WORDS[state], kind="state")


def apply_reasons(existing: MembershipFacts | None, *, plan_active: bool) -> list[Reason]:
    """What is against applying; ``existing``: hers in the same plan and season."""
    reasons = []
    if not plan_active:
        reasons.append(
            Reason("plan_inactive", msg("This membership is not offered at present."), "plan")
        )
    if existing is not None and existing.state in ("applied", "admitted"):
        reasons.append(Reason("already_there", _STATE_WORDS[existing.state], kind="state"))
    return reasons


def owed(plan: PlanFacts, paid_cents: Iterable[int]) -> int:
    """What is still owed, in cents, never below nought; withdrawals are negative payments."""
    return max(0, plan.fee_cents - sum(paid_cents))


def take_reasons(
    state: str, amount: Money, method: str, owed_cents: int, currency: str
) -> list[Reason]:
    """What is against taking these dues."""
    reasons = []
    if state not in ("applied", "admitted"):
        reasons.append(Reason("wrong_state", _STATE_WORDS[state], kind="state"))
    if amount.currency != currency:
        reasons.append(
            Reason("wrong_currency", msg("Dues are taken in %(currency)s.", currency=currency))
        )
    if method not in METHODS:
        reasons.append(Reason("bad_method", msg("Choose how it was paid."), "method"))
    if (amount.cents == 0) != (method == "free") or amount.cents < 0:
        text = msg("Dues are more than nought, unless they are waived.")
        reasons.append(Reason("bad_amount", text, "amount"))
    elif amount.cents > owed_cents:
        rest = Money(owed_cents, currency)
        offer = (Choice(msg("%(amount)s", amount=rest), {"amount": str(owed_cents)}),)
        text = msg("Only %(amount)s is still owed.", amount=rest)
        reasons.append(Reason("too_much", text, "amount", offer if owed_cents else ()))
    return reasons


def withdraw_reasons(*, is_withdrawal: bool, already_withdrawn: bool) -> list[Reason]:
    """What is against withdrawing a payment: it is one already, or was withdrawn."""
    if is_withdrawal or already_withdrawn:
        text = msg("This payment was already withdrawn.")
        return [Reason("already_withdrawn", text, kind="state")]
    return []


def card_number(season: Season, sequence: int) -> str:
    """The number on the card: the season's first year and a running number (``2026-00042``)."""
    if sequence < 1:
        raise ValueError("card numbers count from one")
    return f"{season.starts_on.year}-{sequence:05d}"


def card_key(written: str) -> str:
    """A card number as somebody types it, ready to compare: ``2026 42`` is ``2026-00042``."""
    year, _, number = "-".join(written.replace("-", " ").replace("/", " ").split()).partition("-")
    digits = year.isascii() and number.isascii() and year.isdigit() and number.isdigit()
    if digits and len(year) == 4 and len(number) < 10:
        return f"{year}-{int(number):05d}"
    return written.strip().upper()
