"""The statements behind the engine's questions: each is put together once, then only filled.

Rows of one leaf never overlap, so in the order of their ends the first that ends after a start is
the only one that can be in the way (invariant 1).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tierslieu.kernel.db import UtcDateTime
from tierslieu.kernel.span import Span, iso
from tierslieu.resources.models import Claim, Occupancy, Resource, ResourceLeaf

_Number = sa.ColumnElement[int]

_MOMENTS = postgresql.ARRAY(sa.DateTime(timezone=True))


@cache
def asked_table(*, sqlite: bool) -> sa.FromClause:
    """Rows of a question as a table (position from 0, resource_id, starts_at, ends_at).

    Handed over as one value (`asked_values`), so that the statement is the same for any number
    of rows, and is put together once.
    """
    if sqlite:
        each = sa.func.json_each(sa.bindparam("asked", type_=sa.Text())).table_valued(
            "key", "value", name="each"
        )

        def field(at: int, kind: Any) -> Any:
            return sa.type_coerce(sa.func.json_extract(each.c.value, f"$[{at}]"), kind)

        return (
            sa.select(
                sa.type_coerce(each.c.key, sa.Integer()).label("position"),
                field(0, sa.Integer()).label("resource_id"),
                field(1, UtcDateTime()).label("starts_at"),
                field(2, UtcDateTime()).label("ends_at"),
            )
            .cte("asked")
            .prefix_with("MATERIALIZED")
        )  # or it is read anew for every leaf
    table = sa.func.unnest(
        sa.bindparam("asked_ids", type_=postgresql.ARRAY(sa.Integer())),
        sa.bindparam("asked_starts", type_=_MOMENTS),
        sa.bindparam("asked_ends", type_=_MOMENTS),
    ).table_valued(
        sa.column("resource_id", sa.Integer()),
        sa.column("starts_at", UtcDateTime()),
        sa.column("ends_at", UtcDateTime()),
        with_ordinality="number",
        name="each",
    )
    table = table.render_derived()
    return sa.select(
        sa.cast(table.c.number - 1, sa.Integer()).label("position"),
        table.c.resource_id,
        table.c.starts_at,
        table.c.ends_at,
    ).subquery("asked")


def asked_values(rows: Iterable[tuple[int, Span]], *, sqlite: bool) -> dict[str, Any]:
    """The values that `asked_table` is filled with: resource id and span of each row."""
    if sqlite:
        text = json.dumps([[one, iso(span.starts_at), iso(span.ends_at)] for one, span in rows])
        return {"asked": text}
    asked = list(rows)
    return {
        "asked_ids": [one for one, _ in asked],
        "asked_starts": [span.starts_at for _, span in asked],
        "asked_ends": [span.ends_at for _, span in asked],
    }


def _listed(column: Any, name: str, *, sqlite: bool) -> sa.ColumnElement[bool]:
    """Whether a column is one of the numbers that `listed_values` hands over as one value."""
    if sqlite:
        each = sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value")
        found: sa.ColumnElement[bool] = column.in_(sa.select(each.c.value))
        return found
    ids = sa.bindparam(name, type_=postgresql.ARRAY(sa.Integer()))
    return sa.and_(column == sa.any_(ids))


def listed_values(numbers: Iterable[int], *, sqlite: bool) -> Any:
    """Numbers as the value of a parameter of `_listed`."""
    ids = sorted(set(numbers))
    return json.dumps(ids) if sqlite else ids


def _table(model: type[Any]) -> sa.Table:
    table: sa.Table = model.__table__
    return table


def _now() -> sa.BindParameter[Any]:
    return sa.bindparam("now", type_=UtcDateTime())


def _not_past(claim_id: Any) -> sa.ColumnElement[bool]:
    """Not of a hold that is past: these are few, so they are found once for a statement."""
    claim = sa.alias(_table(Claim), "past_hold")
    found: sa.ColumnElement[bool] = claim_id.not_in(
        sa.select(claim.c.id).where(claim.c.expires_at <= _now())
    )
    return found


def _counts(claim_id: Any, *, ignoring: bool, sqlite: bool) -> sa.ColumnElement[bool]:
    """Whether what a claim holds is in the way: not past, and not of those left out."""
    if not ignoring:
        return _not_past(claim_id)
    return sa.and_(_not_past(claim_id), ~_listed(claim_id, "ignoring", sqlite=sqlite))


def free_question(resource_ids: Collection[int] | None, *, ignoring: bool, sqlite: bool) -> Any:
    """Candidates (position -1, id), then what of them is taken (position of the span, id)."""
    return _free_question(resource_ids is None, ignoring, sqlite)


@cache
def _free_question(everything: bool, ignoring: bool, sqlite: bool) -> Any:
    resource = _table(Resource)
    candidates = sa.select(sa.literal_column("-1").label("position"), resource.c.id).where(
        resource.c.active
    )
    busy = _busy(ignoring, sqlite)
    if everything:
        candidates = candidates.where(resource.c.bookable)
    else:
        candidates = candidates.where(_listed(resource.c.id, "ids", sqlite=sqlite))
        busy = busy.where(_listed(busy.selected_columns[1], "ids", sqlite=sqlite))
    return sa.union_all(candidates, busy)


@cache
def taken_question(*, sqlite: bool) -> Any:
    """What of some resources is taken in each of some spans: (position of the span, id)."""
    busy = _busy(False, sqlite)
    return busy.where(_listed(busy.selected_columns[1], "ids", sqlite=sqlite))


def _busy(ignoring: bool, sqlite: bool) -> Any:
    leaf = sa.alias(_table(ResourceLeaf), "leaf")
    first = sa.alias(_table(Occupancy), "first")
    asked = asked_table(sqlite=sqlite)
    start = (
        sa.select(first.c.starts_at)
        .where(
            first.c.resource_id == leaf.c.leaf_id,
            first.c.ends_at > asked.c.starts_at,
            _counts(first.c.claim_id, ignoring=ignoring, sqlite=sqlite),
        )
        .order_by(first.c.ends_at)
        .limit(sa.literal_column("1"))
        .correlate(asked, leaf)
        .scalar_subquery()
    )
    return (
        sa.select(asked.c.position, leaf.c.resource_id)
        # Leaf by leaf: what SQLite reads of the index for one span it has at hand for the next.
        .select_from(leaf.join(asked, sa.true(), isouter=sqlite))
        .where(start < asked.c.ends_at)
    )


class _Held(NamedTuple):
    rows: sa.FromClause
    occupancy: sa.FromClause


def _rows_between(source: Any, leaf_id: _Number, start: Any, end: Any, *, sqlite: bool) -> _Held:
    """Occupancy of a leaf between two moments, joined to ``source``.

    The rows that end within, and the first that ends later where it begins before the end: so the
    index is left where the span ends, not where the future does.
    """
    last = sa.alias(_table(Occupancy), "last")
    taken = sa.alias(_table(Occupancy), "taken")
    first_past_end = (
        sa.select(last.c.ends_at)
        .where(last.c.resource_id == leaf_id, last.c.ends_at >= end)
        .order_by(last.c.ends_at)
        .limit(sa.literal_column("1"))
    )
    if sqlite:
        until: Any = first_past_end.correlate(source).scalar_subquery()
    else:
        lateral = first_past_end.correlate(source).lateral("until")
        source = source.outerjoin(lateral, sa.true())
        until = lateral.c.ends_at
    within = sa.and_(
        taken.c.resource_id == leaf_id,
        taken.c.ends_at > start,
        taken.c.ends_at <= sa.func.coalesce(until, end),
        taken.c.starts_at < end,
    )
    if sqlite:
        return _Held(source.join(taken, within), taken)
    # OFFSET 0 keeps PostgreSQL, which cannot know how few these are, from reading whole tables.
    each = sa.select(taken.c.claim_id, taken.c.starts_at, taken.c.ends_at).where(within).offset(0)
    here = each.correlate(*_froms(source)).lateral("here")
    return _Held(source.join(here, sa.true()), here)


def _froms(source: Any) -> list[sa.FromClause]:
    """The tables of a join, each by itself."""
    return (
        [*_froms(source.left), *_froms(source.right)] if isinstance(source, sa.Join) else [source]
    )


@cache
def held_question(*, sqlite: bool, seconds: bool) -> Any:
    """What is occupied of some resources between ``start`` and ``end``; ``seconds`` since 1970."""
    leaf = sa.alias(_table(ResourceLeaf), "leaf")
    start, end = (sa.bindparam(name, type_=UtcDateTime()) for name in ("start", "end"))
    held = _rows_between(leaf, leaf.c.leaf_id, start, end, sqlite=sqlite)
    taken = held.occupancy
    times = [taken.c.starts_at, taken.c.ends_at]
    if seconds:
        times = [_seconds(at, sqlite=sqlite) for at in times]
    return (
        sa.select(leaf.c.resource_id, taken.c.claim_id, *times)
        .select_from(held.rows)
        .where(_listed(leaf.c.resource_id, "ids", sqlite=sqlite), _not_past(taken.c.claim_id))
    )


def _seconds(at: Any, *, sqlite: bool) -> Any:
    """A moment as seconds since 1970."""
    if sqlite:
        text = sa.func.strftime("%s", sa.type_coerce(at, sa.String()))
        return sa.cast(text, sa.BigInteger())
    return sa.cast(sa.extract("epoch", at), sa.BigInteger())


@cache
def colliding_question(*, ignoring: bool, sqlite: bool) -> Any:
    """What other claims hold of the asked rows: position of the row, claim, from, until."""
    asked = asked_table(sqlite=sqlite)
    held = _rows_between(
        asked, asked.c.resource_id, asked.c.starts_at, asked.c.ends_at, sqlite=sqlite
    )
    taken = held.occupancy
    return (
        sa.select(asked.c.position, taken.c.claim_id, taken.c.starts_at, taken.c.ends_at)
        .select_from(held.rows)
        .where(_counts(taken.c.claim_id, ignoring=ignoring, sqlite=sqlite))
    )


@cache
def claims_question(*names: str, sqlite: bool) -> Any:
    """These columns of some claims, after their id."""
    claim = _table(Claim)
    columns = [claim.c[name] for name in names]
    return sa.select(claim.c.id, *columns).where(_listed(claim.c.id, "ids", sqlite=sqlite))
