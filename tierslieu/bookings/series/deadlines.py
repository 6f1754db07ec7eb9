"""Answers that nobody gave in time: the dates of a series go on or end together, told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tierslieu.bookings.answers.services import (
    change_is_due,
    is_due,
    pass_change,
    pass_deadline,
    passed_outcome,
    requests_due,
)
from tierslieu.bookings.chains.queries import changes_due
from tierslieu.bookings.chains.services import pass_step
from tierslieu.bookings.queries import BookingView, locked_view
from tierslieu.bookings.series.answering import agree_for_nobody, answer_for_nobody
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
    _pass_changes(work)
    return len(due)


def _pass_series(work: Work, series_id: int) -> None:
    views = [v for v in dates_of(work.session, series_id, lock=True) if is_due(work, v)]
    if len(views) == 1:
        pass_deadline(work, views[0])
        return
    ends = _ends(views, lambda view, quiet: passed_outcome(work, view, quiet=quiet))
    for outcome, dates in ends.items():
        _end(work, dates, outcome)


def _ends(
    views: Sequence[BookingView], pass_one: Callable[[BookingView, bool], str | None]
) -> dict[str, list[BookingView]]:
    """What becomes of each, where nothing is left to answer; the next step is told of once."""
    ends: dict[str, list[BookingView]] = {}
    told = False
    for view in views:
        outcome = pass_one(view, told)
        if outcome is None:
            told = True
        else:
            ends.setdefault(outcome, []).append(view)
    return ends


def _end(work: Work, views: Sequence[BookingView], outcome: str) -> None:
    if outcome == "confirm" and len(views) == 1:
        pass_deadline(work, views[0])
    else:
        answer_for_nobody(work, views, outcome)


def _pass_changes(work: Work) -> None:
    """Answer the changes that nobody answered in time; those of a series together."""
    together: dict[int, list[BookingView]] = {}
    for public_id, series_id in changes_due(work.session, work.now):
        view = locked_view(work.session, public_id)
        if view is not None:
            together.setdefault(series_id or -view.booking.id, []).append(view)
    for views in together.values():
        if len(views) == 1:
            pass_change(work, views[0])
            continue
        due = [view for view in views if change_is_due(work, view)]
        ends = _ends(due, lambda view, quiet: pass_step(work, view, "decline", quiet=quiet))
        for outcome, dates in ends.items():
            agree_for_nobody(work, dates, outcome)
