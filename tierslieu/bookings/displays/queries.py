"""Doors by their secret address, and the list of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.displays.models import Display
from tierslieu.kernel.tokens import hash_token

#: A screen that asked since then is on; uses are noted once an hour at most.
LATELY = timedelta(hours=2)


def by_token(session: Session, token: str) -> Display | None:
    """The display of an address that was not stopped."""
    question = sa.select(Display).where(
        Display.token_hash == hash_token(token), Display.revoked_at.is_(None)
    )
    return session.scalar(question)


def displays_of(session: Session, venue_id: int) -> list[Display]:
    """A venue's displays, those that still open something first."""
    question = (
        sa.select(Display)
        .where(Display.venue_id == venue_id)
        .order_by(Display.revoked_at.is_not(None), Display.id.desc())
        .limit(100)
    )
    return list(session.scalars(question))


def is_seen(session: Session, venue_id: int, room_id: int, now: datetime) -> bool:
    """Whether a screen at the door of a room, or in the hall of its venue, is on."""
    question = sa.select(Display.id).where(
        Display.venue_id == venue_id,
        sa.or_(Display.room_id == room_id, Display.room_id.is_(None)),
        Display.look != "paper",
        Display.revoked_at.is_(None),
        Display.last_used_at > now - LATELY,
    )
    return session.scalar(question.limit(1)) is not None
