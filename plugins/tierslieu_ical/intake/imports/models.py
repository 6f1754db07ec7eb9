"""Tables: the files that were brought, and which events have become bookings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl


class Import(tl.Model):
    """A file that was read. States: ``looking`` → ``making`` → ``done``.

    ``items``: its events as plain values (`rules.Item`), with what became of each. It is forgotten
    after a month; the bookings stay.
    """

    __tablename__ = "ical_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL")
    )
    #: For whom; with no body either, it is the venue's own.
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    made_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(100))
    override: Mapped[str] = mapped_column(sa.String(500), default="")
    state: Mapped[str] = mapped_column(sa.String(8), default="looking")
    items: Mapped[list[Any]] = mapped_column(tl.Json, default=list)
    created_at: Mapped[datetime]


class Imported(tl.Model):
    """An event that has become a booking (of a series: its first), by a hash of its name."""

    __tablename__ = "ical_imported"
    __table_args__ = (sa.UniqueConstraint("room_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(40))
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claim.id", ondelete="CASCADE"), index=True)
