"""Making and revoking API tokens. A token is shown once and never exceeds its owner."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.tokens import hash_token, new_token
from tierslieu.kernel.work import Work
from tierslieu.people.models import Account, ApiToken
from tierslieu.people.rules import TABLE
from tierslieu.people.tokens.queries import living_tokens

#: Days a token lives unless said otherwise, and at most.
DAYS, MOST_DAYS = 365, 366
#: Living tokens of one account.
MOST = 50
#: The last use of a token is noted at most this often.
NOTED = timedelta(hours=1)

_AREAS = frozenset(permission.partition(".")[0] for permission in TABLE)
_SCOPE = re.compile(r"[a-z_][a-z0-9_]{0,31}(:(read|write)|\.[a-z_][a-z0-9_]{0,31})")


def create_token(
    work: Work,
    name: str,
    scopes: Iterable[str],
    *,
    days: int | None = DAYS,
    account_id: int | None = None,
) -> tuple[ApiToken, str]:
    """Make a token of one's own (the command line: of ``account_id``); answers its secret too.

    ``days=None``: it never ends, for network admins' programmes. Raises `Refused`.
    """
    if account_id is None:
        work.require("tokens.own", own=True)
        account_id = work.actor.account_id
    else:
        work.require("network.edit")
    account = work.session.get_one(Account, account_id)
    if len(living_tokens(work.session, account.id, work.now)) >= MOST:
        sentence = msg("There are %(n)s tokens already. Revoke some first.", n=MOST)
        raise Conflict(Reason("too_many_tokens", sentence, kind="state"))
    secret = new_token("tlp_")
    token = ApiToken(
        account_id=account.id,
        name=_name(name),
        token_hash=hash_token(secret),
        scopes=_scopes(work, scopes),
        created_at=work.now,
        expires_at=_end(work, days),
    )
    work.session.add(token)
    work.session.flush()
    _tell(work, "token.created", token, account)
    return token, secret


def _name(text: str) -> str:
    name = clean(text, field="name")
    if not name or len(name) > 100:
        sentence = msg("Say in at most 100 characters what the token is for.")
        raise Invalid("bad_name", sentence, "name")
    return name


def _scopes(work: Work, scopes: Iterable[str]) -> list[str]:
    wanted = sorted(set(scopes))
    areas = _AREAS | _areas_of_plugins(work)
    for scope in wanted:
        area = re.split(r"[.:]", scope)[0]
        if not _SCOPE.fullmatch(scope) or area not in areas:
            sentence = msg("There is no scope “%(scope)s”.", scope=scope[:80])
            raise Invalid("unknown_scope", sentence, "scopes")
        if not _may_pass_on(work, scope):
            sentence = msg("This token has not the scope “%(scope)s” itself.", scope=scope)
            raise Invalid("scope_exceeds", sentence, "scopes")
    if not wanted:
        raise Invalid("no_scope", msg("Choose what the token may do."), "scopes")
    return wanted


def _areas_of_plugins(work: Work) -> frozenset[str]:
    """Areas of what plugins that are on let people do."""
    return frozenset(each.name.partition(".")[0] for each in work.site.plugins.permissions)


def _may_pass_on(work: Work, scope: str) -> bool:
    """A token makes no token that can do more than itself."""
    own = work.actor.token_scopes
    if own is None or scope in own:
        return True
    area, _, verb = scope.partition(".")
    kind = "read" if verb.startswith("read") else "write"
    return bool(verb) and f"{area}:{kind}" in own


def _end(work: Work, days: int | None) -> object:
    if days is None:
        if not work.actor.may("network.edit"):
            sentence = msg("A token of yours ends after a year at the latest.")
            raise Invalid("needs_end", sentence, "days")
        return None
    if not 1 <= days <= MOST_DAYS:
        sentence = msg("A token lives from 1 to %(n)s days.", n=MOST_DAYS)
        raise Invalid("bad_days", sentence, "days")
    return work.now + timedelta(days=days)


def revoke_token(work: Work, public_id: str) -> ApiToken:
    """Stop one of one's own tokens; once stopped, again is the same. `NotFound` for another's."""
    work.require("tokens.own", own=True)
    found = work.session.scalars(
        sa.select(ApiToken).where(
            ApiToken.public_id == public_id, ApiToken.account_id == work.actor.account_id
        )
    ).first()
    if found is None:
        raise NotFound
    if found.revoked_at is None:
        found.revoked_at = work.now
        account = work.session.get_one(Account, found.account_id)
        _tell(work, "token.revoked", found, account)
    return found


def revoke_all(work: Work) -> None:
    """Stop every token of one's own, in one press."""
    work.require("tokens.own", own=True)
    for token in living_tokens(work.session, work.actor.account_id or 0, work.now):
        revoke_token(work, token.public_id)


def note_used(work: Work, token_hash: str) -> None:
    """Note that a token was used; one write an hour at most, so reading stays reading."""
    work.session.execute(
        sa.update(ApiToken)
        .where(
            ApiToken.token_hash == token_hash,
            sa.or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < work.now - NOTED),
        )
        .values(last_used_at=work.now)
    )


def _tell(work: Work, verb: str, token: ApiToken, account: Account) -> None:
    work.audit(
        verb, f"token:{token.public_id}", person=account.person_id, scopes=list(token.scopes)
    )
