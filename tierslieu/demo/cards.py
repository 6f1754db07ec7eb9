"""Memberships of three seasons with their dues; `generate_memberships()` is the door."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tierslieu.demo.diary import ROME
from tierslieu.demo.records import (
    DemoDues,
    DemoMembership,
    DemoNetwork,
    DemoPerson,
    DemoPlan,
)

#: Chance that a person has the card of her own venue, and of a second one, by seasons ago.
OWN = {0: 0.88, 1: 0.82, 2: 0.5}
SECOND = {0: 0.4, 1: 0.35, 2: 0.15}
REFUSED = (
    "La domanda è incompleta: manca la firma.",
    "Chi chiede ha già la tessera in un altro circolo della stessa rete.",
)


@dataclass(frozen=True, slots=True)
class _Season:
    first: date
    after: date


def generate_memberships(
    seed: int, now: datetime, network: DemoNetwork
) -> Iterator[DemoMembership]:
    """About 1,200 memberships of the season that runs at ``now`` (aware) and the two before.

    The accounts ``member@`` and ``member2@`` are admitted and paid now, at their venues.
    Card numbers are unique within a plan's season.
    """
    rng = random.Random(seed + 1)  # noqa: S311 (a demo, not a secret)
    plans = {plan.venue: plan for plan in network.plans}
    desks = {role.venue: role.person for role in network.roles if role.venue}
    numbers: dict[tuple[str, date], int] = defaultdict(int)
    for person in network.people:
        for plan, ago in _wanted(rng, person, plans):
            season = _season(plan, now, ago)
            numbers[plan.venue, season.first] += 1
            yield _membership(
                rng,
                now,
                plan,
                season,
                person,
                desks[plan.venue],
                numbers[plan.venue, season.first],
            )


def _wanted(
    rng: random.Random, person: DemoPerson, plans: dict[str, DemoPlan]
) -> Iterator[tuple[DemoPlan, int]]:
    if not person.venue:
        return
    other = rng.choice([slug for slug in plans if slug != person.venue])
    for ago in (2, 1, 0):
        if (person.account and ago < 2) or rng.random() < OWN[ago]:
            yield plans[person.venue], ago
        if not person.account and rng.random() < SECOND[ago]:
            yield plans[other], ago


def _season(plan: DemoPlan, now: datetime, ago: int) -> _Season:
    today = now.astimezone(ROME).date()
    start = (plan.season_month, plan.season_day)
    year = today.year - (0 if (today.month, today.day) >= start else 1) - ago
    return _Season(date(year, *start), date(year + 1, *start))


def _membership(
    rng: random.Random,
    now: datetime,
    plan: DemoPlan,
    season: _Season,
    person: DemoPerson,
    desk: str,
    number: int,
) -> DemoMembership:
    applied = _moment(rng, season.first, now)
    state = "admitted" if person.account else _state(rng, season, now)
    decided = None
    if state != "applied":
        decided = min(now, applied + timedelta(hours=rng.randint(1, 120)))
    admitted = state in ("admitted", "left")
    return DemoMembership(
        plan=plan.venue,
        person=person.slug,
        season_starts_on=season.first,
        season_ends_on=season.after,
        state=state,
        card_number=f"{season.first.year % 100:02d}-{number:05d}" if admitted else None,
        applied_at=applied,
        decided_at=decided,
        decided_by=desk if decided else None,
        reason=rng.choice(REFUSED) if state == "refused" else "",
        dues=_dues(rng, plan, decided, desk, person) if admitted and decided else (),
    )


def _state(rng: random.Random, season: _Season, now: datetime) -> str:
    draw = rng.random()
    if draw < 0.02:
        return "refused"
    if draw < 0.04:
        return "left"
    if draw < 0.12 and season.after > now.astimezone(ROME).date():
        return "applied"
    return "admitted"


def _moment(rng: random.Random, first: date, now: datetime) -> datetime:
    """Most people come in the first two months; nobody after now."""
    day = first + timedelta(days=int(min(rng.expovariate(1 / 35), 300)))
    wished = datetime.combine(day, time(16), ROME).astimezone(UTC)
    latest = now - timedelta(minutes=rng.randint(60, 12 * 1440))
    return min(wished, latest).replace(microsecond=0)


def _dues(
    rng: random.Random, plan: DemoPlan, decided: datetime, desk: str, person: DemoPerson
) -> tuple[DemoDues, ...]:
    """One in twelve still has to pay; a few do not have to."""
    draw = 1.0 if person.account else rng.random()
    if draw < 1 / 12:
        return ()
    if draw < 0.1:
        return (DemoDues(0, "free", decided, desk),)
    method = rng.choice(("cash", "cash", "card", "transfer"))
    return (DemoDues(plan.fee_cents, method, decided, desk),)
