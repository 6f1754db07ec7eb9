"""Verbs of divisible rooms: divide, unite.

Both lock every resource of the venue, so what is divided never changes under a booking.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.locks.services import forget_held
from tierslieu.resources.models import Occupancy, PoolMember, Resource, ResourceLeaf, ResourcePart
from tierslieu.resources.rules import (
    Collision,
    Row,
    Taken,
    leaf_sets,
    moved_rows,
    orphans,
    united_rows,
)
from tierslieu.resources.services import forget_past_holds, rewrite

Parts = dict[int, set[int]]


def divide(work: Work, whole_id: int, part_ids: Collection[int]) -> None:
    """Make a room a whole of these parts, two or more, of the same venue.

    What is taken of it from now on (what is running included) is taken of its parts instead; what
    is past stays. Raises `Taken` where a part is taken already, Invalid for parts that make no
    sense, NotFound.
    """
    work.session.flush()
    parts = _structure(work, whole_id)
    _refuse_nonsense(work, whole_id, part_ids, parts)
    parts[whole_id] = set(part_ids)
    leaves = leaf_sets(parts, parts)[whole_id]
    forget_past_holds(work, {whole_id, *leaves})
    to_come = _to_come(work, {whole_id, *leaves})
    with work.session.begin_nested():
        work.session.execute(
            sa.insert(ResourcePart),
            [{"whole_id": whole_id, "part_id": part_id} for part_id in sorted(set(part_ids))],
        )
        _write_leaves(work, parts)
        if any(row.leaf_id == whole_id for row in to_come.values()):
            rewrite(work, to_come, moved_rows(to_come.values(), whole_id, leaves))


def add_parts(work: Work, whole_id: int, part_ids: Collection[int]) -> None:
    """Add undivided parts to a whole; who has all of it from now on has these too.

    Raises `Taken` where a new part is taken already, Invalid, NotFound.
    """
    work.session.flush()
    parts = _structure(work, whole_id)
    if not parts[whole_id]:
        raise Invalid("not_divided", msg("This is not divided."), "parts")
    new = set(part_ids) - parts[whole_id]
    if not parts.keys() >= new or any(parts[part] for part in new) or whole_id in new:
        raise Invalid("not_here", msg("The parts must be of the same venue."), "parts")
    before = leaf_sets(parts, parts)[whole_id]
    forget_past_holds(work, {*before, *new})
    to_come = _to_come(work, {*before, *new})
    held = united_rows((r for r in to_come.values() if r.leaf_id in before), whole_id, before, ())
    more = [Row(leaf, row.span, row.claim_id) for row in held[0] for leaf in sorted(new)]
    parts[whole_id] |= new
    with work.session.begin_nested():
        work.session.execute(
            sa.insert(ResourcePart),
            [{"whole_id": whole_id, "part_id": part} for part in sorted(new)],
        )
        _write_leaves(work, parts)
        if more:
            rewrite(work, (), more)


def unite(work: Work, whole_id: int) -> None:
    """Make a whole one room again; its parts that no other whole has go out of use.

    What a claim holds of all its leaves from now on becomes the whole's. Raises `Taken` where only
    some of them are taken, Invalid when it has no parts, NotFound.
    """
    work.session.flush()
    parts = _structure(work, whole_id)
    if not parts[whole_id]:
        raise Invalid("not_divided", msg("This is not divided."), "parts")
    leaves = leaf_sets(parts, parts)[whole_id]
    unused = orphans(whole_id, parts)
    forget_past_holds(work, {whole_id, *leaves})
    to_come = _to_come(work, leaves)
    rows, in_the_way = united_rows(to_come.values(), whole_id, leaves, leaves - unused)
    if in_the_way:
        raise Taken(Collision(row.claim_id, row.leaf_id, row.span) for row in in_the_way)
    with work.session.begin_nested():
        work.session.execute(sa.delete(ResourcePart).where(ResourcePart.whole_id == whole_id))
        work.session.execute(
            sa.update(Resource).where(Resource.id.in_(sorted(unused))).values(active=False)
        )
        parts[whole_id] = set()
        _write_leaves(work, parts)
        rewrite(work, to_come, rows)


def _structure(work: Work, whole_id: int) -> Parts:
    """Lock the venue's resources and say what consists of what; every one of them is a key."""
    venue_id = work.session.scalar(sa.select(Resource.venue_id).where(Resource.id == whole_id))
    if venue_id is None:
        raise NotFound
    everything = (
        sa.select(Resource.id)
        .where(Resource.venue_id == venue_id)
        .order_by(Resource.id)
        .with_for_update(key_share=True)
    )
    parts: Parts = {resource_id: set() for resource_id in work.session.scalars(everything)}
    for whole, part in work.session.execute(
        sa.select(ResourcePart.whole_id, ResourcePart.part_id)
        .join(Resource, Resource.id == ResourcePart.whole_id)
        .where(Resource.venue_id == venue_id)
    ):
        parts[whole].add(part)
    return parts


def _refuse_nonsense(work: Work, whole_id: int, part_ids: Collection[int], parts: Parts) -> None:
    if parts[whole_id]:
        raise Invalid("divided_already", msg("This is divided already. Unite it first."), "parts")
    if len(set(part_ids)) < 2:
        raise Invalid("too_few_parts", msg("A room is divided into two parts or more."), "parts")
    if not parts.keys() >= set(part_ids):
        raise Invalid("not_here", msg("The parts must be of the same venue."), "parts")
    if whole_id in part_ids:
        raise Invalid("circle", msg("A room cannot be a part of itself."), "parts")
    pooled = sa.select(PoolMember.pool_id).where(PoolMember.resource_id == whole_id).limit(1)
    if work.session.scalar(pooled) is not None:
        raise Invalid("pooled", msg("What belongs to a pool cannot be divided."), "parts")


def _to_come(work: Work, leaf_ids: Iterable[int]) -> dict[int, Row]:
    """Rows of occupancy, by id, that end after now."""
    question = sa.select(
        Occupancy.id,
        Occupancy.resource_id,
        Occupancy.claim_id,
        Occupancy.starts_at,
        Occupancy.ends_at,
    ).where(Occupancy.resource_id.in_(sorted(set(leaf_ids))), Occupancy.ends_at > work.now)
    return {
        row_id: Row(leaf_id, Span(start, end), claim_id)
        for row_id, leaf_id, claim_id, start, end in work.session.execute(question)
    }


def _write_leaves(work: Work, parts: Parts) -> None:
    """Keep ``resource_leaf`` true for the venue: what changed is deleted, then written anew."""
    forget_held(work)
    wanted = {
        (resource_id, leaf_id)
        for resource_id, leaves in leaf_sets(parts, parts).items()
        for leaf_id in leaves
    }
    present = {
        (resource_id, leaf_id)
        for resource_id, leaf_id in work.session.execute(
            sa.select(ResourceLeaf.resource_id, ResourceLeaf.leaf_id).where(
                ResourceLeaf.resource_id.in_(sorted(parts))
            )
        )
    }
    changed = sorted({resource_id for resource_id, _ in wanted ^ present})
    work.session.execute(sa.delete(ResourceLeaf).where(ResourceLeaf.resource_id.in_(changed)))
    rows = [
        {"resource_id": resource_id, "leaf_id": leaf_id}
        for resource_id, leaf_id in sorted(wanted)
        if resource_id in changed
    ]
    if rows:
        work.session.execute(sa.insert(ResourceLeaf), rows)
