"""house rules say more"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import Json, TextsType

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    _quota()
    op.create_table(
        "purpose",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("label", TextsType(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_purpose_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purpose")),
    )
    op.create_index(op.f("ix_purpose_venue_id"), "purpose", ["venue_id"], unique=False)
    op.create_index(
        "uq_purpose",
        "purpose",
        [sa.literal_column("coalesce(venue_id, 0)"), "key"],
        unique=True,
    )
    op.add_column("booking", sa.Column("declared", Json, nullable=False, server_default="[]"))
    op.add_column(
        "person_venue",
        sa.Column("resident", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _quota() -> None:
    op.create_table(
        "quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("label", TextsType(), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("per", sa.String(length=16), nullable=False),
        sa.Column("whose", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("counted_over", sa.String(length=16), nullable=False),
        sa.Column("weekdays", Json, nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("season_month", sa.Integer(), nullable=False),
        sa.Column("season_day", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("room_id IS NULL OR venue_id IS NOT NULL", name=op.f("ck_quota_scope")),
        sa.CheckConstraint("measure IN ('hours', 'count')", name=op.f("ck_quota_measure")),
        sa.CheckConstraint(
            "per IN ('day', 'week', 'month', 'year', 'season')", name=op.f("ck_quota_per")
        ),
        sa.CheckConstraint(
            "whose IN ('person', 'organisation', 'either', 'group')", name=op.f("ck_quota_whose")
        ),
        sa.CheckConstraint(
            "counted_over IN ('room', 'venue', 'network')", name=op.f("ck_quota_counted_over")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_quota_amount")),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name=op.f("ck_quota_minutes"),
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_quota_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_quota_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quota_public_id")),
    )
    op.create_index(op.f("ix_quota_room_id"), "quota", ["room_id"], unique=False)
    op.create_index(op.f("ix_quota_venue_id"), "quota", ["venue_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("person_venue") as batch:
        batch.drop_column("resident")
    with op.batch_alter_table("booking") as batch:
        batch.drop_column("declared")
    op.drop_table("purpose")
    op.drop_table("quota")
