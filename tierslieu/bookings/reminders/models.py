"""Who wants no reminders, and what series were asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.tokens import new_public_id

ANSWERS = ("waiting", "kept", "given_up", "released", "put_back")


class ReminderStop(Model):
    """A person who wants no reminders at all."""

    __tablename__ = "reminder_stop"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    stopped_at: Mapped[datetime]


class Reconfirmation(Model):
    """The question "do you still need it?", asked of whoever holds a series.

    ``released``: the public ids of the bookings that were freed.
    """

    __tablename__ = "reconfirmation"
    __table_args__ = (
        sa.CheckConstraint(f"answer IN ({', '.join(map(repr, ANSWERS))})", name="answer"),
        sa.Index("ix_reconfirmation_series", "series_id", "asked_at"),
        sa.Index("ix_reconfirmation_answer", "answer", "answer_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("series.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answer: Mapped[str] = mapped_column(sa.String(8), default="waiting")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    released: Mapped[list[Any]] = mapped_column(Json, default=list)
