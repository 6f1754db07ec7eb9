"""Tables of the waiting list: who waits for what, and the links that answer an offer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.tokens import new_public_id

STATES = ("waiting", "offered", "accepted", "lapsed", "left")
_OPEN = "state IN ('waiting', 'offered')"


class WaitingEntry(Model):
    """Somebody in line for a room and a time, and what it would be booked as."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        sa.CheckConstraint("starts_at < ends_at", name="span"),
        sa.CheckConstraint("attendance IS NULL OR attendance > 0", name="attendance"),
        sa.CheckConstraint("state <> 'offered' OR offered_until IS NOT NULL", name="offered"),
        # Asked at every cancel: as small as the list of those who wait at this moment.
        sa.Index(
            "ix_waiting_entry_room",
            "room_id",
            "ends_at",
            sqlite_where=sa.text(_OPEN),
            postgresql_where=sa.text(_OPEN),
        ),
        sa.Index(
            "uq_waiting_entry",
            "room_id",
            "starts_at",
            "ends_at",
            "person_id",
            sa.text("coalesce(organisation_id, 0)"),
            unique=True,
            sqlite_where=sa.text(_OPEN),
            postgresql_where=sa.text(_OPEN),
        ),
        sa.Index("ix_waiting_entry_person", "person_id", "id"),
        sa.Index("ix_waiting_entry_booking", "booking_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(default="")
    attendance: Mapped[int | None]
    layout: Mapped[str | None] = mapped_column(sa.String(32))
    purpose: Mapped[str] = mapped_column(sa.String(64), default="")
    note: Mapped[str] = mapped_column(default="")
    #: What was declared of it: it may need an answer once it is taken up.
    declared: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    #: So many places of a room that is booked by place, or one by its name; None = the whole room.
    places: Mapped[int | None]
    place: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    #: [public id of a thing, how many] of what shall go with it.
    things: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    visibility: Mapped[str] = mapped_column(sa.String(8), default="private")
    state: Mapped[str] = mapped_column(sa.String(8), default="waiting")
    joined_at: Mapped[datetime]
    #: The order: microseconds of joining, until a manager changes it with a reason.
    rank: Mapped[int] = mapped_column(sa.BigInteger)
    rank_reason: Mapped[str] = mapped_column(default="")
    #: The offer: a booking in state held, what became of it afterwards.
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id", ondelete="SET NULL"))
    offered_at: Mapped[datetime | None]
    offered_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def wishes(self) -> tuple[tuple[str, int], ...]:
        """What shall go with it, as a wish says it."""
        return tuple((public_id, quantity) for public_id, quantity in self.things)


class WaitingLink(Model):
    """A link that answers one offer without signing in: hashed, for one offer, revocable."""

    __tablename__ = "waiting_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        sa.ForeignKey("waiting_entry.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
