"""answers in steps and waiting lists"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import TextsType, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "approver_away",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_approver_away_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_approver_away")),
    )
    op.create_table(
        "refusal_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("text", TextsType(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_refusal_reason_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal_reason")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refusal_reason_public_id")),
    )
    with op.batch_alter_table("refusal_reason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refusal_reason_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "approval_chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "room_id IS NULL OR venue_id IS NOT NULL", name=op.f("ck_approval_chain_scope")
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_approval_chain_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_approval_chain_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_chain")),
    )
    with op.batch_alter_table("approval_chain", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_chain_room_id"), ["room_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_chain_venue_id"), ["venue_id"], unique=False)
        batch_op.create_index(
            "uq_approval_chain",
            [sa.literal_column("coalesce(venue_id, 0)"), sa.literal_column("coalesce(room_id, 0)")],
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )

    op.create_table(
        "approval_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("label", TextsType(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("mode", sa.String(length=3), nullable=False),
        sa.Column("deadline_hours", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("substitute", sa.String(length=24), nullable=False),
        sa.Column("substitute_after_hours", sa.Integer(), nullable=True),
        sa.CheckConstraint("mode IN ('any', 'all')", name=op.f("ck_approval_step_mode")),
        sa.CheckConstraint(
            "outcome IN ('confirm', 'decline', 'expire', 'next')",
            name=op.f("ck_approval_step_outcome"),
        ),
        sa.CheckConstraint(
            "role IN ('venue_desk', 'venue_manager', 'network_admin', 'organisation_admin', "
            "'persons')",
            name=op.f("ck_approval_step_role"),
        ),
        sa.CheckConstraint(
            "substitute IN ('', 'venue_desk', 'venue_manager', 'network_admin', "
            "'organisation_admin', 'persons')",
            name=op.f("ck_approval_step_substitute"),
        ),
        sa.CheckConstraint(
            "deadline_hours IS NULL OR deadline_hours > 0", name=op.f("ck_approval_step_deadline")
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["approval_chain.id"],
            name=op.f("fk_approval_step_chain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_step")),
        sa.UniqueConstraint("chain_id", "rank", name=op.f("uq_approval_step_chain_id_rank")),
    )
    op.create_table(
        "approval_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("as_substitute", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('approve', 'decline', 'passed')", name=op.f("ck_approval_answer_answer")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_approval_answer_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_approval_answer_person_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["approval_step.id"],
            name=op.f("fk_approval_answer_step_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_answer")),
        sa.UniqueConstraint(
            "booking_id",
            "round",
            "step_id",
            "person_id",
            name=op.f("uq_approval_answer_booking_id_round_step_id_person_id"),
        ),
    )
    with op.batch_alter_table("approval_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_approval_answer_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_approval_answer_step_id"), ["step_id"], unique=False)

    op.create_table(
        "approval_named",
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_substitute", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_approval_named_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["approval_step.id"],
            name=op.f("fk_approval_named_step_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "step_id", "person_id", "is_substitute", name=op.f("pk_approval_named")
        ),
    )
    with op.batch_alter_table("approval_named", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_approval_named_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "approval_progress",
        sa.Column("booking_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("substitute_from", UtcDateTime(), nullable=True),
        sa.Column("substitute_told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_approval_progress_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["approval_step.id"],
            name=op.f("fk_approval_progress_step_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_approval_progress")),
    )
    with op.batch_alter_table("approval_progress", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_progress_step_id"), ["step_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_progress_until"), ["until"], unique=False)

    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Integer(), nullable=True),
        sa.Column("layout", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("rank_reason", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.Column("offered_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state <> 'offered' OR offered_until IS NOT NULL", name=op.f("ck_waiting_entry_offered")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'lapsed', 'left')",
            name=op.f("ck_waiting_entry_state"),
        ),
        sa.CheckConstraint(
            "attendance IS NULL OR attendance > 0", name=op.f("ck_waiting_entry_attendance")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_waiting_entry_span")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_waiting_entry_booking_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_waiting_entry_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_waiting_entry_person_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_waiting_entry_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_waiting_entry_public_id")),
    )
    with op.batch_alter_table("waiting_entry", schema=None) as batch_op:
        batch_op.create_index("ix_waiting_entry_booking", ["booking_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_waiting_entry_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index("ix_waiting_entry_person", ["person_id", "id"], unique=False)
        batch_op.create_index(
            "ix_waiting_entry_room",
            ["room_id", "ends_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'offered')"),
            postgresql_where=sa.text("state IN ('waiting', 'offered')"),
        )
        batch_op.create_index(
            "uq_waiting_entry",
            [
                "room_id",
                "starts_at",
                "ends_at",
                "person_id",
                sa.literal_column("coalesce(organisation_id, 0)"),
            ],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'offered')"),
            postgresql_where=sa.text("state IN ('waiting', 'offered')"),
        )

    op.create_table(
        "waiting_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["waiting_entry.id"],
            name=op.f("fk_waiting_link_entry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_waiting_link_token_hash")),
    )
    with op.batch_alter_table("waiting_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_link_entry_id"), ["entry_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("waiting_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_link_entry_id"))

    op.drop_table("waiting_link")
    with op.batch_alter_table("waiting_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_waiting_entry",
            sqlite_where=sa.text("state IN ('waiting', 'offered')"),
            postgresql_where=sa.text("state IN ('waiting', 'offered')"),
        )
        batch_op.drop_index(
            "ix_waiting_entry_room",
            sqlite_where=sa.text("state IN ('waiting', 'offered')"),
            postgresql_where=sa.text("state IN ('waiting', 'offered')"),
        )
        batch_op.drop_index("ix_waiting_entry_person")
        batch_op.drop_index(batch_op.f("ix_waiting_entry_organisation_id"))
        batch_op.drop_index("ix_waiting_entry_booking")

    op.drop_table("waiting_entry")
    with op.batch_alter_table("approval_progress", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_progress_until"))
        batch_op.drop_index(batch_op.f("ix_approval_progress_step_id"))

    op.drop_table("approval_progress")
    with op.batch_alter_table("approval_named", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_named_person_id"))

    op.drop_table("approval_named")
    with op.batch_alter_table("approval_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_answer_step_id"))
        batch_op.drop_index(batch_op.f("ix_approval_answer_person_id"))

    op.drop_table("approval_answer")
    op.drop_table("approval_step")
    with op.batch_alter_table("approval_chain", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_approval_chain",
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_approval_chain_venue_id"))
        batch_op.drop_index(batch_op.f("ix_approval_chain_room_id"))

    op.drop_table("approval_chain")
    with op.batch_alter_table("refusal_reason", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refusal_reason_venue_id"))

    op.drop_table("refusal_reason")
    op.drop_table("approver_away")
