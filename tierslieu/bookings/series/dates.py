"""Which dates of a series an act is about, and the row of the series after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.queries import dates_of, repeat_of_series, series_of, skipped_of
from tierslieu.bookings.series.rules import Date, Repeat, Scope, Shift, date_at, rule_text, split
from tierslieu.bookings.series.rules import shifted as shifted_repeat
from tierslieu.bookings.states.services import found, is_own, may_read
from tierslieu.kernel.errors import NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work

#: What can still be changed or given up, until it begins.
OPEN = ("requested", "held", "confirmed")
#: What is a date of its series for good: it took place, or will.
STANDING = (*OPEN, "checked_in", "no_show")


@dataclass(frozen=True)
class Chosen:
    """A date of a series, and all dates that an act in its scope is about, in their order."""

    view: BookingView
    series: Series
    scope: Scope
    all: tuple[BookingView, ...]
    targets: tuple[BookingView, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.series.zone)

    def nominal(self) -> dict[datetime, Date]:
        """Each date as the rule has it, by the moment it would begin."""
        dates = repeat_of_series(self.series).dates()
        return {each.span.starts_at: each for each in dates}


def chosen(
    work: Work, public_id: str, permission: str, scope: Scope, states: Sequence[str] = OPEN
) -> Chosen:
    """The dates of a scope that are still to come and that the actor may act on.

    What has begun is never among them. Raises NotFound, Forbidden, and ``past`` when none is left.
    """
    view = seen_by(work, public_id, permission)
    return among(work, view, scope, states, lambda each: _may(work, each, permission))


def among(
    work: Work,
    view: BookingView,
    scope: Scope,
    states: Sequence[str],
    may: Callable[[BookingView], bool],
) -> Chosen:
    """The same from a date that was found already, by one's own question for each."""
    series = series_of(work.session, view.booking)
    if series is None:
        raise NotFound
    views = dates_of(work.session, series.id, lock=work.is_writing)
    first = view.booking.original_starts_at
    targets = tuple(
        each
        for each in views
        if each.claim.starts_at > work.now
        and each.booking.state in states
        and _in_scope(each, view, scope, first)
        and may(each)
    )
    if not targets:
        text = msg("None of these dates is still to come.")
        refuse([Reason("past", text)])
    return Chosen(view, series, scope, tuple(views), targets)


def _in_scope(each: BookingView, view: BookingView, scope: Scope, first: datetime) -> bool:
    if scope == "this":
        return each.booking.id == view.booking.id
    return scope == "all" or each.booking.original_starts_at >= first


def seen_by(work: Work, public_id: str, permission: str) -> BookingView:
    """A date for whoever holds a permission; locked when something is written."""
    if work.is_writing:
        return found(work, public_id, permission)
    view = booking_view(work.session, public_id)
    if view is None or not may_read(work, view):
        raise NotFound
    work.require(permission, venue=view.venue_id, organisation=view.booking.organisation_id,
                 own=is_own(work, view.booking))  # fmt: skip
    return view


def _may(work: Work, view: BookingView, permission: str) -> bool:
    own, body = is_own(work, view.booking), view.booking.organisation_id
    return work.actor.may(permission, venue=view.venue_id, organisation=body, own=own)


# -- the row of the series ------------------------------------------------------------------------


def settle_rule(work: Work, about: Chosen, shift: Shift | None, room_id: int) -> Series:
    """Bring the row of the series to what a change made of it.

    The dates from the change on belong to a series of their own, unless no earlier one is left in
    this; every date of it, the skipped ones too, keeps its place in the new rule.
    """
    nominal = about.nominal()
    cut = _cut(about, nominal)
    head, tail = split(repeat_of_series(about.series), cut)
    if tail is None:
        return about.series
    after = shifted_repeat(tail, shift) if shift is not None else tail
    if head is None:
        series = about.series
        _write(series, after, room_id)
        series.version += 1
    else:
        series = _following(work, about.series, after, room_id)
        _write(about.series, head, about.series.room_id)
        about.series.version += 1
    _carry(work, about, series, shift, nominal, cut)
    return series


def _cut(about: Chosen, nominal: dict[datetime, Date]) -> date:
    """The first day that belongs to the rest; where nothing earlier stands, all of it does."""
    ids = {view.booking.id for view in about.targets}
    stand = [
        view.booking.original_starts_at
        for view in about.all
        if view.booking.id not in ids and view.booking.state in STANDING
    ]
    first = about.targets[0].booking.original_starts_at
    if not any(each < first for each in stand):
        return date.min
    if about.scope == "all":
        originals = [view.booking.original_starts_at for view in about.targets]
        first = min((each for each in originals if each > max(stand)), default=first)
    return _wall(about, nominal, first).date()


def _wall(about: Chosen, nominal: dict[datetime, Date], moment: datetime) -> datetime:
    known = nominal.get(moment)
    if known is not None:
        return known.local_start
    return moment.astimezone(about.zone).replace(tzinfo=None)


def _write(series: Series, repeat: Repeat, room_id: int) -> None:
    kept = repeat.settled()
    series.rrule = rule_text(kept.rule)
    series.local_start = f"{kept.first:%Y-%m-%dT%H:%M}"
    series.minutes = kept.minutes
    series.room_id = room_id
    series.also = [day.isoformat() for day in kept.also]
    series.without = [day.isoformat() for day in kept.without]


def _following(work: Work, before: Series, repeat: Repeat, room_id: int) -> Series:
    series = Series(
        uid=f"{new_public_id()}@tierslieu",
        zone=before.zone,
        follows_id=before.id,
        created_at=work.now,
    )
    _write(series, repeat, room_id)
    work.session.add(series)
    work.session.flush()
    return series


def _carry(
    work: Work,
    about: Chosen,
    series: Series,
    shift: Shift | None,
    nominal: dict[datetime, Date],
    cut: date,
) -> None:
    """Let bookings and skipped dates from the cut on belong to the series, at its dates."""

    def place(moment: datetime) -> tuple[datetime, datetime] | None:
        wall = _wall(about, nominal, moment)
        if wall.date() < cut:
            return None
        wall = shift.wall(wall) if shift is not None else wall
        return wall, date_at(wall, series.minutes, about.zone).span.starts_at

    for view in about.all:
        there = place(view.booking.original_starts_at)
        if there is not None:
            _belongs(view.booking, series, there[1])
    _carry_skipped(work, about, series, place)
    work.session.flush()


def _carry_skipped(
    work: Work,
    about: Chosen,
    series: Series,
    place: Callable[[datetime], tuple[datetime, datetime] | None],
) -> None:
    """Written anew: changed one after the other they could meet on their way."""
    found = skipped_of(work.session, [about.series.id]).get(about.series.id, [])
    there = {row.id: place(row.original_starts_at) for row in found}
    going = [row for row in found if there[row.id] is not None]
    for row in going:
        work.session.delete(row)
    work.session.flush()
    for row in going:
        wall, moment = there[row.id] or (row.created_at, row.original_starts_at)
        work.session.add(
            SkippedDate(
                public_id=row.public_id,
                series_id=series.id,
                original_starts_at=moment,
                local_start=f"{wall:%Y-%m-%dT%H:%M}",
                code=row.code,
                why=row.why,
                created_at=row.created_at,
            )
        )


def _belongs(booking: Booking, series: Series, original: datetime) -> None:
    booking.series_id, booking.uid = series.id, series.uid
    booking.original_starts_at = original


def is_alone(view: BookingView, series: Series, nominal: Span | None) -> bool:
    """Whether a date was given another time or room for itself."""
    return view.span != nominal or view.booking.room_id != series.room_id
