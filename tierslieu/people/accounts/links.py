"""One-time links of an account, by mail: random, hashed, used once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg
from tierslieu.kernel.tokens import hash_token, new_token
from tierslieu.kernel.work import Work
from tierslieu.people.models import AccountToken

#: How long each kind of link opens something.
LIVES = {
    "confirm": timedelta(days=3),
    "reset": timedelta(hours=2),
    "email": timedelta(days=1),
    "join": timedelta(days=14),
}
_PATHS = {
    "confirm": "confirm",
    "reset": "reset",
    "email": "me/email",
    "join": "me/organisations/join",
}


def open_link(work: Work, account_id: int, purpose: str, **payload: Any) -> str:
    """Make a link and answer its path here; older ones of this account and purpose are closed."""
    if purpose != "join":  # one may be invited by several at once
        close_links(work, account_id, purpose)
    token = new_token("")
    work.session.add(
        AccountToken(
            account_id=account_id,
            purpose=purpose,
            token_hash=hash_token(token),
            payload=payload,
            created_at=work.now,
            expires_at=work.now + LIVES[purpose],
        )
    )
    return f"/{_PATHS[purpose]}/{token}"


def close_links(work: Work, account_id: int, purpose: str) -> None:
    """Nothing that was mailed before opens anything any more."""
    work.session.execute(
        sa.delete(AccountToken).where(
            AccountToken.account_id == account_id,
            AccountToken.purpose == purpose,
            AccountToken.used_at.is_(None),
        )
    )


def link(work: Work, token: str, purpose: str) -> AccountToken:
    """The living link of this token; raises `Invalid` (``link_over``) for any other."""
    found = work.session.scalars(_link(token, purpose)).first()
    if found is None or found.used_at is not None or found.expires_at <= work.now:
        raise Invalid(
            "link_over", msg("This link was used already or is too old. Ask for a new one.")
        )
    return found


def use_link(work: Work, token: str, purpose: str) -> AccountToken:
    """As `link`, and it is used up: of two at the same moment exactly one passes."""
    found = link(work, token, purpose)
    used = work.session.execute(
        sa.update(AccountToken)
        .where(AccountToken.id == found.id, AccountToken.used_at.is_(None))
        .values(used_at=work.now, payload={})
        .returning(AccountToken.id)
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        raise Invalid("link_over", msg("This link was used already."))
    return found


def _link(token: str, purpose: str) -> sa.Select[AccountToken]:
    return sa.select(AccountToken).where(
        AccountToken.token_hash == hash_token(token), AccountToken.purpose == purpose
    )


def purge(session: Session, before: Any) -> None:
    """Forget links that were over before a moment."""
    session.execute(sa.delete(AccountToken).where(AccountToken.expires_at < before))
