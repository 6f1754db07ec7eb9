"""claims by their start"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_index("ix_claim_starts", "claim", ["starts_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_claim_starts", "claim")
