"""jobs wait behind their like"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    _unique_while("state = 'queued' AND key IS NOT NULL")


def downgrade() -> None:
    # Whoever waits behind another has no name of its own there.
    op.execute(
        "UPDATE job SET key = NULL WHERE state = 'queued' AND key IN"
        " (SELECT key FROM job WHERE state = 'running' AND key IS NOT NULL)"
    )
    _unique_while("state IN ('queued', 'running') AND key IS NOT NULL")


def _unique_while(condition: str) -> None:
    op.drop_index("uq_job_key", "job")
    op.create_index(
        "uq_job_key",
        "job",
        ["key"],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
