"""Kilns, and their firings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl


class Kiln(tl.Model):
    """A kiln *has* a resource, whose id is its own: that is what is taken."""

    __tablename__ = "kiln_kiln"

    id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(unique=True, default=tl.new_public_id)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    hottest: Mapped[int]


class Firing(tl.Model):
    """A firing *has* a claim, which carries its time."""

    __tablename__ = "kiln_firing"

    id: Mapped[int] = mapped_column(
        ForeignKey("claim.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(unique=True, default=tl.new_public_id)
    kiln_id: Mapped[int] = mapped_column(ForeignKey("kiln_kiln.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    degrees: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
