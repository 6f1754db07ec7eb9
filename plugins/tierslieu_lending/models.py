"""Things, their items, and who has them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl

Short = sa.String(32)


class Thing(tl.Model):
    """What is lent, described once. Its owner is the venue, an organisation or a person.

    ``checks``: what goes with it and is looked at when it goes out and comes back, a line each.
    """

    __tablename__ = "lending_thing"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    name: Mapped[tl.Texts] = mapped_column(tl.TextsType)
    description: Mapped[tl.Texts] = mapped_column(tl.TextsType, default=tl.Texts)
    category: Mapped[str] = mapped_column(Short, default="other")
    manual: Mapped[str] = mapped_column(sa.String(500), default="")
    checks: Mapped[list[Any]] = mapped_column(tl.Json, default=list)
    picture: Mapped[str | None] = mapped_column(sa.String(16))
    picture_width: Mapped[int] = mapped_column(default=0)
    picture_height: Mapped[int] = mapped_column(default=0)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    audience: Mapped[str] = mapped_column(Short, default="account")
    value_cents: Mapped[int] = mapped_column(default=0)
    deposit_cents: Mapped[int] = mapped_column(default=0)
    longest_days: Mapped[int | None]
    notice_hours: Mapped[int | None]
    offered: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)

    @property
    def photo(self) -> tl.KeptPicture | None:
        """Its picture, if there is one."""
        if self.picture is None:
            return None
        return tl.KeptPicture(self.picture, self.picture_width, self.picture_height)


class Item(tl.Model):
    """One thing with a number on it; its id is its resource's, which is what is taken."""

    __tablename__ = "lending_item"
    __table_args__ = (sa.UniqueConstraint("thing_id", "number"),)

    id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    thing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lending_thing.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[str] = mapped_column(Short)
    condition: Mapped[str] = mapped_column(Short, default="good")
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(Short, default="in_use")
    seen_on: Mapped[date | None]


class Loan(tl.Model):
    """Somebody has, or will have, an item; its id is its claim's, which carries the time.

    ``due_at``: when it comes back, as it was agreed. Deposits are what really went over the desk.
    """

    __tablename__ = "lending_loan"
    __table_args__ = (sa.Index("ix_lending_loan_state_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(
        sa.ForeignKey("claim.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    thing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lending_thing.id", ondelete="CASCADE"), index=True
    )
    item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lending_item.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[str] = mapped_column(Short, default="reserved")
    due_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    out_at: Mapped[datetime | None] = mapped_column(tl.UtcDateTime)
    back_at: Mapped[datetime | None] = mapped_column(tl.UtcDateTime)
    deposit_asked_cents: Mapped[int] = mapped_column(default=0)
    deposit_taken_cents: Mapped[int] = mapped_column(default=0)
    deposit_back_cents: Mapped[int] = mapped_column(default=0)
    condition_out: Mapped[str] = mapped_column(Short, default="")
    condition_back: Mapped[str] = mapped_column(Short, default="")
    note_out: Mapped[str] = mapped_column(default="")
    note_back: Mapped[str] = mapped_column(default="")
    signed: Mapped[str] = mapped_column(sa.String(120), default="")
    renewals: Mapped[int] = mapped_column(default=0)
    reminded: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(tl.UtcDateTime)
    revision: Mapped[int] = mapped_column(default=0)
