"""Programmes have passwords of their own to read a person's calendar.

A new table only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "ical_app_password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ical_app_password_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ical_app_password")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ical_app_password_public_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_ical_app_password_secret_hash")),
    )
    with op.batch_alter_table("ical_app_password", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ical_app_password_person_id"), ["person_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("ical_app_password", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ical_app_password_person_id"))

    op.drop_table("ical_app_password")
