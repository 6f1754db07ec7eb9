"""What was done to a booking because of a closing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model


class Handling(Model):
    """One booking handled for one cause (``closure:…``, ``mode:…``, ``room:…``).

    ``act``: cancelled, moved, kept, or the key of a way that a plugin offered. Time and room are
    those it had, so that one can still say what was touched. No foreign key to the cause: what
    was done stays known when the cause is gone.
    """

    __tablename__ = "handling"
    __table_args__ = (
        sa.UniqueConstraint("booking_id", "cause"),
        sa.Index("ix_handling_cause", "venue_id", "cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id", ondelete="CASCADE"))
    cause: Mapped[str] = mapped_column(sa.String(32))
    act: Mapped[str] = mapped_column(sa.String(32))
    words: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    told_again_at: Mapped[datetime | None]
