"""When a chore is due, what is late, and when a code may be read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from tierslieu.kernel.span import Span

#: What is left after the end without being told is late from then on.
PATIENCE: Final = timedelta(minutes=10)
MOST_POINTS: Final = 40
LONGEST_POINT: Final = 200


def window(span: Span, moment: str, before: int, after: int) -> Span:
    """When a chore is done: in the buffer before the booking, or in the one after it.

    Without a buffer it is the quarter of an hour beside the booking.
    """
    if moment == "before":
        return Span(span.starts_at - timedelta(minutes=before or 15), span.starts_at)
    return Span(span.ends_at, span.ends_at + timedelta(minutes=after or 15))


def points_of(text: str) -> list[str]:
    """The points of a list as they are written, one a line."""
    lines = (line.strip(" -–•*\t")[:LONGEST_POINT] for line in text.splitlines())
    return [line for line in lines if line][:MOST_POINTS]


def fresh(points: Iterable[str]) -> list[dict[str, Any]]:
    """The points of a list, none ticked."""
    return [{"text": point, "done": False} for point in points]


def ticked(points: Sequence[Mapping[str, Any]], done: Iterable[int]) -> list[dict[str, Any]]:
    """The same points with these ticked and the others not."""
    chosen = set(done)
    return [{"text": point["text"], "done": n in chosen} for n, point in enumerate(points)]


def is_code_shown(hours: int, span: Span, now: datetime) -> bool:
    """Whether whoever holds a booking may read its code: from some hours before, to its end."""
    return span.starts_at - timedelta(hours=hours) <= now < span.ends_at


def is_late(due_at: datetime | None, now: datetime) -> bool:
    """Whether a key should have been back."""
    return due_at is not None and due_at + PATIENCE <= now
