"""Tables of the places: the network, its venues and rooms, and when they are open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.guards import Guard, register
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id

Short = sa.String(64)


class FactsVersion(Model):
    """Counts every change of what decides whether a room is open and by which rules.

    Kept by the database itself, so no writer can forget it; what was read under one version may be
    kept in memory until the version moves on.
    """

    __tablename__ = "facts_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


_COUNT = (
    "INSERT INTO facts_version (id, version) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET version = facts_version.version + 1"
)
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION facts_changed() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {_COUNT}; RETURN NULL; END $$"
)


#: Tables whose changes are counted.
COUNTED: set[str] = set()


def counted_as_fact(table: str) -> Guard:
    """Count each change of a table's rows in ``facts_version``."""
    COUNTED.add(table)
    name = f"{table}_is_a_fact"
    verbs = ("INSERT", "UPDATE", "DELETE")
    trigger = (
        f"CREATE OR REPLACE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION facts_changed()"
    )
    return register(
        Guard(
            table,
            sqlite=[
                f"CREATE TRIGGER IF NOT EXISTS {name}_{verb.lower()} AFTER {verb} ON {table} "
                f"BEGIN {_COUNT}; END"
                for verb in verbs
            ],
            sqlite_names=[f"{name}_{verb.lower()}" for verb in verbs],
            postgresql=[_FUNCTION, trigger],
            postgresql_names=[name],
        )
    )


for _table in (
    "network",
    "venue",
    "room",
    "opening_period",
    "opening_exception",
    "closure",
    "venue_mode",
    "local_holiday",
    "resource",
    "venue_kind",
    "venue_section",
    "photo",
    "resource_part",
):
    counted_as_fact(_table)


class Network(Model):
    """The network of this installation: one row, its settings and its looks."""

    __tablename__ = "network"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    name: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    zone: Mapped[str] = mapped_column(Short, default="Europe/Rome")
    locale: Mapped[str] = mapped_column(sa.String(8), default="it")
    currency: Mapped[str] = mapped_column(sa.String(3), default="EUR")
    accent: Mapped[str] = mapped_column(sa.String(16), default="persiana")
    holiday_country: Mapped[str] = mapped_column(sa.String(2), default="IT")
    holiday_subdivision: Mapped[str] = mapped_column(sa.String(8), default="RE")
    banner: Mapped[Texts] = mapped_column(default=Texts)
    help_text: Mapped[Texts] = mapped_column(default=Texts)
    version: Mapped[int] = mapped_column(default=1)


class VenueKind(Model):
    """What a venue is called here (social centre, neighbourhood house…): labels of managers."""

    __tablename__ = "venue_kind"

    key: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    label: Mapped[Texts]
    rank: Mapped[int] = mapped_column(default=0)


class Venue(Model):
    """A public place of the network, run by one organisation."""

    __tablename__ = "venue"
    __table_args__ = (
        sa.CheckConstraint("position IN ('area', 'exact', 'invented')", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Short, unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(sa.ForeignKey("venue_kind.key", ondelete="RESTRICT"))
    street: Mapped[str] = mapped_column(default="")
    area: Mapped[str] = mapped_column(default="")
    town: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    position: Mapped[str] = mapped_column(sa.String(8), default="area")
    zone: Mapped[str] = mapped_column(Short, default="Europe/Rome")
    phone: Mapped[str | None] = mapped_column(Short)
    email: Mapped[str | None] = mapped_column(sa.String(254))
    website: Mapped[str | None]
    affiliation: Mapped[str] = mapped_column(Short, default="")
    accent: Mapped[str] = mapped_column(sa.String(16), default="persiana")
    lede: Mapped[Texts] = mapped_column(default=Texts)
    source: Mapped[str] = mapped_column(default="")
    operator_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL")
    )
    closed_on_holidays: Mapped[bool] = mapped_column(default=True)
    desk_may_approve: Mapped[bool] = mapped_column(default=False)
    published: Mapped[bool] = mapped_column(default=True)
    archived_at: Mapped[datetime | None]
    #: Counts every change that a timeline or an anonymous page of this venue would show.
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)


