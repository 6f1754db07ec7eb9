"""Tables of the people: persons, their accounts, organisations, roles in a scope, tokens."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu.kernel.db import Json, Model
from tierslieu.kernel.tokens import new_public_id

Short = sa.String(64)


def _person(ondelete: str, *, index: bool = True, column: str = "person.id") -> Any:
    return mapped_column(sa.ForeignKey(column, ondelete=ondelete), index=index)


class Person(Model):
    """Somebody known here; e-mail optional and shared at will (families, the elderly)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    name: Mapped[str]
    #: casefold + NFKC of the name, for finding.
    name_folded: Mapped[str] = mapped_column(index=True, default="")
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)
    phone: Mapped[str | None] = mapped_column(Short, index=True)
    locale: Mapped[str] = mapped_column(sa.String(8), default="it")
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    account: Mapped[Account | None] = relationship(back_populates="person", lazy="raise")


class Account(Model):
    """A way in for one person; its e-mail is unique among accounts (casefolded)."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), unique=True
    )
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    #: Hashes of the browsers that signed in before; a new one is told by mail.
    known_agents: Mapped[list[Any]] = mapped_column(Json, default=list)

    person: Mapped[Person] = relationship(back_populates="account", lazy="joined", innerjoin=True)


class SignIn(Model):
    """One signed-in browser; ended by deleting the row, here or everywhere at once."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(Short, unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    #: The browser's own name for itself, shown to its owner and to nobody else.
    agent: Mapped[str] = mapped_column(sa.String(200), default="")


class AccountToken(Model):
    """A one-time link: confirm, reset, change e-mail, join a body. Hashed; used once."""

    __tablename__ = "account_token"
    __table_args__ = (
        sa.CheckConstraint("purpose IN ('confirm', 'reset', 'email', 'join')", name="purpose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(sa.String(16))
    token_hash: Mapped[str] = mapped_column(Short, unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Model):
    """A personal token of the API (``tlp_…``): hashed, scoped, revocable, shown once."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(100))
    token_hash: Mapped[str] = mapped_column(Short, unique=True)
    scopes: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Organisation(Model):
    """A body for which people act: association, circle, cooperative, group, the city."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint("state IN ('proposed', 'accepted', 'refused', 'closed')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(Short, default="association")
    tax_code: Mapped[str | None] = mapped_column(Short)
    email: Mapped[str | None] = mapped_column(sa.String(254))
    phone: Mapped[str | None] = mapped_column(Short)
    state: Mapped[str] = mapped_column(sa.String(16), default="accepted")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class OrganisationPerson(Model):
    """A person's function in an organisation (president, secretary, member…)."""

    __tablename__ = "organisation_person"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int] = _person("CASCADE")
    function: Mapped[str] = mapped_column(sa.String(100), default="")
    may_act: Mapped[bool] = mapped_column(default=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class RoleGrant(Model):
    """A role in a scope, from and until a day, given by somebody."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint(
            "(role = 'network_admin' AND venue_id IS NULL AND organisation_id IS NULL) OR "
            "(role IN ('venue_manager', 'venue_desk') AND venue_id IS NOT NULL "
            "AND organisation_id IS NULL) OR "
            "(role = 'organisation_admin' AND organisation_id IS NOT NULL AND venue_id IS NULL)",
            name="scope",
        ),
        sa.Index(
            "uq_role_grant",
            "person_id",
            "role",
            sa.text("coalesce(venue_id, 0)"),
            sa.text("coalesce(organisation_id, 0)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = _person("CASCADE")
    role: Mapped[str] = mapped_column(sa.String(32))
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL")
    )
    granted_at: Mapped[datetime]


class PersonVenue(Model):
    """A relation of a person with a venue (booking, membership, role): who may see her there."""

    __tablename__ = "person_venue"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    venue_id: Mapped[int] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[datetime]
    #: She lives in the venue's neighbourhood, as its desk has seen.
    resident: Mapped[bool] = mapped_column(default=False)


class Erasure(Model):
    """An erased person's public id, so that a restored backup erases her again."""

    __tablename__ = "erasure"

    public_id: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    erased_at: Mapped[datetime]
