"""What pages about the door have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, make_response

from tierslieu.bookings.attendance import services
from tierslieu.bookings.queries import BookingView
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work

THERE = msg("Noted: you are there. Welcome.")
LEFT = msg("Noted: the room is free from now on. Thank you.")


def secret(body: str, status: int = 200) -> Response:
    """A page whose address opens something: it is told to nobody else."""
    answer = make_response(body, status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def facts(work: Work, view: BookingView) -> dict[str, Any]:
    """What a page needs to offer the acts at the door."""
    policy = services.policy_in_force(work, view)
    ahead = timedelta(minutes=policy.check_in_before_minutes if policy else 0)
    opens = view.span.starts_at - ahead
    booking = view.booking
    waits = booking.state == "confirmed" and not view.is_over(work.now)
    here = booking.state == "checked_in" and not view.is_over(work.now)
    return {
        "view": view,
        "now": work.now,
        "opens": opens,
        "asked": policy.check_in if policy else False,
        "may_enter": waits and opens <= work.now,
        "too_early": waits and opens > work.now,
        "may_leave": here and booking.left_at is None and view.span.starts_at <= work.now,
    }
