"""Whom an approval would hurt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from tierslieu.bookings.answers.services import warnings
from tierslieu.bookings.desk.order import turn
from tierslieu.bookings.queries import BookingView, competing
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import LocalSpan, Span
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import venues_of_cards
from tierslieu.resources.queries import collisions
from tierslieu.resources.rules import Taking


@dataclass(frozen=True)
class Hurt:
    """What to know before answering one request.

    ``lines``: whom or what an approval would touch; ``taken``: it cannot be approved any more;
    ``member``: her card counts at the venue; ``rivals``: requests for the same time;
    ``turn``: where it stands among them.
    """

    lines: tuple[Message, ...]
    taken: bool
    member: bool
    rivals: tuple[BookingView, ...] = ()
    turn: Message | None = None


def hurts(work: Work, views: Sequence[BookingView]) -> dict[int, Hurt]:
    """For each request, by booking id, whom an approval would hurt."""
    return {view.booking.id: hurt(work, view) for view in views}


def hurt(work: Work, view: BookingView) -> Hurt:
    """Whom the approval of one request would hurt: rivals, what is taken, rules passed over."""
    zone = ZoneInfo(view.zone)
    rivals = competing(work.session, view)
    taken = _taken(work, view)
    lines = [
        *(_rival(rival, zone) for rival in rivals),
        *(msg("Now taken: %(when)s.", when=LocalSpan(span, zone)) for span in taken),
        *(reason.message for reason in warnings(work, view)),
    ]
    member = _is_member(work, view, zone)
    return Hurt(tuple(lines), bool(taken), member, tuple(rivals), turn(work, view, rivals))


def _is_member(work: Work, view: BookingView, zone: ZoneInfo) -> bool:
    person = view.booking.booked_for_id
    if person is None:
        return False
    day = view.claim.starts_at.astimezone(zone).date()
    return view.venue_id in venues_of_cards(work.session, person, day)


def _rival(rival: BookingView, zone: ZoneInfo) -> Message:
    title, when = rival.claim.label, LocalSpan(rival.span, zone)
    if rival.booking.attendance:
        return nmsg(
            "“%(title)s” (%(n)s person) asks for it too: %(when)s.",
            "“%(title)s” (%(n)s people) asks for it too: %(when)s.",
            rival.booking.attendance,
            title=title,
            when=when,
        )
    return msg("“%(title)s” asks for it too: %(when)s.", title=title, when=when)


def _taken(work: Work, view: BookingView) -> list[Span]:
    """What is in the way, buffers included."""
    booking = view.booking
    wide = view.span.widened(
        timedelta(minutes=booking.before_minutes), timedelta(minutes=booking.after_minutes)
    )
    taking = Taking(booking.id, [booking.room_id], wide)
    return sorted({hit.span for hit in collisions(work.session, [taking], work.now)})
