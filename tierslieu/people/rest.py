"""The API of one's tokens and of oneself: HTTP in, one verb, HTTP out."""

from __future__ import annotations

from typing import Any

from flask import Response

from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.people.models import ApiToken, Person
from tierslieu.people.organisations.queries import organisations_of
from tierslieu.people.schemas import (
    MeAnswer,
    NewTokenAnswer,
    NewTokenBody,
    OrganisationAnswer,
    TokenAnswer,
    TokenList,
)
from tierslieu.people.tokens import services
from tierslieu.people.tokens.queries import living_tokens
from tierslieu.web.api import answer, blueprint, operation, posting, read_body
from tierslieu.web.requests import SIGNED_IN, allow, reading, writing

bp = blueprint("people_api", __name__)


@bp.get("/me")
@allow(SIGNED_IN)
@operation(answer=MeAnswer, errors=(401,))
def get_me() -> Response:
    """Who asks, what the token may do, and for which organisations one may book."""
    with reading() as work:
        person = work.session.get_one(Person, work.actor.person_id)
        told = work.actor.may("people.read", own=True)
        bodies = organisations_of(work.session, person.id, work.now.date()) if told else None
    scopes = work.actor.token_scopes
    return answer(
        MeAnswer(
            id=person.public_id,
            locale=person.locale,
            scopes=None if scopes is None else sorted(scopes),
            name=person.name if told else None,
            email=person.email if told else None,
            organisations=None
            if bodies is None
            else [OrganisationAnswer(id=each.public_id, name=each.name) for each in bodies],
        )
    )


@bp.get("/tokens")
@allow("tokens.own")
@operation(answer=TokenList, errors=(401, 403))
def list_tokens() -> Response:
    """One's own living tokens, newest first, without their secrets."""
    with reading() as work:
        work.require("tokens.own", own=True)
        rows = living_tokens(work.session, work.actor.account_id or 0, work.now)
    return answer(TokenList(items=[TokenAnswer(**_shown(row)) for row in rows], next=None))


@bp.post("/tokens")
@allow("tokens.own")
@operation(
    answer=NewTokenAnswer,
    status=201,
    body=NewTokenBody,
    errors=(401, 403, 409),
    idempotent=True,
)
@posting(secret=True)
def make_token(work: Work) -> tuple[NewTokenAnswer, int]:
    """Make a token of one's own; it can do no more than the one it is made with."""
    asked = read_body(NewTokenBody)
    row, secret = services.create_token(
        work, asked.name, asked.scopes, days=asked.days or services.DAYS
    )
    return NewTokenAnswer(**_shown(row), token=secret), 201


@bp.delete("/tokens/<token_id>")
@allow("tokens.own")
@operation(answer=TokenAnswer, errors=(401, 403, 404))
def stop_token(token_id: str) -> Response:
    """Stop a token of one's own; stopping it again answers the same."""
    with writing() as work:
        row = services.revoke_token(work, token_id)
    return answer(TokenAnswer(**_shown(row)))


def _shown(row: ApiToken) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "name": row.name,
        "scopes": list(row.scopes),
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at) if row.expires_at else None,
        "last_used_at": iso(row.last_used_at) if row.last_used_at else None,
        "revoked_at": iso(row.revoked_at) if row.revoked_at else None,
    }
