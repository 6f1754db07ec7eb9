"""Tables of preconditions, of those who fulfil them, and of sponsors."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.venues.models import counted_as_fact

counted_as_fact("precondition")

KINDS = ("training", "document", "adult", "no_debt", "sponsor")


class Precondition(Model):
    """What somebody must have to book in a scope."""

    __tablename__ = "precondition"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({', '.join(repr(k) for k in KINDS)})", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    #: None: everywhere in the network.
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    #: Row ids of the rooms it is asked for; empty: all of the scope.
    rooms: Mapped[list[Any]] = mapped_column(Json, default=list)
    kind: Mapped[str] = mapped_column(sa.String(16))
    label: Mapped[Texts]
    #: How one comes by it, for whoever lacks it.
    how: Mapped[Texts]
    #: She may say it of herself.
    may_declare: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Qualification(Model):
    """A person or an organisation fulfils a precondition (or owes, for "no debts")."""

    __tablename__ = "qualification"
    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="whose"),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    precondition_id: Mapped[int] = mapped_column(
        sa.ForeignKey("precondition.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    #: She said so herself; nobody checked.
    declared: Mapped[bool] = mapped_column(default=False)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )


class Sponsorship(Model):
    """A member who was named to vouch for a booking; the booking waits for her answer."""

    __tablename__ = "sponsorship"
    __table_args__ = (sa.CheckConstraint("answer IN ('', 'yes', 'no')", name="answer"),)

    booking_id: Mapped[int] = mapped_column(
        sa.ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: None: nobody answers to what was written, or she was erased.
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    answer: Mapped[str] = mapped_column(sa.String(4), default="")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
