"""Giving and taking roles in a scope, and suspending accounts. Nobody changes her own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from tierslieu.kernel.errors import Forbidden, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people import queries, rules
from tierslieu.people.desk.services import relate
from tierslieu.people.models import Account, Person, RoleGrant
from tierslieu.people.roles.queries import holders
from tierslieu.people.sessions.services import end_sessions


@dataclass(frozen=True)
class Role:
    """A role by name in its scope: a venue's or an organisation's row id, or neither."""

    name: str
    venue: int | None = None
    organisation: int | None = None


def grant_role(
    work: Work,
    person_id: int,
    role: Role,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> RoleGrant:
    """Give somebody a role. Given again, only its days change.

    Raises `Forbidden` (also to whoever asks it for herself) and `Invalid`.
    """
    if not _may(work, role, person_id):
        raise Forbidden("roles.grant")
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid("bad_days", msg("The last day is before the first."), "ends_on")
    return give(work, person_id, role, starts_on=starts_on, ends_on=ends_on)


def give(
    work: Work,
    person_id: int,
    role: Role,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> RoleGrant:
    """Write a grant; whoever calls has asked the right (a network's acceptance, the house)."""
    _known(role)
    if role.venue is not None:
        relate(work, person_id, role.venue)
    granted = work.session.scalars(_grant(person_id, role)).first()
    if granted is None:
        granted = RoleGrant(
            person_id=person_id,
            role=role.name,
            venue_id=role.venue,
            organisation_id=role.organisation,
            granted_by_id=work.actor.person_id,
            granted_at=work.now,
        )
        work.session.add(granted)
    granted.starts_on, granted.ends_on = starts_on, ends_on
    work.session.flush()
    _tell(work, "role.granted", granted)
    return granted


def withdraw_role(work: Work, person_id: int, role: Role) -> None:
    """Take a role away; the last network admin and a venue's last manager stay.

    Raises `Forbidden`, `NotFound`, `Conflict` (``last_one``).
    """
    if not _may(work, role, person_id):
        raise Forbidden("roles.grant")
    # All holders are locked, so that of two withdrawals at once the second sees the first.
    others = holders(work.session, role.name, role.venue, work.now.date(), lock=True)
    granted = work.session.scalars(_grant(person_id, role)).first()
    if granted is None:
        raise NotFound
    refuse(rules.revoke_reasons(role.name, len(others - {person_id})))
    _tell(work, "role.withdrawn", granted)
    work.session.delete(granted)
    work.session.flush()


def suspend(work: Work, person_id: int) -> None:
    """Leave an account nothing but seeing its own data; not one's own, not the last admin's."""
    account = _other_account(work, person_id)
    refuse(last_one_reasons(work, person_id))
    account.suspended_at = account.suspended_at or work.now
    end_sessions(work, account.id)
    work.audit("account.suspended", f"person:{account.person.public_id}", person=person_id)


def reinstate(work: Work, person_id: int) -> None:
    """Give a suspended account back what it had."""
    account = _other_account(work, person_id)
    account.suspended_at = None
    work.audit("account.reinstated", f"person:{account.person.public_id}", person=person_id)


def last_one_reasons(work: Work, person_id: int) -> list[Reason]:
    """Why a person cannot go: some role of hers would be held by nobody else."""
    held = work.session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == person_id))
    found: list[Reason] = []
    for granted in held.all():
        others = holders(work.session, granted.role, granted.venue_id, work.now.date(), lock=True)
        if person_id in others:
            found += rules.revoke_reasons(granted.role, len(others - {person_id}))
    return found


def _other_account(work: Work, person_id: int) -> Account:
    work.require("network.edit")
    if person_id == work.actor.person_id:
        raise Forbidden("network.edit")
    account = queries.account_of(work.session, person_id)
    if account is None:
        raise NotFound
    return account


def _may(work: Work, role: Role, person_id: int) -> bool:
    return rules.may_grant(
        work.actor,
        role.name,
        to_person=person_id,
        venue=role.venue,
        organisation=role.organisation,
    )


def _known(role: Role) -> None:
    scope = rules.ROLE_SCOPES.get(role.name) if role.name in rules.GRANTED_ROLES else None
    wants = {"venue": (True, False), "organisation": (False, True), "network": (False, False)}
    has = (role.venue is not None, role.organisation is not None)
    if scope is None or wants.get(scope) != has:
        raise Invalid("bad_role", msg("There is no such role here."), "role")


def _grant(person_id: int, role: Role) -> sa.Select[RoleGrant]:
    return sa.select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == role.name,
        RoleGrant.venue_id.is_(None) if role.venue is None else RoleGrant.venue_id == role.venue,
        RoleGrant.organisation_id.is_(None)
        if role.organisation is None
        else RoleGrant.organisation_id == role.organisation,
    )


def _tell(work: Work, verb: str, granted: RoleGrant) -> None:
    person = work.session.get_one(Person, granted.person_id)
    work.audit(
        verb,
        f"person:{person.public_id}",
        venue=granted.venue_id,
        organisation=granted.organisation_id,
        person=granted.person_id,
        role=granted.role,
    )
