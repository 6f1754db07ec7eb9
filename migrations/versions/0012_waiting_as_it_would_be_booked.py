"""waiting as it would be booked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    # Not in a batch: an index of expressions cannot be read back and would be lost.
    op.add_column("waiting_entry", sa.Column("declared", Json, nullable=False, server_default="[]"))
    op.add_column("waiting_entry", sa.Column("places", sa.Integer(), nullable=True))
    op.add_column(
        "waiting_entry",
        sa.Column("place", sa.String(length=60), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("waiting_entry", "place")
    op.drop_column("waiting_entry", "places")
    op.drop_column("waiting_entry", "declared")
