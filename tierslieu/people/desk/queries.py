"""Finding people at a venue's desk: hers by name, others only by what they show or say exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.texts import folded
from tierslieu.people.accounts.rules import clean_phone
from tierslieu.people.models import Person, PersonVenue
from tierslieu.people.places import MEMBERSHIP, card_valid_until


@dataclass(frozen=True)
class Elsewhere:
    """Somebody known to another venue: her name and until when her card counts, no more."""

    public_id: str
    name: str
    card_until: date | None


def found_here(session: Session, venue_id: int, text: str, *, limit: int = 20) -> list[Person]:
    """Persons related to the venue: by part of the name, or by exact card, e-mail or phone."""
    question = (
        sa.select(Person)
        .join(PersonVenue, PersonVenue.person_id == Person.id)
        .where(PersonVenue.venue_id == venue_id, Person.erased_at.is_(None))
        .order_by(Person.name_folded, Person.id)
        .limit(limit)
    )
    if text:
        by_name = Person.name_folded.contains(folded(text), autoescape=True)
        question = question.where(sa.or_(by_name, *_exact(text)))
    return list(session.scalars(question))


def found_elsewhere(session: Session, venue_id: int, text: str) -> list[Elsewhere]:
    """Persons not related to the venue whose card, e-mail or phone is exactly ``text``."""
    if not text:
        return []
    here = sa.select(PersonVenue.person_id).where(PersonVenue.venue_id == venue_id)
    question = (
        sa.select(Person)
        .where(Person.erased_at.is_(None), sa.or_(*_exact(text)), Person.id.not_in(here))
        .order_by(Person.name_folded, Person.id)
        .limit(10)
    )
    people = list(session.scalars(question))
    until = card_valid_until(session, [person.id for person in people])
    return [Elsewhere(person.public_id, person.name, until.get(person.id)) for person in people]


def _exact(text: str) -> list[sa.ColumnElement[bool]]:
    plain = text.strip()
    holders = sa.select(MEMBERSHIP.c.person_id).where(
        sa.func.lower(MEMBERSHIP.c.card_number) == plain.lower()
    )
    found: list[sa.ColumnElement[bool]] = [
        Person.id.in_(holders),
        Person.email == plain.casefold(),
    ]
    try:
        phone = clean_phone(plain)
    except Invalid:
        phone = None
    if phone:
        found.append(Person.phone == phone)
    return found
