"""Questions about preconditions: what is asked where, who has what, who is asked to vouch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tierslieu.bookings.preconditions.models import Precondition, Qualification, Sponsorship
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.errors import NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation, Person


@dataclass(frozen=True)
class Held:
    """What somebody has (or owes), with who noted it."""

    row: Qualification
    need: Precondition
    organisation: str
    granted_by: str

    def counts_on(self, day: date) -> bool:
        """Whether it counts on a day."""
        row = self.row
        until = row.until_on is None or row.until_on >= day
        return row.revoked_at is None and row.from_on <= day and until


def asked_in(session: Session, venue_id: int | None) -> list[Precondition]:
    """What is said in exactly this scope, in use."""
    question = (
        sa.select(Precondition)
        .where(
            Precondition.venue_id.is_not_distinct_from(venue_id),
            Precondition.retired_at.is_(None),
        )
        .order_by(Precondition.id)
    )
    return list(session.scalars(question))


def asked_at(session: Session, venue_id: int) -> list[Precondition]:
    """What counts at a venue: its own and the network's."""
    question = (
        sa.select(Precondition)
        .where(
            sa.or_(Precondition.venue_id.is_(None), Precondition.venue_id == venue_id),
            Precondition.retired_at.is_(None),
        )
        .order_by(Precondition.id)
    )
    return list(session.scalars(question))


def own_need(session: Session, venue_id: int | None, public_id: str) -> Precondition:
    """One precondition said in exactly this scope; raises NotFound."""
    row = session.scalar(sa.select(Precondition).where(Precondition.public_id == public_id))
    if row is None or row.venue_id != venue_id:
        raise NotFound
    return row


def need_at(session: Session, venue_id: int, public_id: str) -> Precondition:
    """One that counts at a venue; raises NotFound."""
    row = session.scalar(sa.select(Precondition).where(Precondition.public_id == public_id))
    if row is None or row.venue_id not in (None, venue_id) or row.retired_at is not None:
        raise NotFound
    return row


def held_by(session: Session, person_id: int, venue_id: int | None = None) -> list[Held]:
    """What a person and the bodies she acts for have, the newest first; of one venue, or all."""
    from tierslieu.people.models import OrganisationPerson

    clerk = aliased(Person)
    bodies = sa.select(OrganisationPerson.organisation_id).where(
        OrganisationPerson.person_id == person_id
    )
    question = (
        sa.select(Qualification, Precondition, Organisation.name, clerk.name)
        .join(Precondition, Precondition.id == Qualification.precondition_id)
        .outerjoin(Organisation, Organisation.id == Qualification.organisation_id)
        .outerjoin(clerk, clerk.id == Qualification.granted_by_id)
        .where(
            sa.or_(Qualification.person_id == person_id, Qualification.organisation_id.in_(bodies))
        )
        .order_by(Qualification.id.desc())
    )
    if venue_id is not None:
        question = question.where(
            sa.or_(Precondition.venue_id.is_(None), Precondition.venue_id == venue_id)
        )
    return [
        Held(row, need, body or "", by or "") for row, need, body, by in session.execute(question)
    ]


def to_declare(session: Session, person_id: int) -> list[Precondition]:
    """What she may say of herself and has not yet."""
    said = sa.select(Qualification.precondition_id).where(
        Qualification.person_id == person_id, Qualification.revoked_at.is_(None)
    )
    question = sa.select(Precondition).where(
        Precondition.may_declare,
        Precondition.kind == "adult",
        Precondition.retired_at.is_(None),
        Precondition.id.not_in(said),
    )
    return list(session.scalars(question.order_by(Precondition.id)))


def sponsor_waits(session: Session, booking_id: int) -> list[Reason]:
    """Why a booking cannot be confirmed while the member who was named has not answered."""
    row = session.get(Sponsorship, booking_id)
    if row is None or row.answer:
        return []
    text = msg("The member who vouches has not answered yet.")
    return [Reason("sponsor_waits", text, kind="state")]


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """What is noted of her, and for whom she vouches, in her export."""
    rows = tuple(
        {
            "what": str(each.need.label),
            "kind": each.need.kind,
            "from": each.row.from_on.isoformat(),
            "until": each.row.until_on.isoformat() if each.row.until_on else None,
            "note": each.row.note,
            "declared": each.row.declared,
            "withdrawn": each.row.revoked_at is not None,
        }
        for each in held_by(work.session, person_id)
        if each.row.person_id == person_id
    )
    if rows:
        yield PersonDataPart(msg("Trainings, documents and the like"), rows, order=23)
    vouched = tuple(
        {"asked_at": row.asked_at.isoformat(), "answer": row.answer}
        for row in work.session.scalars(
            sa.select(Sponsorship).where(Sponsorship.person_id == person_id)
        )
    )
    if vouched:
        yield PersonDataPart(msg("Asked to vouch for somebody"), vouched, order=24)
