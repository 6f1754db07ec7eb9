"""What is written: the reminder, the question, what was freed and what was put back."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.reminders.models import Reconfirmation
from tierslieu.kernel.mail import absolute, post
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import LocalSpan, local_date
from tierslieu.kernel.tokens import sign
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person

STOP = "reminders"
NEEDED = "still-needed"


def reminder(work: Work, person: Person, due: Sequence[tuple[BookingView, str]]) -> None:
    """What begins within a day, with how to check in to each; one mail."""
    lines: list[Message] = []
    for view, path in due:
        when = LocalSpan(view.span, ZoneInfo(view.zone))
        lines += [
            msg("%(title)s", title=view.claim.label),
            msg(
                "%(when)s, %(room)s, %(venue)s",
                when=when,
                room=view.room_name,
                venue=view.venue_name,
            ),
            msg("Reference: %(reference)s", reference=view.booking.reference),
            msg(
                "When you are there, open this to say so: %(link)s",
                link=absolute(work.site.config, path),
            ),
        ]
    stop = f"/reminders/{sign(work.site.config.key, STOP, person.public_id)}"
    lines += [
        msg("If you cannot come, please cancel: somebody else will be glad of the room."),
        msg("No more reminders: %(link)s", link=absolute(work.site.config, stop)),
    ]
    first = due[0][0]
    post(
        work, person, msg("Tomorrow, or soon: %(title)s", title=first.claim.label), lines,
        link="/me/bookings", zone=first.zone, about=f"booking:{first.booking.public_id}",
    )  # fmt: skip


def needed_path(work: Work, question: Reconfirmation) -> str:
    """Where whoever holds a series answers."""
    return f"/still-needed/{sign(work.site.config.key, NEEDED, question.public_id)}"


def still_needed(work: Work, view: BookingView, question: Reconfirmation) -> None:
    """The question, with the day by which to answer."""
    lines = [
        *_what(view),
        msg("It repeats, and we ask now and then so that no room stands empty."),
        msg(
            "Please answer until %(day)s: %(link)s",
            day=local_date(question.answer_by, ZoneInfo(view.zone)),
            link=absolute(work.site.config, needed_path(work, question)),
        ),
        msg("Without an answer the dates that follow are free for others."),
    ]
    _post(work, view, msg("Do you still need it?"), lines)


def released(work: Work, view: BookingView, question: Reconfirmation, dates: int) -> None:
    """Nobody answered: the dates are free, and it can be mended."""
    lines = [
        *_what(view),
        nmsg(
            "We had no answer, so %(n)s date is free for others again.",
            "We had no answer, so %(n)s dates are free for others again.",
            dates,
        ),
        msg("If you still need it, write or call soon: what is free can be put back."),
    ]
    _post(work, view, msg("Dates that were freed"), lines)


def put_back(work: Work, view: BookingView, dates: int) -> None:
    """The dates are hers again."""
    lines = [
        *_what(view),
        nmsg("%(n)s date is yours again.", "%(n)s dates are yours again.", dates),
    ]
    _post(work, view, msg("Your booking is confirmed"), lines)


def _what(view: BookingView) -> list[Message]:
    return [
        msg("%(title)s", title=view.claim.label),
        msg("%(room)s, %(venue)s", room=view.room_name, venue=view.venue_name),
    ]


def _post(work: Work, view: BookingView, subject: Message, lines: Sequence[Message]) -> None:
    booking = view.booking
    person = work.session.get(Person, booking.booked_for_id) if booking.booked_for_id else None
    if person is None:
        return
    post(
        work,
        person,
        subject,
        lines,
        link=f"/bookings/{booking.public_id}",
        zone=view.zone,
        venue_id=view.venue_id,
        about=f"booking:{booking.public_id}",
    )
