"""Which uses there are, in the words of the network and of its venues."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.purposes.models import PurposeRow
from tierslieu.bookings.rules.uses import Purpose, Purposes
from tierslieu.kernel.messages import Message, msg

#: The network's purposes stand under this instead of a venue's id.
NETWORK = 0


def active_purposes(session: Session) -> dict[int, Purposes]:
    """By venue, the uses known there: its own, and the network's (under 0)."""
    found: dict[int, dict[str, Purpose]] = {}
    order = (PurposeRow.rank, PurposeRow.id)
    for row in session.scalars(sa.select(PurposeRow).where(PurposeRow.active).order_by(*order)):
        one = Purpose(row.key, row.label, row.public)
        found.setdefault(row.venue_id or NETWORK, {})[row.key] = one
    ours = found.get(NETWORK, {})
    return {venue: {**ours, **own} for venue, own in found.items()}


def purposes_of(session: Session, venue_id: int | None) -> list[Purpose]:
    """The uses known at a venue, or in the whole network, in order."""
    found = active_purposes(session)
    return list(found.get(venue_id or NETWORK, found.get(NETWORK, {})).values())


def purpose_words(session: Session, venue_id: int, key: str) -> Message | str:
    """A booking's use as its managers call it; what is no use known there as it was written."""
    if not key:
        return ""
    found = {each.key: each.label for each in purposes_of(session, venue_id)}
    return msg("%(purpose)s", purpose=found[key]) if key in found else key


def known_purposes(session: Session, venue_id: int | None) -> list[PurposeRow]:
    """The purposes said exactly there, also those that are retired, in order."""
    here = PurposeRow.venue_id.is_(None) if venue_id is None else PurposeRow.venue_id == venue_id
    question = sa.select(PurposeRow).where(here)
    return list(session.scalars(question.order_by(PurposeRow.rank, PurposeRow.id)))
