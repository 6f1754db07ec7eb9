"""seasons confirm what is declared"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column(
        "season_round", sa.Column("to_confirm", json, server_default="[]", nullable=False)
    )
    op.add_column(
        "season_application", sa.Column("verdicts", json, server_default="{}", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("season_application", "verdicts")
    op.drop_column("season_round", "to_confirm")
