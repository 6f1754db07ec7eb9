"""What comes back every week as a series: its rule, what it leaves out, what it could not have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tierslieu.bookings.models import Series
from tierslieu.bookings.rules.doors import taken_reason
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.rules import Date, date_at
from tierslieu.bookings.series.services import in_words
from tierslieu.demo.loading.tables import Known, count_on, put
from tierslieu.demo.records import ZONE, DemoBooking
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.recurrence import Rule, text
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work

WEEK = timedelta(days=7)
ROME = ZoneInfo(ZONE)
#: So many dates to come that could not be had are kept to be tried again; others are left out.
SKIPPED = 2


@dataclass(frozen=True)
class Weekly:
    """A series by its row id and name in calendars, with its bookings in order."""

    id: int
    uid: str
    rows: Sequence[DemoBooking]

    @property
    def starts(self) -> list[datetime]:
        """Each week's wall time, those without a booking among them."""
        first, last = (_wall(self.rows[n]) for n in (0, -1))
        return [first + n * WEEK for n in range((last - first) // WEEK + 1)]

    @property
    def minutes(self) -> int:
        """Its length by the wall."""
        row = self.rows[0]
        ends = row.ends_at.astimezone(ROME).replace(tzinfo=None)
        return int((ends - _wall(row)).total_seconds() // 60)

    def missing(self) -> list[Date]:
        """The dates that were not had."""
        had = {_wall(row) for row in self.rows}
        return [date_at(wall, self.minutes, ROME) for wall in self.starts if wall not in had]


def _wall(row: DemoBooking) -> datetime:
    return datetime.fromisoformat(row.local_start)


def weekly(bookings: Sequence[DemoBooking]) -> dict[str, Weekly]:
    """By the demo's own name: whatever takes a whole room at one wall time, week after week."""
    found: dict[str, list[DemoBooking]] = defaultdict(list)
    for row in bookings:
        if row.series is not None:
            found[row.series].append(row)
    good = {name: sorted(rows, key=_wall) for name, rows in found.items() if _repeats(rows)}
    return {
        name: Weekly(n, f"{new_public_id()}@tierslieu", rows)
        for n, (name, rows) in enumerate(good.items(), start=1)
    }


def _repeats(rows: Sequence[DemoBooking]) -> bool:
    walls = [_wall(row) for row in rows]
    lengths = {row.ends_at.astimezone(ROME).time() for row in rows}
    grid = {(wall - walls[0]) % WEEK for wall in walls}
    whole = {row.leaves for row in rows}
    days = len({wall.date() for wall in walls})
    return days == len(rows) > 1 and len(lengths) == len(grid) == len(whole) == 1


def write_series(
    work: Work, known: Known, found: Mapping[str, Weekly], bookings: Sequence[DemoBooking]
) -> None:
    """Their rows, and the dates to come that could not be had."""
    gaps = {each.id: each.missing() for each in found.values()}
    kept = {
        key: [date for date in dates if date.span.starts_at > work.now][:SKIPPED]
        for key, dates in gaps.items()
    }
    put(work, Series, [_series(known, each, gaps[each.id], kept[each.id])
                       for each in found.values()])  # fmt: skip
    busy = _busy(bookings, {date.local_start.date() for dates in kept.values() for date in dates})
    put(work, SkippedDate, [row for each in found.values()
                            for row in _skipped(work, each, kept[each.id], busy)])  # fmt: skip
    count_on(work, Series)


def _series(
    known: Known, each: Weekly, gaps: Sequence[Date], kept: Sequence[Date]
) -> dict[str, Any]:
    first, last = each.rows[0], each.rows[-1]
    return {
        "id": each.id,
        "uid": each.uid,
        "rrule": text(Rule("WEEKLY", until=_wall(last).date())),
        "local_start": first.local_start,
        "minutes": each.minutes,
        "zone": ZONE,
        "room_id": known.resources[first.venue, first.room],
        "also": [],
        "without": [f"{date.local_start:%Y-%m-%d}" for date in gaps if date not in kept],
        "created_at": min(row.created_at for row in each.rows),
    }


Busy = Mapping[tuple[str, str, Any], Sequence[Span]]


def _busy(bookings: Sequence[DemoBooking], days: set[Any]) -> Busy:
    found: dict[tuple[str, str, Any], list[Span]] = defaultdict(list)
    for row in bookings:
        day = _wall(row).date()
        if day in days:
            for leaf in row.leaves:
                found[row.venue, leaf, day].append(Span(row.starts_at, row.ends_at))
    return found


def _skipped(
    work: Work, each: Weekly, kept: Sequence[Date], busy: Busy
) -> Iterator[dict[str, Any]]:
    row = each.rows[0]
    for date in kept:
        day = date.local_start.date()
        spans = {
            span
            for leaf in row.leaves
            for span in busy.get((row.venue, leaf, day), ())
            if span.overlaps(date.span)
        }
        reason = Reason("closed", msg("Closed on %(day)s.", day=day), "starts_at")
        if spans:
            reason = taken_reason(spans, ROME)
        yield {
            "series_id": each.id,
            "original_starts_at": date.span.starts_at,
            "local_start": f"{date.local_start:%Y-%m-%dT%H:%M}",
            "code": reason.code,
            "why": in_words(reason),
            "created_at": min(one.created_at for one in each.rows),
        }
