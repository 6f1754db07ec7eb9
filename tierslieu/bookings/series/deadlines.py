"""Answers that nobody gave in time: the dates of a series go on or end together, told once."""

from __future__ import annotations

from collections.abc import Sequence

from tierslieu.bookings.answers.services import (
    is_due,
    pass_changes,
    pass_deadline,
    passed_outcome,
    requests_due,
)
from tierslieu.bookings.queries import BookingView, locked_view
from tierslieu.bookings.series.answering import answer_for_nobody
from tierslieu.bookings.series.queries import dates_of
from tierslieu.kernel.work import Work


def pass_deadlines(work: Work, limit: int = 200) -> int:
    """Answer the requests nobody answered: as the policy says at the deadline, expired at the
    start. The dates of a series that are due together are one answer. How many were answered."""
    due = requests_due(work, limit)
    for public_id, series_id in due:
        if series_id is None:
            view = locked_view(work.session, public_id)
            if view is not None and is_due(work, view):
                pass_deadline(work, view)
    for series_id in dict.fromkeys(each for _, each in due if each is not None):
        _pass_series(work, series_id)
    pass_changes(work)
    return len(due)


def _pass_series(work: Work, series_id: int) -> None:
    views = [v for v in dates_of(work.session, series_id, lock=True) if is_due(work, v)]
    if len(views) == 1:
        pass_deadline(work, views[0])
        return
    ends: dict[str, list[BookingView]] = {}
    told = False
    for view in views:
        outcome = passed_outcome(work, view, quiet=told)
        if outcome is None:
            told = True
        else:
            ends.setdefault(outcome, []).append(view)
    for outcome, dates in ends.items():
        _end(work, dates, outcome)


def _end(work: Work, views: Sequence[BookingView], outcome: str) -> None:
    if outcome == "confirm" and len(views) == 1:
        pass_deadline(work, views[0])
    else:
        answer_for_nobody(work, views, outcome)
