"""The table of purposes; house rules, so counted among the facts kept in memory."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.kernel.texts import Texts
from tierslieu.venues.models import counted_as_fact

counted_as_fact("purpose")


class PurposeRow(Model):
    """What a room may be used for: a word of the network's or of one venue's."""

    __tablename__ = "purpose"
    __table_args__ = (sa.Index("uq_purpose", sa.text("coalesce(venue_id, 0)"), "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    key: Mapped[str] = mapped_column(sa.String(32))
    label: Mapped[Texts]
    #: Open to everybody, not a private party.
    public: Mapped[bool] = mapped_column(default=False)
    rank: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
