"""Whoever waited for a lock while it was closed sees the closing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.races import At, made
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking
from tierslieu.bookings.series.changing import change_series
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.services import NewSeries, book_series, try_again
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.venues.opening.services import close, reopen

pytestmark = pytest.mark.slow


def a_booking_moved(house: Any, at: At) -> Callable[[Any, Span], object]:
    booking = made(house, "ada", at("2026-11-05 15:00", "16:00"))
    return lambda work, span: change(work, booking, Edit(span=span))


def a_new_booking(house: Any, at: At) -> Callable[[Any, Span], object]:
    return lambda work, span: book(work, NewBooking(house.rooms["sala"], span, "Late"))


def a_new_series(house: Any, at: At) -> Callable[[Any, Span], object]:
    rule = parse("FREQ=WEEKLY;COUNT=2")
    return lambda work, span: book_series(
        work, NewSeries(NewBooking(house.rooms["sala"], span, "Late"), rule)
    )


def a_series_moved(house: Any, at: At) -> Callable[[Any, Span], object]:
    first = NewBooking(house.rooms["sala"], at("2026-11-05 15:00", "16:00"), "Choir")
    with house.writing("ada") as work:
        done = book_series(work, NewSeries(first, parse("FREQ=WEEKLY;COUNT=2")))
    booking = done.views[0].booking.public_id
    return lambda work, span: change_series(work, booking, Edit(span=span), "all")


def a_skipped_date(house: Any, at: At) -> Callable[[Any, Span], object]:
    """A date that was closed, is open again, and is about to be closed once more."""
    span = at("2026-11-09 15:00", "16:00")
    with house.writing("manager") as work:
        shut = close(work, house.venue, span, Texts(en="Paint")).public_id
    first = NewBooking(house.rooms["sala"], span, "Choir")
    with house.writing("ada") as work:
        book_series(work, NewSeries(first, parse("FREQ=WEEKLY;COUNT=2"), skip_conflicts=True))
        skipped = work.session.scalars(sa.select(SkippedDate.public_id)).one()
    with house.writing("manager") as work:
        reopen(work, house.venue, shut)
    return lambda work, _span: try_again(work, skipped)


LATE = {
    "a new booking": a_new_booking,
    "a booking that is moved": a_booking_moved,
    "a new series": a_new_series,
    "a series that is moved": a_series_moved,
    "a skipped date": a_skipped_date,
}


@pytest.mark.parametrize("door", LATE.values(), ids=LATE)
def test_whoever_waited_while_it_was_closed_is_refused(house: Any, at: At, door: Any) -> None:
    """It is judged by what stands once the locks are there, not by what was read before."""
    act, span = door(house, at), at("2026-11-09 15:00", "16:00")
    with house.reading("ada") as work:
        before = work.session.scalars(sa.select(Booking.local_start).order_by(Booking.id)).all()
    came: list[str] = []

    def late() -> None:
        try:
            with house.writing("ada") as work:
                act(work, span)
            came.append("won")
        except Refusal as refusal:
            came.append(refusal.code)

    with house.writing("manager") as work:
        close(work, house.venue, span, Texts(en="Paint"))
        waiting = threading.Thread(target=late)
        waiting.start()
        waiting.join(0.4)
        assert not came, "it waits for the lock"
    waiting.join(20)
    assert came == ["closure"]
    with house.reading("ada") as work:
        after = work.session.scalars(sa.select(Booking.local_start).order_by(Booking.id)).all()
        assert after == before
