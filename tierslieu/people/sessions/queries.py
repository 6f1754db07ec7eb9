"""Questions about signed-in browsers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.people.models import SignIn


def sessions_of(session: Session, account_id: int, now: datetime) -> list[SignIn]:
    """An account's living sessions, newest first; for its owner."""
    question = (
        sa.select(SignIn)
        .where(SignIn.account_id == account_id, SignIn.expires_at > now)
        .order_by(SignIn.id.desc())
    )
    return list(session.scalars(question))
