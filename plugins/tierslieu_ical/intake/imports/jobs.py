"""Background work: making what was chosen, a part at a time, in the name of who chose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import tierslieu.toolkit as tl
from tierslieu_ical.intake.imports import services
from tierslieu_ical.intake.imports.models import Import


def make(work: tl.Work, brought: int, chosen: Sequence[str]) -> None:
    """Make a part and queue the rest."""
    row = work.session.get(Import, brought)
    if row is None or row.state != "making":
        return
    actor = tl.acting(work.session, row.made_by_id, work.now) if row.made_by_id else None
    if actor is None or not actor.may("bookings.on_behalf", venue=row.venue_id):
        services.give_up(work, row, chosen)
        return
    left = services.make_some(replace(work, actor=actor), row, chosen, services.BATCH)
    if left:
        work.later(services.MAKE, key=f"{services.MAKE}:{row.id}", brought=row.id, chosen=left)
    else:
        services.tell(work, row)


KINDS = (tl.JobKind(services.MAKE, make, lease_seconds=300),)
