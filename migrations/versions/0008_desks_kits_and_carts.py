"""desks kits and carts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.kernel.db import Json, TextsType, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: Tables whose number of rows this step changes; the count of every other one must stay the same.
rows_change: tuple[str, ...] = ()


def upgrade() -> None:
    op.create_table(
        "accessory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("name", TextsType(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("stock_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("out_of_use", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("price_per", sa.String(length=4), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("price_per IN ('use', 'hour')", name=op.f("ck_accessory_per")),
        sa.CheckConstraint(
            "(pool_id IS NULL) <> (stock_id IS NULL)", name=op.f("ck_accessory_kind")
        ),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_accessory_price")),
        sa.CheckConstraint("quantity >= 0 AND out_of_use >= 0", name=op.f("ck_accessory_quantity")),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pool.id"], name=op.f("fk_accessory_pool_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["stock_id"], ["stock.id"], name=op.f("fk_accessory_stock_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_accessory_venue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accessory")),
        sa.UniqueConstraint("pool_id", name=op.f("uq_accessory_pool_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accessory_public_id")),
        sa.UniqueConstraint("stock_id", name=op.f("uq_accessory_stock_id")),
    )
    op.create_index(op.f("ix_accessory_venue_id"), "accessory", ["venue_id"], unique=False)

    op.create_table(
        "cart_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Integer(), nullable=True),
        sa.Column("layout", sa.String(length=32), nullable=True),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("declared", Json, nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("things", Json, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "visibility IN ('private', 'members', 'public')", name=op.f("ck_cart_line_visibility")
        ),
        sa.CheckConstraint("places IS NULL OR places > 0", name=op.f("ck_cart_line_places")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_cart_line_span")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cart_line_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_cart_line_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_cart_line_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_line")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cart_line_public_id")),
    )
    op.create_index(op.f("ix_cart_line_person_id"), "cart_line", ["person_id"], unique=False)
    op.create_index(op.f("ix_cart_line_room_id"), "cart_line", ["room_id"], unique=False)

    op.create_table(
        "place_pool",
        sa.Column("room_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("hour_cents", sa.Integer(), nullable=False),
        sa.Column("member_hour_cents", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour_cents >= 0", name=op.f("ck_place_pool_hour")),
        sa.CheckConstraint(
            "member_hour_cents IS NULL OR member_hour_cents >= 0", name=op.f("ck_place_pool_member")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pool.id"], name=op.f("fk_place_pool_pool_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_place_pool_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_place_pool")),
        sa.UniqueConstraint("pool_id", name=op.f("uq_place_pool_pool_id")),
    )
    op.create_table(
        "room_accessory",
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("accessory_id", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("included", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("price_cents", sa.Integer(), nullable=True),
        sa.CheckConstraint("included >= 0", name=op.f("ck_room_accessory_included")),
        sa.CheckConstraint("most IS NULL OR most > 0", name=op.f("ck_room_accessory_most")),
        sa.CheckConstraint(
            "price_cents IS NULL OR price_cents >= 0", name=op.f("ck_room_accessory_price")
        ),
        sa.ForeignKeyConstraint(
            ["accessory_id"],
            ["accessory.id"],
            name=op.f("fk_room_accessory_accessory_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_room_accessory_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("room_id", "accessory_id", name=op.f("pk_room_accessory")),
    )
    op.create_index(
        op.f("ix_room_accessory_accessory_id"), "room_accessory", ["accessory_id"], unique=False
    )

    op.create_table(
        "booking_accessory",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("accessory_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_booking_accessory_quantity")),
        sa.ForeignKeyConstraint(
            ["accessory_id"],
            ["accessory.id"],
            name=op.f("fk_booking_accessory_accessory_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_booking_accessory_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", "accessory_id", name=op.f("pk_booking_accessory")),
    )
    op.create_index(
        op.f("ix_booking_accessory_accessory_id"),
        "booking_accessory",
        ["accessory_id"],
        unique=False,
    )

    op.create_table(
        "booking_place",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_booking_place_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_booking_place_resource_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", "resource_id", name=op.f("pk_booking_place")),
    )
    op.create_index(
        op.f("ix_booking_place_resource_id"), "booking_place", ["resource_id"], unique=False
    )

    op.add_column("booking", sa.Column("places", sa.Integer(), nullable=True))
    op.add_column("booking", sa.Column("things", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("booking", "things")
    op.drop_column("booking", "places")

    op.drop_index(op.f("ix_booking_place_resource_id"), table_name="booking_place")

    op.drop_table("booking_place")
    op.drop_index(op.f("ix_booking_accessory_accessory_id"), table_name="booking_accessory")

    op.drop_table("booking_accessory")
    op.drop_index(op.f("ix_room_accessory_accessory_id"), table_name="room_accessory")

    op.drop_table("room_accessory")
    op.drop_table("place_pool")
    op.drop_index(op.f("ix_cart_line_room_id"), table_name="cart_line")
    op.drop_index(op.f("ix_cart_line_person_id"), table_name="cart_line")

    op.drop_table("cart_line")
    op.drop_index(op.f("ix_accessory_venue_id"), table_name="accessory")

    op.drop_table("accessory")
