"""How fast the engine takes and answers: ``python -m benchmarks.engine [URL] [ROWS]``.

Without an address: an SQLite file in a temporary folder. The database must be empty, or absent.
Prints inserts per second through ``take`` and the time of each question at ROWS (100,000).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pluggy
import sqlalchemy as sa

from tierslieu.config import load
from tierslieu.kernel.db import Database
from tierslieu.kernel.hooks import Hooks
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.migrate import upgrade
from tierslieu.resources import queries, services
from tierslieu.resources.models import Claim, Occupancy
from tierslieu.resources.rules import Taking
from tierslieu.venues.models import Venue, VenueKind

VENUES, ROOMS = 29, 8
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def furnish(work: Work, rows: int) -> list[int]:
    """Venues with rooms, and bookings of an hour and a half, written past the engine."""
    work.session.add(VenueKind(key="centre", label={"en": "Centre"}))
    work.session.flush()
    rooms: list[int] = []
    venue_of: dict[int, int] = {}
    for number in range(VENUES):
        venue = Venue(slug=f"v{number}", name=f"Venue {number}", kind="centre")
        work.session.add(venue)
        work.session.flush()
        for room in range(ROOMS):
            added = services.add_resource(work, venue_id=venue.id, kind="room", name=f"R{room}")
            rooms.append(added.id)
            venue_of[added.id] = venue.id
    claims, held = [], []
    for number in range(rows):
        room = rooms[number % len(rooms)]
        turn = number // len(rooms)
        start = START + timedelta(days=turn // 4) + (turn % 4) * 3 * HOUR
        fields = {"starts_at": start, "ends_at": start + 1.5 * HOUR}
        claim = {"venue_id": venue_of[room], "resource_id": room, "kind": "booking", **fields}
        claims.append({"id": number + 1, "label": "Tombola", **claim})
        held.append({"resource_id": room, "claim_id": number + 1, **fields})
    work.session.execute(sa.insert(Claim), claims)
    work.session.execute(sa.insert(Occupancy.__table__), held)
    if not work.site.db.is_sqlite:
        work.session.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('claim', 'id'), :last)"), {"last": rows}
        )
    return rooms


def timed(name: str, act: Callable[[], Any], times: int = 50) -> None:
    act()
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        act()
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{name:48} {took / times * 1000:8.2f} ms   CPU here {cpu / times * 1000:6.2f} ms")


def measure(site: Site, rooms: list[int], rows: int) -> None:
    middle = START + timedelta(days=rows // len(rooms) // 8)
    evening = Span(middle + HOUR, middle + 2 * HOUR)
    weekly = [evening.shifted(timedelta(weeks=week)) for week in range(13)]
    week = Span(middle, middle + timedelta(days=7))
    with site.reading() as work:
        session, now = work.session, work.now
        timed("free of 232 rooms", lambda: queries.free(session, None, evening, now))
        timed("free in 13 weekly slots", lambda: queries.free_in_spans(session, None, weekly, now))
        timed(
            "busy spans of 232 rooms, a day",
            lambda: queries.busy_spans(session, rooms, Span(middle, middle + 24 * HOUR), now),
        )
        timed(
            "claims of 232 rooms, a week",
            lambda: queries.claims_between(session, rooms, week, now),
            10,
        )
        timed(
            "claims of 8 rooms, a week",
            lambda: queries.claims_between(session, rooms[:8], week, now),
        )
    far = START + timedelta(days=4000)
    number = iter(range(1_000_000))

    def book() -> None:
        at = next(number)
        span = Span(far + at * HOUR, far + (at + 1) * HOUR)
        room = rooms[at % len(rooms)]
        with site.writing() as work:
            claim = services.new_claim(
                work, venue_id=1, kind="booking", span=span, resource_id=room
            )
            services.take(work, [Taking(claim.id, [room], span)])

    timed("one claim taken, committed", book, 300)
    with site.writing() as work:
        days = [weekly[0].shifted(timedelta(days=6000 + day)) for day in range(366)]
        new = [services.NewClaim(1, "booking", day) for day in days]
        began = time.perf_counter()
        made = services.new_claims(work, new)
        takings = [Taking(claim.id, rooms[:3], day) for claim, day in zip(made, days, strict=True)]
        services.take(work, takings)
        print(f"{'a series of 366 in 3 rooms':48} {(time.perf_counter() - began) * 1000:8.2f} ms")


def main() -> None:
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/bench.db"
        db = Database(url)
        hooks = Hooks(pluggy.PluginManager("tierslieu"), lambda _plugin, _venue: True)
        site = Site(load({}, Path(folder), database_url=url), db, hooks)
        upgrade(db)
        with site.writing() as work:
            began = time.perf_counter()
            rooms = furnish(work, rows)
            took = time.perf_counter() - began
        print(f"{db.dialect}, {rows} rows, written at {rows / took:.0f} a second")
        with db.writer.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        measure(site, rooms, rows)
        db.dispose()


if __name__ == "__main__":
    main()
