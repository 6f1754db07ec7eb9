"""A chain as JSON: the steps of a request."""

from __future__ import annotations

from tierslieu.bookings.chains.ladder import ladder
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.schemas import StepAnswer
from tierslieu.kernel.languages import say
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work


def steps_answer(work: Work, view: BookingView, default: str) -> list[StepAnswer] | None:
    """Where a request is, without names; None where one answer is enough."""
    found = ladder(work, view, with_names=False)
    if found is None:
        return None
    return [
        StepAnswer(
            who=say(rung.who, work.locale),
            label=rung.label.best(work.locale, default)[1],
            state=rung.state,
            until=iso(rung.until) if rung.until else None,
        )
        for rung in found.rungs
    ]
