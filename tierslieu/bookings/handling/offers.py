"""Where a touched booking could go: rooms and times that are free and hold them all."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tierslieu.bookings.availability.queries import judge_all
from tierslieu.bookings.cases.queries import Party, room_case_by_id
from tierslieu.bookings.desk.proposals import Proposal, proposals
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.rules import Ask
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.span import Span, at_wall, local_date
from tierslieu.kernel.work import Work

#: How many are offered for each booking, and how many weeks after a closing are tried.
MOST, WEEKS = 4, 3


def offers(work: Work, view: BookingView, over_at: datetime | None) -> list[Proposal]:
    """Other rooms at that time, other times near it, then the same hour once it is over.

    Only what is free and holds as many people as come.
    """
    found = proposals(work, view)[: MOST - 1]
    later = _afterwards(work, view, over_at) if over_at is not None else None
    return [*found, *([later] if later is not None and later not in found else [])]


def _afterwards(work: Work, view: BookingView, over_at: datetime) -> Proposal | None:
    """The same room, weekday and hour in the first weeks after a closing."""
    asks = [
        Ask(span, view.booking.attendance, by_clerk=True)
        for weeks in range(1, 200)
        if (span := _weeks_later(view, weeks)).starts_at >= over_at
    ][:WEEKS]
    if not asks:
        return None
    around = Span(asks[0].span.starts_at, asks[-1].span.ends_at)
    try:
        case = room_case_by_id(work.session, view.booking.room_id, around)
    except NotFound:
        return None
    party = Party(work.actor, view.booking.booked_for_id, view.booking.organisation_id)
    for ask, verdict in zip(
        asks, judge_all(work, "book", case, party, asks, taken=True, choices=0), strict=True
    ):
        if not verdict.reasons:
            return Proposal(case.public_id, case.name, ask.span, view.zone)
    return None


def _weeks_later(view: BookingView, weeks: int) -> Span:
    """The same wall time, so many weeks later."""
    zone = ZoneInfo(view.zone)
    local = view.span.starts_at.astimezone(zone)
    day = local_date(view.span.starts_at, zone) + timedelta(weeks=weeks)
    start = at_wall(day, local.hour * 60 + local.minute, zone)
    return Span(start, start + view.span.duration)
