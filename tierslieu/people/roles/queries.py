"""Questions about grants: whose roles, and who holds one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.texts import folded
from tierslieu.people.models import Account, Person, RoleGrant


def grants_of_people(session: Session, person_ids: Iterable[int]) -> dict[int, list[RoleGrant]]:
    """Grants of each person, past and coming ones too, in one statement."""
    wanted = set(person_ids)
    found: dict[int, list[RoleGrant]] = {person_id: [] for person_id in wanted}
    if wanted:
        question = (
            sa.select(RoleGrant)
            .where(RoleGrant.person_id.in_(wanted))
            .order_by(RoleGrant.role, RoleGrant.id)
        )
        for granted in session.scalars(question):
            found[granted.person_id].append(granted)
    return found


def staff_of_venue(session: Session, venue_id: int) -> list[tuple[Person, RoleGrant]]:
    """Managers and desk of a venue, by name."""
    question = (
        sa.select(Person, RoleGrant)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.venue_id == venue_id)
        .order_by(RoleGrant.role.desc(), Person.name_folded)
    )
    return [(row[0], row[1]) for row in session.execute(question)]


def holders(
    session: Session, role: str, venue_id: int | None, today: date, *, lock: bool = False
) -> set[int]:
    """Who holds a role in a scope today with an account that can be used.

    ``lock`` keeps the grants as they are until the work ends.
    """
    question = (
        sa.select(RoleGrant.person_id)
        .join(Account, Account.person_id == RoleGrant.person_id)
        .where(
            RoleGrant.role == role,
            sa.or_(RoleGrant.starts_on.is_(None), RoleGrant.starts_on <= today),
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
            Account.suspended_at.is_(None),
            RoleGrant.venue_id == venue_id if venue_id else RoleGrant.venue_id.is_(None),
        )
        .order_by(RoleGrant.id)
    )
    if lock:
        question = question.with_for_update(of=RoleGrant)
    return set(session.scalars(question))


def found_people(session: Session, text: str, *, limit: int = 50) -> list[Person]:
    """Anybody by part of the name, or exact e-mail or phone; without text, holders of roles."""
    question = sa.select(Person).where(Person.erased_at.is_(None))
    if text.strip():
        plain = text.strip()
        question = question.where(
            sa.or_(
                Person.name_folded.contains(folded(plain), autoescape=True),
                Person.email == plain.casefold(),
                Person.phone == plain,
            )
        )
    else:
        question = question.where(Person.id.in_(sa.select(RoleGrant.person_id)))
    return list(session.scalars(question.order_by(Person.name_folded, Person.id).limit(limit)))
