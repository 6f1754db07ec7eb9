"""An address may open more than a person's own calendar, and members read more than everybody.

Columns only; the texts for members are made by a job afterwards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()

SCOPES = ("venue", "room", "organisation")


def upgrade() -> None:
    with op.batch_alter_table("ical_feed", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("scope", sa.String(length=12), server_default="own", nullable=False)
        )
        batch_op.add_column(
            sa.Column("detail", sa.String(length=8), server_default="private", nullable=False)
        )
        for name in SCOPES:
            batch_op.add_column(sa.Column(f"{name}_id", sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_ical_feed_{name}_id"),
                name,
                [f"{name}_id"],
                ["id"],
                ondelete="CASCADE",
            )
        batch_op.add_column(sa.Column("chosen", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("ical_fragment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("member_text", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("member_until", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("member_mark", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("member_changed_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ical_fragment", schema=None) as batch_op:
        for name in ("changed_at", "mark", "until", "text"):
            batch_op.drop_column(f"member_{name}")
    with op.batch_alter_table("ical_feed", schema=None) as batch_op:
        batch_op.drop_column("chosen")
        for name in reversed(SCOPES):
            batch_op.drop_constraint(batch_op.f(f"fk_ical_feed_{name}_id"), type_="foreignkey")
            batch_op.drop_column(f"{name}_id")
        batch_op.drop_column("detail")
        batch_op.drop_column("scope")
