"""Questions of a venue's register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tierslieu.kernel.texts import folded
from tierslieu.memberships.models import DuesPayment, Membership, Plan
from tierslieu.memberships.queries import MembershipView, counts_on, views, whole
from tierslieu.memberships.rules import card_key
from tierslieu.people.models import Person

PER_PAGE: Final = 50

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Page:
    """One page of a list; ``number`` counts from one, ``count`` is of all pages together."""

    rows: list[MembershipView]
    number: int
    count: int

    @property
    def has_next(self) -> bool:
        return self.number * PER_PAGE < self.count


def applications(session: Session, venue_id: int, today: date) -> list[MembershipView]:
    """Whoever waits for an answer, the oldest first."""
    question = whole().where(Plan.venue_id == venue_id, Membership.state == "applied")
    return views(session, question.order_by(Membership.applied_at, Membership.id), today)


def register(
    session: Session,
    venue_id: int,
    today: date,
    *,
    show: str = "members",
    text: str = "",
    number: int = 1,
) -> Page:
    """A page of the venue's register, by name: ``show`` is one of `SHOWN`, ``text`` part of a name
    or a whole card number."""
    conditions = [Plan.venue_id == venue_id, *SHOWN[show](today)]
    if text:
        name = Person.name_folded.contains(folded(text), autoescape=True)
        conditions.append(sa.or_(name, Membership.card_number == card_key(text)))
    question = whole().where(*conditions)
    count = session.scalar(sa.select(sa.func.count()).select_from(question.subquery())) or 0
    by_name = question.order_by(
        Person.name_folded, Person.id, Membership.season_starts_on.desc(), Membership.id
    )
    shown = by_name.limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Page(views(session, shown, today), number, int(count))


def counts(session: Session, venue_id: int, today: date) -> dict[str, int]:
    """How many there are of each of `SHOWN`."""
    return {
        show: int(
            session.scalar(
                sa.select(sa.func.count(Membership.id))
                .join(Plan, Plan.id == Membership.plan_id)
                .where(Plan.venue_id == venue_id, *conditions(today))
            )
            or 0
        )
        for show, conditions in SHOWN.items()
    }


def lapsing(session: Session, today: date, within: date, limit: int) -> list[MembershipView]:
    """Admitted memberships that end up to a day, not told of and not renewed, of any venue."""
    later = aliased(Membership)
    renewed = (
        sa.select(later.id)
        .where(
            later.plan_id == Membership.plan_id,
            later.person_id == Membership.person_id,
            later.season_starts_on >= Membership.season_ends_on,
            later.state.in_(("applied", "admitted")),
        )
        .exists()
    )
    question = (
        whole()
        .where(
            Membership.state == "admitted",
            Membership.season_ends_on > today,
            Membership.season_ends_on <= within,
            Membership.lapse_told_at.is_(None),
            Person.erased_at.is_(None),
            ~renewed,
        )
        .order_by(Membership.id)
        .limit(limit)
    )
    return views(session, question, today)


def _members(today: date) -> list[Condition]:
    return [*counts_on(today)]


def _unpaid(today: date) -> list[Condition]:
    payment = aliased(DuesPayment)
    back = aliased(DuesPayment)
    paid = (
        sa.select(sa.func.coalesce(sa.func.sum(payment.amount_cents), 0))
        .where(payment.membership_id == Membership.id)
        .scalar_subquery()
    )
    waived = (
        sa.select(payment.id)
        .where(
            payment.membership_id == Membership.id,
            payment.method == "free",
            payment.withdraws_id.is_(None),
            ~sa.select(back.id).where(back.withdraws_id == payment.id).exists(),
        )
        .exists()
    )
    return [
        Membership.state == "admitted",
        Membership.counts_until > today,
        paid < Membership.fee_cents,
        ~waived,
    ]


def _grace(today: date) -> list[Condition]:
    return [*counts_on(today), Membership.season_ends_on <= today]


def _lapsed(today: date) -> list[Condition]:
    return [Membership.state == "admitted", Membership.counts_until <= today]


def _ended(_today: date) -> list[Condition]:
    return [Membership.state.in_(("left", "refused"))]


def _all(_today: date) -> list[Condition]:
    return []


#: What a register can show → the conditions of it on a day.
SHOWN: Final[dict[str, Callable[[date], list[Any]]]] = {
    "members": _members,
    "unpaid": _unpaid,
    "grace": _grace,
    "lapsed": _lapsed,
    "ended": _ended,
    "all": _all,
}
