"""Tables of terms: their versions, and who accepted which."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.venues.models import counted_as_fact

counted_as_fact("terms")

KINDS = ("house", "privacy", "keys", "payment", "cancellation", "other")


class Terms(Model):
    """One version of the terms of a scope and kind; a draft until it is published."""

    __tablename__ = "terms"
    __table_args__ = (
        sa.CheckConstraint("room_id IS NULL OR venue_id IS NOT NULL", name="scope"),
        sa.CheckConstraint(f"kind IN ({', '.join(repr(k) for k in KINDS)})", name="kind"),
        sa.CheckConstraint(
            "(published_at IS NULL) = (valid_from IS NULL)", name="published_from_a_day"
        ),
        sa.Index(
            "uq_terms",
            sa.text("coalesce(venue_id, 0)"),
            sa.text("coalesce(room_id, 0)"),
            "kind",
            "number",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(sa.String(16))
    #: The version people read: 1, 2, 3 of its scope and kind.
    number: Mapped[int]
    title: Mapped[Texts]
    text: Mapped[Texts]
    #: From this day on it is asked for.
    valid_from: Mapped[date | None]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    #: No longer asked for, without a newer version.
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class TermsAcceptance(Model):
    """A person accepted a version; ``recorded_by`` differs where the desk ticked for her."""

    __tablename__ = "terms_acceptance"
    __table_args__ = (sa.UniqueConstraint("person_id", "terms_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    terms_id: Mapped[int] = mapped_column(sa.ForeignKey("terms.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    accepted_at: Mapped[datetime]
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id", ondelete="SET NULL"))
    recorded_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
