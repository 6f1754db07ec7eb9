"""Noting that a token was used: in the owner's list, without making every reading a writing."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
import structlog

from tierslieu.kernel import clock
from tierslieu.kernel.site import Site
from tierslieu.people.tokens.services import NOTED, note_used

log = structlog.get_logger("tierslieu.tokens")

#: When this process last noted each token; a few too many writes after a restart do no harm.
_noted: dict[str, datetime] = {}
_MOST = 10_000


def note_use(site: Site, token_hash: str) -> None:
    """Note the use of a token, at most once an hour in this process; never fails its caller."""
    now = clock.now()
    if _noted.get(token_hash, datetime.min.replace(tzinfo=UTC)) > now - NOTED:
        return
    if len(_noted) >= _MOST:
        _noted.clear()
    _noted[token_hash] = now
    try:
        with site.writing() as work:
            note_used(work, token_hash)
    except sa.exc.SQLAlchemyError:
        log.warning("the use of a token could not be noted", exc_info=True)
