"""Tables of guests: whose booking it is, and the links that open it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model


class GuestBooking(Model):
    """A booking made without an account: the address it was made with, and when that was proven."""

    __tablename__ = "guest_booking"

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    #: Case folded, as accounts compare theirs.
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class GuestLink(Model):
    """A mailed link that opens one guest's booking: hashed, revocable."""

    __tablename__ = "guest_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("guest_booking.booking_id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
