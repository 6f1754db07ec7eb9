"""Tables of the engine: what can be taken, what takes it, and what is thereby occupied."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.kernel.guards import Guard, register
from tierslieu.kernel.tokens import new_public_id


class Resource(Model):
    """The thin thing that can be held in time: a room, a part of one, a desk, a lane, an item."""

    __tablename__ = "resource"

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    bookable: Mapped[bool] = mapped_column(default=True)


class ResourcePart(Model):
    """``part`` is a part of ``whole``; many-to-many and acyclic (A+B and B+C both exist)."""

    __tablename__ = "resource_part"
    __table_args__ = (sa.CheckConstraint("whole_id <> part_id", name="not_itself"),)

    whole_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    part_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ResourceLeaf(Model):
    """The undivided resources that holding ``resource`` occupies; kept by one service."""

    __tablename__ = "resource_leaf"

    resource_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    leaf_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Pool(Model):
    """Interchangeable things with an identity: desks, lanes, bicycles."""

    __tablename__ = "pool"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    name: Mapped[str]


class PoolMember(Model):
    """A leaf that belongs to a pool; ``rank`` says which is chosen first."""

    __tablename__ = "pool_member"

    pool_id: Mapped[int] = mapped_column(
        sa.ForeignKey("pool.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    rank: Mapped[int] = mapped_column(default=0)


class Claim(Model):
    """Whatever takes resources; carries the time people see.

    ``owner`` is the feature or plugin whose it is, ``resource_id`` what was asked for,
    ``expires_at`` makes it a hold that is free for everybody past that moment.
    """

    __tablename__ = "claim"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="span"),
        sa.CheckConstraint("visibility IN ('private', 'members', 'public')", name="visibility"),
        sa.Index("ix_claim_resource_ends", "resource_id", "ends_at", "starts_at"),
        sa.Index("ix_claim_resource_starts", "resource_id", "starts_at", "id"),
        sa.Index("ix_claim_venue_ends", "venue_id", "ends_at", "starts_at"),
        sa.Index("ix_claim_starts", "starts_at", "id"),
        # Holds alone: take() asks it each time, so it must stay as small as the holds of today.
        sa.Index(
            "ix_claim_expires_at",
            "expires_at",
            sqlite_where=sa.text("expires_at IS NOT NULL"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    resource_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="SET NULL")
    )
    kind: Mapped[str] = mapped_column(sa.String(32))
    owner: Mapped[str] = mapped_column(sa.String(32), default="core")
    label: Mapped[str] = mapped_column(default="")
    visibility: Mapped[str] = mapped_column(sa.String(8), default="private")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class Occupancy(Model):
    """One leaf taken by one claim for one span, set-up and clear-up included; half-open.

    Written by ``resources.services`` alone; two that overlap on one leaf are refused by the
    database on every engine.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="span"),
        # With claim_id, so that "is it free" is answered from the index alone, holds included.
        sa.Index("ix_occupancy_first_after", "resource_id", "ends_at", "starts_at", "claim_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(sa.ForeignKey("resource.id", ondelete="RESTRICT"))
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claim.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Stock(Model):
    """Things without an identity, counted: chairs, tables, glasses."""

    __tablename__ = "stock"
    __table_args__ = (sa.CheckConstraint("quantity >= 0", name="quantity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    quantity: Mapped[int]


class StockUse(Model):
    """``quantity`` pieces of a stock taken by a claim for a span."""

    __tablename__ = "stock_use"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="span"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index("ix_stock_use_stock_ends", "stock_id", "ends_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stock_id: Mapped[int] = mapped_column(sa.ForeignKey("stock.id", ondelete="RESTRICT"))
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claim.id", ondelete="CASCADE"), index=True)
    quantity: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


_OVERLAP = (
    "EXISTS (SELECT 1 FROM occupancy o WHERE o.resource_id = NEW.resource_id "
    "AND o.ends_at > NEW.starts_at AND o.starts_at < NEW.ends_at AND o.id IS NOT NEW.id)"
)
# Rows of one resource never overlap, so only the first that ends after the start can collide.
_FIRST_AFTER = (
    "(SELECT o.starts_at FROM occupancy o WHERE o.resource_id = NEW.resource_id "
    "AND o.ends_at > NEW.starts_at ORDER BY o.ends_at LIMIT 1) < NEW.ends_at"
)
_HAS_PARTS = "EXISTS (SELECT 1 FROM resource_part p WHERE p.whole_id = NEW.resource_id)"


def _sqlite_trigger(name: str, verb: str, when: str, message: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON occupancy WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


no_overlap = register(
    Guard(
        "occupancy",
        sqlite=[
            _sqlite_trigger("occupancy_no_overlap", "INSERT", _FIRST_AFTER, "occupancy overlap"),
            _sqlite_trigger("occupancy_no_overlap_update", "UPDATE", _OVERLAP, "occupancy overlap"),
        ],
        sqlite_names=["occupancy_no_overlap", "occupancy_no_overlap_update"],
        postgresql=[
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            (
                "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = "
                "'occupancy_no_overlap') THEN ALTER TABLE occupancy ADD CONSTRAINT "
                "occupancy_no_overlap EXCLUDE USING gist (resource_id WITH =, "
                "tstzrange(starts_at, ends_at) WITH &&); END IF; END $$"
            ),
        ],
        postgresql_names=["occupancy_no_overlap"],
    )
)

only_leaves = register(
    Guard(
        "occupancy",
        sqlite=[
            _sqlite_trigger("occupancy_only_leaves", "INSERT", _HAS_PARTS, "occupancy of a whole"),
            _sqlite_trigger(
                "occupancy_only_leaves_update", "UPDATE", _HAS_PARTS, "occupancy of a whole"
            ),
        ],
        sqlite_names=["occupancy_only_leaves", "occupancy_only_leaves_update"],
        postgresql=[
            (
                "CREATE OR REPLACE FUNCTION occupancy_only_leaves() RETURNS trigger "
                f"LANGUAGE plpgsql AS $$ BEGIN IF {_HAS_PARTS} THEN RAISE EXCEPTION "
                "'occupancy of a whole' USING ERRCODE = 'check_violation'; END IF; "
                "RETURN NEW; END $$"
            ),
            (
                "CREATE OR REPLACE TRIGGER occupancy_only_leaves BEFORE INSERT OR UPDATE "
                "ON occupancy FOR EACH ROW EXECUTE FUNCTION occupancy_only_leaves()"
            ),
        ],
        postgresql_names=["occupancy_only_leaves"],
    )
)
