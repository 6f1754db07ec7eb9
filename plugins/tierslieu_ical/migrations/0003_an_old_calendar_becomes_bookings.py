"""An old calendar becomes bookings: the files that were brought, and what came of each event.

New tables only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "ical_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("override", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["person.id"],
            name=op.f("fk_ical_import_made_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_ical_import_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ical_import_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_ical_import_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_ical_import_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ical_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ical_import_public_id")),
    )
    with op.batch_alter_table("ical_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ical_import_made_by_id"), ["made_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ical_import_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ical_import_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "ical_imported",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_ical_imported_claim_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_ical_imported_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ical_imported")),
        sa.UniqueConstraint("room_id", "key", name=op.f("uq_ical_imported_room_id_key")),
    )
    with op.batch_alter_table("ical_imported", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ical_imported_claim_id"), ["claim_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ical_imported", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ical_imported_claim_id"))

    op.drop_table("ical_imported")
    with op.batch_alter_table("ical_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ical_import_venue_id"))
        batch_op.drop_index(batch_op.f("ix_ical_import_person_id"))
        batch_op.drop_index(batch_op.f("ix_ical_import_made_by_id"))

    op.drop_table("ical_import")
