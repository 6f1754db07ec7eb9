"""Where things lie on a day's timeline: minutes from its first column. Pure.

The columns are hours that pass, not hours on the clock: a day on which the clock changes has 23 or
25 of them, and the labels say what the wall clock shows at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tierslieu.kernel.span import Span, local_day_span

HOUR = timedelta(hours=1)
#: What is shown of a day on which nothing is open and nothing happens.
USUAL = (8, 20)


@dataclass(frozen=True)
class Placed:
    """Minutes from the first column; ``whole`` when nothing of it lies outside the window."""

    start: int
    length: int
    whole: bool


@dataclass(frozen=True)
class Window:
    """The part of a day that is shown: whole hours from ``span.starts_at``."""

    span: Span
    zone: ZoneInfo

    @property
    def hours(self) -> list[str]:
        """The label of each column: what the clock on the wall shows."""
        count = -(-self.span.minutes // 60)
        starts = [(self.span.starts_at + HOUR * n).astimezone(self.zone) for n in range(count)]
        return [f"{at.hour}:{at.minute:02d}" for at in starts]

    def place(self, span: Span) -> Placed | None:
        """Where a span lies, cut to the window; None when it lies outside."""
        start, end = max(span.starts_at, self.span.starts_at), min(span.ends_at, self.span.ends_at)
        if start >= end:
            return None
        whole = (start, end) == (span.starts_at, span.ends_at)
        minutes = (end - start) // timedelta(minutes=1)
        return Placed((start - self.span.starts_at) // timedelta(minutes=1), minutes, whole)

    def now(self, moment: datetime) -> int | None:
        """Where the present is, None when it is not in the window."""
        if not self.span.contains(moment):
            return None
        return (moment - self.span.starts_at) // timedelta(minutes=1)


def window_of(day: date, zone: ZoneInfo, shown: Iterable[Span]) -> Window:
    """The hours of a local day that hold everything shown, in whole hours."""
    whole = local_day_span(day, zone)
    parts = [part for span in shown if (part := span.intersection(whole)) is not None]
    if parts:
        start = min(part.starts_at for part in parts)
        end = max(part.ends_at for part in parts)
    else:
        start, end = whole.starts_at + HOUR * USUAL[0], whole.starts_at + HOUR * USUAL[1]
    before = (start - whole.starts_at) // HOUR
    after = -((whole.starts_at - end) // HOUR)
    return Window(Span(whole.starts_at + HOUR * before, whole.starts_at + HOUR * after), zone)


def shut_spans(window: Span, hours: Sequence[Span]) -> list[Span]:
    """What of the window lies outside the opening hours."""
    return window.minus(hours)
