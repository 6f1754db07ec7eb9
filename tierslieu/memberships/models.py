"""Tables of membership: plans of an association, memberships, dues taken."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id


class Plan(Model):
    """What a venue's association offers: a season of its own, dues, a grace after its end."""

    __tablename__ = "plan"
    __table_args__ = (
        sa.CheckConstraint("season_month BETWEEN 1 AND 12", name="season_month"),
        sa.CheckConstraint("season_day BETWEEN 1 AND 28", name="season_day"),
        sa.CheckConstraint("fee_cents >= 0", name="fee"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL")
    )
    name: Mapped[Texts]
    season_month: Mapped[int] = mapped_column(default=1)
    season_day: Mapped[int] = mapped_column(default=1)
    fee_cents: Mapped[int] = mapped_column(default=0)
    grace_days: Mapped[int] = mapped_column(default=31)
    #: Cards of plans with the same circuit (ARCI, ANCeSCAO) count in each other's venues.
    circuit: Mapped[str] = mapped_column(sa.String(32), default="")
    desk_may_admit: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    next_card: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)


class Membership(Model):
    """A person's membership under a plan for one season."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint("state IN ('applied', 'admitted', 'refused', 'left')", name="state"),
        sa.CheckConstraint("season_starts_on < season_ends_on", name="season"),
        sa.CheckConstraint("season_ends_on <= counts_until", name="grace"),
        sa.CheckConstraint("fee_cents >= 0", name="fee"),
        sa.CheckConstraint(
            "(state = 'admitted') = (card_number IS NOT NULL) OR state = 'left'", name="card"
        ),
        sa.UniqueConstraint("plan_id", "person_id", "season_starts_on"),
        sa.Index("uq_membership_card", "plan_id", "season_starts_on", "card_number", unique=True),
        sa.Index("ix_membership_person", "person_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(sa.String(16), default="applied")
    season_starts_on: Mapped[date]
    #: The first day after the season.
    season_ends_on: Mapped[date]
    #: The first day on which it counts no longer: grace included, as the plan had it then.
    counts_until: Mapped[date]
    #: Dues as the plan asked them for then, in minor units.
    fee_cents: Mapped[int] = mapped_column(default=0)
    card_number: Mapped[str | None] = mapped_column(sa.String(32))
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    reason: Mapped[str] = mapped_column(default="")
    #: When she was told that her season ends.
    lapse_told_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class DuesPayment(Model):
    """Dues taken at the desk: how much, how, by whom; corrected only by a withdrawing row."""

    __tablename__ = "dues_payment"
    __table_args__ = (
        sa.CheckConstraint("method IN ('cash', 'card', 'transfer', 'free')", name="method"),
        sa.Index("uq_dues_payment_withdraws", "withdraws_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("membership.id", ondelete="RESTRICT"), index=True
    )
    #: Minor units; negative in a row that withdraws another.
    amount_cents: Mapped[int]
    method: Mapped[str] = mapped_column(sa.String(16))
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    withdraws_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("dues_payment.id", ondelete="RESTRICT")
    )
