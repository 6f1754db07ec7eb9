"""Tables: the calendars that are asked, and the busy times they told last."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl


class External(tl.Model):
    """A calendar elsewhere and how asking it went. Its address may be a secret: it is never shown.

    ``problem``: code of why the last try failed, "" when it did not. ``unread``: events of it
    that were not understood. ``whole_at``: when its whole text was last read.
    """

    __tablename__ = "ical_external"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    address: Mapped[str] = mapped_column(sa.String(2000))
    etag: Mapped[str] = mapped_column(sa.String(200), default="")
    modified: Mapped[str] = mapped_column(sa.String(200), default="")
    problem: Mapped[str] = mapped_column(sa.String(32), default="")
    failures: Mapped[int] = mapped_column(default=0)
    unread: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    whole_at: Mapped[datetime | None]
    next_at: Mapped[datetime] = mapped_column(index=True)


class Busy(tl.Model):
    """A busy time as the calendar tells it; ``collides``: a part of it was somebody's already."""

    __tablename__ = "ical_external_busy"
    __table_args__ = (sa.UniqueConstraint("external_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[int] = mapped_column(sa.ForeignKey("ical_external.id", ondelete="CASCADE"))
    #: A hash of the event's name and date: nothing of what the event says is kept.
    key: Mapped[str] = mapped_column(sa.String(40))
    claim_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("claim.id", ondelete="SET NULL"), index=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    collides: Mapped[bool] = mapped_column(default=False)
