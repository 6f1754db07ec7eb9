"""What bookings add to the rest of the site: each hook hands over to a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tierslieu import contributions as gives
from tierslieu.bookings import pieces
from tierslieu.bookings.figures import sections as figures
from tierslieu.bookings.handling import online
from tierslieu.bookings.waiting import panels as waiting
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.work import Work


@hookimpl
def nav_items(
    actor: Actor, place: str, venue_id: int | None, venue_slug: str
) -> Iterable[gives.NavItem]:
    """Entries of the bars."""
    return pieces.entries(actor, place, venue_id, venue_slug)


@hookimpl
def panels(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[gives.Panel]:
    """Pieces of other pages."""
    return pieces.drawn(work, place, subject, venue_id)


@hookimpl
def other_ways() -> Iterable[gives.OtherWay]:
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
def person_data(work: Work, person_id: int) -> Iterable[gives.PersonDataPart]:
    """Her bookings, in her export."""
    return pieces.data(work, person_id)


@hookimpl
def person_erased(work: Work, person_id: int) -> None:
    """Her future bookings end, the past ones lose her words."""
    pieces.erase(work, person_id)


@hookimpl
def report_sections(
    work: Work, asked: gives.ReportAsked, venue_id: int | None
) -> Iterable[gives.ReportSection]:
    """Use of the rooms, bookings, fees and partners."""
    return figures.sections(work, asked, venue_id)


@hookimpl
def report_rows(
    work: Work, rows: str, asked: gives.ReportAsked, venue_id: int | None
) -> Iterable[gives.ReportRows]:
    """The bookings behind those figures."""
    return figures.rows(work, rows, asked, venue_id)
