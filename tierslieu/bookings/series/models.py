"""Tables of series beside `bookings.models.Series`: the dates that could not be had."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id


class SkippedDate(Model):
    """A date of a series that was not booked, and why; kept until it is tried with success."""

    __tablename__ = "skipped_date"
    __table_args__ = (sa.UniqueConstraint("series_id", "original_starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("series.id", ondelete="CASCADE"))
    original_starts_at: Mapped[datetime]
    #: Wall time at the venue, ``YYYY-MM-DDTHH:MM``.
    local_start: Mapped[str] = mapped_column(sa.String(16))
    code: Mapped[str] = mapped_column(sa.String(64))
    #: The reason as it was said, in every language.
    why: Mapped[Texts]
    created_at: Mapped[datetime]
