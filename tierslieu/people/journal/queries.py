"""The audit log as people read it: names are joined when shown, an erased one is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.messages import Message
from tierslieu.people import queries
from tierslieu.people.journal.rules import area_in_words, in_words
from tierslieu.people.models import Person
from tierslieu.people.places import place_names

PER_PAGE = 50

Words = Mapping[str, Message]


@dataclass(frozen=True)
class Asked:
    """What of the journal is asked for; ``venues=None`` is the whole network."""

    venues: frozenset[int] | None = None
    about_person: int | None = None
    verb: str = ""
    subject: str = ""
    before: int | None = None


@dataclass(frozen=True)
class Line:
    """One act, in words and with names; ``who`` is "" for an erased person, None for no person."""

    id: int
    at: datetime
    verb: str
    words: Message | str
    kind: str
    subject: str
    who: str | None
    about: str | None
    venue: str
    detail: dict[str, Any]


def journal(session: Session, asked: Asked, more: Words) -> tuple[list[Line], int | None]:
    """A page of the journal, newest first, and the ``before`` of the next page or None.

    ``more``: the verbs of plugins in words.
    """
    question = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PER_PAGE + 1)
    for condition in _conditions(asked):
        question = question.where(condition)
    found = session.scalars(question).all()
    shown = found[:PER_PAGE]
    following = shown[-1].id if len(found) > PER_PAGE else None
    return _named(session, shown, more), following


def _conditions(asked: Asked) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if asked.venues is not None:
        found.append(AuditEntry.venue_id.in_(asked.venues))
    if asked.about_person is not None:
        found.append(
            sa.or_(
                AuditEntry.about_person_id == asked.about_person,
                AuditEntry.actor_person_id == asked.about_person,
            )
        )
    if asked.verb:
        found.append(AuditEntry.verb.startswith(asked.verb, autoescape=True))
    if asked.subject:
        found.append(AuditEntry.subject == asked.subject)
    if asked.before is not None:
        found.append(AuditEntry.id < asked.before)
    return found


def _named(session: Session, entries: Sequence[AuditEntry], more: Words) -> list[Line]:
    people = {each.actor_person_id for each in entries} | {e.about_person_id for e in entries}
    names = queries.names(session, {each for each in people if each is not None})
    venues = place_names(session, {each.venue_id for each in entries if each.venue_id})
    return [
        Line(
            each.id,
            each.at,
            each.verb,
            in_words(each.verb, more),
            each.actor_kind,
            each.subject,
            None if each.actor_person_id is None else names.get(each.actor_person_id, ""),
            None if each.about_person_id is None else names.get(each.about_person_id, ""),
            venues.get(each.venue_id or 0, ""),
            each.detail,
        )
        for each in entries
    ]


def areas(session: Session, more: Words) -> list[tuple[str, Message | str]]:
    """Kinds of acts in the journal with what they are called, for the filter."""
    found = {verb.partition(".")[0] for verb in session.scalars(_verbs())}
    return [(area, area_in_words(area, more)) for area in sorted(found)]


def _verbs() -> sa.Select[str]:
    return sa.select(AuditEntry.verb).distinct()


def person_id_of(session: Session, public_id: str) -> int | None:
    """The row of a person named in a filter, erased or not."""
    return session.scalar(sa.select(Person.id).where(Person.public_id == public_id))
