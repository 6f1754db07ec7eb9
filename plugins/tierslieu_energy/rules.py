"""When heating is charged, and how much."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl


def is_cold(month: int, first: int, last: int) -> bool:
    """Whether a month lies between two others, both counted; also over the end of a year."""
    if first <= last:
        return first <= month <= last
    return month >= first or month <= last


def charged(span: tl.Span, zone: str, hour_cents: int, first: int, last: int) -> int:
    """What heating costs in cents, rounded half up once; nought outside the cold months."""
    month = span.starts_at.astimezone(ZoneInfo(zone)).month
    if not is_cold(month, first, last):
        return 0
    return (hour_cents * span.minutes * 2 + 60) // 120
