"""Keeping, forgiving and forgetting records of missed bookings."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.queries import locked_view
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work


def note(work: Work, booking_id: int, notice: str, kept_days: int | None) -> None:
    """Write the record of a booking that has just been missed."""
    remove(work, booking_id)
    expires = None if kept_days is None else work.now + timedelta(days=kept_days)
    work.session.add(
        NoShow(
            booking_id=booking_id,
            noted_at=work.now,
            noted_by_id=work.actor.person_id,
            notice=notice,
            expires_at=expires,
        )
    )
    work.session.flush()


def remove(work: Work, booking_id: int) -> None:
    """They did come: there is nothing to remember."""
    work.session.execute(sa.delete(NoShow).where(NoShow.booking_id == booking_id))


def forgive(work: Work, venue_id: int, public_id: str, reason: str) -> NoShow:
    """Let a record count for nothing, with the reason. Raises Invalid without one."""
    record = _record(work, venue_id, public_id)
    text = clean(reason, field="reason")[:500]
    if not text:
        raise Invalid("missing", msg("Say why, in a few words."), "reason")
    if record.forgiven_at is not None:
        raise Conflict(Reason("wrong_state", msg("It is forgiven already."), kind="state"))
    record.forgiven_at, record.forgiven_by_id = work.now, work.actor.person_id
    record.reason = text
    work.audit("bookings.forgive", f"booking:{public_id}", venue=venue_id)
    return record


def take_back(work: Work, venue_id: int, public_id: str) -> NoShow:
    """Let a forgiven record count again."""
    record = _record(work, venue_id, public_id)
    record.forgiven_at = record.forgiven_by_id = None
    record.reason = ""
    work.audit("bookings.unforgive", f"booking:{public_id}", venue=venue_id)
    return record


def forget(work: Work) -> int:
    """Delete the records that are too old to be remembered; how many."""
    gone = work.session.execute(sa.delete(NoShow).where(NoShow.expires_at <= work.now))
    return int(getattr(gone, "rowcount", 0))


def _record(work: Work, venue_id: int, public_id: str) -> NoShow:
    work.require("bookings.no_show", venue=venue_id)
    view = locked_view(work.session, public_id)
    record = work.session.get(NoShow, view.booking.id) if view is not None else None
    if view is None or view.venue_id != venue_id or record is None:
        raise NotFound
    return record
