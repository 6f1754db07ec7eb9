"""A person's chores and keys in her export, and what becomes of them when she is erased."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tierslieu.bookings.preparation import queries
from tierslieu.bookings.preparation.models import Chore, ChorePhoto, Handover
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """What she was given to do, and the keys she held."""
    chores = tuple(
        {"title": row[0], "booking_at": iso(row[1]), "done_at": row[2] and iso(row[2]),
         "note": row[3]}
        for row in queries.chores_of(work.session, person_id)
    )  # fmt: skip
    if chores:
        yield PersonDataPart(msg("Getting ready and tidying up"), chores, order=26)
    keys = tuple(
        {"key": row[0], "given_at": iso(row[1]), "back_at": row[2] and iso(row[2]),
         "due_at": row[3] and iso(row[3])}
        for row in queries.handovers_of(work.session, person_id)
    )  # fmt: skip
    if keys:
        yield PersonDataPart(msg("Keys"), keys, order=27)


def erase(work: Work, person_id: int) -> None:
    """What is done stays done, by nobody; a key that is out stays out."""
    for model, columns in (
        (Chore, ("person_id", "done_by_id")),
        (ChorePhoto, ("taken_by_id",)),
        (Handover, ("holder_id", "given_by_id", "back_by_id")),
    ):
        for column in columns:
            values: dict[str, object] = {column: None}
            if column == "holder_id":
                values["holder_name"] = ""
            work.session.execute(
                sa.update(model).where(getattr(model, column) == person_id).values(values)
            )
