"""Tables of things that are booked with a room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id


class Accessory(Model):
    """A thing of a venue: numbered (its pool) or counted (its stock)."""

    __tablename__ = "accessory"
    __table_args__ = (
        sa.CheckConstraint("(pool_id IS NULL) <> (stock_id IS NULL)", name="kind"),
        sa.CheckConstraint("quantity >= 0 AND out_of_use >= 0", name="quantity"),
        sa.CheckConstraint("price_cents >= 0", name="price"),
        sa.CheckConstraint("price_per IN ('use', 'hour')", name="per"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    name: Mapped[Texts]
    pool_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("pool.id", ondelete="CASCADE"), unique=True
    )
    stock_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("stock.id", ondelete="CASCADE"), unique=True
    )
    quantity: Mapped[int]
    out_of_use: Mapped[int] = mapped_column(default=0)
    price_cents: Mapped[int] = mapped_column(default=0)
    price_per: Mapped[str] = mapped_column(sa.String(4), default="use")
    offered: Mapped[bool] = mapped_column(default=True)
    rank: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)


class RoomAccessory(Model):
    """What one room says of a thing of its venue; without a row it is offered as it is."""

    __tablename__ = "room_accessory"
    __table_args__ = (
        sa.CheckConstraint("included >= 0", name="included"),
        sa.CheckConstraint("most IS NULL OR most > 0", name="most"),
        sa.CheckConstraint("price_cents IS NULL OR price_cents >= 0", name="price"),
    )

    room_id: Mapped[int] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), primary_key=True
    )
    accessory_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accessory.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    offered: Mapped[bool] = mapped_column(default=True)
    #: So many come with the room, in its price.
    included: Mapped[int] = mapped_column(default=0)
    most: Mapped[int | None]
    #: Instead of the thing's own price.
    price_cents: Mapped[int | None]


class BookingAccessory(Model):
    """How many of a thing go with a booking."""

    __tablename__ = "booking_accessory"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    accessory_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accessory.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    quantity: Mapped[int]
