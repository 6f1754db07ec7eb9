"""Verbs of pools: add, fill, take some of them, whichever are free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.resources import queries
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.models import Occupancy, Pool, PoolMember, Resource, ResourcePart
from tierslieu.resources.rules import PoolTaking, Taking, choose
from tierslieu.resources.services import take


def add_pool(work: Work, *, venue_id: int, kind: str, name: str) -> Pool:
    """Add a pool without members."""
    pool = Pool(venue_id=venue_id, kind=kind, name=name)
    work.session.add(pool)
    work.session.flush()
    return pool


def add_to_pool(work: Work, pool_id: int, resource_ids: Sequence[int]) -> None:
    """Add undivided resources of the pool's venue, given out in this order after those before.

    Raises Invalid for others, NotFound.
    """
    venue_id = _lock_pool(work, pool_id)
    lock_leaves(work, resource_ids)
    whole = sa.exists().where(ResourcePart.whole_id == Resource.id)
    fit = set(
        work.session.scalars(
            sa.select(Resource.id).where(
                Resource.id.in_(list(resource_ids)), Resource.venue_id == venue_id, ~whole
            )
        )
    )
    if not fit >= set(resource_ids):
        raise Invalid(
            "not_poolable", msg("A pool has undivided things of its own venue."), "members"
        )
    members = _members(work, pool_id, active=False)
    new = [one for one in dict.fromkeys(resource_ids) if one not in members]
    rows = [
        {"pool_id": pool_id, "resource_id": one, "rank": rank}
        for rank, one in enumerate(new, start=len(members))
    ]
    if rows:
        work.session.execute(sa.insert(PoolMember), rows)


def take_from_pool(
    work: Work,
    pool_id: int,
    wants: Sequence[PoolTaking],
    *,
    preferred: Collection[int] = (),
    until: datetime | None = None,
) -> dict[int, list[int]]:
    """Give each claim as many free members as it wants, in place of all that it held.

    A series keeps its members where it can: one free for all first, among these ``preferred`` ones,
    then what the claims have
    now, then what is free most often. Answers claim → members. Raises Conflict with a reason for
    every want that cannot be met, which says how many are free; NotFound.
    """
    work.session.flush()
    _lock_pool(work, pool_id)
    ranked = _members(work, pool_id, active=True)
    claims = {want.claim_id for want in wants}
    # All members, so that nobody takes one by its own name between the choice and the taking.
    lock_leaves(work, ranked)
    free = queries.free_in_spans(
        work.session, ranked, [want.span for want in wants], work.now, ignoring=claims
    )
    liked = [*preferred, *_held(work, claims)]
    chosen, reasons = choose(wants, free, ranked, liked)
    if reasons:
        raise Conflict(*reasons)
    pairs = list(zip(wants, chosen, strict=True))
    take(work, [Taking(want.claim_id, given, want.span) for want, given in pairs], until=until)
    answer: dict[int, list[int]] = {want.claim_id: [] for want in wants}
    for want, given in pairs:
        answer[want.claim_id] += given
    return answer


def _lock_pool(work: Work, pool_id: int) -> int:
    """Lock the pool and answer with its venue."""
    venue_id = work.session.scalar(
        sa.select(Pool.venue_id).where(Pool.id == pool_id).with_for_update(key_share=True)
    )
    if venue_id is None:
        raise NotFound
    return venue_id


def _members(work: Work, pool_id: int, *, active: bool) -> list[int]:
    question = (
        sa.select(PoolMember.resource_id)
        .join(Resource, Resource.id == PoolMember.resource_id)
        .where(PoolMember.pool_id == pool_id)
        .order_by(PoolMember.rank, PoolMember.resource_id)
    )
    return list(work.session.scalars(question.where(Resource.active) if active else question))


def _held(work: Work, claims: Collection[int]) -> list[int]:
    return list(
        work.session.scalars(
            sa.select(Occupancy.resource_id)
            .where(Occupancy.claim_id.in_(sorted(claims)))
            .distinct()
        )
    )
