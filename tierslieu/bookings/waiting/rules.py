"""How long an offer lasts, when it is told, and the order of a list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tierslieu.kernel.span import at_wall, local_date

#: Hours of the night by the venue's clock: nobody is woken by an offer.
QUIET_FROM: Final = 22
QUIET_UNTIL: Final = 8
#: What begins so soon after the night is told at once.
_SOON: Final = timedelta(hours=2)


def told_at(now: datetime, starts_at: datetime, zone: ZoneInfo) -> datetime:
    """When an offer is told: at once, or at eight where it is night and there is time enough."""
    local = now.astimezone(zone)
    if QUIET_UNTIL <= local.hour < QUIET_FROM or local_date(starts_at, zone) == local.date():
        return now
    day = local.date() if local.hour < QUIET_UNTIL else local.date() + timedelta(days=1)
    morning = at_wall(day, QUIET_UNTIL * 60, zone)
    return now if morning + _SOON > starts_at else morning


def offered_until(told: datetime, starts_at: datetime, hours: int) -> datetime:
    """The end of an offer: so many hours, but never more than half of the time that is left."""
    lasts = min(timedelta(hours=hours), (starts_at - told) / 2)
    return (told + max(lasts, timedelta(minutes=1))).replace(microsecond=0)


def first_rank(joined_at: datetime) -> int:
    """The place of whoever joins now: behind everybody who joined before."""
    return int(joined_at.timestamp() * 1_000_000)


def reordered(ranks: Sequence[int], moved: int, to: int) -> list[int]:
    """New ranks for entries in order, the one at ``moved`` put at ``to``; all keep their span.

    The ranks that are there are dealt out anew, so whoever joins later stays behind them all.
    """
    free: list[int] = []
    for rank in sorted(ranks):
        free.append(rank if not free or rank > free[-1] else free[-1] + 1)
    order = list(range(len(ranks)))
    order.insert(max(0, min(to, len(order) - 1)), order.pop(moved))
    found = [0] * len(ranks)
    for rank, place in zip(free, order, strict=True):
        found[place] = rank
    return found
