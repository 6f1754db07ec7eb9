"""What the stories of single bookings do and look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Occupancy


def make(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    """Book and give the public id."""
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, title="Sewing", **more)
        return book(work, new).public_id


def state(house: Any, public_id: str) -> str:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        return view.booking.state


def occupied(house: Any, public_id: str) -> list[Span]:
    with house.site.reading() as work:
        question = (
            sa.select(Occupancy.starts_at, Occupancy.ends_at)
            .join(Booking, Booking.id == Occupancy.claim_id)
            .where(Booking.public_id == public_id)
        )
        return [Span(row.starts_at, row.ends_at) for row in work.session.execute(question)]


def refusal(act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def codes(error: Refusal) -> list[str]:
    return [reason.code for reason in error.reasons]
