"""Questions about plans."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.memberships.models import Plan


def plans_of(session: Session, venue_id: int, *, active: bool = False) -> list[Plan]:
    """A venue's plans, oldest first; ``active``: only those that are offered."""
    question = sa.select(Plan).where(Plan.venue_id == venue_id).order_by(Plan.id)
    if active:
        question = question.where(Plan.active)
    return list(session.scalars(question))


def plan_by_public_id(session: Session, public_id: str, venue_id: int | None = None) -> Plan:
    """One plan (of a venue). Raises NotFound."""
    question = sa.select(Plan).where(Plan.public_id == public_id)
    if venue_id is not None:
        question = question.where(Plan.venue_id == venue_id)
    found = session.scalars(question).first()
    if found is None:
        raise NotFound
    return found
