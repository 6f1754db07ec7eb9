"""What goes with the dates of a series: written down and reserved for all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tierslieu.bookings.accessories.services import ask_for_all, reserved_all
from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.services import note_all
from tierslieu.bookings.series.judging import Judged
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.rules import Taking


def note_things(work: Work, found: Judged, dates: Sequence[tuple[int, Booking]]) -> None:
    """Write down what goes with bookings, as the n-th date of each was judged."""
    asked = [(booking, found.verdicts[n].kit.things) for n, booking in dates]
    if any(booking.things or wanted for booking, wanted in asked):
        ask_for_all(work, asked)


def things_of_dates(
    work: Work, dates: Sequence[tuple[Booking, Span]], had: Collection[int] = ()
) -> list[Taking]:
    """Reserve what goes with these dates: to be taken together with their room.

    ``had``: row ids of those that had things before, which are given back where none is left.
    """
    concerned = [(each, span) for each, span in dates if each.things or each.id in had]
    return reserved_all(work, concerned) if concerned else []


def note_seats(work: Work, taken: Sequence[tuple[Booking, Taking]]) -> None:
    """Write down which places bookings have that are booked by place."""
    chosen = {booking.id: list(taking.resource_ids) for booking, taking in taken if booking.places}
    if chosen:
        note_all(work, chosen)
