"""Questions to the engine, answered in plain rows. Who may see a label is decided by the caller.

Every question costs one step in an index for each leaf, however many rows there are: see `asking`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.span import Span
from tierslieu.resources.asking import (
    asked_values,
    claims_question,
    colliding_question,
    free_question,
    held_question,
    listed_values,
    taken_question,
)
from tierslieu.resources.models import Claim, ResourceLeaf
from tierslieu.resources.rules import BusySpan, Collision, Row, Taking, collisions_within, rows_of


class ClaimRow(NamedTuple):
    """A claim that holds a resource (or part of it), for timelines.

    ``starts_at`` and ``ends_at`` are what people see, ``taken_from`` and ``taken_until`` what is
    occupied. ``label`` is not for everybody: ``visibility`` says for whom.
    """

    resource_id: int
    claim_id: int
    public_id: str
    kind: str
    owner: str
    label: str
    visibility: str
    starts_at: datetime
    ends_at: datetime
    taken_from: datetime
    taken_until: datetime
    expires_at: datetime | None


class ExpiredHold(NamedTuple):
    """A hold whose end has passed and that nobody has dealt with yet."""

    claim_id: int
    kind: str
    owner: str
    expires_at: datetime


def leaves(session: Session, resource_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """The leaves under each resource; a resource that does not exist is not a key."""
    found: dict[int, set[int]] = {}
    for resource_id, leaf_id in session.execute(
        sa.select(ResourceLeaf.resource_id, ResourceLeaf.leaf_id).where(
            ResourceLeaf.resource_id.in_(sorted(set(resource_ids)))
        )
    ):
        found.setdefault(resource_id, set()).add(leaf_id)
    return {resource_id: frozenset(below) for resource_id, below in found.items()}


def free(
    session: Session,
    resource_ids: Collection[int] | None,
    span: Span,
    now: datetime,
    *,
    ignoring: Collection[int] = (),
) -> set[int]:
    """Which resources are free for a whole span, buffers included in it by the caller.

    ``None`` asks about everything active and bookable; what is asked for by id must be active.
    What the claims ``ignoring`` hold (the booking being moved) and past holds count as free.
    """
    return free_in_spans(session, resource_ids, [span], now, ignoring=ignoring)[0]


def free_in_spans(
    session: Session,
    resource_ids: Collection[int] | None,
    spans: Sequence[Span],
    now: datetime,
    *,
    ignoring: Collection[int] = (),
) -> list[set[int]]:
    """The same question for many spans in one statement: one set for each, in their order."""
    if session.autoflush:
        session.flush()
    sqlite = is_sqlite(session)
    values = asked_values([(0, span) for span in spans], sqlite=sqlite) | {"now": now}
    if resource_ids is not None:
        values["ids"] = listed_values(resource_ids, sqlite=sqlite)
    if ignoring:
        values["ignoring"] = listed_values(ignoring, sqlite=sqlite)
    question = free_question(resource_ids, ignoring=bool(ignoring), sqlite=sqlite)
    everything: set[int] = set()
    taken: list[set[int]] = [set() for _ in spans]
    for position, resource_id in session.execute(question, values):
        (everything if position < 0 else taken[position]).add(resource_id)
    return [everything - each for each in taken]


def taken_in_spans(
    session: Session, resource_ids: Collection[int], spans: Sequence[Span], now: datetime
) -> list[set[int]]:
    """Which of some resources are taken, at least for a part, in each of many spans."""
    sqlite = is_sqlite(session)
    values = asked_values([(0, span) for span in spans], sqlite=sqlite)
    values |= {"now": now, "ids": listed_values(resource_ids, sqlite=sqlite)}
    taken: list[set[int]] = [set() for _ in spans]
    for position, resource_id in session.execute(taken_question(sqlite=sqlite), values):
        taken[position].add(resource_id)
    return taken


def busy_spans(
    session: Session, resource_ids: Collection[int], span: Span, now: datetime
) -> dict[int, list[BusySpan]]:
    """What is occupied of each resource in a span, in order; every id asked for is a key.

    A whole is busy when any of its parts is. The spans are whole, not cut to what was asked.
    """
    found: dict[int, list[BusySpan]] = {resource_id: [] for resource_id in resource_ids}
    held = _held(session, resource_ids, span, now)
    kinds = _claims(session, (row[1] for row in held), "kind")
    for resource_id, claim_id, start, end in held:
        if claim_id in kinds:  # or it went between the two statements
            found[resource_id].append(BusySpan(Span(start, end), claim_id, kinds[claim_id][0]))
    return found


def taken_seconds(
    session: Session, resource_ids: Collection[int], span: Span, now: datetime
) -> dict[int, list[tuple[int, int]]]:
    """What is occupied of each resource, in seconds since 1970 and in no order: one statement.

    For searches over months of a whole network; every id asked for is a key.
    """
    found: dict[int, list[tuple[int, int]]] = {resource_id: [] for resource_id in resource_ids}
    for resource_id, _, start, end in _taken(session, found, span, now, seconds=True):
        found[resource_id].append((start, end))
    return found


def claims_between(
    session: Session, resource_ids: Collection[int], span: Span, now: datetime
) -> list[ClaimRow]:
    """The claims that hold these resources in a span, by resource and time.

    What waits for an answer without holding anything, and what was given back, is not there.
    """
    held = _held(session, resource_ids, span, now)
    claims = _claims(
        session,
        (row[1] for row in held),
        "public_id",
        "kind",
        "owner",
        "label",
        "visibility",
        "starts_at",
        "ends_at",
        "expires_at",
    )
    return [
        ClaimRow._make(
            (resource_id, claim_id, *claims[claim_id][:-1], start, end, claims[claim_id][-1])
        )
        for resource_id, claim_id, start, end in held
        if claim_id in claims
    ]


def collisions(session: Session, takings: Sequence[Taking], now: datetime) -> list[Collision]:
    """What would be in the way of these takings, done together; nothing is written."""
    asked = {resource_id for taking in takings for resource_id in taking.resource_ids}
    rows = rows_of(takings, leaves(session, asked))
    return colliding(session, rows, now, ignoring={taking.claim_id for taking in takings})


def colliding(
    session: Session, rows: Sequence[Row], now: datetime, *, ignoring: Collection[int] = ()
) -> list[Collision]:
    """What is in the way of these rows: each other, and what other claims hold."""
    found = set(collisions_within(sorted(rows)))
    if not rows:
        return []
    sqlite = is_sqlite(session)
    values = asked_values([(row.leaf_id, row.span) for row in rows], sqlite=sqlite) | {"now": now}
    if ignoring:
        values["ignoring"] = listed_values(ignoring, sqlite=sqlite)
    question = colliding_question(ignoring=bool(ignoring), sqlite=sqlite)
    for position, claim_id, start, end in session.execute(question, values):
        row = rows[position]
        if claim_id != row.claim_id:
            found.add(Collision(row.claim_id, row.leaf_id, Span(start, end)))
    return sorted(found)


def expired_holds(session: Session, now: datetime, limit: int = 500) -> list[ExpiredHold]:
    """Holds whose end has passed, the oldest first."""
    question = holds_past(now).order_by(Claim.expires_at, Claim.id).limit(limit)
    return [ExpiredHold._make(row) for row in session.execute(question)]


def holds_past(now: datetime) -> sa.Select[int, str, str, datetime | None]:
    """The statement that finds them."""
    return sa.select(Claim.id, Claim.kind, Claim.owner, Claim.expires_at).where(
        Claim.expires_at <= now
    )


def is_sqlite(session: Session) -> bool:
    """Whether the statements are to be SQLite's."""
    return session.get_bind().dialect.name == "sqlite"


