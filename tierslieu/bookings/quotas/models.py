"""The table of quotas; house rules, so counted among the facts kept in memory."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.venues.models import counted_as_fact

counted_as_fact("quota")

Word = sa.String(16)


class QuotaRow(Model):
    """A quota of a scope (network, venue or room); see ``bookings.rules.quotas``."""

    __tablename__ = "quota"
    __table_args__ = (
        sa.CheckConstraint("room_id IS NULL OR venue_id IS NOT NULL", name="scope"),
        sa.CheckConstraint("measure IN ('hours', 'count')", name="measure"),
        sa.CheckConstraint("per IN ('day', 'week', 'month', 'year', 'season')", name="per"),
        sa.CheckConstraint("whose IN ('person', 'organisation', 'either', 'group')", name="whose"),
        sa.CheckConstraint("counted_over IN ('room', 'venue', 'network')", name="counted_over"),
        sa.CheckConstraint("amount >= 0", name="amount"),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name="minutes",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    label: Mapped[Texts] = mapped_column(default=Texts)
    measure: Mapped[str] = mapped_column(Word)
    #: Minutes, or bookings.
    amount: Mapped[int]
    per: Mapped[str] = mapped_column(Word)
    whose: Mapped[str] = mapped_column(Word)
    audience: Mapped[str] = mapped_column(Word, default="everyone")
    counted_over: Mapped[str] = mapped_column(Word)
    #: Days that count, Monday = 0; none = all.
    weekdays: Mapped[list[Any]] = mapped_column(Json, default=list)
    from_minute: Mapped[int] = mapped_column(default=0)
    until_minute: Mapped[int] = mapped_column(default=1440)
    season_month: Mapped[int] = mapped_column(default=9)
    season_day: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
