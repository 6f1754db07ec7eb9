"""Registering people at a desk, and the relation that lets a venue see a person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import sqlalchemy as sa

from tierslieu.kernel import mail
from tierslieu.kernel.db import insert_for
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import folded
from tierslieu.kernel.work import Work
from tierslieu.people import queries
from tierslieu.people.accounts.rules import clean_name, clean_phone
from tierslieu.people.desk.queries import found_elsewhere
from tierslieu.people.models import Person, PersonVenue
from tierslieu.people.places import place_names
from tierslieu.people.rules import account_email


@dataclass(frozen=True)
class Details:
    """Name and ways to reach somebody, checked."""

    name: str
    email: str | None
    phone: str | None


def details(name: str, email: str | None, phone: str | None) -> Details:
    """Check what was written about a person; raises `Refused` with every reason."""
    reasons: list[Reason] = []
    values: list[Any] = []
    written = email.strip() if email else ""
    for check, text in (
        (clean_name, name),
        (account_email if written else _nothing, written),
        (clean_phone, phone or ""),
    ):
        try:
            values.append(check(text))
        except Invalid as invalid:
            reasons.extend(invalid.reasons)
    refuse(reasons)
    return Details(*values)


def _nothing(_text: str) -> None:
    return None


def register_person(
    work: Work,
    venue_id: int,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    locale: str | None = None,
) -> Person:
    """Register somebody at the desk, without account; nothing but the name is needed."""
    work.require("people.register", venue=venue_id)
    checked = details(name, email, phone)
    person = Person(
        name=checked.name,
        name_folded=folded(checked.name),
        email=checked.email,
        phone=checked.phone,
        locale=locale or work.site.config.locale,
        created_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    relate(work, person.id, venue_id)
    subject = f"person:{person.public_id}"
    work.audit("person.registered", subject, venue=venue_id, person=person.id)
    return person


def relate(work: Work, person_id: int, venue_id: int) -> bool:
    """Let a venue see a person (a booking, a membership, a role); True when it is new.

    Whoever calls has asked the right to do what makes the relation.
    """
    relation = {"person_id": person_id, "venue_id": venue_id, "since": work.now, "resident": False}
    return work.run(_relation(work.site.db.is_sqlite), relation).first() is not None


@cache
def _relation(is_sqlite: bool) -> sa.Executable:
    """Written by every booking, so it is put together once."""
    table = cast(sa.Table, PersonVenue.__table__)
    return insert_for(is_sqlite, table).on_conflict_do_nothing().returning(table.c.person_id)


def set_resident(work: Work, venue_id: int, person: Person, *, resident: bool) -> None:
    """Note that the desk has seen where somebody lives: nearby, or not. Raises NotFound."""
    work.require("people.register", venue=venue_id)
    row = work.session.get(PersonVenue, (person.id, venue_id))
    if row is None:
        raise NotFound
    if row.resident != resident:
        row.resident = resident
        subject = f"person:{person.public_id}"
        work.audit("person.resident", subject, venue=venue_id, person=person.id, resident=resident)


def use_here(work: Work, venue_id: int, text: str, public_id: str) -> Person:
    """Take up somebody known elsewhere, found by exactly ``text``; she is told.

    Raises `NotFound` when ``text`` does not find her.
    """
    work.require("people.register", venue=venue_id)
    found = {each.public_id for each in found_elsewhere(work.session, venue_id, text)}
    person = queries.person_by_public_id(work.session, public_id)
    if person is None or public_id not in found:
        raise NotFound
    relate(work, person.id, venue_id)
    name = place_names(work.session, {venue_id}).get(venue_id, "")
    mail.post(
        work,
        person,
        msg("“%(venue)s” can see your contact data now", venue=name),
        [
            msg(
                "At the desk of “%(venue)s” you were found by your card, address or telephone. "
                "From now on they see your name and how to reach you.",
                venue=name,
            )
        ],
        link="/me/privacy",
        venue_id=venue_id,
        about=f"person:{person.public_id}",
    )
    work.audit("person.used_here", f"person:{public_id}", venue=venue_id, person=person.id)
    return person


def edit_person(
    work: Work,
    venue_id: int,
    public_id: str,
    version: int,
    *,
    name: str,
    email: str | None,
    phone: str | None,
) -> Person:
    """Correct what is kept of a person of the venue; an account's address only she changes."""
    person = queries.person_in_venue(work.session, public_id, venue_id)
    if person is None:
        raise NotFound
    work.require("people.edit", venue=venue_id)
    checked = details(name, email, phone)
    if checked.email != person.email and queries.account_of(work.session, person.id):
        sentence = msg("Only she can change the address of her own account.")
        raise Invalid("email_is_hers", sentence, "email")
    _write(work, person, version, checked)
    work.audit("person.changed", f"person:{public_id}", venue=venue_id, person=person.id)
    return person


def edit_profile(work: Work, version: int, *, name: str, phone: str | None, locale: str) -> Person:
    """Change one's own name, telephone and language."""
    work.require("people.edit", own=True)
    person = work.session.get_one(Person, work.actor.person_id)
    _write(work, person, version, details(name, person.email, phone))
    person.locale = locale
    work.audit("person.changed", f"person:{person.public_id}", person=person.id)
    return person


def set_locale(work: Work, locale: str) -> None:
    """The language of one's own pages and mails."""
    work.session.execute(
        sa.update(Person).where(Person.id == work.actor.person_id).values(locale=locale)
    )


def _write(work: Work, person: Person, version: int, checked: Details) -> None:
    if person.version != version:
        sentence = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", sentence, kind="state"))
    person.name, person.name_folded = checked.name, folded(checked.name)
    person.email, person.phone = checked.email, checked.phone
    person.version += 1
