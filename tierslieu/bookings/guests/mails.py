"""Mails to guests: confirm the address, and the links again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tierslieu.bookings.guests.queries import AGAIN
from tierslieu.bookings.queries import BookingView
from tierslieu.kernel.mail import absolute, post
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import LocalSpan
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person


def confirm_address(
    work: Work, view: BookingView, person: Person, link: str, until: datetime
) -> None:
    """Press to confirm; no name or title that a stranger may have typed is repeated."""
    zone = ZoneInfo(view.booking.zone)
    post(
        work,
        person,
        msg("Confirm your booking"),
        [
            msg("Somebody, probably you, booked a room with this address."),
            _place(view, zone),
            msg(
                "Press the link until %(time)s to confirm it. The same link shows, changes and "
                "cancels it. If it was not you, ignore this mail.",
                time=until.astimezone(zone),
            ),
        ],
        link=link,
        zone=view.booking.zone,
        about=f"booking:{view.booking.public_id}",
    )


def again(work: Work, person: Person, found: Sequence[tuple[BookingView, str]]) -> None:
    """The links to her bookings to come, in one mail."""
    lines: list[Message | str] = [
        msg("Somebody, probably you, asked for the links to the bookings of this address."),
    ]
    for view, link in found:
        lines += [_place(view, ZoneInfo(view.booking.zone)), absolute(work.site.config, link)]
    post(work, person, msg("The links to your bookings"), lines, about=AGAIN)


def _place(view: BookingView, zone: ZoneInfo) -> Message:
    return msg(
        "%(when)s, %(room)s, %(venue)s",
        when=LocalSpan(view.span, zone),
        room=view.room_name,
        venue=view.venue_name,
    )
