"""Jobs and mails as administrators look at them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.mail import Mail

#: Rows on a page.
PAGE = 50


def mails(
    session: Session, *, state: str | None = None, before: int | None = None
) -> tuple[list[Mail], int | None]:
    """The newest mails, and where the next page begins."""
    question = sa.select(Mail).order_by(Mail.id.desc()).limit(PAGE + 1)
    if state is not None:
        question = question.where(Mail.state == state)
    if before is not None:
        question = question.where(Mail.id < before)
    found = list(session.scalars(question))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def mail(session: Session, public_id: str) -> Mail:
    """One mail; raises NotFound."""
    found = session.scalar(sa.select(Mail).where(Mail.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def mail_counts(session: Session) -> dict[str, int]:
    """How many mails there are by state."""
    rows = session.execute(sa.select(Mail.state, sa.func.count()).group_by(Mail.state))
    return {str(state): int(number) for state, number in rows}
