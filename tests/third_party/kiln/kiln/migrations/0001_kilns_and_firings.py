"""kilns and firings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "kiln_kiln",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hottest", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["resource.id"], name=op.f("fk_kiln_kiln_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_kiln_kiln_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiln_kiln")),
        sa.UniqueConstraint("public_id", name=op.f("uq_kiln_kiln_public_id")),
    )
    with op.batch_alter_table("kiln_kiln", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kiln_kiln_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "kiln_firing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kiln_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("degrees", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["claim.id"], name=op.f("fk_kiln_firing_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["kiln_id"], ["kiln_kiln.id"], name=op.f("fk_kiln_firing_kiln_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_kiln_firing_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiln_firing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_kiln_firing_public_id")),
    )
    with op.batch_alter_table("kiln_firing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kiln_firing_kiln_id"), ["kiln_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_kiln_firing_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("kiln_firing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kiln_firing_person_id"))
        batch_op.drop_index(batch_op.f("ix_kiln_firing_kiln_id"))

    op.drop_table("kiln_firing")
    with op.batch_alter_table("kiln_kiln", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kiln_kiln_venue_id"))

    op.drop_table("kiln_kiln")
