"""Several bookings at once, as JSON."""

from __future__ import annotations

from tierslieu.bookings.cart.rules import together
from tierslieu.bookings.cart.services import Together, book_together
from tierslieu.bookings.listing.rest import booking_answer
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.schemas import (
    BatchAnswer,
    BatchBody,
    BookingAnswer,
    ReasonAnswer,
    SkippedAnswer,
)
from tierslieu.bookings.services import NewBooking
from tierslieu.bookings.wishes import wish_of
from tierslieu.kernel.errors import NotFound, Reason, Refusal, Refused, refuse
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network
from tierslieu.web.errors import reason_json


def batch(work: Work, asked: BatchBody) -> tuple[BatchAnswer, int]:
    """Book what was asked for together; with ``dry_run`` nothing is kept."""
    wishes = _wishes(work, asked)
    if not asked.dry_run:
        return _answer(work, book_together(work, wishes, skip=bool(asked.skip_conflicts))), 201
    with work.session.begin_nested() as trial:
        shown = _answer(work, book_together(work, wishes, skip=bool(asked.skip_conflicts)))
        trial.rollback()
    return shown, 200


def _wishes(work: Work, asked: BatchBody) -> list[NewBooking]:
    """Every wish; what cannot be understood is said with its place, all at once."""
    found: list[NewBooking] = []
    wrong: dict[int, Refusal] = {}
    for n, each in enumerate(asked.bookings):
        try:
            found.append(wish_of(work, each))
        except Refusal as error:
            wrong[n] = error
        except NotFound as error:
            wrong[n] = Refused(Reason("no_such_room", error.message, "room_id"))
    refuse(together(wrong))
    return found


def _answer(work: Work, found: Together) -> BatchAnswer:
    currency = network(work.session).currency
    made: list[BookingAnswer] = []
    for n in sorted(found.made):
        view = booking_view(work.session, found.made[n].public_id)
        if view is not None:
            made.append(booking_answer(work.session, view, currency, work.locale))
    skipped = [
        SkippedAnswer(
            index=n,
            reasons=[
                ReasonAnswer(**reason_json(reason, work.locale)) for reason in refusal.reasons
            ],
        )
        for n, refusal in sorted(found.refused.items())
    ]
    return BatchAnswer(
        bookings=made, skipped=skipped, total_price_cents=found.cents, currency=currency
    )
