"""bookings repeat"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import Json, TextsType, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.add_column("series", sa.Column("also", Json, server_default="[]", nullable=False))
    op.add_column("series", sa.Column("without", Json, server_default="[]", nullable=False))
    op.create_table(
        "skipped_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("original_starts_at", UtcDateTime(), nullable=False),
        sa.Column("local_start", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("why", TextsType(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_skipped_date_series_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skipped_date")),
        sa.UniqueConstraint("public_id", name=op.f("uq_skipped_date_public_id")),
        sa.UniqueConstraint(
            "series_id",
            "original_starts_at",
            name=op.f("uq_skipped_date_series_id_original_starts_at"),
        ),
    )


def downgrade() -> None:
    op.drop_table("skipped_date")
    op.drop_column("series", "without")
    op.drop_column("series", "also")
