"""What is done by itself: reminders, and forgetting."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_lending import queries, telling
from tierslieu_lending.models import Loan
from tierslieu_lending.waiting import services as waiting

#: How often somebody is asked for what is late, a day and then three days and a week after.
LATE_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
_SOON = 1


def remind(work: tl.Work) -> None:
    """Who has something due soon, or late, is told; each thing once."""
    horizon = work.now + timedelta(days=7)
    asked = queries.loans(Loan.state == "out", Loan.due_at < horizon, Loan.person_id.is_not(None))
    for view in queries.viewed(work, asked):
        loan = view.loan
        step = step_of(work, view)
        if step > loan.reminded:
            loan.reminded = step
            (telling.soon_due if step == _SOON else telling.late)(work, view)


def step_of(work: tl.Work, view: queries.LoanView) -> int:
    """How many times she should have been told by now: 1 before it is due, then once a step."""
    past = work.now - view.loan.due_at
    late = sum(past >= after for after in LATE_AFTER)
    if late:
        return _SOON + late
    hours = int(tl.setting(work, "remind_hours", venue_id=view.venue.id))
    soon = timedelta(0) < -past <= timedelta(hours=hours)
    # What was lent for less than that is not told of at once.
    began = work.now - (view.loan.out_at or work.now)
    return _SOON if soon and began >= timedelta(hours=1) else 0


def forget_old(work: tl.Work) -> None:
    """Loans stay in the figures; whose they were goes after some years."""
    before = work.now - timedelta(days=365 * int(tl.setting(work, "forget_years")))
    blank = {"person_id": None, "signed": "", "note_out": "", "note_back": ""}
    over = Loan.state.not_in(("requested", "offered", "reserved", "out"))
    work.session.execute(
        sa.update(Loan)
        .where(over, Loan.due_at < before, Loan.person_id.is_not(None))
        .values(**blank)
    )


KINDS = (
    tl.JobKind(waiting.OFFER, waiting.offer),
    tl.JobKind("lending.look", waiting.look, every_minutes=10),
    tl.JobKind("lending.remind", remind, every_minutes=30),
    tl.JobKind("lending.forget_old", forget_old, every_minutes=24 * 60),
)
