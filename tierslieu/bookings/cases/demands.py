"""What rooms ask for before one books, and how somebody stands to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.preconditions.models import Precondition, Qualification
from tierslieu.bookings.rules.demands import ALL_MET, Need, TermsFacts, Unmet, in_force
from tierslieu.bookings.terms.models import Terms, TermsAcceptance
from tierslieu.memberships.models import Membership, Plan
from tierslieu.memberships.queries import owed_cents, payments_of


@dataclass(frozen=True)
class AllAsked:
    """Every published version of terms, and every precondition in use, of the whole network."""

    terms: tuple[TermsFacts, ...] = ()
    needs: tuple[Need, ...] = ()

    def of_room(self, venue_id: int, room_id: int) -> AllAsked:
        """What concerns one room."""
        if not (self.terms or self.needs):
            return self
        scopes = {(0, 0), (venue_id, 0), (venue_id, room_id)}
        return AllAsked(
            tuple(each for each in self.terms if each.scope in scopes),
            tuple(each for each in self.needs if each.concerns(venue_id, room_id)),
        )


NOTHING_ASKED: Final = AllAsked()


def all_asked(session: Session) -> AllAsked:
    """What is asked for anywhere, in two statements."""
    published = sa.select(Terms).where(Terms.published_at.is_not(None)).order_by(Terms.id)
    live = (
        sa.select(Precondition).where(Precondition.retired_at.is_(None)).order_by(Precondition.id)
    )
    return AllAsked(
        tuple(map(terms_facts, session.scalars(published))),
        tuple(map(need_of, session.scalars(live))),
    )


def terms_facts(row: Terms) -> TermsFacts:
    """A version as the rules know it."""
    return TermsFacts(
        row.id,
        row.public_id,
        (row.venue_id or 0, row.room_id or 0),
        row.kind,
        row.number,
        row.title,
        row.valid_from or date.max,
        row.withdrawn_at is not None,
    )


def need_of(row: Precondition) -> Need:
    """A precondition as the rules know it."""
    return Need(
        row.id,
        row.public_id,
        row.kind,
        row.label,
        row.how,
        row.venue_id,
        frozenset(int(room) for room in row.rooms),
        row.may_declare,
    )


def unmet_of(
    session: Session,
    asked: AllAsked,
    person_id: int | None,
    organisation_id: int | None,
    venue_id: int,
    day: date,
    today: date,
) -> Unmet:
    """How a person, perhaps for an organisation, stands to what a room asks, on a day.

    No statement where nothing is asked; nobody has accepted nothing and lacks nothing yet.
    """
    terms = in_force(asked.terms, today)
    if person_id is None:
        return Unmet(terms) if terms else ALL_MET
    if terms:
        ids = [each.id for each in terms]
        accepted = set(
            session.scalars(
                sa.select(TermsAcceptance.terms_id).where(
                    TermsAcceptance.person_id == person_id, TermsAcceptance.terms_id.in_(ids)
                )
            )
        )
        terms = tuple(each for each in terms if each.id not in accepted)
    lacking: tuple[Need, ...] = ()
    if asked.needs:
        lacking = _lacking(session, asked.needs, person_id, organisation_id, venue_id, day)
    return Unmet(terms, lacking) if terms or lacking else ALL_MET


def _lacking(
    session: Session,
    needs: Iterable[Need],
    person_id: int,
    organisation_id: int | None,
    venue_id: int,
    day: date,
) -> tuple[Need, ...]:
    needs = tuple(needs)
    held = held_on(session, [need.id for need in needs], person_id, organisation_id, day)
    found = []
    for need in needs:
        if need.kind == "no_debt":
            lacks = need.id in held or owes_dues(session, person_id, venue_id)
        else:
            lacks = need.id not in held
        if lacks:
            found.append(need)
    return tuple(found)


def held_on(
    session: Session, ids: Iterable[int], person_id: int, organisation_id: int | None, day: date
) -> set[int]:
    """Which preconditions she, or the organisation she books for, has a word on for a day."""
    whose: Any = Qualification.person_id == person_id
    if organisation_id is not None:
        whose = sa.or_(whose, Qualification.organisation_id == organisation_id)
    question = sa.select(Qualification.precondition_id).where(
        Qualification.precondition_id.in_(tuple(ids)),
        whose,
        Qualification.revoked_at.is_(None),
        Qualification.from_on <= day,
        sa.or_(Qualification.until_on.is_(None), Qualification.until_on >= day),
    )
    return set(session.scalars(question))


def owes_dues(session: Session, person_id: int, venue_id: int) -> bool:
    """Whether dues of an admitted membership of the venue are still open."""
    cards = session.scalars(
        sa.select(Membership)
        .join(Plan, Plan.id == Membership.plan_id)
        .where(
            Membership.person_id == person_id,
            Plan.venue_id == venue_id,
            Membership.state == "admitted",
        )
    ).all()
    paid = payments_of(session, [card.id for card in cards]) if cards else {}
    return any(owed_cents(card, paid[card.id]) > 0 for card in cards)
