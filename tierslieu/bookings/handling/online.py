"""Held online: the smallest other way. The link stands in the booking's note and in the message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tierslieu.bookings.models import Booking
from tierslieu.contributions import OtherWay
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person

WAY: Final = OtherWay(
    "online",
    msg("Hold it online"),
    msg("It is held online, at the same time"),
    asks=msg("The link, and what one needs to come in"),
    order=10,
)


def follow(work: Work, key: str, bookings: Sequence[int], words: str) -> None:
    """Write with each booking that it is held online, and where; nothing on another way."""
    if key != WAY.key:
        return
    for booking_id in bookings:
        booking = work.session.get_one(Booking, booking_id)
        person = work.session.get(Person, booking.booked_for_id or 0)
        locale = person.locale if person is not None else work.locale
        line = say(msg("Held online: %(words)s", words=words), locale)
        booking.note = "\n".join(part for part in (booking.note, line) if part)[:2000]
        booking.version += 1
    work.session.flush()
