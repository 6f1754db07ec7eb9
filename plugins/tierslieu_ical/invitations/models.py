"""Tables: what people answered from their calendars, and who wants no invitations."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl


class CalendarReply(tl.Model):
    """The last answer of somebody to an invitation, for one date of it or (NULL) for all."""

    __tablename__ = "ical_reply"
    __table_args__ = (
        sa.CheckConstraint("answer IN ('accepted', 'declined', 'tentative')", name="answer"),
        sa.Index("ix_ical_reply_uid", "uid", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(64))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    original_starts_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(sa.String(10))
    #: As her programme says; an older answer that arrives later does not count.
    written_at: Mapped[datetime]
    received_at: Mapped[datetime]


class NoInvitations(tl.Model):
    """Somebody whose mails carry no invitation."""

    __tablename__ = "ical_no_invitations"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    since: Mapped[datetime]
