"""Secret addresses of doors."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.kernel.tokens import new_public_id

LOOKS = ("ink", "tablet", "paper")


class Display(Model):
    """A door's address; without a room it is the whole venue's. ``paper``: a printed code."""

    __tablename__ = "display"
    __table_args__ = (
        sa.CheckConstraint(f"look IN ({', '.join(map(repr, LOOKS))})", name="look"),
        sa.Index("ix_display_venue", "venue_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(80), default="")
    look: Mapped[str] = mapped_column(sa.String(8), default="ink")
    #: The language it speaks; "" = the network's.
    locale: Mapped[str] = mapped_column(sa.String(8), default="")
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: The address with its middle left out, so that people know which is which.
    hint: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
