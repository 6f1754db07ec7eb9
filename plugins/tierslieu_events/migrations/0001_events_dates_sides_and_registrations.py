"""events, dates, sides and registrations"""

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
        "events_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("title", TextsType(), nullable=False),
        sa.Column("description", TextsType(), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("music_licence", sa.Boolean(), nullable=False),
        sa.Column("captions", sa.Boolean(), nullable=False),
        sa.Column("sign_language", sa.Boolean(), nullable=False),
        sa.Column("access_note", TextsType(), nullable=False),
        sa.Column("guests", sa.Boolean(), nullable=False),
        sa.Column("most_seats", sa.Integer(), nullable=False),
        sa.Column("members_days", sa.Integer(), nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'cancelled')", name=op.f("ck_events_event_state")
        ),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_events_event_price")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_events_event_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["person.id"],
            name=op.f("fk_events_event_organiser_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_events_event_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_events_event_public_id")),
    )
    with op.batch_alter_table("events_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_events_event_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_events_event_organiser_id"), ["organiser_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_events_event_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "events_picture",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", TextsType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events_event.id"],
            name=op.f("fk_events_picture_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events_picture")),
        sa.UniqueConstraint("public_id", name=op.f("uq_events_picture_public_id")),
    )
    op.create_table(
        "events_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("meeting", Json, nullable=False),
        sa.Column("recording_url", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('room', 'remote', 'hybrid')", name=op.f("ck_events_date_mode")
        ),
        sa.CheckConstraint("state IN ('planned', 'cancelled')", name=op.f("ck_events_date_state")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_events_date_span")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_events_date_booking_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events_event.id"],
            name=op.f("fk_events_date_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_events_date_room_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_date")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_events_date_booking_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_events_date_public_id")),
    )
    with op.batch_alter_table("events_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_date_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_date_room_id"), ["room_id"], unique=False)
        batch_op.create_index("ix_events_date_span", ["starts_at", "ends_at"], unique=False)

    op.create_table(
        "events_side",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("date_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('room', 'remote')", name=op.f("ck_events_side_kind")),
        sa.CheckConstraint(
            "capacity IS NULL OR capacity >= 0", name=op.f("ck_events_side_capacity")
        ),
        sa.CheckConstraint(
            "taken >= 0 AND (capacity IS NULL OR taken <= capacity)",
            name=op.f("ck_events_side_taken"),
        ),
        sa.ForeignKeyConstraint(
            ["date_id"], ["events_date.id"], name=op.f("fk_events_side_date_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_side")),
        sa.UniqueConstraint("date_id", "kind", name="uq_events_side_kind"),
    )
    op.create_table(
        "events_registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("side_id", sa.Integer(), nullable=False),
        sa.Column("date_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("who", sa.String(length=260), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("fallback", sa.String(length=8), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("link_serial", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("came", sa.Integer(), nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "fallback IN ('ask', 'remote', 'cancel')", name=op.f("ck_events_registration_fallback")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'registered', 'waiting', 'offered', 'asked', 'cancelled', 'lapsed')",
            name=op.f("ck_events_registration_state"),
        ),
        sa.CheckConstraint("seats > 0", name=op.f("ck_events_registration_seats")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_events_registration_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["date_id"],
            ["events_date.id"],
            name=op.f("fk_events_registration_date_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_events_registration_person_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["side_id"],
            ["events_side.id"],
            name=op.f("fk_events_registration_side_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_registration")),
        sa.UniqueConstraint("code", name=op.f("uq_events_registration_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_events_registration_public_id")),
    )
    with op.batch_alter_table("events_registration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_events_registration_date_id"), ["date_id"], unique=False
        )
        batch_op.create_index("ix_events_registration_due", ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_registration_email"), ["email"], unique=False)
        batch_op.create_index(
            "ix_events_registration_line", ["side_id", "state", "joined_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_events_registration_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(
            "uq_events_registration_who",
            ["side_id", "who"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('cancelled', 'lapsed') AND who IS NOT NULL"),
            postgresql_where=sa.text("state NOT IN ('cancelled', 'lapsed') AND who IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("events_registration", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_events_registration_who",
            sqlite_where=sa.text("state NOT IN ('cancelled', 'lapsed') AND who IS NOT NULL"),
            postgresql_where=sa.text("state NOT IN ('cancelled', 'lapsed') AND who IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_events_registration_person_id"))
        batch_op.drop_index("ix_events_registration_line")
        batch_op.drop_index(batch_op.f("ix_events_registration_email"))
        batch_op.drop_index("ix_events_registration_due")
        batch_op.drop_index(batch_op.f("ix_events_registration_date_id"))

    op.drop_table("events_registration")
    op.drop_table("events_side")
    with op.batch_alter_table("events_date", schema=None) as batch_op:
        batch_op.drop_index("ix_events_date_span")
        batch_op.drop_index(batch_op.f("ix_events_date_room_id"))
        batch_op.drop_index(batch_op.f("ix_events_date_event_id"))

    op.drop_table("events_date")
    op.drop_table("events_picture")
    with op.batch_alter_table("events_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_event_venue_id"))
        batch_op.drop_index(batch_op.f("ix_events_event_organiser_id"))
        batch_op.drop_index(batch_op.f("ix_events_event_organisation_id"))

    op.drop_table("events_event")
