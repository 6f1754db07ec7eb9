"""Chores and keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.tokens import new_public_id

MOMENTS = ("before", "after")
KEY_KINDS = ("key", "code")


class ChoreList(Model):
    """What is to be done before or after each booking of a room, or of all rooms of a venue."""

    __tablename__ = "chore_list"
    __table_args__ = (
        sa.CheckConstraint("moment IN ('before', 'after')", name="moment"),
        sa.Index("ix_chore_list_venue", "venue_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    moment: Mapped[str] = mapped_column(sa.String(8))
    title: Mapped[str] = mapped_column(sa.String(120))
    #: The points to tick, in the house's own words.
    points: Mapped[list[Any]] = mapped_column(Json, default=list)
    #: A walk round with notes and photos (état des lieux).
    inspection: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Chore(Model):
    """A list beside one booking, since somebody touched it.

    ``points``: [{"text", "done_at"}…], as the list was then.
    """

    __tablename__ = "chore"
    __table_args__ = (
        sa.UniqueConstraint("booking_id", "list_id"),
        sa.Index("ix_chore_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id", ondelete="CASCADE"))
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("chore_list.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    points: Mapped[list[Any]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1)


class ChorePhoto(Model):
    """A photo taken on a walk round, encoded anew by us; the desk alone sees it."""

    __tablename__ = "chore_photo"
    __table_args__ = (sa.Index("ix_chore_photo_chore", "chore_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    chore_id: Mapped[int] = mapped_column(sa.ForeignKey("chore.id", ondelete="CASCADE"))
    shows: Mapped[str] = mapped_column(sa.String(300), default="")
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))


class RoomKey(Model):
    """A key or a code of a room, or of the whole venue. ``hours``: how early a code is shown."""

    __tablename__ = "room_key"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('key', 'code')", name="kind"),
        sa.CheckConstraint("hours >= 0", name="hours"),
        sa.Index("ix_room_key_venue", "venue_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(8), default="key")
    label: Mapped[str] = mapped_column(sa.String(80))
    code: Mapped[str] = mapped_column(sa.String(40), default="")
    hours: Mapped[int] = mapped_column(default=24)
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Handover(Model):
    """A key in somebody's hands, for a booking or without one, until it is back."""

    __tablename__ = "key_handover"
    __table_args__ = (
        sa.Index(
            "uq_key_handover_out",
            "key_id",
            unique=True,
            sqlite_where=sa.text("back_at IS NULL"),
            postgresql_where=sa.text("back_at IS NULL"),
        ),
        sa.Index("ix_key_handover_booking", "booking_id"),
        sa.Index("ix_key_handover_holder", "holder_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("room_key.id", ondelete="CASCADE"))
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id", ondelete="SET NULL"))
    holder_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    #: Who holds it, as it is said; for somebody without a row, or beside it.
    holder_name: Mapped[str] = mapped_column(sa.String(120), default="")
    given_at: Mapped[datetime]
    given_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    due_at: Mapped[datetime | None]
    back_at: Mapped[datetime | None]
    back_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(default="")
