"""Which chain counts where, who answers a step, and what was answered so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.chains.models import (
    ApprovalAnswer,
    ApprovalChain,
    ApprovalNamed,
    ApprovalProgress,
    ApprovalStep,
    ApproverAway,
    RefusalReason,
)
from tierslieu.bookings.chains.rules import Panel, Step
from tierslieu.bookings.models import Booking, PendingChange
from tierslieu.bookings.queries import BookingView, _shown, _views
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.kernel.work import Work
from tierslieu.people.models import Account, Person, RoleGrant
from tierslieu.resources.models import Claim
from tierslieu.venues.keeping.queries import kept
from tierslieu.venues.models import Venue

Key = tuple[int, int]
Chains = dict[Key, tuple[Step, ...]]


def chains(work: Work) -> Chains:
    """Every chain that counts, by (venue, room) with 0 for “all”; kept while no fact changes."""
    return kept(work.session, "chains", (), lambda: _read(work.session))


def _read(session: Session) -> Chains:
    question = (
        sa.select(ApprovalChain, ApprovalStep)
        .outerjoin(ApprovalStep, ApprovalStep.chain_id == ApprovalChain.id)
        .where(ApprovalChain.retired_at.is_(None))
        .order_by(ApprovalChain.id, ApprovalStep.rank)
    )
    rows = session.execute(question).all()
    named = _named(session, [step.id for _, step in rows if step is not None])
    found: Chains = {}
    for chain, step in rows:
        key = (chain.venue_id or 0, chain.room_id or 0)
        found.setdefault(key, ())
        if step is not None:
            found[key] = (*found[key], _step(step, named))
    return found


def _named(session: Session, step_ids: Iterable[int]) -> dict[tuple[int, bool], tuple[int, ...]]:
    wanted = list(step_ids)
    found: dict[tuple[int, bool], tuple[int, ...]] = {}
    if wanted:
        question = sa.select(ApprovalNamed).where(ApprovalNamed.step_id.in_(wanted))
        for row in session.scalars(question.order_by(ApprovalNamed.person_id)):
            key = (row.step_id, row.is_substitute)
            found[key] = (*found.get(key, ()), row.person_id)
    return found


def _step(row: ApprovalStep, named: dict[tuple[int, bool], tuple[int, ...]]) -> Step:
    return Step(
        role=row.role,
        mode=row.mode,
        label=row.label,
        deadline_hours=row.deadline_hours,
        outcome=row.outcome,
        substitute=row.substitute,
        substitute_after_hours=row.substitute_after_hours,
        persons=named.get((row.id, False), ()),
        substitutes=named.get((row.id, True), ()),
        id=row.id,
    )


def steps_for(work: Work, venue_id: int, room_id: int) -> tuple[Step, ...]:
    """The steps in force for a room: its own, else the venue's, else the network's."""
    known = chains(work)
    for key in ((venue_id, room_id), (venue_id, 0), (0, 0)):
        if key in known:
            return known[key]
    return ()


def chain_row(session: Session, venue_id: int | None, room_id: int | None) -> ApprovalChain | None:
    """The chain that a scope says itself."""
    question = sa.select(ApprovalChain).where(
        ApprovalChain.retired_at.is_(None),
        sa.func.coalesce(ApprovalChain.venue_id, 0) == (venue_id or 0),
        sa.func.coalesce(ApprovalChain.room_id, 0) == (room_id or 0),
    )
    return session.scalars(question).first()


def steps_of(session: Session, chain_id: int) -> tuple[Step, ...]:
    """The steps of one chain, retired or not."""
    rows = session.scalars(
        sa.select(ApprovalStep).where(ApprovalStep.chain_id == chain_id).order_by(ApprovalStep.rank)
    ).all()
    named = _named(session, [row.id for row in rows])
    return tuple(_step(row, named) for row in rows)


def progress_of(session: Session, booking: Booking) -> ApprovalProgress | None:
    """Where a request, or the change of a booking, is in its chain; None without one."""
    if booking.state not in ("requested", "confirmed"):
        return None
    return session.get(ApprovalProgress, booking.id)


@dataclass(frozen=True)
class Standing:
    """The step whose turn it is: which of how many, who may answer, and what was said before."""

    progress: ApprovalProgress
    steps: tuple[Step, ...]
    at: int
    panel: Panel
    answers: tuple[ApprovalAnswer, ...]

    @property
    def step(self) -> Step:
        return self.steps[self.at]

    @property
    def is_last(self) -> bool:
        return self.at == len(self.steps) - 1

    def said(self, step: Step) -> list[ApprovalAnswer]:
        """What was answered at a step, in order."""
        return [each for each in self.answers if each.step_id == step.id]

    @property
    def approved(self) -> set[int]:
        """Who approved at this step."""
        said = self.said(self.step)
        return {each.person_id for each in said if each.person_id and each.answer == "approve"}


def standing(session: Session, view: BookingView, now: datetime) -> Standing | None:
    """Where a request is and who answers now; None where no chain runs."""
    progress = progress_of(session, view.booking)
    if progress is None:
        return None
    row = session.get_one(ApprovalStep, progress.step_id)
    steps = steps_of(session, row.chain_id)
    at = next(n for n, step in enumerate(steps) if step.id == row.id)
    answers = session.scalars(
        sa.select(ApprovalAnswer)
        .where(ApprovalAnswer.booking_id == view.booking.id, ApprovalAnswer.round == progress.round)
        .order_by(ApprovalAnswer.id)
    ).all()
    people = panel(session, steps[at], view.venue_id, now.date())
    late = progress.substitute_from is not None and progress.substitute_from <= now
    return Standing(progress, steps, at, replace(people, their_time=late), tuple(answers))


def panel(session: Session, step: Step, venue_id: int, today: date) -> Panel:
    """Who answers a step at a venue today; whoever manages the venue where nobody could."""
    people = _people(session, step.role, step.persons, venue_id, today)
    if not people:
        people = _people(session, "venue_manager", (), venue_id, today) or _people(
            session, "network_admin", (), venue_id, today
        )
    instead = _people(session, step.substitute, step.substitutes, venue_id, today)
    away = session.scalars(
        sa.select(ApproverAway.person_id).where(
            ApproverAway.person_id.in_(people), ApproverAway.until >= today
        )
    )
    return Panel(people, frozenset(away), instead)


def _people(
    session: Session, role: str, persons: tuple[int, ...], venue_id: int, today: date
) -> frozenset[int]:
    if not role:
        return frozenset()
    able = sa.select(Account.person_id).where(
        Account.suspended_at.is_(None), Account.confirmed_at.is_not(None)
    )
    if role == "persons":
        return frozenset(session.scalars(able.where(Account.person_id.in_(persons))))
    question = sa.select(RoleGrant.person_id).where(
        RoleGrant.role == role,
        RoleGrant.person_id.in_(able),
        sa.or_(RoleGrant.starts_on.is_(None), RoleGrant.starts_on <= today),
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    if role in ("venue_desk", "venue_manager"):
        question = question.where(RoleGrant.venue_id == venue_id)
    elif role == "organisation_admin":
        runs = sa.select(Venue.operator_id).where(Venue.id == venue_id).scalar_subquery()
        question = question.where(RoleGrant.organisation_id == runs)
    return frozenset(session.scalars(question))


def persons(session: Session, ids: Iterable[int]) -> list[Person]:
    """Persons by row id, for writing to them."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    return list(session.scalars(sa.select(Person).where(Person.id.in_(wanted)).order_by(Person.id)))


