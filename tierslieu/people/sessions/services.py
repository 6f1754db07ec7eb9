"""Signing in and out. A session is a row; its token is in the browser's cookie only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.tokens import hash_token, new_token
from tierslieu.kernel.work import Work
from tierslieu.people import queries
from tierslieu.people.accounts import mails
from tierslieu.people.accounts.passwords import hash_password, is_outdated, matches
from tierslieu.people.acting import as_owner
from tierslieu.people.models import Account, SignIn
from tierslieu.people.rules import account_email

#: A session ends this long after it began, whatever happens.
LIFE = timedelta(days=60)
#: How many browsers of one account are remembered as known.
KNOWN = 20


@dataclass(frozen=True)
class Recognised:
    """An account whose password was given: its id, and the hash that was matched."""

    account_id: int
    password_hash: str = field(repr=False)
    fresh_hash: str | None = field(default=None, repr=False)


def recognise(work: Work, email: str, password: str) -> Recognised | None:
    """Whose password this is, or None; only reads, and takes as long for no account at all."""
    try:
        account = queries.account_by_email(work.session, account_email(email))
    except Invalid:
        account = None
    stored = account.password_hash if account is not None else None
    if not matches(password, stored) or account is None or stored is None:
        return None
    return Recognised(account.id, stored, hash_password(password) if is_outdated(stored) else None)


def sign_in(work: Work, known: Recognised, agent: str = "") -> str | None:
    """Begin a session and answer its token; None while the address is not confirmed.

    A browser not seen before is told by mail. A password changed meanwhile answers None too.
    """
    account = work.session.get(Account, known.account_id, with_for_update={"of": Account})
    if account is None or account.password_hash != known.password_hash:
        return None
    if account.confirmed_at is None:
        return None
    if known.fresh_hash:
        account.password_hash = known.fresh_hash
    _notice_browser(work, account, agent)
    token = new_token("")
    account.last_sign_in_at = work.now
    work.session.add(
        SignIn(
            account_id=account.id,
            token_hash=hash_token(token),
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + LIFE,
            agent=_printable(agent),
        )
    )
    subject = f"person:{account.person.public_id}"
    as_owner(work, account).audit("account.signed_in", subject, person=account.person_id)
    return token


def _notice_browser(work: Work, account: Account, agent: str) -> None:
    mark = hashlib.sha256(f"{account.id}:{agent}".encode("utf-8", "replace")).hexdigest()[:16]
    if mark in account.known_agents:
        return
    if account.last_sign_in_at is not None:
        mails.new_sign_in(work, account)
    account.known_agents = [*account.known_agents, mark][-KNOWN:]


def _printable(agent: str) -> str:
    return "".join(char for char in agent if char.isprintable() and char.isascii())[:200]


def sign_out(work: Work, token: str) -> None:
    """End the session of this token; nothing happens when it is over already."""
    work.session.execute(sa.delete(SignIn).where(SignIn.token_hash == hash_token(token)))


def sign_out_everywhere(work: Work, keep: str | None = None) -> None:
    """End all of one's own sessions but ``keep`` (a token's hash)."""
    account = work.session.get_one(Account, _own(work))
    end_sessions(work, account.id, keep=keep)
    subject = f"person:{account.person.public_id}"
    work.audit("account.signed_out_everywhere", subject, person=account.person_id)


def end_session(work: Work, token_hash: str) -> None:
    """End one of one's own sessions; raises `NotFound` for another's."""
    ended = work.session.execute(
        sa.delete(SignIn)
        .where(SignIn.token_hash == token_hash, SignIn.account_id == _own(work))
        .returning(SignIn.id)
    )
    if ended.first() is None:
        raise NotFound


def end_sessions(work: Work, account_id: int, *, keep: str | None = None) -> None:
    """End every session of an account but ``keep``; whoever calls has asked the right."""
    ending = sa.delete(SignIn).where(SignIn.account_id == account_id)
    if keep is not None:
        ending = ending.where(SignIn.token_hash != keep)
    work.session.execute(ending)


def _own(work: Work) -> int:
    work.require("accounts.own", own=True)
    return work.actor.account_id or 0
