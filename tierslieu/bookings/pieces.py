"""What the rooms of this feature add to other pages, and what they keep of a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tierslieu.bookings.accessories import panels as accessories
from tierslieu.bookings.attendance import panels as attendance
from tierslieu.bookings.calendar import panels as calendar
from tierslieu.bookings.chains import panels as chains
from tierslieu.bookings.chains import privacy as chains_privacy
from tierslieu.bookings.desk import nav as desk
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
from tierslieu.contributions import NavItem, Panel, PersonDataPart
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.work import Work


def entries(actor: Actor, place: str, venue_id: int | None, venue_slug: str) -> Iterable[NavItem]:
    """Entries of the bars."""
    yield from desk.entries(actor, place, venue_id, venue_slug)
    yield from member.entries(actor, place)


def drawn(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """Pieces of other pages."""
    for room in (calendar, accessories, handling, waiting, chains, seasons):
        yield from room.drawn(work, place, subject)
    yield from member.drawn(work, place)
    yield from attendance.drawn(work, place, subject, venue_id)
    yield from preparation.drawn(work, place, subject, venue_id)
    yield from desk.cards(work, place, subject, venue_id)


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Her bookings, in her export."""
    for room in (privacy, missed, chores, waiting_privacy, chains_privacy, seasons_privacy):
        yield from room.data(work, person_id)


def erase(work: Work, person_id: int) -> None:
    """Her future bookings end, the past ones lose her words."""
    for room in (missed, chores, waiting_privacy, chains_privacy, seasons_privacy, privacy):
        room.erase(work, person_id)
