"""What a door says, when it asks again, and for how long one may take the room now. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from tierslieu.bookings.rules import EffectivePolicy
from tierslieu.kernel.span import Span

Offer = Literal["check_in", "take", "look"]

#: Seconds between two looks: paper-like screens blink when they change.
EVERY: Final = {"ink": 180, "tablet": 60, "paper": 3600}
#: A room that is free for less is not worth taking.
LEAST: Final = timedelta(minutes=20)


def refresh_seconds(look: str, now: datetime, changes_at: datetime | None) -> int:
    """When the screen looks again: in its usual time, or just after what it shows changes."""
    usual = EVERY[look]
    if changes_at is None or changes_at <= now:
        return usual
    return max(5, min(usual, int((changes_at - now).total_seconds()) + 2))


def take_now(policy: EffectivePolicy, now: datetime, until: datetime | None) -> Span | None:
    """What somebody at the door could book: from the next step on; None when it is not possible.

    ``now`` is the local time of the room, whose steps count from its midnight.
    """
    if policy.notice_add is not None and policy.notice_add.amount:
        return None
    step = timedelta(minutes=policy.step_minutes or 5)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - (midnight - now) // step * step
    longest = timedelta(minutes=policy.longest_minutes or 120)
    end = start + min(longest, timedelta(hours=2))
    if until is not None:
        end = min(end, until)
    end = start + max(end - start, timedelta(0)) // step * step
    shortest = max(LEAST, timedelta(minutes=policy.shortest_minutes or 0))
    return Span(start, end) if end - start >= shortest else None
