"""Whom a closing touches, made or thought of; what is to be handled; what was done to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.desk.queries import Who, views_of, who_of
from tierslieu.bookings.handling.models import Handling
from tierslieu.bookings.handling.rules import Cause, Causes, Shut, causes_of
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, bookings_between, during
from tierslieu.kernel.span import Span, local_date
from tierslieu.people.models import Person
from tierslieu.resources.models import Claim
from tierslieu.venues.keeping.queries import kept
from tierslieu.venues.models import Closure, Room, Venue, VenueMode
from tierslieu.venues.modes.queries import days_span, limits_of, modes_of
from tierslieu.venues.modes.rules import Mode

#: States of bookings that a closing touches.
TOUCHED = ("requested", "held", "confirmed", "checked_in")
#: How far ahead bookings may lie.
FARTHEST = timedelta(days=3660)
#: The key of what is only thought of.
THOUGHT = "thought"


@dataclass(frozen=True)
class Touch:
    """A booking that is touched: by what, for whom, and how she can be reached.

    ``span`` and ``room_id`` stay what they were, whatever becomes of the booking.
    """

    view: BookingView
    cause: Cause
    who: Who
    email: str
    span: Span
    room_id: int

    @property
    def series(self) -> str:
        """What holds dates together: one series, or one title of the same people."""
        booking = self.view.booking
        if booking.series_id:
            return f"series:{booking.series_id}"
        return f"{booking.booked_for_id}/{booking.organisation_id}/{self.view.claim.label}"


@dataclass(frozen=True)
class Group:
    """Dates that belong together, in order."""

    touches: tuple[Touch, ...]

    @property
    def first(self) -> Touch:
        return self.touches[0]


@dataclass(frozen=True)
class Done:
    """A booking that was handled for a cause."""

    row: Handling
    view: BookingView
    who: Who
    email: str
    room_name: str

    @property
    def span(self) -> Span:
        """When it was before it was handled."""
        return Span(self.row.starts_at, self.row.ends_at)


def any_cause(session: Session, venue_id: int, now: datetime) -> bool:
    """Whether anything at a venue may touch a booking to come; kept while no fact changes."""
    ends = kept(session, "closings", 0, lambda: _last_causes(session))
    return venue_id in ends and ends[venue_id] > now


def _last_causes(session: Session) -> dict[int, datetime]:
    """Until when something at each venue may touch bookings."""
    ever = datetime.max.replace(tzinfo=UTC)
    found: dict[int, datetime] = {}
    closures = sa.select(Closure.venue_id, Closure.ends_at)
    for venue_id, ends_at in session.execute(closures):
        found[venue_id] = max(found.get(venue_id, ends_at), ends_at)
    for venue_id, day in session.execute(sa.select(VenueMode.venue_id, VenueMode.until_day)):
        last = datetime.combine(day, time(), UTC) + timedelta(days=2) if day else ever
        found[venue_id] = max(found.get(venue_id, last), last)
    retired = sa.select(Room.venue_id).where(Room.retired_at.is_not(None)).distinct()
    return found | dict.fromkeys(session.scalars(retired), ever)


def causes_at(
    session: Session, venue: Venue, now: datetime, *, thought: Mode | Shut | None = None
) -> Causes:
    """What is in force at a venue; with ``thought`` only that, beside the modes there are."""
    zone = ZoneInfo(venue.zone)
    modes = modes_of(session, venue.id, local_date(now, zone))
    if isinstance(thought, Shut):
        return Causes(zone, (thought,))
    if thought is not None:
        # Made last: it speaks as it would once it is saved.
        modes = [*modes, replace(thought, made=max((m.made for m in modes), default=0) + 1)]
    rooms = list(session.scalars(sa.select(Room).where(Room.venue_id == venue.id)))
    limits = {room.id: limits_of(modes, room) for room in rooms}
    if thought is not None:
        return Causes(zone, (), tuple(modes), limits)
    rows = session.scalars(
        sa.select(Closure).where(Closure.venue_id == venue.id, Closure.ends_at > now)
    )
    shut = tuple(
        Shut(f"closure:{row.public_id}", Span(row.starts_at, row.ends_at), row.room_id, row.reason)
        for row in rows
    )
    retired = {room.id: room.public_id for room in rooms if room.retired_at is not None}
    return Causes(zone, shut, tuple(modes), limits, retired)


def to_handle(session: Session, venue: Venue, now: datetime) -> list[Touch]:
    """Bookings inside what is in force that nobody has handled yet, the soonest first."""
    if not any_cause(session, venue.id, now):
        return []
    causes = causes_at(session, venue, now)
    found = _touched(session, venue, causes, now)
    handled = set(
        session.execute(
            # What was moved away and comes back is to be handled again.
            sa.select(Handling.booking_id, Handling.cause).where(
                Handling.venue_id == venue.id, Handling.act.not_in(("cancelled", "moved"))
            )
        ).all()
    )
    return _reached(session, [(v, c) for v, c in found if (v.booking.id, c.key) not in handled])


def touched_by(session: Session, venue: Venue, thought: Mode | Shut, now: datetime) -> list[Touch]:
    """Whom something would touch that is only thought of. Nothing is saved by asking."""
    causes = causes_at(session, venue, now, thought=thought)
    key = thought.key if isinstance(thought, Shut) else f"mode:{thought.key}"
    found = _touched(session, venue, causes, now)
    return _reached(session, [(view, cause) for view, cause in found if cause.key == key])


def _touched(
    session: Session, venue: Venue, causes: Causes, now: datetime
) -> list[tuple[BookingView, Cause]]:
    """Every booking to come that a cause touches, each with the heaviest."""
    window = window_of(causes, now)
    if window is None:
        return []
    rooms = None
    if not causes.modes and causes.shut and all(each.room_id for each in causes.shut):
        rooms = {*(each.room_id or 0 for each in causes.shut), *causes.retired}
    found = []
    views = bookings_between(session, venue.id, window, states=TOUCHED, room_ids=rooms)
    for view in views:
        booking = view.booking
        over = causes_of(causes, booking.room_id, view.span, booking.attendance)
        found += [(view, cause) for cause in over]
    return found


def window_of(causes: Causes, now: datetime) -> Span | None:
    """From when until when bookings may be touched."""
    far = now + FARTHEST
    spans = [each.span for each in causes.shut]
    for mode in causes.modes:
        last = mode.last or far.date()
        spans.append(days_span(mode.first, max(last, mode.first), causes.zone))
    if causes.retired:
        spans.append(Span(now, far))
    ahead = [span for span in spans if span.ends_at > now]
    if not ahead:
        return None
    first = max(now, min(span.starts_at for span in ahead))
    return Span(first, max(span.ends_at for span in ahead))


def _reached(session: Session, found: Sequence[tuple[BookingView, Cause]]) -> list[Touch]:
    """Each booking once, with for whom it is and how she is reached."""
    once: dict[int, tuple[BookingView, Cause]] = {}
    for view, cause in found:
        once.setdefault(view.booking.id, (view, cause))
    views = [view for view, _ in once.values()]
    who = who_of(session, views)
    emails = emails_of(session, views)
    return [
        Touch(
            view,
            cause,
            who[view.booking.id],
            emails.get(view.booking.booked_for_id or 0, ""),
            view.span,
            view.booking.room_id,
        )
        for view, cause in once.values()
    ]


def emails_of(session: Session, views: Iterable[BookingView]) -> dict[int, str]:
    """Addresses by person."""
    ids = {v.booking.booked_for_id for v in views if v.booking.booked_for_id}
    if not ids:
        return {}
    question = sa.select(Person.id, Person.email).where(Person.id.in_(ids))
    return {row[0]: row[1] or "" for row in session.execute(question)}


def grouped(touches: Iterable[Touch]) -> list[Group]:
    """Dates of one series together, by the first of each."""
    groups: dict[str, list[Touch]] = {}
    for touch in touches:
        groups.setdefault(touch.series, []).append(touch)
    return [Group(tuple(rows)) for rows in groups.values()]


def without_number(session: Session, venue_id: int, span: Span) -> int:
    """How many bookings of a span do not say how many people come."""
    question = (
        sa.select(sa.func.count())
        .select_from(Booking)
        .join(Claim, Claim.id == Booking.id)
        .where(
            Claim.venue_id == venue_id,
            *during(span),
            Booking.state.in_(TOUCHED),
            Booking.attendance.is_(None),
        )
    )
    return session.scalar(question) or 0


def handled(session: Session, venue_id: int, cause: str) -> list[Done]:
    """What was done to whom for a cause, by the time it had."""
    rows = session.scalars(
        sa.select(Handling)
        .where(Handling.venue_id == venue_id, Handling.cause == cause)
        .order_by(Handling.starts_at, Handling.id)
    ).all()
    if not rows:
        return []
    views = views_of(session, [row.booking_id for row in rows])
    who, emails = who_of(session, views.values()), emails_of(session, views.values())
    names = dict(
        session.execute(
            sa.select(Room.id, Room.name).where(Room.id.in_({row.room_id for row in rows}))
        ).all()
    )
    return [
        Done(
            row,
            views[row.booking_id],
            who[row.booking_id],
            emails.get(views[row.booking_id].booking.booked_for_id or 0, ""),
            names.get(row.room_id, ""),
        )
        for row in rows
    ]
