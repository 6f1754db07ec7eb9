"""Who waits for a thing, and what was offered.

A new table only.
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
        "lending_waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("loan_id", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["loan_id"],
            ["lending_loan.id"],
            name=op.f("fk_lending_waiting_loan_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_lending_waiting_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thing_id"],
            ["lending_thing.id"],
            name=op.f("fk_lending_waiting_thing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_waiting")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lending_waiting_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lending_waiting_token_hash")),
    )
    with op.batch_alter_table("lending_waiting", schema=None) as batch_op:
        batch_op.create_index("ix_lending_waiting_line", ["thing_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lending_waiting_loan_id"), ["loan_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_lending_waiting_person_id"), ["person_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("lending_waiting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lending_waiting_person_id"))
        batch_op.drop_index(batch_op.f("ix_lending_waiting_loan_id"))
        batch_op.drop_index("ix_lending_waiting_line")

    op.drop_table("lending_waiting")
