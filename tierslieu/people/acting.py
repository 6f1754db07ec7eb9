"""Work that its owner's proof (a password, a mailed link) makes her own."""

from __future__ import annotations

from dataclasses import replace

from tierslieu.kernel.work import Work
from tierslieu.people.models import Account


def as_owner(work: Work, account: Account) -> Work:
    """The same work as done by an account's owner, for the journal: nobody is signed in yet."""
    actor = replace(work.actor, person_id=account.person_id, account_id=account.id)
    return replace(work, actor=actor)
