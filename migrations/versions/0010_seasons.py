"""seasons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import Json, TextsType, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "season_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("name", TextsType(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("apply_from", sa.Date(), nullable=False),
        sa.Column("apply_until", sa.Date(), nullable=False),
        sa.Column("criteria", Json, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'scoring', 'proposed', 'published', 'closed')",
            name=op.f("ck_season_round_state"),
        ),
        sa.CheckConstraint("apply_from <= apply_until", name=op.f("ck_season_round_window")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_season_round_season")),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_season_round_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_round")),
        sa.UniqueConstraint("public_id", name=op.f("uq_season_round_public_id")),
    )
    op.create_index(op.f("ix_season_round_venue_id"), "season_round", ["venue_id"], unique=False)
    op.create_table(
        "season_application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("rooms", Json, nullable=False),
        sa.Column("windows", Json, nullable=False),
        sa.Column("time_first", sa.Boolean(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("two_a_day", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("points", Json, nullable=False),
        sa.Column("points_by_hand", sa.Integer(), nullable=False),
        sa.Column("points_reason", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'withdrawn')", name=op.f("ck_season_application_state")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_season_application_size")),
        sa.CheckConstraint("times > 0", name=op.f("ck_season_application_times")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_season_application_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_season_application_person_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["season_round.id"],
            name=op.f("fk_season_application_round_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_application")),
        sa.UniqueConstraint("public_id", name=op.f("uq_season_application_public_id")),
    )
    op.create_index(
        op.f("ix_season_application_organisation_id"),
        "season_application",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_season_application_person_id"), "season_application", ["person_id"], unique=False
    )
    op.create_index(
        "ix_season_application_round", "season_application", ["round_id", "id"], unique=False
    )
    op.create_table(
        "season_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name=op.f("ck_season_slot_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_season_slot_weekday")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_season_slot_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["season_round.id"],
            name=op.f("fk_season_slot_round_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_slot")),
        sa.UniqueConstraint("public_id", name=op.f("uq_season_slot_public_id")),
        sa.UniqueConstraint(
            "round_id", "room_id", "weekday", "from_minute", "until_minute", name="uq_season_slot"
        ),
    )
    op.create_index(op.f("ix_season_slot_room_id"), "season_slot", ["room_id"], unique=False)
    op.create_table(
        "season_placement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=8), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("booked_at", UtcDateTime(), nullable=True),
        sa.Column("refusal", TextsType(), nullable=False),
        sa.CheckConstraint(
            "made_by = 'hand' OR NOT removed", name=op.f("ck_season_placement_removed")
        ),
        sa.CheckConstraint(
            "made_by IN ('method', 'hand')", name=op.f("ck_season_placement_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["season_application.id"],
            name=op.f("fk_season_placement_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_season_placement_series_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["season_slot.id"],
            name=op.f("fk_season_placement_slot_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_placement")),
        sa.UniqueConstraint(
            "application_id", "slot_id", name=op.f("uq_season_placement_application_id_slot_id")
        ),
    )
    op.create_index(
        "uq_season_placement_slot",
        "season_placement",
        ["slot_id"],
        unique=True,
        sqlite_where=sa.text("NOT removed"),
        postgresql_where=sa.text("NOT removed"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_season_placement_slot",
        table_name="season_placement",
        sqlite_where=sa.text("NOT removed"),
        postgresql_where=sa.text("NOT removed"),
    )
    op.drop_table("season_placement")
    op.drop_index(op.f("ix_season_slot_room_id"), table_name="season_slot")
    op.drop_table("season_slot")
    op.drop_index("ix_season_application_round", table_name="season_application")
    op.drop_index(op.f("ix_season_application_person_id"), table_name="season_application")
    op.drop_index(op.f("ix_season_application_organisation_id"), table_name="season_application")
    op.drop_table("season_application")
    op.drop_index(op.f("ix_season_round_venue_id"), table_name="season_round")
    op.drop_table("season_round")
