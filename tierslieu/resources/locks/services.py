"""The locks of the engine: what lies under a resource stays as it is until the work ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.work import GuardedSession, Work
from tierslieu.resources.models import Occupancy, Resource, ResourceLeaf

_OCCUPANCY = cast(sa.Table, Occupancy.__table__)
_LEAF = cast(sa.Table, ResourceLeaf.__table__)
_RESOURCE = cast(sa.Table, Resource.__table__)

#: The leaves of a resource, and whether it is in use.
_Leaves = dict[int, tuple[frozenset[int], bool]]


def lock_leaves(work: Work, resource_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Lock what lies under these resources until the work ends, and say which leaves those are.

    What is read afterwards about them stays true until then. Raises NotFound.
    """
    found = lock(work, resource_ids)
    return {resource_id: leaves for resource_id, (leaves, _) in found.items()}


def lock(work: Work, resource_ids: Iterable[int], claim_ids: Collection[int] = ()) -> _Leaves:
    """Lock the leaves under these resources and those that these claims hold, by id.

    Answers with each resource's leaves and whether it is in use. On SQLite the work itself is the
    lock: BEGIN IMMEDIATE. Elsewhere the leaves are read again once the locks are there, because a
    room may have been divided while we waited. What this work has locked already stays as it is.
    """
    asked = sorted(set(resource_ids))
    known: _Leaves = work.session.info.setdefault(_HELD, {})
    if not claim_ids and all(resource_id in known for resource_id in asked):
        return {resource_id: known[resource_id] for resource_id in asked}
    found = _locked(work, asked, claim_ids)
    if len(found) < len(asked):
        raise NotFound
    known.update(found)
    return found


def _locked(work: Work, asked: Sequence[int], claim_ids: Collection[int]) -> _Leaves:
    if work.site.db.is_sqlite:
        return _leaves_in_use(work, asked) if asked else {}
    if not claim_ids:
        rows = work.run(_LOCKING, {"asked": asked}).all()
        version = work.run(_VERSION).scalar()
        # Somebody may have changed what was read while we waited; nobody can from now on.
        work.session.info["as_read"] = {"version_of_facts": version}
        if rows and version is not None and rows[0].version == version:
            return _by_resource(row[:3] for row in rows)
    ids = {"asked": asked, "claims": sorted(claim_ids)}
    while True:
        locked = {row[0] for row in work.run(_LOCKING_WITH_CLAIMS, ids)}
        work.session.info.pop("as_read", None)
        found = _leaves_in_use(work, asked) if asked else {}
        if frozenset().union(*(leaves for leaves, _ in found.values())) <= locked:
            return found


#: Where a session remembers what it has locked.
_HELD = "held_leaves"


def forget_held(work: Work) -> None:
    """Read again what is locked: its structure or its use has changed."""
    work.session.info.pop(_HELD, None)


@event.listens_for(GuardedSession, "after_soft_rollback")
def _rolled_back(session: Session, _to: Any) -> None:
    # A savepoint that is undone gives back the locks that were taken in it.
    session.info.pop(_HELD, None)


# Asked for every booking, so each is put together once.


def _several(name: str) -> Any:
    return sa.bindparam(name, expanding=True, type_=sa.Integer)


#: Venues stand above: their count of all changes of resources is read by its name.
_VERSION = sa.select(sa.table("facts_version", sa.column("version", sa.Integer)).c.version)
_WHOLE = sa.alias(_RESOURCE, "whole")
_LEAVES = (
    sa.select(_LEAF.c.resource_id, _LEAF.c.leaf_id, _WHOLE.c.active)
    .join(_WHOLE, _WHOLE.c.id == _LEAF.c.resource_id)
    .where(_LEAF.c.resource_id.in_(_several("asked")))
)
#: With the count as it was before we waited: where it is the same afterwards, so are the leaves.
_LOCKING = (
    _LEAVES.add_columns(_VERSION.scalar_subquery().label("version"))
    .join(_RESOURCE, _RESOURCE.c.id == _LEAF.c.leaf_id)
    .order_by(_RESOURCE.c.id)
    .with_for_update(key_share=True, of=_RESOURCE)
)
_LOCKING_WITH_CLAIMS = (
    sa.select(_RESOURCE.c.id)
    .where(
        _RESOURCE.c.id.in_(
            sa.union(
                sa.select(_LEAF.c.leaf_id).where(_LEAF.c.resource_id.in_(_several("asked"))),
                sa.select(_OCCUPANCY.c.resource_id).where(
                    _OCCUPANCY.c.claim_id.in_(_several("claims"))
                ),
            )
        )
    )
    .order_by(_RESOURCE.c.id)
    .with_for_update(key_share=True)
)


def _leaves_in_use(work: Work, asked: Sequence[int]) -> _Leaves:
    return _by_resource(work.run(_LEAVES, {"asked": asked}))


def _by_resource(rows: Iterable[Any]) -> _Leaves:
    found: dict[int, set[int]] = {}
    in_use: dict[int, bool] = {}
    for resource_id, leaf_id, active in rows:
        found.setdefault(resource_id, set()).add(leaf_id)
        in_use[resource_id] = active
    return {one: (frozenset(leaves), in_use[one]) for one, leaves in found.items()}
