"""What bookings add to the rest of the site: each hook hands over to a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tierslieu.bookings.accessories import panels as accessories
from tierslieu.bookings.attendance import panels as attendance
from tierslieu.bookings.calendar import panels as calendar
from tierslieu.bookings.chains import panels as chains
from tierslieu.bookings.chains import privacy as chains_privacy
from tierslieu.bookings.desk import nav as desk
from tierslieu.bookings.handling import online
from tierslieu.bookings.handling import panels as handling
from tierslieu.bookings.member import panels as member
from tierslieu.bookings.member import privacy
from tierslieu.bookings.missed import privacy as missed
from tierslieu.bookings.preparation import panels as preparation
from tierslieu.bookings.preparation import privacy as chores
from tierslieu.bookings.seasons import panels as seasons
from tierslieu.bookings.seasons import privacy as seasons_privacy
from tierslieu.bookings.waiting import panels as waiting
from tierslieu.bookings.waiting import privacy as waiting_privacy
from tierslieu.contributions import NavItem, OtherWay, Panel, PersonDataPart
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.work import Work


@hookimpl
def nav_items(actor: Actor, place: str, venue_id: int | None, venue_slug: str) -> Iterable[NavItem]:
    """Entries of the bars."""
    yield from desk.entries(actor, place, venue_id, venue_slug)
    yield from member.entries(actor, place)


@hookimpl
def panels(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """Pieces of other pages."""
    for room in (calendar, accessories, handling, waiting, chains, seasons):
        yield from room.drawn(work, place, subject)
    yield from member.drawn(work, place)
    yield from attendance.drawn(work, place, subject, venue_id)
    yield from preparation.drawn(work, place, subject, venue_id)
    yield from desk.cards(work, place, subject, venue_id)


@hookimpl
def other_ways() -> Iterable[OtherWay]:
    """Held online, when the house is closed."""
    return [online.WAY]


@hookimpl
def way_followed(work: Work, key: str, bookings: Sequence[int], words: str) -> None:
    """The link, written with each booking."""
    online.follow(work, key, bookings, words)


@hookimpl
def venue_changed(work: Work, venue_id: int) -> None:
    """A closure lifted, hours that grew: who waits there is asked at once."""
    waiting.ask_venue(work, venue_id)


@hookimpl
def person_data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Her bookings, in her export."""
    for room in (privacy, missed, chores, waiting_privacy, chains_privacy, seasons_privacy):
        yield from room.data(work, person_id)


@hookimpl
def person_erased(work: Work, person_id: int) -> None:
    """Her future bookings end, the past ones lose her words."""
    for room in (missed, chores, waiting_privacy, chains_privacy, seasons_privacy, privacy):
        room.erase(work, person_id)
