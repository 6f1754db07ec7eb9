"""Calendars elsewhere keep rooms busy: their addresses, and the times they told last.

New tables only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "ical_external",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("modified", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("whole_at", UtcDateTime(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_ical_external_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_ical_external_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ical_external")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ical_external_public_id")),
    )
    with op.batch_alter_table("ical_external", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ical_external_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ical_external_room_id"), ["room_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ical_external_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "ical_external_busy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("collides", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.id"],
            name=op.f("fk_ical_external_busy_claim_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["external_id"],
            ["ical_external.id"],
            name=op.f("fk_ical_external_busy_external_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ical_external_busy")),
        sa.UniqueConstraint(
            "external_id", "key", name=op.f("uq_ical_external_busy_external_id_key")
        ),
    )
    with op.batch_alter_table("ical_external_busy", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ical_external_busy_claim_id"), ["claim_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("ical_external_busy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ical_external_busy_claim_id"))

    op.drop_table("ical_external_busy")
    with op.batch_alter_table("ical_external", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ical_external_venue_id"))
        batch_op.drop_index(batch_op.f("ix_ical_external_room_id"))
        batch_op.drop_index(batch_op.f("ix_ical_external_next_at"))

    op.drop_table("ical_external")
