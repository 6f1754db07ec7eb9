"""Background work: fragments after a restore or a rename, last uses, what is no longer told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical import incoming, services
from tierslieu_ical.models import Feed
from tierslieu_ical.uses import NOTE, hand_on

#: Stopped addresses are forgotten after this long.
STOPPED_KEPT = timedelta(days=90)


def rebuild(work: tl.Work, after: int = 0, venue: int | None = None) -> None:
    """Bring fragments up to date, a batch at a time."""
    services.rebuild(work, after, venue)


def note_uses(work: tl.Work, uses: dict[str, str]) -> None:
    """Write down last uses."""
    services.note_uses(work, {feed: datetime.fromisoformat(at) for feed, at in uses.items()})


def look_after(work: tl.Work, **_payload: Any) -> None:
    """Hand on the uses of this process, forget what is old, rebuild what is behind."""
    work.after_commit(lambda: hand_on(work.site))
    work.session.execute(sa.delete(Feed).where(Feed.revoked_at < work.now - STOPPED_KEPT))
    incoming.forget_old(work)
    if any(services.behind(work)):
        work.later(services.REBUILD, key=services.REBUILD)


KINDS = (
    tl.JobKind(services.REBUILD, rebuild, lease_seconds=600),
    tl.JobKind(NOTE, note_uses),
    tl.JobKind("ical.look_after", look_after, every_minutes=60),
)