def running(session: Session, now: datetime, limit: int = 200) -> list[BookingView]:
    """Requests and changes that are in a chain, the soonest first."""
    changes = sa.select(PendingChange.booking_id)
    question = (
        _views()
        .join(ApprovalProgress, ApprovalProgress.booking_id == Booking.id)
        .where(sa.or_(Booking.state == "requested", Booking.id.in_(changes)), Claim.ends_at > now)
        .order_by(Claim.starts_at, Claim.id)
        .limit(limit)
    )
    return _shown(session, question)


def changes_due(session: Session, now: datetime, limit: int = 200) -> list[tuple[str, int | None]]:
    """Bookings whose change was not answered in time at its step, each with its series."""
    question = (
        sa.select(Booking.public_id, Booking.series_id)
        .join(ApprovalProgress, ApprovalProgress.booking_id == Booking.id)
        .join(PendingChange, PendingChange.booking_id == Booking.id)
        .where(Booking.state == "confirmed", ApprovalProgress.until <= now)
        .limit(limit)
    )
    return [(row.public_id, row.series_id) for row in session.execute(question)]


def waiting_for(work: Work, person_id: int) -> list[tuple[BookingView, Standing]]:
    """What waits for somebody's answer at this moment, the soonest first; a series once."""
    found: list[tuple[BookingView, Standing]] = []
    known: set[tuple[int, str]] = set()
    for view in running(work.session, work.now):
        of = view.booking.series_id
        series = None if of is None else (of, view.booking.state)
        if series in known:
            continue
        at = standing(work.session, view, work.now)
        if at and person_id in at.panel.may_answer and person_id not in at.approved:
            found.append((view, at))
            known |= {series} if series else set()
    return found


def at_hand(session: Session) -> tuple[bool, bool]:
    """Whether anybody stands in line, and whether any chain runs; one question for a page."""
    found: tuple[bool, bool] | None = session.info.get("at_hand")
    if found is None:
        in_line = sa.exists().where(WaitingEntry.state.in_(("waiting", "offered")))
        row = session.execute(sa.select(in_line, sa.exists(ApprovalProgress.booking_id))).one()
        found = session.info["at_hand"] = (bool(row[0]), bool(row[1]))
    return found


def reasons_of(session: Session, venue_id: int) -> list[RefusalReason]:
    """The reasons for a refusal that a venue keeps ready."""
    question = sa.select(RefusalReason).where(RefusalReason.venue_id == venue_id)
    return list(session.scalars(question.order_by(RefusalReason.rank, RefusalReason.id)))


def away_until(session: Session, person_id: int) -> date | None:
    """Until when somebody said that she is away."""
    row: Any = session.get(ApproverAway, person_id)
    return row.until if row is not None else None
