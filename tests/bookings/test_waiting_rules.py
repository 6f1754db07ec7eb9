"""When an offer is told, how long it lasts, and in which order: tables, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tierslieu.bookings.waiting.rules import first_rank, offered_until, reordered, told_at

ROME = ZoneInfo("Europe/Rome")


MOMENTS = {
    "by day at once": ("2026-11-03 14:00", "2026-11-05 18:00", "2026-11-03 14:00"),
    "at ten in the evening at eight": ("2026-11-03 22:00", "2026-11-05 18:00", "2026-11-04 08:00"),
    "at night at eight": ("2026-11-04 03:00", "2026-11-05 18:00", "2026-11-04 08:00"),
    "for the same day at once": ("2026-11-04 03:00", "2026-11-04 18:00", "2026-11-04 03:00"),
    "for early tomorrow at once": ("2026-11-03 23:00", "2026-11-04 09:30", "2026-11-03 23:00"),
    "the night the clock goes back": ("2026-10-24 23:00", "2026-10-26 18:00", "2026-10-25 08:00"),
}


@pytest.mark.parametrize("case", MOMENTS.values(), ids=MOMENTS)
def test_nobody_is_woken_by_an_offer(case: tuple[str, str, str]) -> None:
    now, starts, told = (datetime.fromisoformat(text).replace(tzinfo=ROME) for text in case)
    assert told_at(now.astimezone(UTC), starts.astimezone(UTC), ROME) == told


LENGTHS = {
    "a day when there is time": (72, 24, timedelta(hours=24)),
    "half of what is left": (10, 24, timedelta(hours=5)),
    "as the venue says": (72, 6, timedelta(hours=6)),
}


@pytest.mark.parametrize("case", LENGTHS.values(), ids=LENGTHS)
def test_an_offer_lasts(case: tuple[int, int, timedelta]) -> None:
    left, hours, lasts = case
    now = datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert offered_until(now, now + timedelta(hours=left), hours) == now + lasts


ORDERS = {
    "the last to the front": ([1, 2, 3], 2, 0, [2, 3, 1]),
    "the first to the end": ([1, 2, 3], 0, 9, [3, 1, 2]),
    "of the same moment": ([5, 5, 5], 1, 0, [6, 5, 7]),
    "where it is": ([1, 2, 3], 1, 1, [1, 2, 3]),
}


@pytest.mark.parametrize("case", ORDERS.values(), ids=ORDERS)
def test_an_order_changed_by_hand(case: tuple[list[int], int, int, list[int]]) -> None:
    ranks, moved, to, expected = case
    assert reordered(ranks, moved, to) == expected


def test_ranks_follow_the_clock() -> None:
    early, late = (datetime(2026, 11, 3, 9, 0, n, tzinfo=UTC) for n in (0, 1))
    assert first_rank(early) < first_rank(late)
