"""The data set: 29 venues of 8 rooms, and bookings of one to two hours between 8 and 22.

Written past the engine, never overlapping in a room; the days lie around today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tierslieu.bookings.models import Booking, Policy
from tierslieu.kernel import guards
from tierslieu.kernel.site import Site
from tierslieu.kernel.tokens import hash_token, new_public_id, new_token
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.models import Claim, Occupancy
from tierslieu.resources.services import add_resource
from tierslieu.testing import ALL_DAY, OPEN_TO_ALL, a_token, an_account
from tierslieu.venues.models import Network, OpeningPeriod, Room, Venue, VenueKind
from tierslieu_ical.models import Feed
from tierslieu_ical.services import keep

VENUES, ROOMS, PEOPLE = 29, 8, 500
#: Bookings whose people have a feed of so many entries.
FEEDS = (100, 1_000, 10_000)
HOUR = timedelta(hours=1)
AT_ONCE = 20_000


@dataclass
class Town:
    """What the operations ask for."""

    rooms: list[str] = field(default_factory=list)
    asking: list[str] = field(default_factory=list)
    token: str = ""
    #: Of somebody who may ask, and not answer herself.
    asker: str = ""
    feeds: dict[int, str] = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())


def build(site: Site, rows: int) -> Town:
    """Fill an empty installation; 100,000 bookings are a year's, a million five years'."""
    town = Town()
    with site.writing() as work:
        rooms = _places(work, town)
        people = _people(work)
        account = an_account(work, "bench@demo.example", role="network_admin")
        reading = ("bookings:read", "bookings:write", "bookings.approve", "rooms:read")
        town.token = a_token(work, account, *reading, "venues:read")
        town.asker = a_token(work, an_account(work, "asks@demo.example"))
        readers = [an_account(work, f"feed-{size}@demo.example") for size in FEEDS]
        people[: 1 + len(FEEDS)] = [account.person_id, *(one.person_id for one in readers)]
    days = 1826 if rows > 100_000 else 365
    with site.db.begin() as connection:
        _without_guards(connection)
        for batch in _batches(rows, rooms, people, days, town.today):
            _insert(connection, batch)
        guards.install(connection)
        if not site.db.is_sqlite:
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('claim', 'id'), (SELECT max(id) FROM claim))"
            )
    with site.db.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if site.db.is_sqlite else "VACUUM ANALYZE")
    _with_feeds(site, town, people)
    return town


def _places(work: Work, town: Town) -> list[tuple[int, int]]:
    """(room, venue) of all; the last room of each venue asks approval and is left empty."""
    work.session.add_all([Network(id=1, name="Bench"), VenueKind(key="centre", label={"en": "C"})])
    work.session.add(Policy(audience="everyone", rules=OPEN_TO_ALL | {"step_minutes": "none"}))
    work.session.flush()
    found = []
    for number in range(VENUES):
        venue = Venue(
            slug=f"v{number}",
            name=f"Venue {number}",
            kind="centre",
            published=True,
            closed_on_holidays=False,
        )
        work.session.add(venue)
        work.session.flush()
        work.session.add(OpeningPeriod(venue_id=venue.id, weekly=ALL_DAY))
        for rank in range(ROOMS):
            added = add_resource(work, venue_id=venue.id, kind="room", name=f"Room {rank}")
            room = Room(
                id=added.id, venue_id=venue.id, slug=f"r{rank}", name=f"Room {rank}",
                capacity=20 + added.id % 60, step_free=rank % 2 == 0, rank=rank,
            )  # fmt: skip
            work.session.add(room)
            work.session.flush()
            found.append((added.id, venue.id))
            town.rooms.append(room.public_id)
    last = found[-1]
    rules = OPEN_TO_ALL | {"step_minutes": "none", "approval": "asked"}
    work.session.add(Policy(venue_id=last[1], room_id=last[0], audience="everyone", rules=rules))
    town.asking = [town.rooms[-1]]
    work.session.flush()
    return found


def _people(work: Work) -> list[int]:
    people = [Person(name=f"Person {n}", name_folded=f"person {n}", locale="it",
                     created_at=work.now) for n in range(PEOPLE)]  # fmt: skip
    work.session.add_all(people)
    work.session.flush()
    return [person.id for person in people]


def _without_guards(connection: sa.Connection) -> None:
    """A million rows are written in order; the guards are put back before anybody asks."""
    if connection.dialect.name == "sqlite":
        for guard in guards.REGISTERED:
            for name in guard.sqlite_names:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        return
    overlap = connection.exec_driver_sql(
        "SELECT conname FROM pg_constraint WHERE contype = 'x'"
    ).scalars()
    for name in overlap:
        connection.exec_driver_sql(f"ALTER TABLE occupancy DROP CONSTRAINT {name}")


Row = dict[str, Any]


def _batches(
    rows: int, rooms: list[tuple[int, int]], people: list[int], days: int, today: date
) -> Iterator[list[Row]]:
    first = datetime.combine(today, datetime.min.time(), UTC) - timedelta(days=days // 2)
    turns = -(-rows // len(rooms))
    feeds = [size for size in FEEDS if size <= rows // 4]
    whose = [people[1 + n] for n, size in enumerate(feeds) for _ in range(size)]
    batch: list[Row] = []
    for number in range(rows):
        turn, place = divmod(number, len(rooms))
        day = turn * days // turns
        slot = turn - (-(-day * turns // days))
        room, venue = rooms[place]
        start = (
            first
            + timedelta(days=day)
            + (8 + slot * 3) * HOUR
            + timedelta(minutes=30 * (place % 2))
        )
        length = timedelta(minutes=(60, 90, 120)[number % 3])
        # Every feed's bookings lie ahead, as a reader's do.
        late = rows - 1 - number
        person = whose[late] if late < len(whose) else people[number % 97 + len(FEEDS) + 1]
        if 2 * number > rows and number % (rows // 300) == 0 and late >= len(whose):
            person = people[0]  # a page of her own list is full
        batch.append({"id": number + 1, "room": room, "venue": venue, "person": person,
                      "starts_at": start, "ends_at": start + length})  # fmt: skip
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _insert(connection: sa.Connection, batch: list[Row]) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    times = [{"starts_at": row["starts_at"], "ends_at": row["ends_at"]} for row in batch]
    connection.execute(
        sa.insert(Claim.__table__),
        [
            span | {"id": row["id"], "public_id": new_public_id(), "venue_id": row["venue"],
                    "resource_id": row["room"], "kind": "booking", "owner": "core",
                    "label": "Tombola", "visibility": "public" if row["id"] % 4 == 0 else "private"}
            for row, span in zip(batch, times, strict=True)
        ],
    )  # fmt: skip
    connection.execute(
        sa.insert(Occupancy.__table__),
        [
            span | {"resource_id": row["room"], "claim_id": row["id"]}
            for row, span in zip(batch, times, strict=True)
        ],
    )
    connection.execute(
        sa.insert(Booking.__table__),
        [
            {"id": row["id"], "public_id": new_public_id(), "reference": f"{row['id']:08d}",
             "room_id": row["room"], "state": "confirmed", "uid": f"{row['id']}@bench",
             "booked_for_id": row["person"], "booked_by_id": row["person"],
             "original_starts_at": row["starts_at"], "zone": "Europe/Rome",
             "local_start": f"{row['starts_at']:%Y-%m-%dT%H:%M}",
             "created_at": now, "changed_at": now}
            for row in batch
        ],
    )  # fmt: skip


def _with_feeds(site: Site, town: Town, people: list[int]) -> None:
    """An address for each person of ``FEEDS``, with the texts that reading it needs."""
    for size, person in zip(FEEDS, people[1:], strict=False):
        with site.reading() as work:
            mine = sa.select(Booking.id).where(Booking.booked_for_id == person)
            ids = list(work.session.scalars(mine))
        if len(ids) < size * 9 // 10:
            continue
        for start in range(0, len(ids), 500):
            with site.writing() as work:
                keep(work, ids[start : start + 500])
        token = new_token("tlf_")
        with site.writing() as work:
            work.session.add(Feed(person_id=person, token_hash=hash_token(token), hint="bench",
                                  created_at=work.now))  # fmt: skip
        town.feeds[size] = f"/feeds/{token}.ics"
