"""The table of what persons gather before they send it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.tokens import new_public_id


class CartLine(Model):
    """One wish in somebody's list; it holds nothing."""

    __tablename__ = "cart_line"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="span"),
        sa.CheckConstraint("places IS NULL OR places > 0", name="places"),
        sa.CheckConstraint("visibility IN ('private', 'members', 'public')", name="visibility"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE")
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    title: Mapped[str]
    attendance: Mapped[int | None]
    layout: Mapped[str | None] = mapped_column(sa.String(32))
    visibility: Mapped[str] = mapped_column(sa.String(8), default="private")
    note: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(sa.String(64), default="")
    declared: Mapped[list[Any]] = mapped_column(Json, default=list)
    places: Mapped[int | None]
    place: Mapped[str] = mapped_column(default="")
    #: ``[{"id": public id of a thing, "quantity": n}, …]``
    things: Mapped[list[Any]] = mapped_column(Json, default=list)
    added_at: Mapped[datetime]
