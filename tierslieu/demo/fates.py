"""What became of a booking by the moment of the demo: its state and the times that go with it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

REQUESTS_WITHIN = timedelta(days=60)
CHECK_IN_FROM = timedelta(minutes=30)

CANCELLED = (
    "Rinviata: mezza squadra ha l’influenza.",
    "Disdetta da chi l’aveva chiesta.",
    "Spostata in un’altra sala.",
    "Manca l’insegnante.",
    "Troppo pochi iscritti.",
)
DECLINED = (
    "Quel giorno la sala serve per l’assemblea dei soci.",
    "Troppe persone per questa sala.",
    "In quell’orario non c’è nessuno con le chiavi.",
)


@dataclass(frozen=True, slots=True)
class Fate:
    """State, reason in words, and when it was decided or the people came."""

    state: str
    reason: str = ""
    decided_at: datetime | None = None
    checked_in_at: datetime | None = None


def fate(
    rng: random.Random,
    now: datetime,
    starts_at: datetime,
    ends_at: datetime,
    created_at: datetime,
    *,
    asks: bool,
    wanted: str = "",
) -> Fate:
    """Decide. ``asks``: somebody must approve it; ``wanted``: the state it shall have, if any."""
    decided = min(now, created_at + timedelta(hours=rng.randint(3, 70))) if asks else None
    if wanted:
        return _wanted(rng, wanted, now, created_at)
    if starts_at > now:
        return _future(rng, now, starts_at, created_at, decided)
    if ends_at > now:
        came = starts_at + timedelta(minutes=rng.randint(-10, 10))
        return Fate("checked_in", "", decided, min(came, now))
    return _past(rng, now, starts_at, created_at, decided)


def _wanted(rng: random.Random, state: str, now: datetime, created_at: datetime) -> Fate:
    if state == "cancelled":
        return Fate(state, rng.choice(CANCELLED), min(now, created_at + timedelta(days=1)))
    return Fate(state)


def _future(
    rng: random.Random,
    now: datetime,
    starts_at: datetime,
    created_at: datetime,
    decided: datetime | None,
) -> Fate:
    if decided is not None and starts_at - now < REQUESTS_WITHIN:
        draw = rng.random()
        if draw < 0.3:
            return Fate("requested")
        if draw < 0.36:
            return Fate("declined", rng.choice(DECLINED), decided)
    if rng.random() < 0.015:
        moment = created_at + (now - created_at) * rng.random()
        return Fate("cancelled", rng.choice(CANCELLED), moment.replace(microsecond=0))
    return Fate("confirmed", "", decided)


def _past(
    rng: random.Random,
    now: datetime,
    starts_at: datetime,
    created_at: datetime,
    decided: datetime | None,
) -> Fate:
    draw = rng.random()
    if draw < 0.03:
        moment = created_at + (starts_at - created_at) * rng.random()
        return Fate("cancelled", rng.choice(CANCELLED), moment.replace(microsecond=0))
    if draw < 0.04:
        return Fate("no_show", "", decided)
    if draw < 0.055 and decided is not None:
        return Fate("declined", rng.choice(DECLINED), decided)
    if draw < 0.06 and decided is not None:
        return Fate("expired")
    if draw < 0.7:
        came = starts_at + timedelta(minutes=rng.randint(-10, 10))
        return Fate("checked_in", "", decided, came)
    return Fate("confirmed", "", decided)
