"""plugins that hung, and judges at rest"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.add_column("plugin_state", sa.Column("hung", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "plugin_state",
        sa.Column("rests", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("plugin_state", "rests")
    op.drop_column("plugin_state", "hung")
