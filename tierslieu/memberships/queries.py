"""Questions about memberships: where a card counts, whose it is, what is still due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, aliased

from tierslieu.kernel.actor import Actor
from tierslieu.kernel.db import run
from tierslieu.kernel.work import GuardedSession
from tierslieu.memberships.models import DuesPayment, Membership, Plan
from tierslieu.memberships.rules import (
    MembershipFacts,
    PlanFacts,
    Season,
    Standing,
    card_key,
    owed,
    standing,
)
from tierslieu.people.models import Person
from tierslieu.people.queries import actor_for_person
from tierslieu.venues.keeping.queries import note_version
from tierslieu.venues.models import FactsVersion, Venue
from tierslieu.venues.queries import network


@dataclass(frozen=True)
class Payment:
    """Dues taken, in the order of taking; ``number`` counts from one within the membership."""

    number: int
    cents: int
    method: str
    taken_at: datetime
    taken_by_id: int | None
    is_withdrawal: bool
    is_withdrawn: bool


@dataclass(frozen=True)
class MembershipView:
    """A membership as pages show it. ``owed_cents``: still due, nothing when it was waived."""

    membership: Membership
    plan: Plan
    venue: Venue
    person: Person
    standing: Standing
    season: Season
    payments: tuple[Payment, ...]
    owed_cents: int

    @property
    def is_over(self) -> bool:
        """Whether it counts no longer, or never did."""
        return self.standing in ("lapsed", "left", "refused")


def today_of(session: Session, now: datetime) -> date:
    """The day it is in the network."""
    return now.astimezone(ZoneInfo(network(session).zone)).date()


def plan_facts(plan: Plan) -> PlanFacts:
    """A plan as the rules know it, as it is today."""
    return PlanFacts(plan.season_month, plan.season_day, plan.grace_days, plan.fee_cents)


def facts_of(membership: Membership) -> MembershipFacts:
    """A membership as the rules know it."""
    return MembershipFacts(
        membership.state, Season(membership.season_starts_on, membership.season_ends_on)
    )


def own_plan(membership: Membership) -> PlanFacts:
    """What the plan asked for and gave when this membership began."""
    grace = (membership.counts_until - membership.season_ends_on).days
    return PlanFacts(grace_days=grace, fee_cents=membership.fee_cents)


def owed_cents(membership: Membership, payments: Sequence[Payment]) -> int:
    """What is still due, in minor units; nothing when the dues were waived."""
    if any(p.method == "free" and not (p.is_withdrawal or p.is_withdrawn) for p in payments):
        return 0
    return owed(own_plan(membership), [payment.cents for payment in payments])


# -- where a card counts -------------------------------------------------------------------------


def venues_of_cards(session: Session, person_id: int, day: date) -> frozenset[int]:
    """Venues where a person's card counts on a day: the plan's own, and those of its circuit.

    A membership runs when it was admitted and the day is in its season or in its grace.
    """
    return cards_on(session, person_id, [day])[day]


def cards_on(
    session: Session, person_id: int, days: Collection[date]
) -> dict[date, frozenset[int]]:
    """Venues where a person's card counts, for each of some days, in one question."""
    rows = _cards_from(session, person_id, min(days))
    return {day: _venues(rows, day) for day in days}


def _venues(rows: Iterable[Any], day: date) -> frozenset[int]:
    counting = [row for row in rows if row.season_starts_on <= day < row.counts_until]
    own = {row.venue_id for row in counting}
    return frozenset(own | {row.also for row in counting if row.also is not None})


def _cards_from(session: Session, person_id: int, first: date) -> Sequence[Any]:
    """Her cards from a day on, asked once until something is locked or written.

    Read with them is the version of the facts, which whoever asks needs as well.
    """
    seen: dict[str, Any] = session.info.setdefault("as_read", {})
    kept: tuple[int | None, date, Sequence[Any]] = seen.get("cards", (None, first, []))
    whose, since, rows = kept
    if whose != person_id or since > first:
        rows = run(session, _cards(), {"person": person_id, "first": first}).all()
        if rows:
            note_version(session, rows[0].version)
        rows = [row for row in rows if row.venue_id is not None]
        seen["cards"] = person_id, first, rows
    return rows


@event.listens_for(GuardedSession, "after_flush")
def _written(session: Session, _context: Any) -> None:
    session.info.get("as_read", {}).pop("cards", None)


