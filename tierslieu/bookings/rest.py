"""The API of bookings and availability: HTTP in, one verb, HTTP out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from tierslieu.bookings.answers import services as answers_services
from tierslieu.bookings.attendance import services as attendance_services
from tierslieu.bookings.availability.rest import availability
from tierslieu.bookings.cart.rest import batch
from tierslieu.bookings.cases.queries import zone_of
from tierslieu.bookings.chains.refusals import listed_text
from tierslieu.bookings.chains.rest import steps_answer
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.finding.rest import matrix_answer
from tierslieu.bookings.finding.schemas import MatrixAnswer, MatrixQuery
from tierslieu.bookings.listing.calendar import calendar
from tierslieu.bookings.listing.queries import Wanted, listed
from tierslieu.bookings.listing.rest import booking_answer, row_answer
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, booking_view, locked_view
from tierslieu.bookings.schemas import (
    AvailabilityAnswer,
    AvailabilityQuery,
    BatchAnswer,
    BatchBody,
    BookingAnswer,
    BookingList,
    CalendarAnswer,
    CalendarQuery,
    DeclineBody,
    EditBody,
    ListQuery,
    NewBookingBody,
    moment,
)
from tierslieu.bookings.schemas import span as span_of
from tierslieu.bookings.series import rest as series
from tierslieu.bookings.series.schemas import ChangeQuery, ScopeQuery, SeriesAnswer
from tierslieu.bookings.services import book, cancel
from tierslieu.bookings.states.services import may_read
from tierslieu.bookings.wishes import things_of, wish_of
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.venues.keeping.queries import as_just_read
from tierslieu.venues.queries import network
from tierslieu.web.api import (
    answer,
    blueprint,
    check_if_match,
    operation,
    posting,
    read_body,
    read_query,
)
from tierslieu.web.requests import PUBLIC, SIGNED_IN, allow, reading, writing

bp = blueprint("bookings_api", __name__)


class _BookingId(BaseConverter):
    """A booking's id in an address; ``batch`` has an address of its own."""

    regex = "(?!batch$)[^/]+"


