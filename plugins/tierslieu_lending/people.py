"""What lending keeps of a person, how she reads it, and how it goes."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_lending import queries
from tierslieu_lending.models import Loan, Thing
from tierslieu_lending.waiting.models import Waiting
from tierslieu_lending.waiting.services import waiting_of

msg = tl.sentences("tierslieu_lending")

PERSON_COLUMNS = {
    "lending_loan.person_id": "forget",
    "lending_thing.owner_id": "forget",
    "lending_waiting.person_id": "delete",
}


def exported(work: tl.Work, person_id: int) -> Iterator[tl.PersonDataPart]:
    """Her loans, and what she lends."""
    rows = queries.viewed(work, queries.loans(Loan.person_id == person_id))
    yield tl.PersonDataPart(
        msg("Loans"),
        tuple(
            {
                "thing": str(row.thing.name),
                "number": row.item.number,
                "venue": row.venue.name,
                "state": row.loan.state,
                "from": tl.iso(row.claim.starts_at),
                "due": tl.iso(row.loan.due_at),
                "deposit taken": row.loan.deposit_taken_cents,
                "deposit given back": row.loan.deposit_back_cents,
                "signed": row.loan.signed,
                "noted": "; ".join(filter(None, (row.loan.note_out, row.loan.note_back))),
            }
            for row in rows
        ),
    )
    waits = [
        {"thing": str(thing.name), "from": tl.iso(entry.starts_at), "to": tl.iso(entry.ends_at)}
        for entry, thing, _ in waiting_of(work, person_id)
    ]
    if waits:
        yield tl.PersonDataPart(msg("What you wait for"), tuple(waits))
    hers = work.session.scalars(sa.select(Thing).where(Thing.owner_id == person_id))
    if things := tuple({"thing": str(each.name), "lent": each.offered} for each in hers):
        yield tl.PersonDataPart(msg("What you lend"), things)


def forget(work: tl.Work, person_id: int) -> None:
    """Loans stay in the figures; whose they were goes, and what was not begun is given back."""
    work.session.execute(sa.delete(Waiting).where(Waiting.person_id == person_id))
    begun = sa.select(Loan).where(
        Loan.person_id == person_id, Loan.state.in_(("requested", "offered", "reserved"))
    )
    for loan in work.session.scalars(begun).all():
        loan.state = "cancelled"
        tl.release(work, [loan.id])
    work.session.flush()
    blank = {"person_id": None, "signed": "", "note_out": "", "note_back": ""}
    work.session.execute(sa.update(Loan).where(Loan.person_id == person_id).values(**blank))
    hers = sa.update(Thing).where(Thing.owner_id == person_id)
    work.session.execute(hers.values(owner_id=None, offered=False))
