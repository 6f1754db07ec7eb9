"""Verbs of plans: add, edit. What somebody has already is not touched by either."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from tierslieu.kernel.errors import Conflict, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.memberships.models import Plan
from tierslieu.memberships.plans.queries import plan_by_public_id
from tierslieu.venues.models import Venue

#: More than anybody's dues, in minor units: a slip of the finger.
MOST_CENTS = 1_000_000
MOST_GRACE = 366


@dataclass(frozen=True)
class PlanValues:
    """What a manager may say of a plan; money in minor units, ``circuit`` as on the card."""

    name: Texts
    season_month: int = 1
    season_day: int = 1
    fee_cents: int = 0
    grace_days: int = 31
    circuit: str = ""
    desk_may_admit: bool = False
    active: bool = True


def add_plan(work: Work, venue_id: int, values: PlanValues) -> Plan:
    """Offer a membership at a venue, of the organisation that runs it. Raises Refused."""
    work.require("plans.edit", venue=venue_id)
    venue = work.session.get(Venue, venue_id)
    if venue is None:
        raise NotFound
    refuse(_reasons(values))
    plan = Plan(venue_id=venue_id, organisation_id=venue.operator_id, version=1)
    _write(plan, values)
    work.session.add(plan)
    work.session.flush()
    work.audit("plan.added", f"plan:{plan.public_id}", venue=venue_id)
    return plan


def edit_plan(
    work: Work, venue_id: int, public_id: str, values: PlanValues, version: int | None = None
) -> Plan:
    """Change a plan for whoever applies from now on.

    Raises Refused, Conflict ``changed_meanwhile``, NotFound.
    """
    work.require("plans.edit", venue=venue_id)
    plan = plan_by_public_id(work.session, public_id, venue_id)
    work.session.refresh(plan, with_for_update={"key_share": True})
    if version is not None and version != plan.version:
        text = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))
    refuse(_reasons(values))
    touched = [f.name for f in fields(values) if getattr(plan, f.name) != getattr(values, f.name)]
    if touched:
        _write(plan, values)
        plan.version += 1
        subject = f"plan:{plan.public_id}"
        work.audit("plan.changed", subject, venue=venue_id, fields=touched)
    return plan


def values_of(plan: Plan) -> PlanValues:
    """What is said of a plan now."""
    return PlanValues(**{field.name: getattr(plan, field.name) for field in fields(PlanValues)})


def _write(plan: Plan, values: PlanValues) -> None:
    for field in fields(values):
        setattr(plan, field.name, getattr(values, field.name))


def _reasons(values: PlanValues) -> list[Reason]:
    found = []
    if not values.name:
        found.append(Reason("missing", msg("Write it in at least one language."), "name"))
    if not (1 <= values.season_month <= 12 and 1 <= values.season_day <= 28):
        text = msg("A season starts on a day from 1 to 28, so that every year has it.")
        found.append(Reason("bad_season", text, "season_day"))
    if not 0 <= values.fee_cents <= MOST_CENTS:
        text = msg("Dues are nothing or more, and less than a car costs.")
        found.append(Reason("bad_fee", text, "fee"))
    if not 0 <= values.grace_days <= MOST_GRACE:
        text = msg("A card counts on for 0 to %(n)s days.", n=MOST_GRACE)
        found.append(Reason("bad_grace", text, "grace_days"))
    if not re.fullmatch(r"[\w .'-]{0,32}", values.circuit):
        found.append(Reason("bad_circuit", msg("A circuit is a short name, like ARCI."), "circuit"))
    return found
