"""Who waits for what, and what was offered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl


class Waiting(tl.Model):
    """Somebody waits for a thing from a time to a time; the order is that of ``id``.

    ``loan_id``: the loan that holds the offer; ``token_hash``: the link of its mail.
    """

    __tablename__ = "lending_waiting"
    __table_args__ = (sa.Index("ix_lending_waiting_line", "thing_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    thing_id: Mapped[int] = mapped_column(sa.ForeignKey("lending_thing.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    starts_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    state: Mapped[str] = mapped_column(sa.String(16), default="waiting")
    loan_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("lending_loan.id", ondelete="SET NULL"), index=True
    )
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    asked_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
