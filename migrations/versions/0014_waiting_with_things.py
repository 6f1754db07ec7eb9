"""waiting with things"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    things = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("waiting_entry", sa.Column("things", things, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("waiting_entry", "things")