@bp.record
def _know_booking_ids(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["booking"] = _BookingId


@bp.get("/availability")
@allow(PUBLIC)
@operation(answer=AvailabilityAnswer, query=AvailabilityQuery, errors=(404,))
def get_availability() -> Response:
    """Free rooms over the whole network, or with explain=1 each room's reasons."""
    asked = read_query(AvailabilityQuery)
    with reading() as work:
        return answer(availability(work, asked), long=True)


@bp.get("/availability/matrix")
@allow(PUBLIC)
@operation(answer=MatrixAnswer, query=MatrixQuery, errors=(404,))
def get_availability_matrix() -> Response:
    """Any of many days: the first free time of each day in each room, and near misses."""
    asked = read_query(MatrixQuery)
    with reading() as work:
        return answer(matrix_answer(work, asked), long=True)


@bp.post("/bookings")
@allow("bookings.create")
@operation(
    answer=BookingAnswer,
    status=201,
    body=NewBookingBody,
    errors=(401, 403, 404, 409),
    idempotent=True,
    etag=True,
    also={200: BookingAnswer},
    several={200: SeriesAnswer, 201: SeriesAnswer},
)
@posting()
def create_booking(work: Work) -> tuple[Any, ...]:
    """Book a room, or ask for it where approval is asked; with rrule a whole series.

    With dry_run nothing is kept: 200 with what the booking would be.
    """
    asked = read_body(NewBookingBody)
    as_just_read(work)
    new = wish_of(work, asked)
    if asked.rrule is not None:
        return series.created(work, asked, new)
    series.only_with_rule(asked)
    if not asked.dry_run:
        return _made(work, book(work, new))
    with work.session.begin_nested() as trial:
        shown = _made(work, book(work, new))
        trial.rollback()
    return shown[0], 200, shown[2]


def _made(work: Work, booking: Booking) -> tuple[BookingAnswer, int, str]:
    view = booking_view(work.session, booking.public_id)
    if view is None:
        raise NotFound
    return _shown(work, view), 201, str(view.booking.version)


def _shown(work: Work, view: BookingView) -> BookingAnswer:
    here = network(work.session)
    shown = booking_answer(work.session, view, here.currency, work.locale)
    if view.booking.state == "requested":
        shown.steps = steps_answer(work, view, here.locale)
    return shown


@bp.post("/bookings/batch")
@allow("bookings.create")
@operation(
    answer=BatchAnswer,
    status=201,
    body=BatchBody,
    errors=(401, 403, 404, 409),
    idempotent=True,
    also={200: BatchAnswer},
)
@posting()
def create_bookings(work: Work) -> tuple[BatchAnswer, int]:
    """Book several rooms and dates in one go: all of them, or with skip_conflicts what fits.

    With dry_run nothing is kept: 200 with what the bookings would be.
    """
    return batch(work, read_body(BatchBody))


@bp.get("/bookings")
@allow(SIGNED_IN)
@operation(answer=BookingList, query=ListQuery, errors=(401, 404))
def list_bookings() -> Response:
    """Bookings that overlap a span: one's own and those one may read; others as busy spans."""
    asked = read_query(ListQuery)
    with reading() as work:
        zone = zone_of(work, asked.room_id)
        around = Span(
            moment(asked.starts_after, zone, "starts_after")
            if asked.starts_after
            else work.now - timedelta(days=31),
            moment(asked.ends_before, zone, "ends_before")
            if asked.ends_before
            else work.now + timedelta(days=366),
        )
        wanted = Wanted(around, asked.room_id, asked.state, asked.limit, asked.cursor)
        page = listed(work, wanted)
        currency = network(work.session).currency
        items = [row_answer(row, currency) for row in page.rows]
        return answer({"items": items, "next": page.next}, long=True)


@bp.get("/calendar")
@allow(SIGNED_IN)
@operation(answer=CalendarAnswer, query=CalendarQuery, errors=(401, 404))
def get_calendar() -> Response:
    """What is in the rooms during some days, room by room, in one answer; others' as busy spans."""
    asked = read_query(CalendarQuery)
    with reading() as work:
        span = span_of(asked.starts_after, asked.ends_before, zone_of(work, None))
        return answer({"items": calendar(work, span, asked.venue), "next": None}, long=True)


@bp.get("/bookings/<booking:booking_id>")
@allow(SIGNED_IN)
@operation(answer=BookingAnswer, errors=(401, 404), etag=True)
def get_booking(booking_id: str) -> Response:
    """One booking of one's own, one's organisation's or one's venue's."""
    with reading() as work:
        view = booking_view(work.session, booking_id)
        if view is None or not may_read(work, view):
            raise NotFound
        return answer(_shown(work, view), etag=str(view.booking.version))


@bp.patch("/bookings/<booking:booking_id>")
@allow("bookings.change")
@operation(
    answer=BookingAnswer,
    body=EditBody,
    query=ChangeQuery,
    errors=(401, 403, 404, 409),
    if_match=True,
    several={200: SeriesAnswer},
)
def edit_booking(booking_id: str) -> Response:
    """Change a booking, or with scope several dates of its series: what is not sent stays."""
    asked, which = read_body(EditBody), read_query(ChangeQuery)
    with writing() as work:
        view = _readable(work, booking_id)
        check_if_match(view.booking.version)
        edit = _edit(view, asked)
        if series.whole(work, view, which.scope):
            return answer(series.changed(work, booking_id, edit, which))
        shown = _made(work, change(work, booking_id, edit))
    return answer(shown[0], etag=shown[2])


def _edit(view: BookingView, asked: EditBody) -> Edit:
    return Edit(
        span=_new_span(view, asked),
        room=asked.room_id,
        title=asked.title,
        attendance=asked.attendance,
        visibility=asked.visibility,
        purpose=asked.purpose,
        places=asked.places,
        place=asked.place or "",
        things=things_of(asked.accessories),
    )


def _new_span(view: BookingView, asked: EditBody) -> Span | None:
    """The new span; a start sent alone keeps the length."""
    from zoneinfo import ZoneInfo

    if asked.starts_at is None and asked.ends_at is None:
        return None
    zone = ZoneInfo(view.zone)
    start = view.span.starts_at
    if asked.starts_at is not None:
        start = moment(asked.starts_at, zone, "starts_at")
    if asked.ends_at is None:
        return Span(start, start + view.span.duration)
    end = moment(asked.ends_at, zone, "ends_at")
    if start >= end:
        raise Invalid("bad_span", msg("The end must be after the start."), "ends_at")
    return Span(start, end)


@bp.delete("/bookings/<booking:booking_id>")
@allow("bookings.cancel")
@operation(
    answer=BookingAnswer,
    query=ScopeQuery,
    errors=(401, 403, 404, 409, 422),
    if_match=True,
    several={200: SeriesAnswer},
)
def cancel_booking(booking_id: str) -> Response:
    """Cancel a booking, or with scope several dates; a cancelled one is answered as it is."""
    which = read_query(ScopeQuery)
    with writing() as work:
        view = _readable(work, booking_id)
        if view.booking.state != "cancelled":
            check_if_match(view.booking.version)
        if series.whole(work, view, which.scope):
            return answer(series.cancelled(work, booking_id, which.scope))
        shown = _made(work, cancel(work, booking_id))
    return answer(shown[0], etag=shown[2])


def _readable(work: Work, booking_id: str) -> BookingView:
    view = locked_view(work.session, booking_id)
    if view is None or not may_read(work, view):
        raise NotFound
    return view


@bp.post("/bookings/<booking_id>/approve")
@allow(SIGNED_IN)
@operation(
    answer=BookingAnswer,
    query=ScopeQuery,
    errors=(401, 403, 404, 409, 422),
    idempotent=True,
    etag=True,
    several={200: SeriesAnswer},
)
@posting()
def approve_booking(work: Work, booking_id: str) -> tuple[Any, ...]:
    """Confirm a request, or with scope several dates of a series."""
    which = read_query(ScopeQuery)
    if which.scope != "this" and series.whole(work, _readable(work, booking_id), which.scope):
        return series.approved(work, booking_id, which.scope), 200
    booking = answers_services.approve(work, booking_id)
    return (_made(work, booking)[0], 200, str(booking.version))


@bp.post("/bookings/<booking_id>/decline")
@allow(SIGNED_IN)
@operation(
    answer=BookingAnswer,
    body=DeclineBody,
    query=ScopeQuery,
    errors=(401, 403, 404, 409, 422),
    idempotent=True,
    etag=True,
    several={200: SeriesAnswer},
)
@posting()
def decline_booking(work: Work, booking_id: str) -> tuple[Any, ...]:
    """Decline a request, or with scope several dates, with the reason that is told."""
    asked, which = read_body(DeclineBody), read_query(ScopeQuery)
    if which.scope != "this" and series.whole(work, _readable(work, booking_id), which.scope):
        return series.declined(work, booking_id, which.scope, _why(work, booking_id, asked)), 200
    booking = answers_services.decline(work, booking_id, _why(work, booking_id, asked))
    return (_made(work, booking)[0], 200, str(booking.version))


def _why(work: Work, booking_id: str, asked: DeclineBody) -> str:
    """The reason as it is told: a listed one, own words, or both."""
    if asked.reason_id is None:
        return asked.reason or ""
    return listed_text(work, _readable(work, booking_id), asked.reason_id, asked.reason or "")


@bp.post("/bookings/<booking_id>/check-in")
@allow("bookings.check_in")
@operation(answer=BookingAnswer, errors=(401, 403, 404, 409, 422), idempotent=True, etag=True)
@posting()
def check_in_booking(work: Work, booking_id: str) -> tuple[BookingAnswer, int, str]:
    """Note that they came."""
    booking = attendance_services.check_in(work, booking_id)
    return (_made(work, booking)[0], 200, str(booking.version))


@bp.post("/bookings/<booking_id>/no-show")
@allow("bookings.no_show")
@operation(answer=BookingAnswer, errors=(401, 403, 404, 409, 422), idempotent=True, etag=True)
@posting()
def miss_booking(work: Work, booking_id: str) -> tuple[BookingAnswer, int, str]:
    """Note that nobody came: the room is free from now on. For whoever works at the venue."""
    booking = attendance_services.miss(work, booking_id)
    return (_made(work, booking)[0], 200, str(booking.version))


@bp.delete("/bookings/<booking_id>/no-show")
@allow("bookings.no_show")
@operation(answer=BookingAnswer, errors=(401, 403, 404, 409, 422), etag=True)
def unmiss_booking(booking_id: str) -> Response:
    """They did come: no record stays, and the room is taken again if it is still free."""
    with writing() as work:
        booking = attendance_services.undo_no_show(work, booking_id)
        shown = _made(work, booking)
    return answer(shown[0], etag=shown[2])


# The other rooms hang their operations on the same blueprint.
from tierslieu.bookings.seasons import rest as _seasons  # noqa: E402, F401
from tierslieu.bookings.waiting import rest as _waiting  # noqa: E402, F401
