"""When a booking is reminded of, and when a series is asked for again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

#: A booking is reminded of so long before it begins.
AHEAD: Final = timedelta(hours=24)
#: How long whoever holds a series has to answer.
TO_ANSWER: Final = timedelta(days=7)


def wants_reminder(created_at: datetime, starts_at: datetime) -> bool:
    """Whether it was booked long enough before for a reminder to tell anything."""
    return starts_at - created_at > AHEAD + timedelta(hours=12)


def asks_again(weeks: int | None, last_known: datetime, now: datetime) -> bool:
    """Whether a series is due: so many weeks since it was made, or last answered."""
    return weeks is not None and last_known + timedelta(weeks=weeks) <= now


def answer_by(now: datetime) -> datetime:
    """Until when the question waits."""
    return now + TO_ANSWER
