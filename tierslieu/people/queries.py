"""Questions about people: who asks, who is known where, what she is called.

The actor of a request is answered in one statement, on every request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.actor import Actor
from tierslieu.kernel.db import run
from tierslieu.people import rules
from tierslieu.people.models import (
    Account,
    ApiToken,
    Organisation,
    OrganisationPerson,
    Person,
    PersonVenue,
    RoleGrant,
    SignIn,
)
from tierslieu.people.places import PLAN, VENUE


def anonymous(locale: str) -> Actor:
    """Somebody unknown, with what anybody may do."""
    return Actor(locale=locale, grants=rules.grants_of(signed_in=False, on=date.min))


def actor_for_session(session: Session, token_hash: str, now: datetime) -> Actor | None:
    """The person of a signed-in browser, or None when that session is over.

    ``member_venues`` is left empty: whose card counts where is asked above people.
    """
    asked = {"token": token_hash, "now": now, "today": now.date()}
    rows = run(session, _of_session(), asked).all()
    return _actor(rows, now.date()) if rows else None


def actor_for_token(session: Session, token_hash: str, now: datetime) -> Actor | None:
    """The owner of a living API token, limited to its scopes; None for any other token."""
    asked = {"token": token_hash, "now": now, "today": now.date()}
    rows = run(session, _of_token(), asked).all()
    return _actor(rows, now.date(), frozenset(rows[0].scopes)) if rows else None


def actor_for_email(session: Session, email: str, now: datetime) -> Actor | None:
    """The person of an account, without asking her; for who sits at the machine."""
    rows = run(session, _account().where(Account.email == email), {"today": now.date()}).all()
    return _actor(rows, now.date()) if rows else None


def actor_for_person(session: Session, person_id: int, now: datetime) -> Actor | None:
    """A person with an account, for what is done in her name without a request of hers."""
    rows = run(session, _account().where(Person.id == person_id), {"today": now.date()}).all()
    return _actor(rows, now.date()) if rows else None


# Asked of every request, so each is put together once.


@cache
def _of_session() -> sa.Select[Any]:
    return (
        _account()
        .join(SignIn, SignIn.account_id == Account.id)
        .where(SignIn.token_hash == sa.bindparam("token"), SignIn.expires_at > sa.bindparam("now"))
    )


@cache
def _of_token() -> sa.Select[Any]:
    return (
        _account(ApiToken.scopes)
        .join(ApiToken, ApiToken.account_id == Account.id)
        .where(
            ApiToken.token_hash == sa.bindparam("token"),
            ApiToken.revoked_at.is_(None),
            sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > sa.bindparam("now")),
            Account.suspended_at.is_(None),
        )
    )


def _account(*more: Any) -> sa.Select[Any]:
    """The owner with today's roles, what their venues delegate, and the bodies she acts for.

    A row for each role with each body; both are few.
    """
    admitting = (
        sa.select(PLAN.c.id)
        .where(PLAN.c.venue_id == RoleGrant.venue_id, PLAN.c.desk_may_admit, PLAN.c.active)
        .exists()
    )
    granted = sa.and_(RoleGrant.person_id == Person.id, *_in_force(RoleGrant))
    acts = sa.and_(
        OrganisationPerson.person_id == Person.id,
        OrganisationPerson.may_act,
        *_in_force(OrganisationPerson),
    )
    accepted = sa.and_(
        Organisation.id == OrganisationPerson.organisation_id, Organisation.state == "accepted"
    )
    return (
        sa.select(
            Person.id.label("person_id"),
            Account.id.label("account_id"),
            Person.locale,
            Person.name,
            Account.suspended_at,
            RoleGrant.id.label("grant_id"),
            RoleGrant.role,
            RoleGrant.venue_id,
            RoleGrant.organisation_id,
            VENUE.c.desk_may_approve,
            admitting.label("desk_may_admit"),
            Organisation.id.label("acts_for"),
            *more,
        )
        .select_from(Account)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(RoleGrant, granted)
        .outerjoin(VENUE, VENUE.c.id == RoleGrant.venue_id)
        .outerjoin(OrganisationPerson, acts)
        .outerjoin(Organisation, accepted)
        .where(Account.confirmed_at.is_not(None), Person.erased_at.is_(None))
    )


def _actor(rows: Sequence[Any], today: date, token_scopes: frozenset[str] | None = None) -> Actor:
    row = rows[0]
    suspended = row.suspended_at is not None
    held = {} if suspended else {each.grant_id: each for each in rows if each.grant_id is not None}
    bodies = {each.organisation_id for each in held.values()}
    if not suspended:
        bodies |= {each.acts_for for each in rows}
    return Actor(
        person_id=row.person_id,
        account_id=row.account_id,
        locale=row.locale,
        name=row.name,
        grants=rules.grants_of(
            signed_in=True,
            suspended=suspended,
            roles=[
                rules.RoleFacts(each.role, each.venue_id or each.organisation_id)
                for _, each in sorted(held.items())
            ],
            on=today,
            delegated={each.venue_id: _handed(each) for each in held.values() if each.venue_id},
        ),
        organisations=frozenset(bodies - {None}),
        token_scopes=token_scopes,
    )


def _handed(row: Any) -> frozenset[str]:
    """What a venue hands to its desk beyond the table."""
    handed: set[str] = set()
    if row.desk_may_approve:
        handed.add("bookings.approve")
    if row.desk_may_admit:
        handed |= {"memberships.admit", "memberships.refuse"}
    return frozenset(handed)


def _in_force(table: type[RoleGrant | OrganisationPerson], today: Any = None) -> Iterable[Any]:
    today = sa.bindparam("today", type_=sa.Date) if today is None else today
    yield sa.or_(table.starts_on.is_(None), table.starts_on <= today)
    yield sa.or_(table.ends_on.is_(None), table.ends_on >= today)


def person_by_public_id(session: Session, public_id: str) -> Person | None:
    """A person not erased, for whoever may see everybody."""
    question = sa.select(Person).where(Person.public_id == public_id, Person.erased_at.is_(None))
    return session.scalars(question).first()


@dataclass(frozen=True)
class Addressee:
    """Whom a mail is written to."""

    id: int
    email: str | None
    locale: str


def addressee(session: Session, person_id: int) -> Addressee | None:
    """How somebody is written to, or None when there is nobody of that number."""
    row = run(session, _addressee(), {"person": person_id}).first()
    return None if row is None else Addressee(*row)


@cache
def _addressee() -> sa.Select[int, str | None, str]:
    return sa.select(Person.id, Person.email, Person.locale).where(
        Person.id == sa.bindparam("person")
    )


def is_resident(session: Session, person_id: int, venue_id: int) -> bool:
    """Whether a venue's desk has seen that she lives nearby."""
    row = session.get(PersonVenue, (person_id, venue_id))
    return row is not None and row.resident


