"""The calendars keep their own rows: secret addresses, and bookings as calendar text.

New tables only; the fragments of existing bookings are made by a job afterwards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "ical_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ical_feed_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ical_feed")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ical_feed_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_ical_feed_token_hash")),
    )
    with op.batch_alter_table("ical_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ical_feed_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ical_fragment",
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.String(length=16), nullable=False),
        sa.Column("own_text", sa.Text(), nullable=False),
        sa.Column("own_until", UtcDateTime(), nullable=False),
        sa.Column("own_mark", sa.BigInteger(), nullable=False),
        sa.Column("own_changed_at", UtcDateTime(), nullable=False),
        sa.Column("public_text", sa.Text(), nullable=False),
        sa.Column("public_until", UtcDateTime(), nullable=False),
        sa.Column("public_mark", sa.BigInteger(), nullable=False),
        sa.Column("public_changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_ical_fragment_claim_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_ical_fragment_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ical_fragment_person_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_ical_fragment_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_ical_fragment_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_ical_fragment")),
    )
    with op.batch_alter_table("ical_fragment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ical_fragment_organisation",
            ["organisation_id", "ends_at", "own_until", "person_id", "own_mark"],
            unique=False,
        )
        batch_op.create_index(
            "ix_ical_fragment_person",
            ["person_id", "ends_at", "own_until", "own_mark"],
            unique=False,
        )
        batch_op.create_index(
            "ix_ical_fragment_room",
            ["room_id", "ends_at", "public_until", "public_mark"],
            unique=False,
        )
        batch_op.create_index(
            "ix_ical_fragment_venue",
            ["venue_id", "ends_at", "public_until", "public_mark"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("ical_fragment", schema=None) as batch_op:
        batch_op.drop_index("ix_ical_fragment_venue")
        batch_op.drop_index("ix_ical_fragment_room")
        batch_op.drop_index("ix_ical_fragment_person")
        batch_op.drop_index("ix_ical_fragment_organisation")

    op.drop_table("ical_fragment")
    with op.batch_alter_table("ical_feed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ical_feed_person_id"))

    op.drop_table("ical_feed")
