"""The record beside a booking to which nobody came."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model


class NoShow(Model):
    """Nobody came. ``notice``: how it was told before (``mail``, ``display``) or ``desk``."""

    __tablename__ = "no_show"
    __table_args__ = (
        sa.CheckConstraint("notice IN ('mail', 'display', 'desk')", name="notice"),
        sa.Index("ix_no_show_expires_at", "expires_at"),
    )

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    notice: Mapped[str] = mapped_column(sa.String(8))
    #: When the record is forgotten; None = never.
    expires_at: Mapped[datetime | None]
    forgiven_at: Mapped[datetime | None]
    forgiven_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    reason: Mapped[str] = mapped_column(default="")
