"""What memberships keep about a person: hers to read; what the law keeps when she is erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.memberships.jobs import kept_until
from tierslieu.memberships.queries import MembershipView, of_person, today_of


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Her memberships and the dues she paid."""
    found = of_person(work.session, person_id, today_of(work.session, work.now))
    yield PersonDataPart(msg("Memberships"), tuple(_row(view) for view in found))
    dues = tuple(row for view in found for row in _dues(view))
    yield PersonDataPart(msg("Dues paid"), dues)


def _row(view: MembershipView) -> Mapping[str, Any]:
    membership = view.membership
    return {
        "id": membership.public_id,
        "venue": view.venue.name,
        "plan": view.plan.name.best("it", "it")[1],
        "state": membership.state,
        "card_number": membership.card_number,
        "season_starts_on": view.season.starts_on,
        "season_last_day": view.season.last_day,
        "applied_at": membership.applied_at,
        "decided_at": membership.decided_at,
        "reason": membership.reason,
        "dues_cents": membership.fee_cents,
        "kept_in_the_register_until": kept_until(membership.season_ends_on),
    }


def _dues(view: MembershipView) -> Iterable[Mapping[str, Any]]:
    for payment in view.payments:
        yield {
            "membership": view.membership.public_id,
            "cents": payment.cents,
            "method": payment.method,
            "taken_at": payment.taken_at,
            "withdrawn": payment.is_withdrawn,
        }


def erase(work: Work, person_id: int) -> None:
    """Her memberships end; number, season and dues stay without her name until `kept_until`.

    Associations must keep the register of members and the books: the rows are deleted by a job
    when that time is over. What was written about her goes at once.
    """
    for view in of_person(work.session, person_id, today_of(work.session, work.now)):
        membership = view.membership
        if membership.state in ("applied", "admitted") and not view.is_over:
            membership.state, membership.decided_at = "left", work.now
            membership.version += 1
        membership.reason = ""
    work.session.flush()
