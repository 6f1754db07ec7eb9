"""What people are told of several bookings sent together: one mail."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from tierslieu.bookings import mails
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import LocalSpan
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person


def sent(work: Work, public_ids: Sequence[str]) -> None:
    """What is booked and what waits, each with its reference; whoever answers is told."""
    views = [v for one in public_ids if (v := booking_view(work.session, one)) is not None]
    waiting = [view for view in views if view.booking.state == "requested"]
    for view in waiting:
        mails.asked(work, view.booking.public_id)
    first = views[0].booking if views else None
    person = (
        work.session.get(Person, first.booked_for_id) if first and first.booked_for_id else None
    )
    if person is None:
        return
    done = [view for view in views if view.booking.state != "requested"]
    lines = []
    if done:
        lines.append(
            nmsg("%(n)s booking is confirmed:", "%(n)s bookings are confirmed:", len(done))
        )
        lines += [_line(view) for view in done]
    if waiting:
        text = nmsg("%(n)s request has arrived:", "%(n)s requests have arrived:", len(waiting))
        lines += [text, *(_line(view) for view in waiting)]
        lines.append(msg("We will write to you as soon as it is answered."))
    post(
        work,
        person,
        msg("Your list was sent"),
        lines,
        link="/me/bookings",
        zone=views[0].zone,
        venue_id=views[0].venue_id,
        about=f"booking:{views[0].booking.public_id}",
    )


def _line(view: BookingView) -> Message:
    return msg(
        "%(when)s, %(room)s, %(venue)s (%(reference)s)",
        when=LocalSpan(view.span, ZoneInfo(view.zone)),
        room=view.room_name,
        venue=view.venue_name,
        reference=view.booking.reference,
    )
