"""Questions about organisations and the people in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.people.models import Organisation, OrganisationPerson, Person, RoleGrant


@dataclass(frozen=True)
class Function:
    """A person's place in an organisation, as its pages show it."""

    person_id: int
    public_id: str
    name: str
    function: str
    may_act: bool
    is_admin: bool


def organisations_of(session: Session, person_id: int, today: date) -> list[Organisation]:
    """Accepted organisations for which the person may act on this day, by name."""
    question = (
        sa.select(Organisation)
        .join(OrganisationPerson, OrganisationPerson.organisation_id == Organisation.id)
        .where(
            OrganisationPerson.person_id == person_id,
            OrganisationPerson.may_act,
            Organisation.state == "accepted",
            sa.or_(OrganisationPerson.starts_on.is_(None), OrganisationPerson.starts_on <= today),
            sa.or_(OrganisationPerson.ends_on.is_(None), OrganisationPerson.ends_on >= today),
        )
        .order_by(Organisation.name)
    )
    return list(session.scalars(question))


def belonged_to(session: Session, person_id: int) -> list[tuple[Organisation, str]]:
    """Every organisation the person is in, in any state, with her function there."""
    question = (
        sa.select(Organisation, OrganisationPerson.function)
        .join(OrganisationPerson, OrganisationPerson.organisation_id == Organisation.id)
        .where(OrganisationPerson.person_id == person_id)
        .order_by(Organisation.name)
    )
    return [(row[0], row[1]) for row in session.execute(question)]


def organisation_by_public_id(session: Session, public_id: str) -> Organisation | None:
    """An organisation in any state; whoever asks decides who may see it."""
    return session.scalars(
        sa.select(Organisation).where(Organisation.public_id == public_id)
    ).first()


def organisations(
    session: Session, *, state: str | None = None, text: str = "", limit: int = 200
) -> list[Organisation]:
    """Organisations by name, of one state or of all, with ``text`` in their name."""
    question = sa.select(Organisation).order_by(Organisation.name, Organisation.id).limit(limit)
    if state:
        question = question.where(Organisation.state == state)
    if text:
        question = question.where(Organisation.name.icontains(text, autoescape=True))
    return list(session.scalars(question))


def people_in(session: Session, organisation_id: int) -> list[Function]:
    """Who is in an organisation, with function, whether she acts for it and administers it."""
    admins = sa.select(RoleGrant.person_id).where(
        RoleGrant.organisation_id == organisation_id, RoleGrant.role == "organisation_admin"
    )
    question = (
        sa.select(
            Person.id,
            Person.public_id,
            Person.name,
            OrganisationPerson.function,
            OrganisationPerson.may_act,
            Person.id.in_(admins),
        )
        .join(OrganisationPerson, OrganisationPerson.person_id == Person.id)
        .where(OrganisationPerson.organisation_id == organisation_id)
        .order_by(Person.name_folded, Person.id)
    )
    return [Function(*row) for row in session.execute(question)]


def membership_of(
    session: Session, organisation_id: int, person_id: int
) -> OrganisationPerson | None:
    """A person's place in an organisation, if she has one."""
    return session.scalars(
        sa.select(OrganisationPerson).where(
            OrganisationPerson.organisation_id == organisation_id,
            OrganisationPerson.person_id == person_id,
        )
    ).first()
