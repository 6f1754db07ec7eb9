"""What was answered, on the pages of a booking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_ical.invitations import queries
from tierslieu_ical.invitations.models import CalendarReply

msg = tl.sentences("tierslieu_ical")

WORDS = {
    "accepted": msg("Her calendar says: coming."),
    "declined": msg("Her calendar says: not coming. The booking stands until it is cancelled."),
    "tentative": msg("Her calendar says: perhaps."),
}
OWN = {
    "accepted": msg("Your calendar says that you are coming."),
    "declined": msg(
        "Your calendar says that you are not coming; the booking stands. "
        "Cancel it if you do not need the room."
    ),
    "tentative": msg("Your calendar says that you are perhaps coming."),
}


def answered(
    work: tl.Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[tl.Panel]:
    """The answer from a calendar, for whom the booking is for and who runs the venue."""
    booking = subject.get("booking")
    if place != "booking" or booking is None or booking.booked_for_id is None:
        return
    own = booking.booked_for_id == work.actor.person_id
    if not own and not work.actor.may("bookings.check_in", venue=venue_id):
        return
    found = queries.answer_to(work.session, booking)
    if found is not None:
        words = (OWN if own else WORDS)[found.answer]
        values = {"words": words, "answer": found.answer, "at": found.received_at}
        yield tl.Panel("ical/answered.html", values, order=20)


def reply_row(reply: CalendarReply) -> dict[str, object]:
    """An answer as its writer exports it."""
    at = reply.original_starts_at
    return {
        "booking": reply.uid,
        "date": at and at.isoformat(),
        "answer": reply.answer,
        "written": reply.written_at.isoformat(),
    }
