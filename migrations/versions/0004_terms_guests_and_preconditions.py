"""terms guests and preconditions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import Json, TextsType, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "precondition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("rooms", Json, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", TextsType(), nullable=False),
        sa.Column("how", TextsType(), nullable=False),
        sa.Column("may_declare", sa.Boolean(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('training', 'document', 'adult', 'no_debt', 'sponsor')",
            name=op.f("ck_precondition_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_precondition_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_precondition")),
        sa.UniqueConstraint("public_id", name=op.f("uq_precondition_public_id")),
    )
    op.create_index(op.f("ix_precondition_venue_id"), "precondition", ["venue_id"], unique=False)
    op.create_table(
        "qualification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("precondition_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_qualification_whose")
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on <= until_on", name=op.f("ck_qualification_days")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"],
            ["person.id"],
            name=op.f("fk_qualification_granted_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_qualification_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_qualification_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["precondition_id"],
            ["precondition.id"],
            name=op.f("fk_qualification_precondition_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"],
            ["person.id"],
            name=op.f("fk_qualification_revoked_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint("public_id", name=op.f("uq_qualification_public_id")),
    )
    op.create_index(
        op.f("ix_qualification_organisation_id"), "qualification", ["organisation_id"], unique=False
    )
    op.create_index(
        op.f("ix_qualification_person_id"), "qualification", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_qualification_precondition_id"), "qualification", ["precondition_id"], unique=False
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", TextsType(), nullable=False),
        sa.Column("text", TextsType(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('house', 'privacy', 'keys', 'payment', 'cancellation', 'other')",
            name=op.f("ck_terms_kind"),
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (valid_from IS NULL)",
            name=op.f("ck_terms_published_from_a_day"),
        ),
        sa.CheckConstraint("room_id IS NULL OR venue_id IS NOT NULL", name=op.f("ck_terms_scope")),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["person.id"],
            name=op.f("fk_terms_published_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_terms_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_terms_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("public_id", name=op.f("uq_terms_public_id")),
    )
    op.create_index(op.f("ix_terms_room_id"), "terms", ["room_id"], unique=False)
    op.create_index(op.f("ix_terms_venue_id"), "terms", ["venue_id"], unique=False)
    op.create_index(
        "uq_terms",
        "terms",
        [
            sa.literal_column("coalesce(venue_id, 0)"),
            sa.literal_column("coalesce(room_id, 0)"),
            "kind",
            "number",
        ],
        unique=True,
    )
    op.create_table(
        "guest_booking",
        sa.Column("booking_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_guest_booking_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_guest_booking_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_guest_booking")),
    )
    op.create_index(op.f("ix_guest_booking_email"), "guest_booking", ["email"], unique=False)
    op.create_index(
        op.f("ix_guest_booking_person_id"), "guest_booking", ["person_id"], unique=False
    )
    op.create_table(
        "sponsorship",
        sa.Column("booking_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=4), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("answer IN ('', 'yes', 'no')", name=op.f("ck_sponsorship_answer")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_sponsorship_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sponsorship_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_sponsorship")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sponsorship_token_hash")),
    )
    op.create_index(op.f("ix_sponsorship_person_id"), "sponsorship", ["person_id"], unique=False)
    op.create_table(
        "terms_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_terms_acceptance_booking_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_terms_acceptance_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["person.id"],
            name=op.f("fk_terms_acceptance_recorded_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"],
            ["terms.id"],
            name=op.f("fk_terms_acceptance_terms_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptance")),
        sa.UniqueConstraint(
            "person_id", "terms_id", name=op.f("uq_terms_acceptance_person_id_terms_id")
        ),
    )
    op.create_index(
        op.f("ix_terms_acceptance_terms_id"), "terms_acceptance", ["terms_id"], unique=False
    )
    op.create_table(
        "guest_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["guest_booking.booking_id"],
            name=op.f("fk_guest_link_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guest_link_token_hash")),
    )
    op.create_index(op.f("ix_guest_link_booking_id"), "guest_link", ["booking_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_guest_link_booking_id"), table_name="guest_link")
    op.drop_table("guest_link")
    op.drop_index(op.f("ix_terms_acceptance_terms_id"), table_name="terms_acceptance")
    op.drop_table("terms_acceptance")
    op.drop_index(op.f("ix_sponsorship_person_id"), table_name="sponsorship")
    op.drop_table("sponsorship")
    op.drop_index(op.f("ix_guest_booking_person_id"), table_name="guest_booking")
    op.drop_index(op.f("ix_guest_booking_email"), table_name="guest_booking")
    op.drop_table("guest_booking")
    op.drop_index("uq_terms", table_name="terms")
    op.drop_index(op.f("ix_terms_venue_id"), table_name="terms")
    op.drop_index(op.f("ix_terms_room_id"), table_name="terms")
    op.drop_table("terms")
    op.drop_index(op.f("ix_qualification_precondition_id"), table_name="qualification")
    op.drop_index(op.f("ix_qualification_person_id"), table_name="qualification")
    op.drop_index(op.f("ix_qualification_organisation_id"), table_name="qualification")
    op.drop_table("qualification")
    op.drop_index(op.f("ix_precondition_venue_id"), table_name="precondition")
    op.drop_table("precondition")
