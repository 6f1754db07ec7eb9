"""What is to be done until when, as entries of a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tierslieu.bookings.models import Booking, is_requested
from tierslieu.bookings.reminders.models import Reconfirmation
from tierslieu.bookings.seasons.models import SeasonRound
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.contributions import CalendarEntry, CalendarQuestion
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue


def deadlines(work: Work, question: CalendarQuestion) -> Iterable[CalendarEntry]:
    """The deadlines that belong into a calendar; none where they are not asked for."""
    if not question.deadlines:
        return
    if question.is_own:
        yield from _offers(work, question)
        yield from _reconfirmations(work, question)
    if question.is_own or question.detail == "private":
        yield from _requests(work, question)
    yield from _seasons(work, question)


def _offers(work: Work, question: CalendarQuestion) -> Iterator[CalendarEntry]:
    """Offers from a waiting list: until when they are kept."""
    asked = (
        sa.select(WaitingEntry, Room, Venue, Booking.public_id)
        .join(Room, Room.id == WaitingEntry.room_id)
        .join(Venue, Venue.id == Room.venue_id)
        .join(Booking, Booking.id == WaitingEntry.booking_id)
        .where(
            WaitingEntry.state == "offered",
            WaitingEntry.offered_until.between(question.since, question.until),
            _concerns(question, WaitingEntry.person_id, WaitingEntry.organisation_id),
        )
    )
    for entry, room, venue, booking in work.session.execute(asked):
        yield CalendarEntry(
            f"offer-{entry.public_id}",
            msg("Answer the offer: %(room)s", room=room.name),
            entry.offered_until or entry.starts_at,
            description=msg("Until then this room is kept for you; then the next one is asked."),
            url=f"/bookings/{booking}",
            changed_at=entry.offered_at,
            **_at(venue, room),
        )


def _reconfirmations(work: Work, question: CalendarQuestion) -> Iterator[CalendarEntry]:
    """Series of which somebody has to say that they are still needed."""
    one = (
        sa.select(Booking.series_id, sa.func.min(Booking.id).label("id"))
        .where(
            Booking.series_id.is_not(None),
            _concerns(question, Booking.booked_for_id, Booking.organisation_id),
        )
        .group_by(Booking.series_id)
        .subquery()
    )
    asked = (
        sa.select(Reconfirmation, Booking, Claim.label, Room, Venue)
        .join(one, one.c.series_id == Reconfirmation.series_id)
        .join(Booking, Booking.id == one.c.id)
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .join(Venue, Venue.id == Room.venue_id)
        .where(
            Reconfirmation.answer == "waiting",
            Reconfirmation.answer_by.between(question.since, question.until),
        )
    )
    for row, booking, label, room, venue in work.session.execute(asked):
        yield CalendarEntry(
            f"reconfirm-{row.public_id}",
            msg("Say whether you still need it: %(title)s", title=label or room.name),
            row.answer_by,
            url=f"/bookings/{booking.public_id}",
            changed_at=row.asked_at,
            **_at(venue, room),
        )


def _requests(work: Work, question: CalendarQuestion) -> Iterator[CalendarEntry]:
    """Requests: until when an answer is due, from the house to whoever asked."""
    whose: Any = question.venues.condition(Venue.id)
    if question.is_own:
        whose = _concerns(question, Booking.booked_for_id, Booking.organisation_id)
    asked = (
        sa.select(Booking, Claim.label, Room, Venue)
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .join(Venue, Venue.id == Room.venue_id)
        .where(is_requested(), Booking.answer_by.between(question.since, question.until), whose)
    )
    for booking, label, room, venue in work.session.execute(asked):
        yield CalendarEntry(
            f"answer-{booking.public_id}",
            _due(question, label or room.name),
            booking.answer_by or booking.original_starts_at,
            url=f"/bookings/{booking.public_id}",
            changed_at=booking.changed_at,
            sequence=booking.revision,
            **_at(venue, room),
        )


def _due(question: CalendarQuestion, title: str) -> Message:
    if question.is_own:
        return msg("An answer is due: %(title)s", title=title)
    return msg("Answer the request: %(title)s", title=title)


def _seasons(work: Work, question: CalendarQuestion) -> Iterator[CalendarEntry]:
    """Seasons: the last day to apply; in one's own calendar, where one is a member."""
    where: Any = question.venues.condition(Venue.id)
    if question.is_own:
        where = sa.and_(where, Venue.id.in_(sorted(question.member_venues)))
    asked = (
        sa.select(SeasonRound, Venue)
        .join(Venue, Venue.id == SeasonRound.venue_id)
        .where(
            SeasonRound.state == "open",
            SeasonRound.apply_until.between(question.since.date(), question.until.date()),
            Venue.published,
            Venue.archived_at.is_(None),
            where,
        )
    )
    for row, venue in work.session.execute(asked):
        yield CalendarEntry(
            f"season-{row.public_id}",
            msg("Last day to apply: %(season)s, %(venue)s", season=row.name, venue=venue.name),
            row.apply_until,
            row.apply_until + timedelta(days=1),
            url=f"/venues/{venue.slug}/season",
            changed_at=row.created_at,
            sequence=row.version,
            visibility="public",
            **_at(venue),
        )


def _concerns(question: CalendarQuestion, person: Any, organisation: Any) -> Any:
    """Rows of the person's, or of one of the organisations."""
    theirs = organisation.in_(sorted(question.organisation_ids))
    if question.person_id is None:
        return theirs
    return sa.or_(person == question.person_id, theirs)


def _at(venue: Venue, room: Room | None = None) -> dict[str, Any]:
    return {
        "venue_id": venue.id,
        "room_id": room.id if room else None,
        "zone": venue.zone,
        "location": f"{room.name}, {venue.name}" if room else venue.name,
        "deadline": True,
    }
