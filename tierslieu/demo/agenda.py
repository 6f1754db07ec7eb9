"""A year of bookings either side of a moment; `generate()` is the door."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tierslieu.demo.content import load, read
from tierslieu.demo.diary import ROME, Diary, half_hours
from tierslieu.demo.plot import Activity, Plot, Wish, activities, clock
from tierslieu.demo.records import DemoBooking, DemoNetwork, DemoRoom, DemoVenue

HALF = timedelta(days=365)
#: Weekly things in a room of that kind, in the season that runs now.
WEEKLY = {
    "hall": 6,
    "meeting": 5,
    "games": 5,
    "bar": 3,
    "library": 5,
    "kitchen": 4,
    "workshop": 4,
    "stage": 6,
    "music": 6,
    "lane": 6,
    "outdoor": 3,
    "allotment": 2,
}
#: Chance of a single thing in a room of that kind, each week.
ONCE = {
    "hall": 0.9,
    "meeting": 0.4,
    "games": 0.2,
    "library": 0.3,
    "kitchen": 0.35,
    "workshop": 0.25,
    "stage": 0.6,
    "outdoor": 0.6,
    "cloister": 0.6,
    "gallery": 0.4,
    "lane": 0.4,
}
#: Units of pools taken by single people: visits a week for each unit, lengths, titles.
VISITS = {
    "desk": (1.5, (240, 480, 120), "Postazione di lavoro"),
    "lane": (1.1, (60, 90, 120), "Partita a bocce"),
    "allotment": (0.35, (120, 180), "Lavori nell’orto"),
}
#: How many people come together for one unit, from and to.
PARTIES = {"desk": (1, 1), "lane": (2, 6), "allotment": (1, 3)}
#: A season of weekly things: from 8 September to 12 June of the next year.
SEASON_FIRST, SEASON_LAST = (9, 8), (6, 12)
#: How much of a full season is written: before this one, this one, after it.
SEASON_SHARE = {-1: 0.55, 0: 1.0, 1: 0.25}
COMPETING = 8
RIVALS = ("Cena di classe", "Festa dei vicini", "Riunione di famiglia", "Torneo di burraco")


def generate(seed: int, now: datetime, network: DemoNetwork | None = None) -> Iterator[DemoBooking]:
    """Every booking from a year before to a year after ``now`` (aware), 20 to 30 thousand.

    The same seed, moment and network give the same bookings in the same order. What occupies a
    room never overlaps there; some requests compete for the same time on purpose.
    """
    network = network or load()
    moment = now.astimezone(UTC).replace(microsecond=0)
    rng = random.Random(seed)  # noqa: S311 (a demo, not a secret)
    plot = Plot(network, Diary(network), rng, moment)
    today = moment.astimezone(ROME).date()
    rows = _written(plot, network, rng, today)
    yield from sorted(rows, key=_order)


def _order(booking: DemoBooking) -> tuple[datetime, str, str, tuple[str, ...], int]:
    return booking.starts_at, booking.venue, booking.room, booking.leaves, booking.key


def _written(
    plot: Plot, network: DemoNetwork, rng: random.Random, today: date
) -> list[DemoBooking]:
    weekly, once = activities(read("activities.toml"))
    rows = list(_personal(plot, network, today))
    rows += _signature(plot, network, today)
    for venue in network.venues:
        for room in venue.rooms:
            if not room.always_free:
                rows += _series_of_room(plot, venue, room, weekly, rng, today)
    weeks = [today + timedelta(days=7 * number) for number in range(-52, 52)]
    for week in weeks:
        monday = week - timedelta(days=week.weekday())
        rows += _single_things(plot, network, once, rng, monday, today)
        rows += _visits(plot, network, rng, monday, today)
    rows += _competing(rows, network, rng)
    return rows


# ---- the demo accounts' own ----


def _personal(plot: Plot, network: DemoNetwork, today: date) -> Iterator[DemoBooking]:
    people = {person.email: person for person in network.people if person.account}
    monday = today - timedelta(days=today.weekday())
    for row in read("personal.toml")["booking"]:
        venue = network.venue(row["venue"])
        wish = Wish(
            title=row["title"],
            see=row["see"],
            person=people[row["account"]].slug,
            organisation=row.get("group"),
            attendance=row["people"],
            layout=row.get("layout"),
            state=row.get("state", ""),
            series=f"own-{row['account'].split('@')[0]}-{row['room']}" if "repeat" in row else None,
        )
        first = monday + timedelta(days=7 * row["week"] + row["weekday"])
        left, tries = row.get("repeat", 1), 0
        while left and tries < 16:
            day = first + timedelta(days=7 * tries)
            booking = plot.write(
                venue, venue.room(row["room"]), day, [clock(row["at"])], row["minutes"], wish
            )
            tries += 1
            if booking:
                left -= 1
                yield booking


# ---- every week ----


def _signature(plot: Plot, network: DemoNetwork, today: date) -> Iterator[DemoBooking]:
    for number, row in enumerate(read("signature.toml")["weekly"]):
        venue = network.venue(row["venue"])
        room = venue.room(row["room"])
        organisation = row.get("group")
        for weekday in row["days"]:
            for offset in (-1, 0, 1):
                wish = Wish(
                    title=row["title"],
                    see=row["see"],
                    person=plot.acting_for(organisation, venue),
                    organisation=organisation or venue.operator.slug,
                    attendance=row["people"],
                    layout=plot.layout(room, row["people"]),
                    state="",
                    series=f"signature-{number}-{weekday}-{offset}",
                    operator=organisation is None,
                    many=row.get("many", 1),
                )
                starts, minutes = [clock(row["at"])], row["minutes"]
                yield from _weeks(plot, venue, room, wish, weekday, starts, minutes, offset, today)


def _series_of_room(
    plot: Plot,
    venue: DemoVenue,
    room: DemoRoom,
    weekly: Sequence[Activity],
    rng: random.Random,
    today: date,
) -> Iterator[DemoBooking]:
    fitting = [item for item in weekly if item.fits(venue, room)]
    wanted = min(WEEKLY.get(room.kind, 0), 2 * len(fitting))
    if room.parts:
        wanted //= 2
    chosen = rng.sample(fitting, min(wanted, len(fitting)))
    chosen += rng.choices(fitting, k=wanted - len(chosen)) if fitting else []
    for number, activity in enumerate(chosen):
        days = [day for day in activity.days if plot.ever_open(venue, room, day)]
        if not days:
            continue
        weekday, minutes = rng.choice(days), rng.choice(activity.minutes)
        starts = rng.sample(activity.at, len(activity.at))
        for offset in (0, -1, 1):
            if rng.random() < SEASON_SHARE[offset]:
                series = f"{venue.slug}-{room.slug}-{number}-{offset}"
                wish = plot.wish(activity, venue, room, weekday, series)
                yield from _weeks(plot, venue, room, wish, weekday, starts, minutes, offset, today)


def _weeks(
    plot: Plot,
    venue: DemoVenue,
    room: DemoRoom,
    wish: Wish,
    weekday: int,
    starts: Sequence[int],
    minutes: int,
    offset: int,
    today: date,
) -> Iterator[DemoBooking]:
    """One series through one season; the first start that fits is kept for the whole of it."""
    first, last = _season(room, today, offset)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    fixed: list[int] = list(starts)
    while day <= last:
        if abs(day - today) <= HALF:
            booking = plot.write(venue, room, day, fixed, minutes, wish)
            if booking:
                fixed = [clock(booking.local_start[11:])]
                yield booking
        day += timedelta(days=7)


def _season(room: DemoRoom, today: date, offset: int) -> tuple[date, date]:
    begun = today.year if (today.month, today.day) >= SEASON_FIRST else today.year - 1
    year = begun + offset
    if room.season:
        return date(year + 1, *room.season[0]), date(year + 1, *room.season[1])
    return date(year, *SEASON_FIRST), date(year + 1, *SEASON_LAST)


# ---- once ----


def _likely(day: date, today: date) -> float:
    """How much is already known of a day: all of the past, less and less of the future."""
    ahead = (day - today).days
    for days, share in ((21, 1.0), (60, 0.6), (180, 0.25)):
        if ahead <= days:
            return share
    return 0.08


def _single_things(
    plot: Plot,
    network: DemoNetwork,
    once: Sequence[Activity],
    rng: random.Random,
    monday: date,
    today: date,
) -> Iterator[DemoBooking]:
    share = _likely(monday, today)
    for venue in network.venues:
        for room in venue.rooms:
            if room.always_free or rng.random() >= ONCE.get(room.kind, 0.0) * share:
                continue
            fitting = [item for item in once if item.fits(venue, room)]
            if not fitting:
                continue
            activity = rng.choice(fitting)
            day = monday + timedelta(days=rng.choice(activity.days))
            wish = plot.wish(activity, venue, room, day.weekday(), None)
            starts = rng.sample(activity.at, len(activity.at))
            booking = plot.write(venue, room, day, starts, rng.choice(activity.minutes), wish)
            if booking:
                yield booking


def _visits(
    plot: Plot, network: DemoNetwork, rng: random.Random, monday: date, today: date
) -> Iterator[DemoBooking]:
    share = _likely(monday, today)
    pools = [(v, r) for v in network.venues for r in v.rooms if r.units and r.kind in VISITS]
    for venue, room in pools:
        rate, lengths, title = VISITS[room.kind]
        for _ in range(round(rate * len(room.units) * share)):
            day = monday + timedelta(days=rng.randrange(7))
            if room.kind == "allotment" and not 3 <= day.month <= 10:
                continue
            wish = plot.visit(title, venue, rng.randint(*PARTIES[room.kind]))
            starts = half_hours(rng, 8 * 60, 18 * 60, 3)
            minutes = rng.choice(lengths) if len(room.units) > 2 else 60
            booking = plot.write(venue, room, day, starts, minutes, wish)
            if booking:
                yield booking


def _competing(
    rows: Sequence[DemoBooking], network: DemoNetwork, rng: random.Random
) -> Iterator[DemoBooking]:
    """A second request for the same time, so that somebody has to choose."""
    asked = [row for row in rows if row.state == "requested" and not row.series]
    others = [person.slug for person in network.people if not person.account]
    for row in rng.sample(asked, min(COMPETING, len(asked))):
        person = rng.choice(others)
        yield replace(
            row,
            key=row.key + 1,
            title=rng.choice(RIVALS),
            visibility="private",
            booked_for=person,
            booked_by=person,
            organisation=None,
            created_at=row.created_at + timedelta(hours=1),
            changed_at=row.created_at + timedelta(hours=1),
        )
