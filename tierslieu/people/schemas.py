"""JSON of the API ↔ typed values, for tokens and oneself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tierslieu.web.api import Answer, Body

Scope = Annotated[
    str,
    Field(
        max_length=65,
        pattern=r"^[a-z_]{1,32}(:(read|write)|\.[a-z_]{1,32})$",
        description="A permission (bookings.create), or <area>:read, <area>:write.",
        examples=["bookings:read"],
    ),
]


class NewTokenBody(Body):
    """A token to make: what it is for, what it may do, how many days it lives."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=50)]
    days: Annotated[int, Field(ge=1, le=366)] | None = None


class TokenAnswer(Answer):
    """A token; the secret is only in the answer that made it."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


class NewTokenAnswer(TokenAnswer):
    """A token just made, with its secret: shown this once."""

    token: str


class TokenList(Answer):
    """One's own living tokens."""

    items: list[TokenAnswer]
    next: None


class OrganisationAnswer(Answer):
    """An organisation for which one may book."""

    id: str
    name: str


class MeAnswer(Answer):
    """Who asks; name and address only with the scope people:read."""

    id: str
    locale: str
    scopes: list[str] | None
    name: str | None
    email: str | None
    organisations: list[OrganisationAnswer] | None
