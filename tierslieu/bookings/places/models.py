"""Tables of rooms booked by place, and of the places that bookings have."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.venues.models import counted_as_fact

# What a room consists of is kept in memory with the other facts of rooms.
for _table in ("place_pool", "pool_member", "resource_part"):
    counted_as_fact(_table)


class PlacePool(Model):
    """A room that is booked by place; prices are for one place an hour, in minor units."""

    __tablename__ = "place_pool"
    __table_args__ = (
        sa.CheckConstraint("hour_cents >= 0", name="hour"),
        sa.CheckConstraint("member_hour_cents IS NULL OR member_hour_cents >= 0", name="member"),
    )

    room_id: Mapped[int] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    pool_id: Mapped[int] = mapped_column(sa.ForeignKey("pool.id", ondelete="CASCADE"), unique=True)
    hour_cents: Mapped[int] = mapped_column(default=0)
    member_hour_cents: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class BookingPlace(Model):
    """A place that a booking has, or asks for; what it occupies stands in the occupancy."""

    __tablename__ = "booking_place"

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
