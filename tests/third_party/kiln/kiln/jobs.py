"""Whose an old firing was is forgotten, once a day."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

import tierslieu.toolkit as tl
from kiln.models import Firing


def forget_old(work: tl.Work) -> None:
    """Firings stay in the figures; whose they were goes after some years."""
    before = work.now - timedelta(days=365 * tl.setting(work, "years"))
    old = sa.select(tl.Claim.id).where(tl.Claim.ends_at < before)
    work.session.execute(sa.update(Firing).where(Firing.id.in_(old)).values(person_id=None))


KINDS = [tl.JobKind("kiln.forget_old", forget_old, every_minutes=24 * 60)]
