"""What is done as time goes by: offers run out, and old names are forgotten."""

from __future__ import annotations

from datetime import timedelta

import tierslieu.toolkit as tl
from tierslieu_events import privacy
from tierslieu_events.registering import line


def settle(work: tl.Work) -> None:
    """Offers that ran out go to who is next."""
    line.settle_due(work)


def forget_old(work: tl.Work) -> None:
    """Who came to what is forgotten after some time; how many came stays."""
    days = tl.setting(work, "forget_days")
    privacy.forget_before(work, work.now - timedelta(days=days))


KINDS = [
    tl.JobKind("events.settle", settle, every_minutes=1),
    tl.JobKind("events.forget_old", forget_old, every_minutes=24 * 60),
]
