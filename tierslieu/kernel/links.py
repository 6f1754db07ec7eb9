"""Links that open one thing for whoever has them, without an account.

Nothing is stored: the site signs what the link is about. The row that it is about keeps a serial
number; counted up, it makes every link that was given out before open nothing.
"""

from __future__ import annotations

from tierslieu.kernel.calling import caller
from tierslieu.kernel.tokens import is_signed, sign
from tierslieu.kernel.work import Work


def signed_link(work: Work, purpose: str, subject: str, serial: int = 0) -> str:
    """A token for an address: ``subject`` (a public id) and what only this site can have added.

    It opens what is asked for by the same plugin with the same ``purpose`` and ``serial``.
    """
    return sign(work.site.config.secret_key, _scoped(work, purpose), subject, serial)


def link_opens(work: Work, purpose: str, token: str, serial: int = 0) -> bool:
    """Whether this site made the token for this purpose; its subject stands before the dot."""
    return is_signed(work.site.config.secret_key, _scoped(work, purpose), token, serial)


def _scoped(work: Work, purpose: str) -> str:
    return f"{caller(work, 2) or 'core'}.{purpose}"
