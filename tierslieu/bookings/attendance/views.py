"""Checking in by whoever holds the booking: with its link, and on its own page."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from tierslieu.bookings.attendance import services
from tierslieu.bookings.attendance.queries import view_by_link
from tierslieu.bookings.attendance.showing import LEFT, THERE, facts, secret
from tierslieu.bookings.reminders.services import quiet
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Reason, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, allow, reading, writing


@bp.get("/check-in/<token>")
@allow(PUBLIC)
def check_in(token: str) -> Response:
    """One booking, for whoever holds its link: what, where, when, and "I am here"."""
    return _page(token)


def _page(token: str, reasons: tuple[Reason, ...] = (), status: int = 200) -> Response:
    with reading() as work:
        view = view_by_link(work, token)
        if view is None:
            raise NotFound
        shown = page("bookings/check_in.html", token=token, reasons=reasons, **facts(work, view))
    return secret(shown, status)


@bp.post("/check-in/<token>")
@allow(PUBLIC)
@limit("30/minute")
def check_in_submit(token: str) -> Any:
    """I am here; or: we are leaving."""
    leaving = request.form.get("act") == "leave"
    act = services.leave_by_link if leaving else services.check_in_by_link
    try:
        with writing() as work:
            act(work, token)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(token, refusal.reasons, refusal.status)
    flash_message(LEFT if leaving else THERE)
    return redirect(url_for("bookings.check_in", token=token), 303)


@bp.post("/bookings/<public_id>/door/<act>")
@allow("bookings.check_in")
def booking_act(public_id: str, act: str) -> Any:
    """What whoever booked does on the booking's own page."""
    if act not in _ACTS:
        raise NotFound
    try:
        with writing() as work:
            _ACTS[act](work, public_id)
    except NotFound:
        raise
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(_SAID[act])
    return redirect(url_for("bookings.booking", public_id=public_id), 303)


def _quiet(work: Work, public_id: str) -> None:
    quiet(work, public_id, stop=True)


def _loud(work: Work, public_id: str) -> None:
    quiet(work, public_id, stop=False)


_ACTS: dict[str, Any] = {
    "here": services.check_in,
    "leaving": services.leave,
    "new-code": services.new_link,
    "quiet": _quiet,
    "loud": _loud,
}
_SAID = {
    "here": THERE,
    "leaving": LEFT,
    "new-code": msg("Here is a new code; the one before opens nothing any more."),
    "quiet": msg("You will not be reminded of this booking."),
    "loud": msg("You will be reminded of this booking."),
}
