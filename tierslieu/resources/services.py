"""Verbs of the engine: add what can be taken, claim it, take it, give it back.

``take`` is the one function by which anything is occupied. Order of locks for whoever holds
several: quotas and credits, stock, pools, then leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from tierslieu.kernel.db import insert_for
from tierslieu.kernel.errors import Conflict
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import GuardedSession, Work
from tierslieu.resources import queries
from tierslieu.resources.locks.services import forget_held, lock, lock_leaves
from tierslieu.resources.models import Claim, Occupancy, Resource, ResourceLeaf, StockUse
from tierslieu.resources.queries import ExpiredHold
from tierslieu.resources.rules import Row, Taken, Taking, collisions_within, retired, rows_of

_OCCUPANCY = cast(sa.Table, Occupancy.__table__)
_CLAIM = cast(sa.Table, Claim.__table__)

#: Where a session remembers claims that took nothing yet, with the ends of those that are holds.
_FRESH = "fresh_claims"

#: The unit of work would send one statement for each claim.
_CLAIMS = sa.insert(_CLAIM).returning(_CLAIM.c.id, _CLAIM.c.public_id)


@dataclass(frozen=True)
class NewClaim:
    """What a claim is made of; ``span`` is the time people see, without set-up and clear-up."""

    venue_id: int
    kind: str
    span: Span
    resource_id: int | None = None
    owner: str = "core"
    label: str = ""
    visibility: str = "private"
    expires_at: datetime | None = None


# -- what can be taken -------------------------------------------------------------------------


def add_resource(
    work: Work, *, venue_id: int, kind: str, name: str, bookable: bool = True, active: bool = True
) -> Resource:
    """Add a thing that can be held in time, undivided."""
    resource = Resource(venue_id=venue_id, kind=kind, name=name, bookable=bookable, active=active)
    work.session.add(resource)
    work.session.flush()
    work.session.execute(
        sa.insert(ResourceLeaf).values(resource_id=resource.id, leaf_id=resource.id)
    )
    return resource


def retire(work: Work, resource_id: int) -> None:
    """Take out of use: nobody can take it any more; what is taken stays, for people to handle.

    Raises NotFound.
    """
    _set_active(work, resource_id, False)


def restore(work: Work, resource_id: int) -> None:
    """Put back into use. Raises NotFound."""
    _set_active(work, resource_id, True)


def _set_active(work: Work, resource_id: int, active: bool) -> None:
    lock_leaves(work, [resource_id])
    work.session.execute(
        sa.update(Resource).where(Resource.id == resource_id).values(active=active)
    )
    forget_held(work)


# -- claims ------------------------------------------------------------------------------------


def new_claim(
    work: Work,
    *,
    venue_id: int,
    kind: str,
    span: Span,
    resource_id: int | None = None,
    owner: str = "core",
    label: str = "",
    visibility: str = "private",
    expires_at: datetime | None = None,
) -> Claim:
    """Make a claim that holds nothing yet; ``span`` is the time people see."""
    claim = NewClaim(venue_id, kind, span, resource_id, owner, label, visibility, expires_at)
    return new_claims(work, [claim])[0]


def new_claims(work: Work, claims: Iterable[NewClaim]) -> list[Claim]:
    """Make many claims (a series) at once, in the given order."""
    rows: list[dict[str, Any]] = [
        {
            "public_id": new_public_id(),
            "venue_id": claim.venue_id,
            "resource_id": claim.resource_id,
            "kind": claim.kind,
            "owner": claim.owner,
            "label": claim.label,
            "visibility": claim.visibility,
            "starts_at": claim.span.starts_at,
            "ends_at": claim.span.ends_at,
            "expires_at": claim.expires_at,
        }
        for claim in claims
    ]
    if not rows:
        return []
    ids = {public_id: key for key, public_id in work.run(_CLAIMS, rows)}
    made = [Claim(id=ids[row["public_id"]], **row) for row in rows]
    work.session.add_written(made)
    work.session.info.setdefault(_FRESH, {}).update((one.id, one.expires_at) for one in made)
    return made


# -- taking ------------------------------------------------------------------------------------


def take(work: Work, takings: Sequence[Taking], *, until: datetime | None = None) -> None:
    """Let each claim named occupy exactly what its takings say, in place of what it held.

    All are judged together, so claims may swap and a series may shift onto itself. The claims are
    firm afterwards, or held until ``until``. Raises `Taken` with all collisions at once, Conflict
    where something is no longer in use, NotFound; then nothing is written and the work goes on.
    """
    if not takings:
        return
    work.session.flush()
    claims = sorted({taking.claim_id for taking in takings})
    asked = {resource_id for taking in takings for resource_id in taking.resource_ids}
    fresh: dict[int, datetime | None] = work.session.info.get(_FRESH, {})
    held = [claim_id for claim_id in claims if claim_id not in fresh]
    new = {claim_id: fresh.pop(claim_id) for claim_id in claims if claim_id in fresh}
    found = lock(work, asked, held)
    _refuse_retired(work, takings, found)
    rows = rows_of(takings, {resource_id: leaves for resource_id, (leaves, _) in found.items()})
    if not held and rows and not collisions_within(rows) and _written_anew(work, rows):
        _until(work, [one for one in claims if until is not None or new[one] is not None], until)
        return
    past, ending = _holds(work, claims)
    gone: sa.ColumnElement[bool] | None = Occupancy.claim_id.in_(claims) if held else None
    if past:
        here = sorted({row.leaf_id for row in rows})
        lapsed = Occupancy.claim_id.in_(past) & Occupancy.resource_id.in_(here)
        gone = lapsed if gone is None else gone | lapsed
    _write(work, gone, rows, ignoring=claims)
    _until(work, claims if until is not None else ending, until)


def _until(work: Work, claims: Collection[int], until: datetime | None) -> None:
    if claims:
        held = sa.update(Claim).where(Claim.id.in_(sorted(claims))).values(expires_at=until)
        work.session.execute(held)


def hold(work: Work, takings: Sequence[Taking], until: datetime) -> None:
    """Take for a while: past ``until`` it is free for everybody, worker or not.

    Raises what `take` raises, and ValueError when ``until`` is not after now.
    """
    if until <= work.now:
        raise ValueError("a hold ends in the future")
    take(work, takings, until=until)


def release(work: Work, claim_ids: Collection[int]) -> None:
    """Give back all that these claims hold, leaves and stock; the claims themselves stay."""
    take(work, [Taking(claim_id, (), None) for claim_id in claim_ids])
    work.session.execute(sa.delete(StockUse).where(StockUse.claim_id.in_(sorted(claim_ids))))


def expire(work: Work, limit: int = 500) -> list[ExpiredHold]:
    """Give back holds whose end has passed and say which; for the job that tells people.

    One that somebody accepts at this very moment is not among them.
    """
    seen = [hold.claim_id for hold in queries.expired_holds(work.session, work.now, limit)]
    if not seen:
        return []
    lock(work, (), seen)
    still = (
        queries.holds_past(work.now)
        .where(Claim.id.in_(seen))
        .order_by(Claim.id)
        .with_for_update(key_share=True)
    )
    lapsed = [ExpiredHold._make(row) for row in work.session.execute(still)]
    release(work, [hold.claim_id for hold in lapsed])
    return lapsed


def rewrite(work: Work, occupancy_ids: Collection[int], rows: Sequence[Row]) -> None:
    """Put ``rows`` in the place of others; for the division of rooms alone, under its locks.

    Raises `Taken`.
    """
    _write(work, Occupancy.id.in_(sorted(occupancy_ids)), rows)


def forget_past_holds(work: Work, leaf_ids: Collection[int]) -> None:
    """Delete what past holds still occupy of these leaves, which must be locked."""
    past = sa.select(Claim.id).where(Claim.expires_at <= work.now)
    work.session.execute(
        sa.delete(Occupancy).where(
            Occupancy.resource_id.in_(sorted(leaf_ids)), Occupancy.claim_id.in_(past)
        ),
        execution_options={"synchronize_session": False},
    )


@event.listens_for(GuardedSession, "after_soft_rollback")
def _rolled_back(session: Session, _to: Any) -> None:
    session.info.pop(_FRESH, None)


def _refuse_retired(
    work: Work, takings: Sequence[Taking], found: dict[int, tuple[frozenset[int], bool]]
) -> None:
    """Nobody takes what is out of use, but who has it may still change his time or leave early."""
    wanted = [
        (taking.claim_id, found[resource_id][0])
        for taking in takings
        for resource_id in taking.resource_ids
        if not found[resource_id][1]
    ]
    if not wanted:
        return
    claims = sorted({claim_id for claim_id, _ in wanted})
    held = {
        (claim_id, leaf_id)
        for claim_id, leaf_id in work.session.execute(
            sa.select(Occupancy.claim_id, Occupancy.resource_id)
            .join(Claim, Claim.id == Occupancy.claim_id)
            .where(
                Claim.id.in_(claims),
                sa.or_(Claim.expires_at.is_(None), Claim.expires_at > work.now),
            )
        )
    }
    if any((claim_id, leaf) not in held for claim_id, leaves in wanted for leaf in leaves):
        raise Conflict(retired())


def _holds(work: Work, claims: Collection[int]) -> tuple[list[int], list[int]]:
    """Claims whose hold is past, and those of ``claims`` that are holds; few, by a small index."""
    own = set(claims)
    holds = set(
        work.session.scalars(
            sa.select(Claim.id).where(
                Claim.expires_at.is_not(None),
                sa.or_(Claim.expires_at <= work.now, Claim.id.in_(sorted(own))),
            )
        )
    )
    return sorted(holds - own), sorted(holds & own)


def _write(
    work: Work,
    gone: sa.ColumnElement[bool] | None,
    rows: Sequence[Row],
    *,
    ignoring: Collection[int] = (),
) -> None:
    """Delete, then insert in order: the only place where occupancy is written, never changed.

    An UPDATE would meet the rows that are about to move away; so would the ORM, which inserts
    before it deletes.
    """
    if collisions_within(rows):
        raise Taken(queries.colliding(work.session, rows, work.now, ignoring=ignoring))
    try:
        with work.session.begin_nested():
            if gone is not None:
                work.session.execute(
                    sa.delete(Occupancy).where(gone),
                    execution_options={"synchronize_session": False},
                )
            if rows:
                work.session.execute(sa.insert(_OCCUPANCY), [_values(row) for row in rows])
    except sa.exc.IntegrityError as error:
        found = queries.colliding(work.session, rows, work.now, ignoring=ignoring)
        if not found:
            raise
        raise Taken(found) from error


def _written_anew(work: Work, rows: Sequence[Row]) -> bool:
    """Insert what claims take that held nothing; False, and nothing is there, if they cannot all.

    Without a savepoint and without looking for past holds: in the way of few are any.
    """
    values = [_values(row) for row in rows]
    try:
        written = work.run(_taking(work.site.db.is_sqlite), values)
        if work.site.db.is_sqlite or len(written.all()) == len(rows):
            return True
    except sa.exc.IntegrityError:
        # PostgreSQL does nothing but for an overlap: whatever this is, it ends the work there.
        if not work.site.db.is_sqlite:
            raise
    claims = sorted({row.claim_id for row in rows})
    work.run(sa.delete(_OCCUPANCY).where(_OCCUPANCY.c.claim_id.in_(claims)))
    return False


@cache
def _taking(is_sqlite: bool) -> sa.Insert:
    """On SQLite a refused statement undoes itself alone; elsewhere it would end the work."""
    if is_sqlite:
        return sa.insert(_OCCUPANCY).inline()
    made = insert_for(is_sqlite, _OCCUPANCY).on_conflict_do_nothing()
    return made.returning(_OCCUPANCY.c.id)


def _values(row: Row) -> dict[str, object]:
    return {
        "resource_id": row.leaf_id,
        "claim_id": row.claim_id,
        "starts_at": row.span.starts_at,
        "ends_at": row.span.ends_at,
    }
