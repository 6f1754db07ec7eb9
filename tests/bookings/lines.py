"""What the stories of the waiting list do and look at."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.services import (
    join,
)
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Occupancy


def make(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, title="Sewing", **more)
        return book(work, new).public_id


def wait(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, title=f"{who} waits", **more)
        return join(work, new).public_id


def give_up(house: Any, who: str, booking: str) -> None:
    with house.writing(who) as work:
        cancel(work, booking)


def entry(house: Any, public_id: str) -> WaitingEntry:
    with house.site.reading() as work:
        return work.session.scalars(
            sa.select(WaitingEntry).where(WaitingEntry.public_id == public_id)
        ).one()


def offer(house: Any, public_id: str) -> str:
    """The booking that was offered to an entry."""
    with house.site.reading() as work:
        question = (
            sa.select(Booking.public_id)
            .join(WaitingEntry, WaitingEntry.booking_id == Booking.id)
            .where(WaitingEntry.public_id == public_id)
        )
        return str(work.session.scalars(question).one())


def state(house: Any, public_id: str) -> str:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        return view.booking.state


def holders(house: Any, room: str, span: Span) -> list[str]:
    """The states of what occupies a room during a span."""
    with house.site.reading() as work:
        question = (
            sa.select(Booking.state)
            .join(Occupancy, Occupancy.claim_id == Booking.id)
            .where(
                Occupancy.resource_id == house.ids[room],
                Occupancy.ends_at > span.starts_at,
                Occupancy.starts_at < span.ends_at,
            )
        )
        return list(work.session.scalars(question))


def link_in_mail(house: Any, to: str) -> str:
    with house.site.reading() as work:
        question = sa.select(Mail.body).where(Mail.to_address == f"{to}@example.org")
        bodies = " ".join(work.session.scalars(question.order_by(Mail.id)))
    return re.findall(r"/offers/(\S+)", bodies)[-1]


def refusal(act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value
