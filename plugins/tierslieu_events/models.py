"""Events, their dates, the sides of a date, and who registered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl

#: A registration in one of these is somebody's who means to come.
ACTIVE = ("pending", "registered", "waiting", "offered", "asked")


class Event(tl.Model):
    """What a venue invites to."""

    __tablename__ = "events_event"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'published', 'cancelled')", name="state"),
        sa.CheckConstraint("price_cents >= 0", name="price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    title: Mapped[tl.Texts] = mapped_column(tl.TextsType)
    description: Mapped[tl.Texts] = mapped_column(tl.TextsType)
    category: Mapped[str] = mapped_column(sa.String(16), default="other")
    audience: Mapped[str] = mapped_column(sa.String(16), default="everybody")
    #: Who invites: a person, an organisation, or the venue itself when there is neither.
    organiser_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )
    price_cents: Mapped[int] = mapped_column(default=0)
    music_licence: Mapped[bool] = mapped_column(default=False)
    captions: Mapped[bool] = mapped_column(default=False)
    sign_language: Mapped[bool] = mapped_column(default=False)
    access_note: Mapped[tl.Texts] = mapped_column(tl.TextsType, default=tl.Texts)
    guests: Mapped[bool] = mapped_column(default=True)
    most_seats: Mapped[int] = mapped_column(default=4)
    #: Days after the publication in which members of the venue come first.
    members_days: Mapped[int] = mapped_column(default=0)
    #: What is asked of who registers: [{"key", "text": {language: text}, "required"}].
    questions: Mapped[list[dict[str, Any]]] = mapped_column(tl.Json, default=list)
    state: Mapped[str] = mapped_column(sa.String(12), default="draft")
    published_at: Mapped[datetime | None] = mapped_column(tl.UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class EventPicture(tl.Model):
    """The picture of an event, encoded anew, in one size for all."""

    __tablename__ = "events_picture"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events_event.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[tl.Texts] = mapped_column(tl.TextsType)


class EventDate(tl.Model):
    """One time at which an event takes place; ``booking_id`` is how it has its room."""

    __tablename__ = "events_date"
    __table_args__ = (
        sa.CheckConstraint("mode IN ('room', 'remote', 'hybrid')", name="mode"),
        sa.CheckConstraint("state IN ('planned', 'cancelled')", name="state"),
        sa.CheckConstraint("starts_at < ends_at", name="span"),
        sa.Index("ix_events_date_span", "starts_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    event_id: Mapped[int] = mapped_column(
        ForeignKey("events_event.id", ondelete="CASCADE"), index=True
    )
    room_id: Mapped[int | None] = mapped_column(
        ForeignKey("room.id", ondelete="SET NULL"), index=True
    )
    booking_id: Mapped[int | None] = mapped_column(
        ForeignKey("booking.id", ondelete="SET NULL"), unique=True
    )
    starts_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    mode: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[str] = mapped_column(sa.String(12), default="planned")
    reason: Mapped[str] = mapped_column(default="")
    #: How the remote side is met: the name of a provider and what it keeps.
    provider: Mapped[str] = mapped_column(sa.String(32), default="")
    meeting: Mapped[dict[str, Any]] = mapped_column(tl.Json, default=dict)
    recording_url: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)


class Side(tl.Model):
    """One way to take part in a date, and how many places it has; None: as many as come."""

    __tablename__ = "events_side"
    __table_args__ = (
        sa.UniqueConstraint("date_id", "kind", name="uq_events_side_kind"),
        sa.CheckConstraint("kind IN ('room', 'remote')", name="kind"),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        sa.CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="taken"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    date_id: Mapped[int] = mapped_column(ForeignKey("events_date.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    is_open: Mapped[bool] = mapped_column(default=True)


class Registration(tl.Model):
    """Who wants to come, on one side of a date, with how many people.

    Somebody without an account has a name and perhaps an address here; ``who`` is what tells two
    of them apart, so that nobody stands twice on one side.
    """

    __tablename__ = "events_registration"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('pending', 'registered', 'waiting', 'offered', 'asked', 'cancelled',"
            " 'lapsed')",
            name="state",
        ),
        sa.CheckConstraint("seats > 0", name="seats"),
        sa.CheckConstraint("fallback IN ('ask', 'remote', 'cancel')", name="fallback"),
        sa.Index("ix_events_registration_line", "side_id", "state", "joined_at"),
        sa.Index("ix_events_registration_due", "expires_at"),
        sa.Index(
            "uq_events_registration_who",
            "side_id",
            "who",
            unique=True,
            sqlite_where=sa.text("state NOT IN ('cancelled', 'lapsed') AND who IS NOT NULL"),
            postgresql_where=sa.text("state NOT IN ('cancelled', 'lapsed') AND who IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    side_id: Mapped[int] = mapped_column(ForeignKey("events_side.id", ondelete="CASCADE"))
    date_id: Mapped[int] = mapped_column(
        ForeignKey("events_date.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    locale: Mapped[str] = mapped_column(sa.String(8), default="")
    who: Mapped[str | None] = mapped_column(sa.String(260))
    seats: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12))
    #: Whether its places are taken: registered, offered, or kept while an address is confirmed.
    holds: Mapped[bool]
    fallback: Mapped[str] = mapped_column(sa.String(8), default="ask")
    answers: Mapped[dict[str, str]] = mapped_column(tl.Json, default=dict)
    #: Said or shown at the door.
    code: Mapped[str] = mapped_column(sa.String(8), unique=True)
    link_serial: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(tl.UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(tl.UtcDateTime)
    #: How many of the seats came; 0: nobody yet.
    came: Mapped[int] = mapped_column(default=0)
    came_at: Mapped[datetime | None] = mapped_column(tl.UtcDateTime)
    revision: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None] = mapped_column(tl.UtcDateTime)
