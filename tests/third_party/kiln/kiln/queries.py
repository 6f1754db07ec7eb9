"""Questions about kilns and firings."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from kiln.models import Firing, Kiln


def venue_of(session: Session, slug: str) -> tl.Venue:
    """The venue of an address; raises NotFound."""
    venue = session.scalar(sa.select(tl.Venue).where(tl.Venue.slug == slug))
    if venue is None or not venue.published:
        raise tl.NotFound
    return venue


def kiln_of(session: Session, public_id: str) -> Kiln:
    """A kiln by its public id; raises NotFound."""
    found = session.scalar(sa.select(Kiln).where(Kiln.public_id == public_id))
    if found is None:
        raise tl.NotFound
    return found


def kilns(session: Session, venue_id: int | None = None) -> list[tuple[Kiln, tl.Venue]]:
    """Kilns with their venues, by name; of one venue, or of all."""
    asked = sa.select(Kiln, tl.Venue).join(tl.Venue, tl.Venue.id == Kiln.venue_id)
    if venue_id is not None:
        asked = asked.where(Kiln.venue_id == venue_id)
    return [(row[0], row[1]) for row in session.execute(asked.order_by(Kiln.name, Kiln.id))]


def firings(session: Session, since: datetime, until: datetime) -> sa.Select[tuple]:
    """Firings that overlap a time, with their claims and kilns, in order."""
    return (
        sa.select(Firing, tl.Claim, Kiln)
        .join(tl.Claim, tl.Claim.id == Firing.id)
        .join(Kiln, Kiln.id == Firing.kiln_id)
        .where(tl.Claim.starts_at < until, tl.Claim.ends_at > since)
        .order_by(tl.Claim.starts_at, Firing.id)
    )
