"""Everything about a person in one file; and erasing her so that no trace is left."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.kernel import mail
from tierslieu.kernel.errors import NotFound, refuse
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.people import queries
from tierslieu.people.accounts.services import own_account, require_password
from tierslieu.people.models import (
    Account,
    Erasure,
    OrganisationPerson,
    Person,
    PersonVenue,
    RoleGrant,
)
from tierslieu.people.privacy.queries import own_parts
from tierslieu.people.roles.services import last_one_reasons
from tierslieu.web.models import IdempotencyKey

FINISH_ERASURE = "people.finish_erasure"


def export(work: Work, person_id: int) -> dict[str, Any]:
    """All that is kept about a person as plain values, this feature's and every other's.

    Times are UTC; nobody else's data is in it. Raises `Forbidden`, `NotFound`.
    """
    work.require("people.export", own=person_id == work.actor.person_id)
    person = work.session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound
    parts = work.hooks.gather(hookspecs.person_data, work=work, person_id=person_id)
    return {
        "exported_at": iso(work.now),
        **_plain(own_parts(work.session, person)),
        "more": [
            {
                "title": mail.say(work.site, part.title, work.locale, None),
                "rows": [_plain(dict(row)) for row in part.rows],
            }
            for part in parts
        ],
    }


def _plain(value: Any) -> Any:
    """Values as JSON keeps them."""
    match value:
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def erase_myself(work: Work, password: str) -> None:
    """Erase one's own account and person at once. Raises `Refused`, `Conflict` (``last_one``)."""
    work.require("people.ask_erasure", own=True)
    account = own_account(work)
    require_password(account, password, "password")
    _erase(work, account.person)


def erase(work: Work, person_id: int) -> None:
    """Erase a person (network admin, or a restored backup that knew her).

    Raises `NotFound`, and `Conflict` (``last_one``) while a role of hers has no other holder.
    """
    work.require("people.erase")
    person = work.session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound
    _erase(work, person)


def _erase(work: Work, person: Person) -> None:
    refuse(last_one_reasons(work, person.id))
    _tell_all(work, person.id)
    _forget_answers(work, person.id)
    for table in (RoleGrant, OrganisationPerson, PersonVenue, Account):
        work.session.execute(sa.delete(table).where(table.person_id == person.id))
    person.name = person.name_folded = ""
    person.email = person.phone = None
    person.erased_at = work.now
    person.version += 1
    _forget(work, person.id)
    work.session.merge(Erasure(public_id=person.public_id, erased_at=work.now))
    work.audit("person.erased", f"person:{person.public_id}", person=person.id)


def _tell_all(work: Work, person_id: int) -> None:
    """Tell every feature; one that failed is told again by a job until it succeeds."""
    if not _told(work, person_id):
        work.later(FINISH_ERASURE, key=f"erase:{person_id}", person=person_id)


def finish_erasure(work: Work, person: int) -> None:
    """Tell features again that failed to erase; raises while one still fails, to be retried."""
    if not _told(work, person):
        raise RuntimeError("a plugin could not erase a person")
    _forget(work, person)


def _told(work: Work, person_id: int) -> bool:
    """Whether every feature heard of it without raising."""
    work.hooks.tell(hookspecs.person_erased, work=work, person_id=person_id)
    return not any(
        fault.hook == "person_erased" and fault.kind == "raised" and fault.at >= work.now
        for fault in work.hooks.faults
    )


def _forget(work: Work, person_id: int) -> None:
    """Mails, things to be told, and jobs about her go too."""
    mail.forget(work, person_id)
    work.session.execute(sa.delete(Job).where(Job.about_person_id == person_id))


def _forget_answers(work: Work, person_id: int) -> None:
    """Answers kept for being sent twice, made by her or about her."""
    account = queries.account_of(work.session, person_id)
    caller = f"a{account.id}" if account else ""
    work.session.execute(
        sa.delete(IdempotencyKey).where(
            sa.or_(IdempotencyKey.about_person_id == person_id, IdempotencyKey.caller == caller)
        )
    )


def erase_again(work: Work) -> int:
    """After restoring a backup: erase whoever had been erased since it was made; how many."""
    known = sa.select(Erasure.public_id)
    found = work.session.scalars(
        sa.select(Person).where(Person.public_id.in_(known), Person.erased_at.is_(None))
    ).all()
    for person in found:
        _erase(work, person)
    return len(found)
