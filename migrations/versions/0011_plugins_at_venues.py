"""plugins at venues and their settings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    with op.batch_alter_table("plugin_state") as table:
        table.add_column(
            sa.Column("at_venues", sa.String(length=8), server_default="on", nullable=False)
        )
        table.create_check_constraint(
            op.f("ck_plugin_state_at_venues"), "at_venues IN ('on', 'off')"
        )
    op.create_table(
        "plugin_venue",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off', 'barred')", name=op.f("ck_plugin_venue_state")),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_plugin_venue_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plugin", "venue_id", name=op.f("pk_plugin_venue")),
    )
    op.create_index(op.f("ix_plugin_venue_venue_id"), "plugin_venue", ["venue_id"])
    op.create_table(
        "plugin_setting",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "scope IN ('network', 'venue', 'room')", name=op.f("ck_plugin_setting_scope")
        ),
        sa.CheckConstraint(
            "(scope = 'network') = (scope_id = 0)", name=op.f("ck_plugin_setting_scope_id")
        ),
        sa.PrimaryKeyConstraint(
            "plugin", "scope", "scope_id", "name", name=op.f("pk_plugin_setting")
        ),
    )


def downgrade() -> None:
    op.drop_table("plugin_setting")
    op.drop_index(op.f("ix_plugin_venue_venue_id"), table_name="plugin_venue")
    op.drop_table("plugin_venue")
    with op.batch_alter_table("plugin_state") as table:
        table.drop_constraint(op.f("ck_plugin_state_at_venues"), type_="check")
        table.drop_column("at_venues")
