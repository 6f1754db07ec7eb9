"""What plugins that are off, or gone, still hold: shown, and given back by a manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import Conflict, NotFound, Reason
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim, Occupancy, Resource, StockUse
from tierslieu.resources.services import release

if TYPE_CHECKING:
    from tierslieu.plugins.platform import Plugins

CORE = "core"


@dataclass(frozen=True)
class Held:
    """A claim whose plugin is off at its venue; ``label`` is what the plugin called it."""

    public_id: str
    by: Message
    label: str
    what: str
    starts_at: datetime
    ends_at: datetime


def held_at(session: Session, plugins: Plugins, venue_id: int, now: datetime) -> list[Held]:
    """What is held from now on at a venue by plugins that are off there; for its manager."""
    asked = (
        sa.select(Claim, Resource.name)
        .outerjoin(Resource, Resource.id == Claim.resource_id)
        .where(Claim.venue_id == venue_id, Claim.owner != CORE, _holds(now))
        .order_by(Claim.starts_at, Claim.id)
    )
    found = []
    for claim, name in session.execute(asked):
        by = plugins.held_by(claim.owner, venue_id)
        if by is not None:
            label, what = claim.label, name or ""
            found.append(Held(claim.public_id, by, label, what, claim.starts_at, claim.ends_at))
    return found


def held_by_plugin(session: Session, name: str, now: datetime) -> int:
    """How many claims of a plugin hold something from now on."""
    asked = sa.select(sa.func.count()).select_from(Claim).where(Claim.owner == name, _holds(now))
    return session.execute(asked).scalar_one()


def _holds(now: datetime) -> sa.ColumnElement[bool]:
    room = sa.exists().where(Occupancy.claim_id == Claim.id, Occupancy.ends_at > now)
    things = sa.exists().where(StockUse.claim_id == Claim.id, StockUse.ends_at > now)
    return sa.and_(sa.or_(room, things), sa.or_(Claim.expires_at.is_(None), Claim.expires_at > now))


def give_back(work: Work, plugins: Plugins, venue_id: int, public_id: str) -> None:
    """Give back what a claim holds whose plugin is off; the plugin may find out, if it returns.

    Raises Forbidden, NotFound; Conflict (``plugin_is_on``) when it is the plugin's to say.
    """
    work.require("plugins.venue", venue=venue_id)
    claim = work.session.scalar(
        sa.select(Claim).where(Claim.public_id == public_id, Claim.venue_id == venue_id)
    )
    if claim is None or claim.owner == CORE:
        raise NotFound
    plugins.switches.stale()
    if plugins.held_by(claim.owner, venue_id) is None:
        text = msg("“%(name)s” is on: it says itself what it gives back.", name=claim.owner)
        raise Conflict(Reason("plugin_is_on", text, kind="state"))
    release(work, [claim.id])
    work.audit("plugins.give_back", f"claim:{public_id}", venue=venue_id, plugin=claim.owner)
