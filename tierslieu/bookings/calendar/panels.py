"""What bookings add to the pages of the network, of venues and of rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from flask import has_request_context, request

from tierslieu.bookings.calendar import board
from tierslieu.bookings.calendar.openings import AHEAD, next_slot, next_slots, room_now
from tierslieu.bookings.calendar.queries import held_of
from tierslieu.bookings.calendar.rules import DAYS, Held, Week, grid, monday_of
from tierslieu.bookings.houserules.words import answer, plain
from tierslieu.bookings.member.cases import Seen, open_case
from tierslieu.contributions import Panel
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message
from tierslieu.kernel.span import Span, at_wall, local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.modes.queries import limits_of, modes_of
from tierslieu.venues.modes.rules import Mode, limit_words
from tierslieu.venues.queries import network
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.venues.words import capacity_words, room_facts

#: How far back and ahead a week may be looked at.
WEEKS_BACK: Final = 5
WEEKS_AHEAD: Final = 60

Row = TypeVar("Row", Venue, Room)


def drawn(work: Work, place: str, subject: Mapping[str, Any]) -> Iterable[Panel]:
    """The panels of bookings at one place of a page."""
    if place in _OF_NETWORK:
        return _OF_NETWORK[place](work)
    if place in _OF_VENUE and (venue := shown(subject, Venue)) is not None:
        return _OF_VENUE[place](work, venue)
    if place in _OF_ROOM and (room := shown(subject, Room)) is not None:
        return _OF_ROOM[place](work, _room(work, room))
    return ()


def shown(subject: Mapping[str, Any], kind: type[Row]) -> Row | None:
    """The row of a kind among what a page shows."""
    return next((value for value in subject.values() if isinstance(value, kind)), None)


def asked_monday(work: Work, zone: ZoneInfo) -> date:
    """The Monday of the week that the address asks for, else of this one."""
    this = monday_of(local_date(work.now, zone))
    asked = request.args.get("week", "") if has_request_context() else ""
    try:
        monday = monday_of(date.fromisoformat(asked))
    except ValueError:
        return this
    near = this - timedelta(weeks=WEEKS_BACK) <= monday <= this + timedelta(weeks=WEEKS_AHEAD)
    return monday if near else this


# -- the network ---------------------------------------------------------------------------------


def _home_week(work: Work) -> Iterator[Panel]:
    yield Panel("bookings/panels/home_week.html", {"days": board.network_week(work)}, order=10)


def _home_board(work: Work) -> Iterator[Panel]:
    found = board.posters(work)
    drawings = [(event, board.drawing(event.title)) for event in found]
    yield Panel("bookings/panels/home_board.html", {"posters": drawings}, order=10)


# -- a venue -------------------------------------------------------------------------------------


def _venue_rooms(work: Work, venue: Venue) -> Iterator[Panel]:
    rooms = rooms_of(work.session, venue.id)
    if rooms:
        today = local_date(work.now, ZoneInfo(venue.zone))
        modes = modes_of(work.session, venue.id, today)
        values = {
            "rooms": [
                (
                    room,
                    ", ".join(
                        say(words, work.locale)
                        for words in [*_limited(modes, room, today), *capacity_words(room)]
                    ),
                    [(icon, say(words, work.locale)) for icon, words in room_facts(room)],
                )
                for room in rooms
            ],
            "slots": next_slots(work, venue.id),
            "zone": venue.zone,
            "today": today,
            "tomorrow": today + timedelta(days=1),
        }
        yield Panel("bookings/panels/venue_rooms.html", values, order=10)


def _limited(modes: list[Mode], room: Room, today: date) -> list[Message]:
    limit = limits_of(modes, room).on(today)
    return [limit_words(*limit, room.capacity)] if limit is not None else []


def _venue_week(work: Work, venue: Venue) -> Iterator[Panel]:
    monday = asked_monday(work, ZoneInfo(venue.zone))
    before, after = board.weeks_around(monday)
    values = {
        "venue": venue,
        "days": board.venue_week(work, venue, monday),
        "before": before,
        "after": after,
        "week": DAYS,
    }
    yield Panel("bookings/panels/venue_week.html", values, order=10)


# -- a room --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoomPage:
    """What the panels of one room's page share."""

    seen: Seen
    held: list[Held]
    week: Week


