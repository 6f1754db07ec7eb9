"""What is remembered of somebody who did not come, and that she wants no reminders."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.missed.queries import of_person
from tierslieu.bookings.models import Booking
from tierslieu.bookings.reminders.models import ReminderStop
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Her records as long as they count, and her choice about reminders."""
    records = tuple(
        {
            "reference": each.view.booking.reference,
            "starts_at": iso(each.view.claim.starts_at),
            "noted_at": iso(each.record.noted_at),
            "forgotten_at": each.record.expires_at and iso(each.record.expires_at),
        }
        for each in of_person(work.session, person_id, work.now, limit=1000)
    )
    if records:
        yield PersonDataPart(msg("Missed bookings"), records, order=24)
    stop = work.session.get(ReminderStop, person_id)
    if stop is not None:
        row = {"no_reminders_since": iso(stop.stopped_at)}
        yield PersonDataPart(msg("Reminders"), (row,), order=25)


def erase(work: Work, person_id: int) -> None:
    """No record stays of whom it was."""
    hers = sa.select(Booking.id).where(Booking.booked_for_id == person_id)
    work.session.execute(sa.delete(NoShow).where(NoShow.booking_id.in_(hers)))
    work.session.execute(sa.delete(ReminderStop).where(ReminderStop.person_id == person_id))
