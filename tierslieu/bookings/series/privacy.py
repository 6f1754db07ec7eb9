"""Dates of a person's series that could not be had: in her export, and gone when she is erased."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Each skipped date of hers, with the reason as it was said."""
    hers = sa.or_(Booking.booked_for_id == person_id, Booking.booked_by_id == person_id)
    found = work.session.scalars(
        sa.select(SkippedDate)
        .where(SkippedDate.series_id.in_(sa.select(Booking.series_id).where(hers)))
        .order_by(SkippedDate.original_starts_at)
    )
    rows = tuple(
        {"date": row.local_start, "why": row.why.best(work.locale, "it")[1],
         "noted_at": iso(row.created_at)}
        for row in found
    )  # fmt: skip
    if rows:
        yield PersonDataPart(msg("Skipped dates"), rows, order=21)


def erase(work: Work, person_id: int) -> None:
    """Nothing of her own series is to be tried again; a body's stay the body's."""
    hers = sa.and_(Booking.booked_for_id == person_id, Booking.organisation_id.is_(None))
    work.session.execute(
        sa.delete(SkippedDate).where(
            SkippedDate.series_id.in_(sa.select(Booking.series_id).where(hers))
        )
    )