@event.listens_for(GuardedSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info.get("as_read", {}).pop("cards", None)


@cache
def _cards() -> sa.Select[int, int, int, date, date]:
    """Asked of every request, so it is put together once. Whoever has no card gets one row."""
    other = aliased(Plan)
    hers = sa.and_(
        Membership.person_id == sa.bindparam("person"),
        Membership.state == "admitted",
        Membership.counts_until > sa.bindparam("first"),
    )
    return (
        sa.select(
            FactsVersion.version,
            Plan.venue_id,
            other.venue_id.label("also"),
            Membership.season_starts_on,
            Membership.counts_until,
        )
        .select_from(FactsVersion)
        .outerjoin(Membership, hers)
        .outerjoin(Plan, Plan.id == Membership.plan_id)
        .outerjoin(other, sa.and_(other.circuit == Plan.circuit, Plan.circuit != ""))
    )


def season_of_venue(session: Session, venue_id: int) -> tuple[int, int]:
    """Month and day on which the season of a venue's association begins; September without one."""
    question = (
        sa.select(Plan.season_month, Plan.season_day)
        .where(Plan.venue_id == venue_id)
        .order_by(Plan.id)
    )
    found = session.execute(question).first()
    return (found.season_month, found.season_day) if found else (9, 1)


def people_with_cards(venue_id: int, day: date) -> sa.Select[Any]:
    """The row ids of everybody whose card counts at a venue on a day, to be put in a question."""
    other = aliased(Plan)
    return (
        sa.select(Membership.person_id)
        .join(Plan, Plan.id == Membership.plan_id)
        .outerjoin(other, sa.and_(other.circuit == Plan.circuit, Plan.circuit != ""))
        .where(sa.or_(Plan.venue_id == venue_id, other.venue_id == venue_id), *counts_on(day))
    )


def counts_on(day: date) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions under which a membership counts on a day."""
    return (
        Membership.state == "admitted",
        Membership.season_starts_on <= day,
        Membership.counts_until > day,
    )


def with_cards(session: Session, actor: Actor, now: datetime) -> Actor:
    """The actor with the venues where her card counts today, and a member's permissions there."""
    if actor.person_id is None:
        return actor
    # Which day it is in the network is known by then: its zone is a fact.
    rows = _cards_from(session, actor.person_id, (now - timedelta(days=1)).date())
    return replace(actor, member_venues=_venues(rows, today_of(session, now)))


def acting(session: Session, person_id: int, now: datetime) -> Actor | None:
    """The actor that a person is today, with what her cards allow, without asking her."""
    actor = actor_for_person(session, person_id, now)
    return actor and with_cards(session, actor, now)


# -- one person's, one by one --------------------------------------------------------------------


def of_person(
    session: Session, person_id: int, today: date, venue_id: int | None = None
) -> list[MembershipView]:
    """A person's memberships (of one venue), the newest season first."""
    question = whole().where(Membership.person_id == person_id)
    if venue_id is not None:
        question = question.where(Plan.venue_id == venue_id)
    newest = question.order_by(Membership.season_starts_on.desc(), Membership.id.desc())
    return views(session, newest, today)


def membership_by_public_id(
    session: Session, public_id: str, today: date, venue_id: int | None = None
) -> MembershipView | None:
    """One membership (of a venue), or None."""
    question = whole().where(Membership.public_id == public_id)
    if venue_id is not None:
        question = question.where(Plan.venue_id == venue_id)
    return next(iter(views(session, question, today)), None)


def at_the_desk(session: Session, venue_id: int, written: str, today: date) -> list[MembershipView]:
    """Memberships whose card number somebody shows or says: the venue's, or of its circuit."""
    other = aliased(Plan)
    circuits = sa.select(other.circuit).where(other.venue_id == venue_id, other.circuit != "")
    question = whole().where(
        Membership.card_number == card_key(written),
        sa.or_(Plan.venue_id == venue_id, Plan.circuit.in_(circuits)),
    )
    return views(session, question.order_by(Plan.venue_id != venue_id, Membership.id), today)


def of_season(session: Session, plan_id: int, person_id: int, starts_on: date) -> Membership | None:
    """A person's membership of one season of a plan."""
    question = sa.select(Membership).where(
        Membership.plan_id == plan_id,
        Membership.person_id == person_id,
        Membership.season_starts_on == starts_on,
    )
    return session.scalars(question).first()


def payments_of(session: Session, ids: Collection[int]) -> dict[int, tuple[Payment, ...]]:
    """Payments of memberships by row id, in the order in which they were taken."""
    rows: dict[int, list[DuesPayment]] = {one: [] for one in ids}
    question = sa.select(DuesPayment).where(DuesPayment.membership_id.in_(sorted(rows)))
    for row in session.scalars(question.order_by(DuesPayment.id)):
        rows[row.membership_id].append(row)
    return {one: _payments(found) for one, found in rows.items()}


def _payments(rows: Sequence[DuesPayment]) -> tuple[Payment, ...]:
    withdrawn = {row.withdraws_id for row in rows}
    return tuple(
        Payment(
            number=number,
            cents=row.amount_cents,
            method=row.method,
            taken_at=row.taken_at,
            taken_by_id=row.taken_by_id,
            is_withdrawal=row.withdraws_id is not None,
            is_withdrawn=row.id in withdrawn,
        )
        for number, row in enumerate(rows, start=1)
    )


def whole() -> sa.Select[Membership, Plan, Venue, Person]:
    """Memberships with their plan, venue and person: what `views` reads."""
    return (
        sa.select(Membership, Plan, Venue, Person)
        .join(Plan, Plan.id == Membership.plan_id)
        .join(Venue, Venue.id == Plan.venue_id)
        .join(Person, Person.id == Membership.person_id)
    )


def views(
    session: Session, question: sa.Select[Membership, Plan, Venue, Person], today: date
) -> list[MembershipView]:
    """Rows of (membership, plan, venue, person) as pages show them, dues included."""
    rows = session.execute(question).all()
    payments = payments_of(session, [row[0].id for row in rows])
    return [
        MembershipView(
            membership=membership,
            plan=plan,
            venue=venue,
            person=person,
            standing=standing(facts_of(membership), own_plan(membership), today),
            season=facts_of(membership).season,
            payments=payments[membership.id],
            owed_cents=owed_cents(membership, payments[membership.id]),
        )
        for membership, plan, venue, person in rows
    ]
