"""The API of the waiting list."""

from __future__ import annotations

from flask import Response

from tierslieu.bookings.rest import _made, bp
from tierslieu.bookings.schemas import BookingAnswer, ThingBody, span
from tierslieu.bookings.services import NewBooking
from tierslieu.bookings.waiting.queries import WaitingView, mine, waiting_view
from tierslieu.bookings.waiting.schemas import JoinBody, WaitingAnswer, WaitingAnswers
from tierslieu.bookings.waiting.services import accept, join, leave
from tierslieu.bookings.wishes import organisation_of, things_of
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import room_zone
from tierslieu.web.api import answer, operation, posting, read_body
from tierslieu.web.requests import SIGNED_IN, allow, reading, writing


@bp.post("/waiting")
@allow("waiting.edit")
@operation(
    answer=WaitingAnswer,
    status=201,
    body=JoinBody,
    errors=(401, 403, 404, 409),
    idempotent=True,
)
@posting()
def join_waiting(work: Work) -> tuple[WaitingAnswer, int]:
    """Stand in line for a time that is taken; a free one is 409 `free`."""
    asked = read_body(JoinBody)
    zone = room_zone(work.session, asked.room_id)
    new = NewBooking(
        room=asked.room_id,
        span=span(asked.starts_at, asked.ends_at, zone),
        title=asked.title,
        attendance=asked.attendance,
        purpose=asked.purpose or "",
        declared=tuple(asked.declared or ()),
        visibility=asked.visibility or "private",
        organisation_id=organisation_of(work, asked.organisation_id),
        places=asked.places,
        place=asked.place or "",
        things=things_of(asked.accessories) or (),
        accept_terms=tuple(asked.accept_terms or ()),
    )
    return _shown(work, join(work, new).public_id), 201


@bp.get("/waiting")
@allow(SIGNED_IN)
@operation(answer=WaitingAnswers, errors=(401,))
def list_waiting() -> Response:
    """What one waits for, and what is offered to one now."""
    with reading() as work:
        person = work.actor.person_id or 0
        views = mine(work.session, person, work.actor.organisations, work.now)
        return answer(WaitingAnswers(items=[_answer(view) for view in views]))


@bp.delete("/waiting/<entry_id>")
@allow("waiting.edit")
@operation(answer=WaitingAnswer, errors=(401, 403, 404, 409, 422))
def leave_waiting(entry_id: str) -> Response:
    """Leave the line; an offer is given up by it. Who left already is answered as she is."""
    with writing() as work:
        leave(work, entry_id)
        shown = _shown(work, entry_id)
    return answer(shown)


@bp.post("/bookings/<booking_id>/accept")
@allow("bookings.change")
@operation(answer=BookingAnswer, errors=(401, 403, 404, 409, 422), idempotent=True, etag=True)
@posting()
def accept_booking(work: Work, booking_id: str) -> tuple[BookingAnswer, int, str]:
    """Take up an offer of the waiting list: confirmed, or asked for where approval is asked."""
    booking = accept(work, booking_id)
    return _made(work, booking)[0], 200, str(booking.version)


def _shown(work: Work, public_id: str) -> WaitingAnswer:
    work.session.flush()
    view = waiting_view(work.session, public_id)
    if view is None:
        raise NotFound
    return _answer(view)


def _answer(view: WaitingView) -> WaitingAnswer:
    entry = view.entry
    in_line = entry.state in ("waiting", "offered")
    return WaitingAnswer(
        id=entry.public_id,
        state=entry.state,  # type: ignore[arg-type]
        room_id=view.room_public_id,
        venue=view.venue_slug,
        starts_at=iso(entry.starts_at),
        ends_at=iso(entry.ends_at),
        timezone=view.zone,
        title=entry.title,
        attendance=entry.attendance,
        declared=list(entry.declared),
        places=entry.places,
        place_name=entry.place or None,
        accessories=[ThingBody(id=thing, quantity=n) for thing, n in entry.wishes],
        joined_at=iso(entry.joined_at),
        place=view.place if in_line else None,
        booking_id=view.booking,
        offered_until=iso(entry.offered_until) if entry.offered_until else None,
    )
