"""A member's own bookings, with what she can do to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.queries import BookingView, OwnRow, bookings_of
from tierslieu.bookings.rules import MOVES
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation
from tierslieu.resources.models import Claim


@dataclass(frozen=True)
class Mine:
    """A booking on one's own pages. ``waiting``: another time that is asked for it."""

    view: BookingView
    now: datetime
    waiting: Span | None = None
    organisation: str = ""

    @property
    def state(self) -> str:
        """The state as it is shown: what is over and took place is finished."""
        return shown_state(self.view.booking.state, self.view.claim.ends_at, self.now)

    @property
    def may_change(self) -> bool:
        """Whether its state and time leave room for a change; the rules are asked later."""
        return may("change", self.view.booking, self.view.claim, self.now)

    @property
    def may_cancel(self) -> bool:
        """Whether it can still be given up."""
        return may("cancel", self.view.booking, self.view.claim, self.now)

    @property
    def again(self) -> dict[str, str | int]:
        """The same a week later, as fields of the booking form."""
        booking, claim = self.view.booking, self.view.claim
        return again(booking, claim.label, claim.visibility, self.view.span, self.now)


def shown_state(state: str, ends_at: datetime, now: datetime) -> str:
    """The state as it is shown: what is over and took place is finished."""
    return "finished" if ends_at <= now and state in ("confirmed", "checked_in") else state


def may(verb: str, booking: Booking | OwnRow, claim: Claim | OwnRow, now: datetime) -> bool:
    """Whether state and time leave room for a change or for giving up."""
    by = claim.ends_at if verb == "cancel" else claim.starts_at
    return booking.state in MOVES[verb] and by > now


def again(
    booking: Booking | OwnRow, title: str, visibility: str, span: Span, now: datetime
) -> dict[str, str | int]:
    """The same a week later, as fields of the booking form."""
    local = datetime.fromisoformat(booking.local_start)
    end = local + span.duration
    fields: dict[str, str | int] = {
        "title": title,
        "date": _next_time(local.date(), now.date()).isoformat(),
        "start": f"{local:%H:%M}",
        "end": f"{end:%H:%M}",
        "visibility": visibility,
    }
    if booking.attendance:
        fields["n"] = booking.attendance
    if booking.layout:
        fields["layout"] = booking.layout
    return fields


def _next_time(day: date, today: date) -> date:
    """The same weekday, at least a week later and not in the past."""
    weeks = max(1, -(-((today - day).days + 1) // 7))
    return day + timedelta(weeks=weeks)


def mine(work: Work, *, past: bool = False, limit: int = 50) -> list[tuple[OwnRow, int]]:
    """One's own bookings and those of the bodies one acts for: one statement.

    What is next shows the next date of each series, with how many come after it on the list.
    """
    actor = work.actor
    if actor.person_id is None:
        return []
    rows = bookings_of(
        work.session, actor.person_id, actor.organisations, work.now, past=past, limit=limit
    )
    if past:
        return [(row, 0) for row in rows]
    several = Counter(row.series_id for row in rows)
    found: dict[int, tuple[OwnRow, int]] = {}
    for row in rows:
        if row.series_id is None:
            found[-row.id] = row, 0
        elif row.series_id not in found:
            found[row.series_id] = row, several[row.series_id] - 1
    return list(found.values())


def dressed(work: Work, views: Sequence[BookingView]) -> list[Mine]:
    """Bookings with the change that waits for each and for whom it is."""
    ids = [view.booking.id for view in views]
    bodies = {view.booking.organisation_id for view in views} - {None}
    waiting = {
        row.booking_id: Span(row.starts_at, row.ends_at)
        for row in work.session.scalars(
            sa.select(PendingChange).where(PendingChange.booking_id.in_(ids))
        )
    }
    names: dict[int, str] = {}
    if bodies:
        question = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(bodies))
        names = dict(work.session.execute(question).all())
    return [
        Mine(
            view,
            work.now,
            waiting.get(view.booking.id),
            names.get(view.booking.organisation_id or 0, ""),
        )
        for view in views
    ]
