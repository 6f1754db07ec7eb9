"""Another time for several dates of a series: one answer for all of them, as for the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.accessories.queries import wishes_all
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.cases.queries import Party, room_case_by_id
from tierslieu.bookings.chains.services import decline_step
from tierslieu.bookings.changes.services import Edit
from tierslieu.bookings.models import Booking, PendingChange, Series
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.rules import Ask, move
from tierslieu.bookings.series.changing import Left, give_back, put_date
from tierslieu.bookings.series.dates import STANDING, Chosen, is_alone, settle_rule
from tierslieu.bookings.series.judging import Judged, judged
from tierslieu.bookings.series.kits import note_seats, things_of_dates
from tierslieu.bookings.series.rules import Date, Fate, Shift, date_at, shift_between
from tierslieu.bookings.states.services import tell_all, touch_all
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.rules import Taking
from tierslieu.resources.services import take

Changes = Mapping[int, PendingChange]


Group = tuple[Judged, tuple[BookingView, ...]]


def changes_of(session: Session, series_id: int | None) -> dict[int, PendingChange]:
    """The changes that wait in a series, by the row id of the booking."""
    question = (
        sa.select(PendingChange)
        .join(Booking, Booking.id == PendingChange.booking_id)
        .where(Booking.series_id == series_id, Booking.state == "confirmed")
    )
    return {row.booking_id: row for row in session.scalars(question)}


def span_of(change: PendingChange) -> Span:
    """The time that is asked for."""
    return Span(change.starts_at, change.ends_at)


def look_at_changes(
    work: Work, views: Sequence[BookingView], changes: Changes
) -> tuple[tuple[Fate, ...], tuple[Group, ...]]:
    """What is in the way of each date at its new time, and what was judged together."""
    things = wishes_all(work.session, [view.booking for view in views])
    if work.is_writing:
        rooms = {changes[view.booking.id].room_id for view in views}
        rooms |= {view.booking.room_id for view in views}
        lock_kit(work, rooms, {thing for wish in things for thing, _ in wish})
    fates: dict[int, Fate] = {}
    groups = []
    for key in dict.fromkeys(_like(view, changes) for view in views):
        here = tuple(view for view in views if _like(view, changes) == key)
        found = _judged(work, here, changes)
        groups.append((found, here))
        for view, fate in zip(here, found.fates, strict=True):
            begun = move("requested", "approve", fate.date.span, work.now)
            fates[view.booking.id] = (
                Fate(fate.date, (begun,)) if isinstance(begun, Reason) else fate
            )
    return tuple(fates[view.booking.id] for view in views), tuple(groups)


def _like(view: BookingView, changes: Changes) -> tuple[int, int | None, int | None]:
    """What is judged together: the same room, so many people, so many places."""
    change = changes[view.booking.id]
    return change.room_id, change.attendance, view.booking.places


def _judged(work: Work, views: Sequence[BookingView], changes: Changes) -> Judged:
    booking, asked = views[0].booking, [changes[view.booking.id] for view in views]
    whole = Span(min(c.starts_at for c in asked), max(c.ends_at for c in asked))
    case = room_case_by_id(work.session, asked[0].room_id, whole)
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    dates = [
        Date(change.starts_at.astimezone(case.zone).replace(tzinfo=None), span_of(change))
        for change in asked
    ]
    places = booking.places if case.places is not None else None
    like = Ask(dates[0].span, asked[0].attendance, by_clerk=True, places=places,
               purpose=booking.purpose or None)  # fmt: skip
    ids, froms = [view.booking.id for view in views], [view.span for view in views]
    things = wishes_all(work.session, [view.booking for view in views])
    return judged(work, "approve", case, party, dates, like, moving=ids, froms=froms, things=things)


def agree(
    work: Work,
    about: Chosen,
    groups: Sequence[Group],
    good: Sequence[BookingView],
    changes: Changes,
) -> Series:
    """Give these dates their new time, all together; the others of ``about`` stay as they are.

    The series' rule goes with them where the change was one for all that is left of it.
    """
    ids = {view.booking.id for view in good}
    shift, room_id = _one_shift(about, changes)
    taken: list[Taking] = []
    seats: list[tuple[Booking, Taking]] = []
    left: list[Left] = []
    for found, views in groups:
        free = [n for n in found.free if views[n].booking.id in ids]
        taken += found.neighbours if free else ()
        for n in free:
            view = views[n]
            left.append((view.booking, view.booking.room_id, view.span))
            put_date(work, view, found, n, Edit(attendance=changes[view.booking.id].attendance))
            taken.append(found.takings[n])
            seats.append((view.booking, found.takings[n]))
    stand(work, about.targets, changes)
    if taken:
        dates = [(view.booking, view.span) for view in good]
        take(work, [*taken, *things_of_dates(work, dates)])
    note_seats(work, seats)
    series = about.series
    if room_id is not None:
        series = settle_rule(work, about, shift, room_id)
    give_back(work, left)
    tell_all(work, about.all, {each.booking.id: each.booking.state for each in about.all}, "moved")
    return series


def stand(work: Work, views: Sequence[BookingView], changes: Changes) -> None:
    """Nothing waits for an answer any more."""
    for view in views:
        work.session.delete(changes[view.booking.id])
    touch_all(work, [view.booking for view in views])


def keep(work: Work, views: Sequence[BookingView], text: str) -> list[Fate]:
    """Decline the change of these dates: they stay as they are, and are told so."""
    said = Reason("declined", msg("The change of this date was declined."))
    for view in views:
        decline_step(work, view, text)
    return [
        Fate(Date(datetime.fromisoformat(view.booking.local_start), view.span), (said,))
        for view in views
    ]


def _one_shift(about: Chosen, changes: Changes) -> tuple[Shift | None, int | None]:
    """What the change means for the rule, and its room; no room: each date goes for itself."""
    nominal = about.nominal()
    rooms = {changes[view.booking.id].room_id for view in about.targets}
    if len(rooms) > 1 or not _is_the_rest(about, nominal):
        return None, None
    first = about.targets[0]
    shift = None
    if span_of(changes[first.booking.id]) != first.span:
        shift = shift_between(_wall(first, nominal), span_of(changes[first.booking.id]), about.zone)
    for view in about.targets:
        wall, there = _wall(view, nominal), view.span
        if shift is not None:
            there = date_at(shift.wall(wall), shift.minutes, about.zone).span
        if there != span_of(changes[view.booking.id]):
            return None, None
    return shift, rooms.pop()


def _wall(view: BookingView, nominal: Mapping[datetime, Date]) -> datetime:
    known = nominal.get(view.booking.original_starts_at)
    return known.local_start if known else datetime.fromisoformat(view.booking.local_start)


def _is_the_rest(about: Chosen, nominal: Mapping[datetime, Date]) -> bool:
    """Whether it is about all dates from the first on, but for those that went their own way."""
    going = {view.booking.id for view in about.targets}
    first = about.targets[0].booking.original_starts_at
    others = (
        view
        for view in about.all
        if view.booking.id not in going
        and view.booking.original_starts_at > first
        and view.booking.state in STANDING
    )
    known = ((view, nominal.get(view.booking.original_starts_at)) for view in others)
    return all(is_alone(view, about.series, date.span if date else None) for view, date in known)
