"""Tables of approval: chains and their steps, where each request is, and what was answered."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.bookings.chains.rules import OUTCOMES, ROLES, SUBSTITUTES
from tierslieu.kernel.db import Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.venues.models import counted_as_fact

for _table in ("approval_chain", "approval_step", "approval_named"):
    counted_as_fact(_table)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class ApprovalChain(Model):
    """Who answers where: one chain counts in a scope; those it replaced finish what they began."""

    __tablename__ = "approval_chain"
    __table_args__ = (
        sa.CheckConstraint("room_id IS NULL OR venue_id IS NOT NULL", name="scope"),
        sa.Index(
            "uq_approval_chain",
            sa.text("coalesce(venue_id, 0)"),
            sa.text("coalesce(room_id, 0)"),
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ApprovalStep(Model):
    """One step: any or all of a role's holders, until when, who instead, what if nobody does."""

    __tablename__ = "approval_step"
    __table_args__ = (
        sa.UniqueConstraint("chain_id", "rank"),
        sa.CheckConstraint(_one_of("role", ROLES), name="role"),
        sa.CheckConstraint(_one_of("mode", ("any", "all")), name="mode"),
        sa.CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
        sa.CheckConstraint(_one_of("substitute", SUBSTITUTES), name="substitute"),
        sa.CheckConstraint("deadline_hours IS NULL OR deadline_hours > 0", name="deadline"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain_id: Mapped[int] = mapped_column(sa.ForeignKey("approval_chain.id", ondelete="CASCADE"))
    rank: Mapped[int]
    label: Mapped[Texts] = mapped_column(default=Texts)
    role: Mapped[str] = mapped_column(sa.String(24))
    mode: Mapped[str] = mapped_column(sa.String(3), default="any")
    deadline_hours: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(sa.String(8), default="expire")
    substitute: Mapped[str] = mapped_column(sa.String(24), default="")
    substitute_after_hours: Mapped[int | None]


class ApprovalNamed(Model):
    """A person named for a step, or as its substitute."""

    __tablename__ = "approval_named"

    step_id: Mapped[int] = mapped_column(
        sa.ForeignKey("approval_step.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_substitute: Mapped[bool] = mapped_column(primary_key=True, default=False)


class ApprovalProgress(Model):
    """Where a request (or the change of a booking) is in its chain."""

    __tablename__ = "approval_progress"

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    step_id: Mapped[int] = mapped_column(
        sa.ForeignKey("approval_step.id", ondelete="CASCADE"), index=True
    )
    #: Counts how often it was asked anew, because what is asked changed.
    round: Mapped[int] = mapped_column(default=1)
    since: Mapped[datetime]
    until: Mapped[datetime | None] = mapped_column(index=True)
    substitute_from: Mapped[datetime | None]
    substitute_told: Mapped[bool] = mapped_column(default=False)


class ApprovalAnswer(Model):
    """What somebody answered at a step; ``passed`` is the clock's own."""

    __tablename__ = "approval_answer"
    __table_args__ = (
        sa.UniqueConstraint("booking_id", "round", "step_id", "person_id"),
        sa.CheckConstraint(_one_of("answer", ("approve", "decline", "passed")), name="answer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id", ondelete="CASCADE"))
    round: Mapped[int] = mapped_column(default=1)
    step_id: Mapped[int] = mapped_column(
        sa.ForeignKey("approval_step.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    answer: Mapped[str] = mapped_column(sa.String(8))
    as_substitute: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class ApproverAway(Model):
    """Until when somebody who answers is away, that day included."""

    __tablename__ = "approver_away"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    until: Mapped[date]


class RefusalReason(Model):
    """A reason for a refusal that a venue keeps ready, in its languages."""

    __tablename__ = "refusal_reason"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    text: Mapped[Texts] = mapped_column(default=Texts)
    rank: Mapped[int] = mapped_column(default=0)
