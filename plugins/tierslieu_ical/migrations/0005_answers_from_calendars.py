"""Invitations are answered: the answers, and who wants no invitations.

New tables only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "ical_no_invitations",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ical_no_invitations_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_ical_no_invitations")),
    )
    op.create_table(
        "ical_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("original_starts_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('accepted', 'declined', 'tentative')", name=op.f("ck_ical_reply_answer")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ical_reply_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ical_reply")),
    )
    with op.batch_alter_table("ical_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ical_reply_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_ical_reply_uid", ["uid", "person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("ical_reply")
    op.drop_table("ical_no_invitations")
