"""Questions about terms: what is written for a scope, what somebody accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.terms.models import KINDS, Terms, TermsAcceptance
from tierslieu.bookings.terms.words import KIND_WORDS
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue


@dataclass(frozen=True)
class Kept:
    """The versions of one kind in a scope, the newest first; what is in force, what is a draft."""

    kind: str
    name: Message
    versions: tuple[Terms, ...]
    current: Terms | None
    draft: Terms | None
    accepted: int = 0


def versions_of(session: Session, scope: Scope, kind: str) -> list[Terms]:
    """All versions of a kind in exactly this scope, the newest first."""
    question = (
        sa.select(Terms)
        .where(
            Terms.venue_id.is_not_distinct_from(scope.venue_id),
            Terms.room_id.is_not_distinct_from(scope.room_id),
            Terms.kind == kind,
        )
        .order_by(Terms.number.desc())
    )
    return list(session.scalars(question))


def kept(session: Session, scope: Scope, today: date) -> list[Kept]:
    """What a scope says, kind by kind."""
    found = []
    for kind in KINDS:
        versions = versions_of(session, scope, kind)
        draft = next((each for each in versions if each.published_at is None), None)
        current = next(
            (each for each in versions if each.valid_from and each.valid_from <= today), None
        )
        if current is not None and current.withdrawn_at is not None:
            current = None
        count = acceptances(session, current.id) if current is not None else 0
        found.append(Kept(kind, KIND_WORDS[kind], tuple(versions), current, draft, count))
    return found


def acceptances(session: Session, terms_id: int) -> int:
    """How many people accepted a version."""
    question = sa.select(sa.func.count()).where(TermsAcceptance.terms_id == terms_id)
    return session.scalar(question) or 0


def any_asked(session: Session, venue_id: int) -> list[Terms]:
    """Published versions, not withdrawn, of the network, a venue and its rooms: the newest each."""
    question = (
        sa.select(Terms)
        .where(
            sa.or_(Terms.venue_id.is_(None), Terms.venue_id == venue_id),
            Terms.published_at.is_not(None),
            Terms.withdrawn_at.is_(None),
        )
        .order_by(Terms.number)
    )
    newest = {(row.venue_id, row.room_id, row.kind): row for row in session.scalars(question)}
    return list(newest.values())


def readable(work: Work, public_id: str) -> tuple[Terms, str]:
    """A version to be read, and whose it is; a draft only for whoever writes it."""
    terms = work.session.scalar(sa.select(Terms).where(Terms.public_id == public_id))
    if terms is None:
        raise NotFound
    if terms.published_at is None and not work.actor.may("policies.edit", venue=terms.venue_id):
        raise NotFound
    names = [
        name
        for table, key in ((Room, terms.room_id), (Venue, terms.venue_id))
        if key is not None
        and (name := work.session.scalar(sa.select(table.name).where(table.id == key)))
    ]
    return terms, ", ".join(names)


def accepted_data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """The terms she accepted, in her export."""
    rows = work.session.execute(
        sa.select(TermsAcceptance, Terms)
        .join(Terms, Terms.id == TermsAcceptance.terms_id)
        .where(TermsAcceptance.person_id == person_id)
        .order_by(TermsAcceptance.id)
    )
    shown = tuple(
        {
            "title": str(terms.title),
            "version": terms.number,
            "accepted_at": iso(acceptance.accepted_at),
            "recorded_by_the_desk": acceptance.recorded_by_id not in (None, person_id),
        }
        for acceptance, terms in rows
    )
    if shown:
        yield PersonDataPart(msg("Terms you accepted"), shown, order=22)
