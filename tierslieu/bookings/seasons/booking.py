"""What was published becomes bookings: each time a series, dates in the way skipped and said."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu.bookings.seasons.models import (
    SeasonApplication,
    SeasonPlacement,
    SeasonRound,
    SeasonSlot,
)
from tierslieu.bookings.seasons.queries import application_at, today_at
from tierslieu.bookings.seasons.services import turn
from tierslieu.bookings.series.services import Made, NewSeries, book_series, in_words
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel.errors import Conflict, Reason, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.recurrence import Rule
from tierslieu.kernel.span import Span, at_wall
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue


def book_round(work: Work, venue_id: int, public_id: str) -> SeasonRound:
    """Have every time of a published timetable booked, an application at a time.

    What is booked already stays; what could not be booked before is tried again.
    """
    row = turn(work, venue_id, public_id, "book")
    question = (
        sa.select(SeasonApplication.public_id)
        .where(
            SeasonApplication.round_id == row.id,
            SeasonApplication.id.in_(
                sa.select(SeasonPlacement.application_id).where(
                    SeasonPlacement.removed.is_(False), SeasonPlacement.series_id.is_(None)
                )
            ),
        )
        .order_by(SeasonApplication.id)
    )
    for application in work.session.scalars(question):
        work.later("seasons.book", key=f"seasons.book:{application}", application=application)
    return row


def book_application(work: Work, public_id: str) -> list[tuple[SeasonPlacement, Made | None]]:
    """Book the times of one application that are not booked yet; what came of each."""
    applied, row, venue = application_at(work.session, public_id)
    work.require("bookings.on_behalf", venue=venue.id)
    question = (
        sa.select(SeasonPlacement, SeasonSlot, Room)
        .join(SeasonSlot, SeasonSlot.id == SeasonPlacement.slot_id)
        .join(Room, Room.id == SeasonSlot.room_id)
        .where(
            SeasonPlacement.application_id == applied.row.id,
            SeasonPlacement.removed.is_(False),
            SeasonPlacement.series_id.is_(None),
        )
        .order_by(SeasonSlot.weekday, SeasonSlot.from_minute)
        .with_for_update(of=SeasonPlacement)
    )
    found: list[tuple[SeasonPlacement, Made | None]] = []
    for placement, slot, room in work.session.execute(question).all():
        made = _booked(work, placement, applied.row, (row, venue, slot, room))
        found.append((placement, made))
    work.session.flush()
    return found


def _booked(
    work: Work,
    placement: SeasonPlacement,
    application: SeasonApplication,
    where: tuple[SeasonRound, Venue, SeasonSlot, Room],
) -> Made | None:
    row, venue, slot, room = where
    placement.booked_at = work.now
    try:
        with work.savepoint():
            new = _series(application, row, venue, slot, room, today_at(venue, work.now))
            made = book_series(work, new, quiet=True)
    except Refusal as refusal:
        placement.refusal = in_words(refusal.reasons[0])
        return None
    placement.series_id, placement.refusal = made.series.id, type(placement.refusal)()
    return made


def _series(
    application: SeasonApplication,
    row: SeasonRound,
    venue: Venue,
    slot: SeasonSlot,
    room: Room,
    today: date,
) -> NewSeries:
    begins = max(row.starts_on, today + timedelta(days=1))
    first = begins + timedelta(days=(slot.weekday - begins.weekday()) % 7)
    if first > row.ends_on:
        raise Conflict(Reason("over", msg("The season is over."), kind="state"))
    zone = ZoneInfo(venue.zone)
    span = Span(at_wall(first, slot.from_minute, zone), at_wall(first, slot.until_minute, zone))
    new = NewBooking(
        room=room.public_id,
        span=span,
        title=application.title,
        attendance=application.size,
        visibility="public",
        note=application.needs[:500],
        person_id=application.person_id,
        organisation_id=application.organisation_id,
        kind="seasonal",
    )
    rule = Rule("WEEKLY", until=row.ends_on, byday=((0, slot.weekday),))
    return NewSeries(new, rule, skip_conflicts=True)