def _room(work: Work, room: Room) -> RoomPage:
    """Read once a request, however many panels the page has."""
    if not has_request_context():
        return _read_room(work, room)
    known: dict[int, RoomPage] = request.environ.setdefault("tierslieu.bookings.rooms", {})
    if room.id not in known:
        known[room.id] = _read_room(work, room)
    return known[room.id]


def _read_room(work: Work, room: Room) -> RoomPage:
    zone = ZoneInfo(network(work.session).zone)
    monday = asked_monday(work, zone)
    week = Span(at_wall(monday, 0, zone), at_wall(monday + timedelta(days=DAYS), 0, zone))
    around = Span(min(work.now, week.starts_at), max(work.now + AHEAD, week.ends_at))
    seen = open_case(work, room.public_id, around)
    held = held_of(work, [seen.case], around)[room.id]
    shown = Week(monday, seen.case.facts.opening, seen.case.zone, seen.policy)
    return RoomPage(seen, held, shown)


def _room_head(work: Work, page: RoomPage) -> Iterator[Panel]:
    if page.seen.case.facts.bookable:
        now = room_now(page.seen.case, page.held, work.now)
        limits = page.seen.case.facts.limits
        limit = limits.on(local_date(work.now, page.seen.case.zone)) if limits else None
        values = {
            "now": now,
            "zone": page.seen.case.zone.key,
            "moment": work.now,
            "limited": limit_words(*limit, page.seen.case.capacity) if limit else None,
        }
        yield Panel("bookings/panels/room_head.html", values, order=10)


def _room_week(work: Work, page: RoomPage) -> Iterator[Panel]:
    if not page.seen.case.facts.bookable:
        return
    before, after = board.weeks_around(page.week.monday)
    values = {
        "room": page.seen.case,
        "days": page.week.days,
        "rows": grid(page.week, page.held, work.now),
        "today": local_date(work.now, page.week.zone),
        "before": before if before >= monday_of(local_date(work.now, page.week.zone)) else None,
        "after": after,
        "week": timedelta(days=DAYS - 1),
    }
    yield Panel("bookings/panels/room_week.html", values, order=10)


def _room_rules(_work: Work, page: RoomPage) -> Iterator[Panel]:
    if page.seen.case.facts.bookable:
        values = {"room": page.seen.case, "rules": plain(page.seen.policy)}
        yield Panel("bookings/panels/room_rules.html", values, order=10)


def _room_aside(work: Work, page: RoomPage) -> Iterator[Panel]:
    if page.seen.case.facts.bookable:
        today = local_date(work.now, page.seen.case.zone)
        values = {
            "seen": page.seen,
            "answer": answer(page.seen.policy),
            "slot": next_slot(page.seen, page.held, work.now),
            "zone": page.seen.case.zone.key,
            "today": today,
            "tomorrow": today + timedelta(days=1),
        }
        yield Panel("bookings/panels/room_aside.html", values, order=10)


_OF_NETWORK: Final[dict[str, Callable[[Work], Iterable[Panel]]]] = {
    "home_week": _home_week,
    "home_board": _home_board,
}
_OF_VENUE: Final[dict[str, Callable[[Work, Venue], Iterable[Panel]]]] = {
    "venue_rooms": _venue_rooms,
    "venue_week": _venue_week,
}
_OF_ROOM: Final[dict[str, Callable[[Work, RoomPage], Iterable[Panel]]]] = {
    "room_head": _room_head,
    "room_week": _room_week,
    "room_rules": _room_rules,
    "room_aside": _room_aside,
}