def _held(
    session: Session, resource_ids: Collection[int], span: Span, now: datetime
) -> list[tuple[int, int, datetime, datetime]]:
    """Resource, claim, occupied from and until, by resource and time."""
    # Once each: a claim on a whole has a row for every part of it.
    return sorted(set(_taken(session, resource_ids, span, now)), key=_by_time)


def _taken(
    session: Session,
    resource_ids: Collection[int],
    span: Span,
    now: datetime,
    *,
    seconds: bool = False,
) -> list[tuple[int, int, Any, Any]]:
    sqlite = is_sqlite(session)
    values = {
        "ids": listed_values(resource_ids, sqlite=sqlite),
        "start": span.starts_at,
        "end": span.ends_at,
        "now": now,
    }
    question = held_question(sqlite=sqlite, seconds=seconds)
    return [tuple(row) for row in session.execute(question, values)]


def _by_time(row: tuple[int, int, datetime, datetime]) -> tuple[int, datetime, int]:
    return row[0], row[2], row[1]


def _claims(session: Session, claim_ids: Iterable[int], *names: str) -> dict[int, Any]:
    """These columns of each claim, found by their key."""
    sqlite = is_sqlite(session)
    values = {"ids": listed_values(claim_ids, sqlite=sqlite)}
    question = claims_question(*names, sqlite=sqlite)
    return {row[0]: row[1:] for row in session.execute(question, values)}
