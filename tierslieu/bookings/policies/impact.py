"""Which bookings a change of rules would have refused: they stay, but one should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from tierslieu.bookings.cases.queries import RoomCase, rooms
from tierslieu.bookings.models import Booking
from tierslieu.bookings.policies.scopes import Scope, with_row
from tierslieu.bookings.queries import BookingView, _shown, _views
from tierslieu.bookings.rules import (
    Applicant,
    Ask,
    PolicyValues,
    audiences_of,
    check,
    resolve,
)
from tierslieu.bookings.rules.states import OPEN
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim

#: How many bookings ahead are looked at, the soonest first.
LOOKED_AT = 300
AHEAD = timedelta(days=400)


@dataclass(frozen=True)
class Impact:
    """The bookings touched, and whether there were more than were looked at."""

    views: tuple[BookingView, ...]
    is_cut: bool = False


def impact(work: Work, scope: Scope, audience: str, values: PolicyValues) -> Impact:
    """Future bookings that the rules as they stand allow and the new ones would refuse."""
    today = work.now.date()
    cases = {
        case.id: case
        for case in rooms(work.session, today, today + AHEAD).all
        if scope.venue_id in (None, case.venue_id) and scope.room_id in (None, case.id)
    }
    views = _ahead(work, list(cases)) if cases else []
    touched = tuple(
        view
        for view in views
        if _codes(view, cases[view.booking.room_id], scope, audience, values)
        - _codes(view, cases[view.booking.room_id])
    )
    return Impact(touched, len(views) == LOOKED_AT)


def _ahead(work: Work, rooms: Sequence[int]) -> list[BookingView]:
    question = (
        _views()
        .where(Booking.room_id.in_(rooms), Booking.state.in_(OPEN), Claim.starts_at > work.now)
        .order_by(Claim.starts_at, sa.asc(Claim.id))
        .limit(LOOKED_AT)
    )
    return _shown(work.session, question)


def _codes(
    view: BookingView,
    case: RoomCase,
    scope: Scope | None = None,
    audience: str = "",
    values: PolicyValues | None = None,
) -> set[str]:
    """What would refuse it, asked as at the moment when it was made."""
    booking = view.booking
    rows = case.policies
    if scope is not None and values is not None:
        rows = with_row(rows, scope, audience, values)
    member = booking.membership_id is not None or any(
        str(line.get("code")).startswith("member_") for line in booking.price_lines
    )
    fitting = audiences_of(
        member=member, for_organisation=booking.organisation_id is not None, manages=False
    )
    judged = check(
        "book",
        Ask(view.span, booking.attendance),
        replace(case.facts, bookable=True),
        resolve(rows, fitting),
        Applicant(member=member, member_then=member),
        booking.created_at,
        choices=0,
    )
    return set(judged.codes())
