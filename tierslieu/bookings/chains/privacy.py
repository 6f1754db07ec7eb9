"""What a person answered, in her export, and what becomes of it when she is erased."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tierslieu.bookings.chains.models import ApprovalAnswer, ApprovalNamed, ApproverAway
from tierslieu.bookings.models import Booking
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Every answer she gave to a request, and until when she is away."""
    question = (
        sa.select(ApprovalAnswer, Booking.reference)
        .join(Booking, Booking.id == ApprovalAnswer.booking_id)
        .where(ApprovalAnswer.person_id == person_id)
        .order_by(ApprovalAnswer.id.desc())
    )
    rows = tuple(
        {
            "reference": reference,
            "answer": said.answer,
            "reason": said.reason,
            "standing_in": said.as_substitute,
            "at": iso(said.at),
        }
        for said, reference in work.session.execute(question)
    )
    if rows:
        yield PersonDataPart(msg("Answers to requests"), rows, order=22)
    away = work.session.get(ApproverAway, person_id)
    if away is not None:
        row = {"until": away.until.isoformat()}
        yield PersonDataPart(msg("When you are away"), (row,), order=23)


def erase(work: Work, person_id: int) -> None:
    """Her answers stay answered, without her name and words; she is named for nothing."""
    work.session.execute(
        sa.update(ApprovalAnswer)
        .where(ApprovalAnswer.person_id == person_id)
        .values(person_id=None, reason="")
    )
    for table in (ApprovalNamed, ApproverAway):
        work.session.execute(sa.delete(table).where(table.person_id == person_id))
