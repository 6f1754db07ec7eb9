"""Verbs of dues: take, withdraw."""

from __future__ import annotations

import sqlalchemy as sa

from tierslieu.kernel.errors import NotFound, refuse
from tierslieu.kernel.money import Money
from tierslieu.kernel.work import Work
from tierslieu.memberships.models import DuesPayment
from tierslieu.memberships.queries import MembershipView
from tierslieu.memberships.rules import take_reasons, withdraw_reasons
from tierslieu.memberships.services import locked
from tierslieu.venues.queries import network


def take_dues(
    work: Work, venue_id: int, public_id: str, method: str, cents: int | None = None
) -> DuesPayment:
    """Write down dues; without an amount all that is owed, nothing when ``method`` is ``free``.

    Raises Refused (``too_much``, ``bad_method``…), Conflict ``wrong_state``, NotFound.
    """
    view = _asked(work, venue_id, public_id)
    amount = (0 if method == "free" else view.owed_cents) if cents is None else cents
    currency = network(work.session).currency
    refuse(
        take_reasons(
            view.membership.state, Money(amount, currency), method, view.owed_cents, currency
        )
    )
    payment = _write(work, view, amount, method)
    work.audit(
        "dues.taken", f"membership:{public_id}", venue=venue_id,
        person=view.person.id, cents=amount, method=method,
    )  # fmt: skip
    return payment


def withdraw_dues(work: Work, venue_id: int, public_id: str, number: int) -> DuesPayment:
    """Take a payment back, by a row that says the opposite; ``number`` counts from one.

    Raises Conflict ``already_withdrawn``, NotFound.
    """
    view = _asked(work, venue_id, public_id)
    payment = next((each for each in view.payments if each.number == number), None)
    if payment is None:
        raise NotFound
    refuse(
        withdraw_reasons(
            is_withdrawal=payment.is_withdrawal, already_withdrawn=payment.is_withdrawn
        )
    )
    row_id = work.session.scalar(
        sa.select(DuesPayment.id)
        .where(DuesPayment.membership_id == view.membership.id)
        .order_by(DuesPayment.id)
        .offset(number - 1)
        .limit(1)
    )
    back = _write(work, view, -payment.cents, payment.method, withdraws=row_id)
    work.audit(
        "dues.withdrawn", f"membership:{public_id}", venue=venue_id,
        person=view.person.id, cents=payment.cents,
    )  # fmt: skip
    return back


def _asked(work: Work, venue_id: int, public_id: str) -> MembershipView:
    work.require("dues.take", venue=venue_id)
    return locked(work, public_id, venue_id)


def _write(
    work: Work, view: MembershipView, cents: int, method: str, withdraws: int | None = None
) -> DuesPayment:
    payment = DuesPayment(
        membership_id=view.membership.id,
        amount_cents=cents,
        method=method,
        taken_at=work.now,
        taken_by_id=work.actor.person_id,
        withdraws_id=withdraws,
    )
    work.session.add(payment)
    work.session.flush()
    return payment
