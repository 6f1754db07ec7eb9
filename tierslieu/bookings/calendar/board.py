"""What the notice boards show: the week of the network or of a venue, and the next posters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tierslieu.bookings.calendar.queries import Event, events, starts_of_public
from tierslieu.bookings.calendar.rules import DAYS, monday_of
from tierslieu.kernel.span import Span, at_wall, local_date
from tierslieu.kernel.texts import Texts, folded
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.queries import network, venue_opening_facts
from tierslieu.venues.rules import day_hours, open_spans

POSTERS: Final = 8
POSTERS_WITHIN: Final = timedelta(days=14)

#: Words of a title, folded, and the drawing that goes with them.
_DRAWINGS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("tombola", ("tombola", "lotto", "bingo", "carte", "briscola", "scala 40", "burraco")),
    ("liscio", ("liscio", "ball", "danza", "tango", "musica", "coro", "concert", "orchestra")),
    ("pranzo", ("pranzo", "cena", "gnocco", "tortelli", "cucina", "colazione", "merenda", "bar")),
    ("libri", ("libr", "lettur", "racconti", "fiabe", "compiti", "studio", "poesia", "italiano")),
    ("bocce", ("bocc", "torneo", "biliard", "gara", "yoga", "ginnastica", "sport")),
    ("computer", ("computer", "telefono", "digital", "internet", "spid", "stampa 3d", "robot")),
    ("passeggiata", ("passeggiata", "cammin", "bici", "orto", "orti", "giardin", "semi")),
    ("cinema", ("cine", "film", "teatro", "spettacolo", "mostra", "foto")),
)


@dataclass(frozen=True)
class Day:
    """One day of a board: what begins on it; ``shut`` with the reason where there is one."""

    day: date
    today: bool
    count: int = 0
    entries: tuple[Event, ...] = ()
    shut: bool = False
    note: Texts = Texts()  # noqa: RUF009 (immutable)


def drawing(title: str) -> str:
    """The drawing for a title: by its words, else always the same one for the same title."""
    words = folded(title)
    for name, hints in _DRAWINGS:
        if any(hint in words for hint in hints):
            return name
    return _DRAWINGS[sum(words.encode()) % len(_DRAWINGS)][0]


def network_week(work: Work) -> list[Day]:
    """This week in the whole network: how many public things begin on each day."""
    zone = ZoneInfo(network(work.session).zone)
    today = local_date(work.now, zone)
    span = _days(monday_of(today), DAYS, zone)
    counted = Counter(
        start.astimezone(ZoneInfo(there)).date()
        for start, there in starts_of_public(work.session, span)
    )
    return [Day(day, day == today, counted.get(day, 0)) for day in _dates(monday_of(today), DAYS)]


def posters(work: Work) -> list[Event]:
    """The next public things, each only once however often it repeats."""
    span = Span(work.now, work.now + POSTERS_WITHIN)
    found: dict[tuple[str, str], Event] = {}
    for event in events(work.session, span, limit=200):
        found.setdefault((event.title, event.room_public_id), event)
    return list(found.values())[:POSTERS]


def venue_week(work: Work, venue: Venue, monday: date) -> list[Day]:
    """A venue's week as this reader may see it, with the days on which it stays shut."""
    zone = ZoneInfo(venue.zone)
    days = _dates(monday, DAYS)
    span = _days(monday, DAYS, zone)
    members_at = {venue.id} & work.actor.member_venues
    if work.actor.may("bookings.change", venue=venue.id):
        members_at = {venue.id}
    on = events(work.session, span, members_at=members_at, venue_id=venue.id)
    facts = venue_opening_facts(work.session, [venue.id], days[0], days[-1])[venue.id].of_venue()
    today = local_date(work.now, zone)
    return [
        Day(
            day,
            day == today,
            entries=tuple(event for event in on if starts_on(event, day)),
            shut=not open_spans(facts, day, day, zone),
            note=day_hours(facts, day).name,
        )
        for day in days
    ]


def agenda(work: Work, first: date, days: int) -> list[Day]:
    """Public things of the network by day, and members' where her card counts."""
    zone = ZoneInfo(network(work.session).zone)
    found = events(
        work.session, _days(first, days, zone), members_at=work.actor.member_venues, limit=1000
    )
    today = local_date(work.now, zone)
    return [
        Day(day, day == today, entries=tuple(event for event in found if starts_on(event, day)))
        for day in _dates(first, days)
    ]


def starts_on(event: Event, day: date) -> bool:
    """Whether a thing begins on a day, by the clock of its venue."""
    return local_start(event).date() == day


def local_start(event: Event) -> datetime:
    """When a thing begins, on the clock of its venue."""
    return event.span.starts_at.astimezone(ZoneInfo(event.zone))


def _dates(first: date, days: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(days)]


def _days(first: date, days: int, zone: ZoneInfo) -> Span:
    return Span(at_wall(first, 0, zone), at_wall(first + timedelta(days=days), 0, zone))


def weeks_around(monday: date) -> Iterable[date]:
    """The Monday before and the one after."""
    return monday - timedelta(days=DAYS), monday + timedelta(days=DAYS)
