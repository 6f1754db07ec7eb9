"""What this feature keeps about a person, table by table."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.mail import Mail
from tierslieu.people import queries
from tierslieu.people.models import (
    ApiToken,
    Organisation,
    OrganisationPerson,
    Person,
    PersonVenue,
    RoleGrant,
    SignIn,
)
from tierslieu.people.places import place_names


def own_parts(session: Session, person: Person) -> dict[str, Any]:
    """Rows about one person, her own only; no secret, no hash, no other person's name."""
    account = queries.account_of(session, person.id)
    account_id = account.id if account else 0
    return {
        "person": _values(person, "public_id name email phone locale created_at"),
        "account": account
        and _values(account, "email created_at confirmed_at suspended_at last_sign_in_at"),
        "sessions": _rows(
            session,
            sa.select(SignIn).where(SignIn.account_id == account_id),
            "agent created_at seen_at expires_at",
        ),
        "tokens": _rows(
            session,
            sa.select(ApiToken).where(ApiToken.account_id == account_id),
            "public_id name scopes created_at expires_at last_used_at revoked_at",
        ),
        "organisations": _organisations(session, person.id),
        "roles": _roles(session, person.id),
        "venues": _venues(session, person.id),
        "mails": _rows(
            session,
            sa.select(Mail).where(Mail.person_id == person.id),
            "to_address subject body state created_at sent_at",
        ),
        "journal": _rows(
            session,
            sa.select(AuditEntry).where(
                sa.or_(
                    AuditEntry.about_person_id == person.id,
                    AuditEntry.actor_person_id == person.id,
                )
            ),
            "at verb",
        ),
    }


def _values(row: Any, names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names.split()}


def _rows(session: Session, question: sa.Select[Any], names: str) -> list[dict[str, Any]]:
    return [_values(row, names) for row in session.scalars(question)]


def _organisations(session: Session, person_id: int) -> list[dict[str, Any]]:
    question = (
        sa.select(Organisation.public_id, Organisation.name, OrganisationPerson.function)
        .join(OrganisationPerson, OrganisationPerson.organisation_id == Organisation.id)
        .where(OrganisationPerson.person_id == person_id)
    )
    return [dict(row._mapping) for row in session.execute(question)]


def _roles(session: Session, person_id: int) -> list[dict[str, Any]]:
    grants = session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == person_id)).all()
    named = place_names(session, {each.venue_id for each in grants if each.venue_id})
    return [
        {
            **_values(each, "role starts_on ends_on granted_at"),
            "venue": named.get(each.venue_id or 0),
        }
        for each in grants
    ]


def _venues(session: Session, person_id: int) -> list[dict[str, Any]]:
    related = session.scalars(
        sa.select(PersonVenue).where(PersonVenue.person_id == person_id)
    ).all()
    named = place_names(session, {each.venue_id for each in related})
    return [
        {"venue": named.get(each.venue_id), "since": each.since, "resident": each.resident}
        for each in related
    ]