class VenueSection(Model):
    """One section of a venue's page (history, place and services, activities, access…)."""

    __tablename__ = "venue_section"
    __table_args__ = (sa.UniqueConstraint("venue_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(32))
    body: Mapped[Texts]
    rank: Mapped[int] = mapped_column(default=0)


class Room(Model):
    """A space people can see and, where policy says so, book; it *has* a resource (shared key)."""

    __tablename__ = "room"
    __table_args__ = (sa.UniqueConstraint("venue_id", "slug"),)

    id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(Short)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(sa.String(32), default="meeting")
    description: Mapped[Texts] = mapped_column(default=Texts)
    area_m2: Mapped[int | None]
    #: The largest of its layouts, or what a manager says.
    capacity: Mapped[int | None]
    #: layout name → people, e.g. {"theatre": 28, "islands": 24}.
    layouts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    features: Mapped[list[Any]] = mapped_column(Json, default=list)
    step_free: Mapped[bool | None]
    accessible_toilet: Mapped[bool | None]
    hearing_loop: Mapped[bool | None]
    lift: Mapped[bool | None]
    door_cm: Mapped[int | None]
    step_cm: Mapped[int | None]
    parking_m: Mapped[int | None]
    access_note: Mapped[Texts] = mapped_column(default=Texts)
    keys: Mapped[bool] = mapped_column(default=False)
    rank: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Photo(Model):
    """A picture of a venue or a room, re-encoded by us; three sizes, WebP and JPEG."""

    __tablename__ = "photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    alt: Mapped[Texts]
    width: Mapped[int]
    height: Mapped[int]
    rank: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class OpeningPeriod(Model):
    """Weekly hours of a venue or of one room, always or between two days.

    ``weekly``: weekday ("0" = Monday … "6") → list of [opens, closes] in minutes from midnight.
    """

    __tablename__ = "opening_period"
    __table_args__ = (
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from <= valid_until", name="days"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    priority: Mapped[int] = mapped_column(default=0)
    weekly: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class OpeningException(Model):
    """One day unlike the others: other hours, or closed (no intervals)."""

    __tablename__ = "opening_exception"
    __table_args__ = (
        sa.Index(
            "uq_opening_exception",
            "venue_id",
            sa.text("coalesce(room_id, 0)"),
            "day",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    day: Mapped[date]
    intervals: Mapped[list[Any]] = mapped_column(Json, default=list)
    note: Mapped[Texts] = mapped_column(default=Texts)


class Closure(Model):
    """Closed from one moment to another, with a reason; never moves or cancels anything itself."""

    __tablename__ = "closure"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="span"),
        sa.Index("ix_closure_venue_ends", "venue_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[Texts] = mapped_column(default=Texts)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )


class VenueMode(Model):
    """A venue open as always, to fewer people, or closed; whole local days, the last included.

    ``rooms``: id of a room → how many people at most. Ended early, its last day is the one before
    and ``ended_at`` says so. It never moves or cancels anything itself.
    """

    __tablename__ = "venue_mode"
    __table_args__ = (
        sa.CheckConstraint("mode IN ('open', 'limited', 'closed')", name="mode"),
        sa.CheckConstraint("until_day IS NULL OR from_day <= until_day", name="days"),
        sa.CheckConstraint("share IS NULL OR share BETWEEN 1 AND 100", name="share"),
        sa.Index("ix_venue_mode_venue", "venue_id", "from_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    mode: Mapped[str] = mapped_column(sa.String(8))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    share: Mapped[int | None]
    m2: Mapped[float | None]
    people: Mapped[int | None]
    rooms: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    reason: Mapped[Texts] = mapped_column(default=Texts)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    ended_at: Mapped[datetime | None]


class LocalHoliday(Model):
    """A yearly day of the place that the calendar library does not know (a patron saint)."""

    __tablename__ = "local_holiday"
    __table_args__ = (
        sa.CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name="day"),
        sa.UniqueConstraint("month", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[int]
    day: Mapped[int]
    name: Mapped[Texts]
