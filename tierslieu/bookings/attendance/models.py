"""What is known of the way to the door: the row exists once something was told or made anew."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model


class Arrival(Model):
    """One booking's way to the door.

    ``link_serial`` counts how often its link was made anew; ``quiet`` = no reminder for this one;
    ``notice``: how they were told that the room will be free again, before it was.
    """

    __tablename__ = "arrival"
    __table_args__ = (sa.CheckConstraint("notice IN ('', 'mail', 'display')", name="notice"),)

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    link_serial: Mapped[int] = mapped_column(default=0)
    quiet: Mapped[bool] = mapped_column(default=False)
    reminded_at: Mapped[datetime | None]
    noticed_at: Mapped[datetime | None]
    notice: Mapped[str] = mapped_column(sa.String(8), default="")
