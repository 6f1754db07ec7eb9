"""One's own bookings: what is next, one of them, its code, and giving it up."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from tierslieu.bookings.attendance.codes import qr
from tierslieu.bookings.attendance.queries import code_address
from tierslieu.bookings.cases.queries import policy_of, room_case_by_id
from tierslieu.bookings.desk.proposals import proposals
from tierslieu.bookings.houserules.words import ending
from tierslieu.bookings.member.forms import CancelForm
from tierslieu.bookings.member.lines import lines
from tierslieu.bookings.member.queries import Mine, dressed, mine
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.rules import cancel_reasons, stored_price
from tierslieu.bookings.series.queries import place_of
from tierslieu.bookings.services import cancel as cancel_booking
from tierslieu.bookings.states.services import is_own, may_read
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Reason, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network
from tierslieu.web import nav
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, current_locale, reading, writing

PAST_SHOWN = 100


@bp.get("/me/bookings")
@allow(SIGNED_IN)
def me_bookings() -> str:
    """Everything one has booked: what is next, or with ``?past=1`` what was."""
    past = request.args.get("past") == "1"
    with reading() as work:
        rows = lines(mine(work, past=past, limit=PAST_SHOWN), work.now, current_locale())
    return page("bookings/mine.html", rows=rows, past=past, nav_me=nav.entries("me"))


def known(work: Work, public_id: str) -> BookingView:
    """A booking the actor may read whole; NotFound for every other."""
    view = booking_view(work.session, public_id)
    if view is None or not may_read(work, view):
        raise NotFound
    return view


@bp.get("/bookings/<public_id>")
@allow(SIGNED_IN)
def booking(public_id: str) -> str:
    """One booking: what, when, where, its reference, and what can be done with it."""
    with reading() as work:
        row = dressed(work, [known(work, public_id)])[0]
        cost = stored_price(row.view.booking.price_lines, network(work.session).currency)
        own = is_own(work, row.view.booking)
        place = place_of(work.session, row.view.booking)
        instead = proposals(work, row.view) if own and _was_taken_away(work, row.view) else []
    return page("bookings/booking.html", row=row, price=cost, own=own, place=place,
                instead=instead)  # fmt: skip


def _was_taken_away(work: Work, view: BookingView) -> bool:
    """Whether others ended what is still to come: declined, cancelled by the house, taken over."""
    booking = view.booking
    ended = booking.state in ("declined", "cancelled", "expired")
    by_oneself = {work.actor.person_id, booking.booked_for_id}
    return ended and view.span.starts_at > work.now and booking.decided_by_id not in by_oneself


@bp.get("/bookings/<public_id>/code.svg")
@allow(SIGNED_IN)
def booking_code(public_id: str) -> Response:
    """The code to show or to scan at the door: it checks in."""
    with reading() as work:
        address = code_address(work, known(work, public_id).booking)
    return Response(qr(address, sized=True), mimetype="image/svg+xml")


@bp.get("/bookings/<public_id>/cancel")
@allow("bookings.cancel")
def cancel(public_id: str) -> str:
    """What giving it up means, before it is done."""
    with reading() as work:
        view = known(work, public_id)
        row, why = dressed(work, [view])[0], against(work, view)
        case = room_case_by_id(work.session, view.booking.room_id, view.span)
        rule = ending(policy_of(work, view, case))
    form = CancelForm(formdata=None, version=view.booking.version)
    return page("bookings/cancel.html", row=row, why=why, form=form, rule=rule)


@bp.post("/bookings/<public_id>/cancel")
@allow("bookings.cancel")
def cancel_submit(public_id: str) -> Any:
    """Give it up: the time is free again at once."""
    form = CancelForm()
    if not form.validate():
        return _cancel_again(public_id, form), 422
    try:
        with writing() as work:
            cancel_booking(work, public_id, form.reason.data or "", version_of(form.version.data))
    except Refusal as refusal:
        form.refuse(refusal)
        return _cancel_again(public_id, form), refusal.status
    flash_message(msg("Cancelled: the time is free again."))
    return redirect(url_for("bookings.booking", public_id=public_id), 303)


def version_of(written: str | None) -> int | None:
    """The version a form was made from."""
    return int(written) if written and written.isascii() and written.isdigit() else None


def _cancel_again(public_id: str, form: CancelForm) -> str:
    with reading() as work:
        view = known(work, public_id)
        row = dressed(work, [view])[0]
    form.version.data = str(view.booking.version)
    form.version.raw_data = [form.version.data]
    return page("bookings/cancel.html", row=row, why=list(form.reasons), form=form)


def against(work: Work, view: BookingView) -> list[Reason]:
    """What is against cancelling now."""
    row = Mine(view, work.now)
    if not row.may_cancel:
        return [Reason("wrong_state", msg("There is nothing left to cancel."), kind="state")]
    case = room_case_by_id(work.session, view.booking.room_id, view.span)
    clerk = work.actor.may("bookings.cancel", venue=view.venue_id)
    policy = policy_of(work, view, case)
    return cancel_reasons(view.span, policy, work.now, case.zone, clerk=clerk)
