"""Members and dues of one venue and period."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.contributions import (
    Figure,
    ReportAsked,
    ReportColumn,
    ReportLine,
    ReportRows,
    ReportSection,
    ReportTable,
)
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.memberships.models import DuesPayment, Membership, Plan

MEMBERS, DUES = "memberships.members", "memberships.dues"


def _running(asked: ReportAsked) -> sa.ColumnElement[bool]:
    """In season on the last of the days; a grace after it does not count."""
    return sa.and_(
        Membership.state == "admitted",
        Membership.season_starts_on <= asked.last,
        Membership.season_ends_on > asked.last,
    )


def _admitted(asked: ReportAsked) -> sa.ColumnElement[bool]:
    span = asked.span
    return sa.and_(
        Membership.state == "admitted",
        Membership.decided_at >= span.starts_at,
        Membership.decided_at < span.ends_at,
    )


def _taken(asked: ReportAsked) -> sa.ColumnElement[bool]:
    span = asked.span
    return sa.and_(DuesPayment.taken_at >= span.starts_at, DuesPayment.taken_at < span.ends_at)


def _plans(session: Session, asked: ReportAsked, venue_id: int) -> list[Plan]:
    question = sa.select(Plan).where(Plan.venue_id == venue_id).order_by(Plan.id)
    if asked.organisation_id is not None:
        question = question.where(Plan.organisation_id == asked.organisation_id)
    return list(session.scalars(question))


def sections(work: Work, asked: ReportAsked, venue_id: int | None) -> Iterator[ReportSection]:
    """Members and dues of the plans of one venue."""
    if venue_id is None:
        return
    plans = _plans(work.session, asked, venue_id)
    ids = [plan.id for plan in plans]
    members = work.session.execute(
        sa.select(Membership.plan_id, Membership.person_id).where(
            Membership.plan_id.in_(ids), _running(asked)
        )
    ).all()
    new = _count(work.session, ids, _admitted(asked))
    dues = _dues(work.session, ids, asked)
    figures = (
        Figure(
            "members",
            msg("Members"),
            len({person for _, person in members}),
            msg("Persons whose membership is running on the last day; each counts once."),
            distinct=frozenset(person for _, person in members),
            people=True,
            leading=True,
            rows=MEMBERS,
        ),
        Figure(
            "new",
            msg("Admitted"),
            sum(new.values()),
            msg("Memberships admitted in these days, renewals too."),
            people=True,
        ),
        Figure(
            "dues",
            msg("Dues taken"),
            sum(dues.values()),
            msg("Dues as written down at the desk in these days, less what was withdrawn."),
            "cents",
            leading=True,
            rows=DUES,
        ),
    )
    of_plan = dict.fromkeys(ids, 0)
    for plan, _ in members:
        of_plan[plan] += 1
    lines = tuple(
        ReportLine(
            f"plan:{p.public_id}", p.name, (of_plan[p.id], new.get(p.id, 0), dues.get(p.id, 0))
        )
        for p in plans
    )
    columns = (
        ReportColumn("members", msg("Members"), people=True),
        ReportColumn("new", msg("Admitted"), people=True),
        ReportColumn("dues", msg("Dues taken"), "cents"),
    )
    table = ReportTable("plans", msg("Members by plan"), columns, lines, chart="bars")
    yield ReportSection("memberships", msg("Members and dues"), figures, (table,), order=40)


def _count(session: Session, ids: list[int], where: sa.ColumnElement[bool]) -> dict[int, int]:
    question = sa.select(Membership.plan_id, sa.func.count()).where(
        Membership.plan_id.in_(ids), where
    )
    return {key: n for key, n in session.execute(question.group_by(Membership.plan_id))}  # noqa: C416


def _dues(session: Session, ids: list[int], asked: ReportAsked) -> dict[int, int]:
    cents = sa.cast(sa.func.sum(DuesPayment.amount_cents), sa.BigInteger())
    question = (
        sa.select(Membership.plan_id, cents)
        .join(DuesPayment, DuesPayment.membership_id == Membership.id)
        .where(Membership.plan_id.in_(ids), _taken(asked))
        .group_by(Membership.plan_id)
    )
    return {key: n for key, n in session.execute(question)}  # noqa: C416


def rows(work: Work, name: str, asked: ReportAsked, venue_id: int | None) -> Iterator[ReportRows]:
    """Memberships and payments, without names: plan, season or moment, amount."""
    if venue_id is None or name not in (MEMBERS, DUES):
        return
    plans = {plan.id: plan for plan in _plans(work.session, asked, venue_id)}
    if name == MEMBERS:
        card = sa.select(
            Membership.plan_id, Membership.season_starts_on, Membership.season_ends_on
        ).where(Membership.plan_id.in_(plans), _running(asked))
        heads = (msg("Plan"), msg("Season from"), msg("First day after it"))
        found = work.session.execute(card.order_by(Membership.id))
        told = tuple((_named(plans[p]), first, end) for p, first, end in found)
        yield ReportRows(heads, told)
        return
    paid = (
        sa.select(Membership.plan_id, DuesPayment.taken_at, DuesPayment.method,
                  DuesPayment.amount_cents)
        .join(DuesPayment, DuesPayment.membership_id == Membership.id)
        .where(Membership.plan_id.in_(plans), _taken(asked))
        .order_by(DuesPayment.id)
    )  # fmt: skip
    names = (msg("Plan"), msg("Day"), msg("How"), msg("Cents"))
    payments = work.session.execute(paid)
    yield ReportRows(
        names, tuple((_named(plans[p]), at.date(), how, cents) for p, at, how, cents in payments)
    )


def _named(plan: Plan) -> Message:
    return msg("%(plan)s", plan=plan.name)