def person_in_venue(session: Session, public_id: str, venue_id: int) -> Person | None:
    """A person related to the venue; None when she is not, as if she did not exist."""
    return session.scalars(_of_venue(venue_id).where(Person.public_id == public_id)).first()


def people_of_venue(
    session: Session, venue_id: int, text: str = "", *, limit: int = 50
) -> list[Person]:
    """Persons related to the venue whose name has ``text`` (folded) in it, by name."""
    question = _of_venue(venue_id).order_by(Person.name_folded, Person.id).limit(limit)
    if text:
        question = question.where(Person.name_folded.contains(text, autoescape=True))
    return list(session.scalars(question))


def _of_venue(venue_id: int) -> sa.Select[Person]:
    return (
        sa.select(Person)
        .join(PersonVenue, PersonVenue.person_id == Person.id)
        .where(PersonVenue.venue_id == venue_id, Person.erased_at.is_(None))
    )


def is_related(session: Session, person_id: int, venue_id: int) -> bool:
    """Whether the venue may see this person."""
    return session.get(PersonVenue, (person_id, venue_id)) is not None


def venues_of(session: Session, person_id: int) -> frozenset[int]:
    """Venues that have a relation with the person."""
    question = sa.select(PersonVenue.venue_id).where(PersonVenue.person_id == person_id)
    return frozenset(session.scalars(question))


def account_by_email(session: Session, email: str) -> Account | None:
    """The account that signs in with this address (already casefolded)."""
    return session.scalars(sa.select(Account).where(Account.email == email)).first()


def account_of(session: Session, person_id: int) -> Account | None:
    """A person's way in, if she has one."""
    return session.scalars(sa.select(Account).where(Account.person_id == person_id)).first()


def names(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in one statement; an erased person's is empty."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    question = sa.select(Person.id, Person.name).where(Person.id.in_(wanted))
    return {row[0]: row[1] for row in session.execute(question)}


def managers_of(session: Session, venue_id: int, today: date) -> list[Person]:
    """Who manages a venue today, for telling them what happened."""
    question = (
        sa.select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == "venue_manager",
            RoleGrant.venue_id == venue_id,
            *_in_force(RoleGrant, today),
        )
        .order_by(Person.id)
    )
    return list(session.scalars(question))
