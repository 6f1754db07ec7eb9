"""What the stories of turning up do and look at."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span


def made(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, **({"title": "Sewing"} | more))
        return book(work, new).public_id


def asks(house: Any, room: str, **rules: Any) -> None:
    """The room's policy says more."""
    with house.site.writing() as work:
        row = work.session.scalars(sa.select(Policy).where(Policy.room_id == house.ids[room])).one()
        row.rules = {**row.rules, **rules}


def booking(house: Any, public_id: str) -> Booking:
    with house.site.reading() as work:
        return work.session.scalars(sa.select(Booking).where(Booking.public_id == public_id)).one()


def mails(house: Any, about: str = "") -> list[Mail]:
    with house.site.reading() as work:
        rows = work.session.scalars(sa.select(Mail).order_by(Mail.id)).all()
        return [row for row in rows if about in row.about or about in row.body]


def at_time(
    hour: int, minute: int = 0, day: int = 2, month: int = 11
) -> AbstractContextManager[None]:
    """A moment by the clock of Rome in November (an hour before is UTC)."""
    return clock.frozen(datetime(2026, month, day, hour - 1, minute, tzinfo=UTC))


def swept(house: Any) -> None:
    with house.site.writing() as work:
        sweep(work)
