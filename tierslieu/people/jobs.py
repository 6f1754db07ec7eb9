"""Background work of the people: mailing reset links, finishing erasures, forgetting the old."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.work import Work
from tierslieu.people.accounts import links
from tierslieu.people.accounts.services import SEND_RESET, send_reset
from tierslieu.people.models import Account, ApiToken, Person, PersonVenue, SignIn
from tierslieu.people.privacy.services import FINISH_ERASURE, finish_erasure

#: How long an account may wait to be confirmed before it is forgotten.
UNCONFIRMED = timedelta(days=14)
#: How long a token that opens nothing any more is still listed in its owner's export.
OVER = timedelta(days=90)


def purge(work: Work) -> None:
    """Forget sessions, links and tokens that are over, and accounts never confirmed."""
    session = work.session
    session.execute(sa.delete(SignIn).where(SignIn.expires_at < work.now))
    links.purge(session, work.now - timedelta(days=7))
    ended = work.now - OVER
    session.execute(
        sa.delete(ApiToken).where(sa.or_(ApiToken.revoked_at < ended, ApiToken.expires_at < ended))
    )
    _forget_unconfirmed(work)


def _forget_unconfirmed(work: Work) -> None:
    """Accounts that nobody confirmed; their persons too, when no venue knows them."""
    stale = list(
        work.session.execute(
            sa.select(Account.id, Account.person_id).where(
                Account.confirmed_at.is_(None), Account.created_at < work.now - UNCONFIRMED
            )
        )
    )
    if not stale:
        return
    accounts, people = zip(*stale, strict=True)
    known = sa.select(PersonVenue.person_id)
    work.session.execute(sa.delete(Account).where(Account.id.in_(accounts)))
    work.session.execute(sa.delete(Person).where(Person.id.in_(people), Person.id.not_in(known)))


KINDS = (
    JobKind(SEND_RESET, send_reset),
    JobKind(FINISH_ERASURE, finish_erasure, max_attempts=20),
    JobKind("people.purge", purge, every_minutes=6 * 60),
)
