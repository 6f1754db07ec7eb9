"""What people's pages must know of venues and cards, read by table name.

Venues and memberships stand above people, so their models cannot be imported here; a role's scope
and "exact card number" (decisions 4.32) still need a venue's name and a card's holder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound

VENUE = sa.table(
    "venue",
    sa.column("id", sa.Integer),
    sa.column("slug", sa.String),
    sa.column("name", sa.String),
    sa.column("accent", sa.String),
    sa.column("archived_at"),
    sa.column("desk_may_approve", sa.Boolean),
)
PLAN = sa.table(
    "plan",
    sa.column("id", sa.Integer),
    sa.column("venue_id", sa.Integer),
    sa.column("desk_may_admit", sa.Boolean),
    sa.column("active", sa.Boolean),
)
MEMBERSHIP = sa.table(
    "membership",
    sa.column("person_id", sa.Integer),
    sa.column("plan_id", sa.Integer),
    sa.column("card_number", sa.String),
    sa.column("state", sa.String),
    sa.column("season_ends_on", sa.Date),
)


@dataclass(frozen=True)
class Place:
    """A venue as far as people's pages know it; also what the desk's layout draws."""

    id: int
    slug: str
    name: str
    accent: str


def place_by_slug(session: Session, slug: str) -> Place:
    """The venue of this slug; raises `NotFound`."""
    row = session.execute(_places().where(VENUE.c.slug == slug)).first()
    if row is None:
        raise NotFound
    return Place(*row)


def places(session: Session, only: frozenset[int] | None = None) -> list[Place]:
    """Venues that are not archived, by name; ``only`` these ids when given."""
    question = _places().where(VENUE.c.archived_at.is_(None)).order_by(VENUE.c.name)
    if only is not None:
        question = question.where(VENUE.c.id.in_(only))
    return [Place(*row) for row in session.execute(question)]


def place_names(session: Session, ids: set[int]) -> dict[int, str]:
    """Names of venues by id."""
    if not ids:
        return {}
    question = sa.select(VENUE.c.id, VENUE.c.name).where(VENUE.c.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(question)}


def card_valid_until(session: Session, person_ids: list[int]) -> dict[int, date]:
    """The last day on which each person's newest card counts."""
    if not person_ids:
        return {}
    question = (
        sa.select(MEMBERSHIP.c.person_id, sa.func.max(MEMBERSHIP.c.season_ends_on))
        .where(MEMBERSHIP.c.person_id.in_(person_ids), MEMBERSHIP.c.state == "admitted")
        .group_by(MEMBERSHIP.c.person_id)
    )
    return {row[0]: _day(row[1]) for row in session.execute(question)}


def _day(value: date | str) -> date:
    # SQLite's max() forgets the column's type.
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return date.fromordinal(found.toordinal() - 1)


def _places() -> sa.Select[int, str, str, str]:
    return sa.select(VENUE.c.id, VENUE.c.slug, VENUE.c.name, VENUE.c.accent)
