"""Tables of booking: bookings and their series, policies, tariffs, changes that wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.tokens import new_public_id, new_reference
from tierslieu.venues.models import counted_as_fact

counted_as_fact("policy")
counted_as_fact("tariff")

STATES = (
    "requested",
    "held",
    "confirmed",
    "checked_in",
    "declined",
    "cancelled",
    "no_show",
    "expired",
)


class Series(Model):
    """Bookings that repeat: the rule, in local wall time with its zone."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    uid: Mapped[str] = mapped_column(sa.String(64), unique=True)
    rrule: Mapped[str]
    #: Wall time of the first date, ``YYYY-MM-DDTHH:MM``.
    local_start: Mapped[str] = mapped_column(sa.String(16))
    minutes: Mapped[int]
    zone: Mapped[str] = mapped_column(sa.String(64))
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="RESTRICT"))
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("series.id", ondelete="SET NULL"))
    #: Days beside those of the rule (all others, where it is empty), and days left out: ISO dates.
    also: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    without: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Booking(Model):
    """A room held by a person for a span; it *has* a claim (shared key) with title and time."""

    __tablename__ = "booking"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        sa.CheckConstraint("kind IN ('normal', 'staff', 'blocked', 'seasonal')", name="kind"),
        sa.CheckConstraint("attendance IS NULL OR attendance > 0", name="attendance"),
        sa.CheckConstraint("price_cents >= 0", name="price"),
        sa.Index("ix_booking_booked_for", "booked_for_id", "id"),
        sa.Index("ix_booking_organisation", "organisation_id", "id"),
        sa.Index("ix_booking_series", "series_id"),
        sa.Index(
            "ix_booking_unanswered",
            "state",
            sqlite_where=sa.text("state IN ('requested', 'held')"),
            postgresql_where=sa.text("state IN ('requested', 'held')"),
        ),
    )

    id: Mapped[int] = mapped_column(
        sa.ForeignKey("claim.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    reference: Mapped[str] = mapped_column(sa.String(8), unique=True, default=new_reference)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="RESTRICT"), index=True)
    state: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(16), default="normal")
    booked_for_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL")
    )
    booked_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("series.id", ondelete="SET NULL"))
    #: Stable in calendars for ever; occurrences share their series'.
    uid: Mapped[str] = mapped_column(sa.String(64), index=True)
    original_starts_at: Mapped[datetime]
    #: Wall time at the venue, ``YYYY-MM-DDTHH:MM``.
    local_start: Mapped[str] = mapped_column(sa.String(16))
    zone: Mapped[str] = mapped_column(sa.String(64))
    attendance: Mapped[int | None]
    layout: Mapped[str | None] = mapped_column(sa.String(32))
    purpose: Mapped[str] = mapped_column(sa.String(64), default="")
    note: Mapped[str] = mapped_column(default="")
    #: What was declared of it (alcohol, open fire…), as ``bookings.rules.declared`` names it.
    declared: Mapped[list[Any]] = mapped_column(Json, default=list)
    #: Buffers copied when it was made, in minutes.
    before_minutes: Mapped[int] = mapped_column(default=0)
    after_minutes: Mapped[int] = mapped_column(default=0)
    price_cents: Mapped[int] = mapped_column(default=0)
    price_lines: Mapped[list[Any]] = mapped_column(Json, default=list)
    membership_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("membership.id", ondelete="SET NULL")
    )
    #: So many places of a room that is booked by place; None = the whole room.
    places: Mapped[int | None]
    #: How many kinds of things go with it (``booking_accessory``).
    things: Mapped[int] = mapped_column(default=0, server_default="0")
    override_reason: Mapped[str] = mapped_column(default="")
    answer_by: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    reason: Mapped[str] = mapped_column(default="")
    checked_in_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    #: SEQUENCE in calendars: counts changes of time, room, title or state.
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


def is_requested() -> sa.ColumnElement[bool]:
    """Waiting for an answer; in the words of the small index, without which SQLite reads all."""
    return sa.and_(sa.text("booking.state IN ('requested', 'held')"), Booking.state == "requested")


class PendingChange(Model):
    """Another time or room asked for a confirmed booking; the old stands until it is approved."""

    __tablename__ = "pending_change"
    __table_args__ = (sa.CheckConstraint("starts_at < ends_at", name="span"),)

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    attendance: Mapped[int | None]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))


class Policy(Model):
    """House rules of a scope (network, venue or room) for an audience.

    A missing key in ``rules`` means "not said here"; ``"none"`` means "no limit". Keys and values
    are those of ``bookings.rules``.
    """

    __tablename__ = "policy"
    __table_args__ = (
        sa.CheckConstraint("room_id IS NULL OR venue_id IS NOT NULL", name="scope"),
        sa.Index(
            "uq_policy",
            sa.text("coalesce(venue_id, 0)"),
            sa.text("coalesce(room_id, 0)"),
            "audience",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    audience: Mapped[str] = mapped_column(sa.String(16), default="everyone")
    rules: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    version: Mapped[int] = mapped_column(default=1)


class Tariff(Model):
    """What an hour of a room costs, in minor units; one tariff a room for now."""

    __tablename__ = "tariff"
    __table_args__ = (
        sa.CheckConstraint("hour_cents >= 0", name="hour"),
        sa.CheckConstraint("member_hour_cents IS NULL OR member_hour_cents >= 0", name="member"),
    )

    room_id: Mapped[int] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    hour_cents: Mapped[int]
    member_hour_cents: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
