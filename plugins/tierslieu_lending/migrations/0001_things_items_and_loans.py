"""Things, their items, and loans.

New tables only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.toolkit import Json, TextsType, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "lending_thing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("name", TextsType(), nullable=False),
        sa.Column("description", TextsType(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("manual", sa.String(length=500), nullable=False),
        sa.Column("checks", Json, nullable=False),
        sa.Column("picture", sa.String(length=16), nullable=True),
        sa.Column("picture_width", sa.Integer(), nullable=False),
        sa.Column("picture_height", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(length=32), nullable=False),
        sa.Column("value_cents", sa.Integer(), nullable=False),
        sa.Column("deposit_cents", sa.Integer(), nullable=False),
        sa.Column("longest_days", sa.Integer(), nullable=True),
        sa.Column("notice_hours", sa.Integer(), nullable=True),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_lending_thing_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name=op.f("fk_lending_thing_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_lending_thing_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_thing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lending_thing_public_id")),
    )
    with op.batch_alter_table("lending_thing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lending_thing_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lending_thing_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lending_thing_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "lending_item",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("condition", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["resource.id"], name=op.f("fk_lending_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thing_id"],
            ["lending_thing.id"],
            name=op.f("fk_lending_item_thing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_item")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lending_item_public_id")),
        sa.UniqueConstraint("thing_id", "number", name=op.f("uq_lending_item_thing_id_number")),
    )
    with op.batch_alter_table("lending_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lending_item_thing_id"), ["thing_id"], unique=False)

    op.create_table(
        "lending_loan",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("out_at", UtcDateTime(), nullable=True),
        sa.Column("back_at", UtcDateTime(), nullable=True),
        sa.Column("deposit_asked_cents", sa.Integer(), nullable=False),
        sa.Column("deposit_taken_cents", sa.Integer(), nullable=False),
        sa.Column("deposit_back_cents", sa.Integer(), nullable=False),
        sa.Column("condition_out", sa.String(length=32), nullable=False),
        sa.Column("condition_back", sa.String(length=32), nullable=False),
        sa.Column("note_out", sa.Text(), nullable=False),
        sa.Column("note_back", sa.Text(), nullable=False),
        sa.Column("signed", sa.String(length=120), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["claim.id"], name=op.f("fk_lending_loan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["lending_item.id"],
            name=op.f("fk_lending_loan_item_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_lending_loan_person_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["thing_id"],
            ["lending_thing.id"],
            name=op.f("fk_lending_loan_thing_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_lending_loan_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_loan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lending_loan_public_id")),
    )
    with op.batch_alter_table("lending_loan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lending_loan_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lending_loan_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_lending_loan_state_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lending_loan_thing_id"), ["thing_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lending_loan_venue_id"), ["venue_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lending_loan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lending_loan_venue_id"))
        batch_op.drop_index(batch_op.f("ix_lending_loan_thing_id"))
        batch_op.drop_index("ix_lending_loan_state_due")
        batch_op.drop_index(batch_op.f("ix_lending_loan_person_id"))
        batch_op.drop_index(batch_op.f("ix_lending_loan_item_id"))

    op.drop_table("lending_loan")
    with op.batch_alter_table("lending_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lending_item_thing_id"))

    op.drop_table("lending_item")
    with op.batch_alter_table("lending_thing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lending_thing_venue_id"))
        batch_op.drop_index(batch_op.f("ix_lending_thing_owner_id"))
        batch_op.drop_index(batch_op.f("ix_lending_thing_organisation_id"))

    op.drop_table("lending_thing")
