"""Questions about one's own API tokens; the secret itself is nowhere."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.people.models import ApiToken


def living_tokens(session: Session, account_id: int, now: datetime) -> list[ApiToken]:
    """An account's tokens that still open something, newest first."""
    question = (
        sa.select(ApiToken)
        .where(
            ApiToken.account_id == account_id,
            ApiToken.revoked_at.is_(None),
            sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
        )
        .order_by(ApiToken.id.desc())
    )
    return list(session.scalars(question))
