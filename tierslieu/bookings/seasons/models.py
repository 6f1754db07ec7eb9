"""Tables of seasons: rounds, what they offer every week, who asks for it, who gets it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.bookings.seasons.rules import STATES
from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.venues.models import counted_as_fact

# Pages that are the same for everybody say where a season is; they are told apart by the facts.
counted_as_fact("season_round")


class SeasonRound(Model):
    """One season of a venue. Days are local; ``criteria`` maps a criterion to its points.

    ``to_confirm``: criteria that count only once the venue has confirmed what a group declares.
    """

    __tablename__ = "season_round"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        sa.CheckConstraint("starts_on <= ends_on", name="season"),
        sa.CheckConstraint("apply_from <= apply_until", name="window"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    name: Mapped[Texts] = mapped_column(default=Texts)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    apply_from: Mapped[date]
    apply_until: Mapped[date]
    criteria: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    to_confirm: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    state: Mapped[str] = mapped_column(sa.String(16), default="draft")
    created_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class SeasonSlot(Model):
    """Hours of a weekday in a room, offered every week of a season."""

    __tablename__ = "season_slot"
    __table_args__ = (
        sa.UniqueConstraint(
            "round_id", "room_id", "weekday", "from_minute", "until_minute", name="uq_season_slot"
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name="minutes",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("season_round.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    from_minute: Mapped[int]
    until_minute: Mapped[int]


class SeasonApplication(Model):
    """What a group asks of a season. ``rooms``: row ids, ``windows``: [weekday, from, until]."""

    __tablename__ = "season_application"
    __table_args__ = (
        sa.CheckConstraint("size > 0", name="size"),
        sa.CheckConstraint("times > 0", name="times"),
        sa.CheckConstraint("state IN ('asked', 'withdrawn')", name="state"),
        sa.Index("ix_season_application_round", "round_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("season_round.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str]
    size: Mapped[int]
    times: Mapped[int]
    rooms: Mapped[list[Any]] = mapped_column(Json, default=list)
    windows: Mapped[list[Any]] = mapped_column(Json, default=list)
    time_first: Mapped[bool] = mapped_column(default=True)
    step_free: Mapped[bool] = mapped_column(default=False)
    two_a_day: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[str] = mapped_column(default="")
    #: What was answered: {criterion: true or a number}.
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: What the venue said of what is declared: {criterion: {"ok": true or false, "reason": text}}.
    verdicts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    #: What the criteria gave when they were last counted: [[criterion, points]].
    points: Mapped[list[Any]] = mapped_column(Json, default=list)
    points_by_hand: Mapped[int] = mapped_column(default=0)
    points_reason: Mapped[str] = mapped_column(default="")
    score: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(sa.String(16), default="asked")
    applied_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class SeasonPlacement(Model):
    """A slot given to an application, or (``removed``) taken from it by hand for good."""

    __tablename__ = "season_placement"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "slot_id"),
        sa.CheckConstraint("made_by IN ('method', 'hand')", name="made_by"),
        sa.CheckConstraint("made_by = 'hand' OR NOT removed", name="removed"),
        # Of a slot there is one holder, whoever writes.
        sa.Index(
            "uq_season_placement_slot",
            "slot_id",
            unique=True,
            sqlite_where=sa.text("NOT removed"),
            postgresql_where=sa.text("NOT removed"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        sa.ForeignKey("season_application.id", ondelete="CASCADE")
    )
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("season_slot.id", ondelete="CASCADE"))
    made_by: Mapped[str] = mapped_column(sa.String(8), default="method")
    removed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("series.id", ondelete="SET NULL"))
    #: When it was turned into bookings, and what was said where none could be made.
    booked_at: Mapped[datetime | None]
    refusal: Mapped[Texts] = mapped_column(default=Texts)
