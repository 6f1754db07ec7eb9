"""Decisions of the engine on plain values: what overlaps, what is divided how, who gets which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tierslieu.kernel.errors import Conflict, Invalid, Reason
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.span import Span, merged


@dataclass(frozen=True)
class Taking:
    """What one claim shall occupy: these resources for this span, set-up and clear-up included.

    Without resources the claim gives everything back. Several takings of one claim add up.
    """

    claim_id: int
    resource_ids: Collection[int]
    span: Span | None


@dataclass(frozen=True)
class PoolTaking:
    """``quantity`` of a pool's things for a claim; which ones, the pool chooses."""

    claim_id: int
    quantity: int
    span: Span


@dataclass(frozen=True)
class StockTaking:
    """``quantity`` pieces of a stock for a claim; zero gives them back."""

    claim_id: int
    stock_id: int
    quantity: int
    span: Span


@dataclass(frozen=True, order=True)
class Row:
    """One row of occupancy, before it is written."""

    leaf_id: int
    span: Span
    claim_id: int


@dataclass(frozen=True, order=True)
class Collision:
    """``span`` of the leaf ``resource_id`` is taken, so ``claim_id`` (the asker's) cannot have it.

    Whose it is stays unsaid.
    """

    claim_id: int
    resource_id: int
    span: Span


@dataclass(frozen=True, order=True)
class BusySpan:
    """A stretch in which a resource is occupied; no label, so it may be shown to anybody."""

    span: Span
    claim_id: int
    kind: str


class Taken(Conflict):
    """Somebody has it already: all collisions at once, and a reason for each claim and span."""

    def __init__(self, collisions: Iterable[Collision]) -> None:
        self.collisions = tuple(sorted(set(collisions)))
        spans = dict.fromkeys((each.claim_id, each.span) for each in self.collisions)
        super().__init__(*(_taken(span) for _, span in spans))

    def __reduce__(self) -> tuple[object, ...]:
        return Taken, (self.collisions,)


def _taken(span: Span) -> Reason:
    return Reason("taken", msg("Taken %(when)s.", when=span), "starts_at", kind="conflict")


def retired() -> Reason:
    """Why something that is no longer in use cannot be taken."""
    return Reason(
        "resource_retired", msg("This is no longer in use."), "resource_id", kind="conflict"
    )


# -- takings ---------------------------------------------------------------------------------


def rows_of(takings: Iterable[Taking], leaves: Mapping[int, Collection[int]]) -> list[Row]:
    """The occupancy of these takings, sorted; a leaf that a claim takes twice is joined."""
    spans: dict[tuple[int, int], set[Span]] = {}
    for taking in takings:
        if taking.span is None:
            continue
        for resource_id in taking.resource_ids:
            for leaf_id in leaves[resource_id]:
                spans.setdefault((leaf_id, taking.claim_id), set()).add(taking.span)
    return sorted(
        Row(leaf_id, span, claim_id)
        for (leaf_id, claim_id), several in spans.items()
        for span in (several if len(several) == 1 else merged(several))
    )


def collisions_within(rows: Sequence[Row]) -> list[Collision]:
    """Where sorted rows of different claims get into each other's way, each side told."""
    found: list[Collision] = []
    open_rows: list[Row] = []
    for row in rows:
        open_rows = [
            other
            for other in open_rows
            if other.leaf_id == row.leaf_id and other.span.ends_at > row.span.starts_at
        ]
        for other in open_rows:
            found.append(Collision(row.claim_id, row.leaf_id, other.span))
            found.append(Collision(other.claim_id, row.leaf_id, row.span))
        open_rows.append(row)
    return found


# -- divisible rooms -------------------------------------------------------------------------


def leaf_sets(
    resource_ids: Iterable[int], parts: Mapping[int, Collection[int]]
) -> dict[int, frozenset[int]]:
    """The leaves of each resource, by what the wholes consist of; raises Invalid on a circle."""
    known: dict[int, frozenset[int]] = {}

    def leaves(resource_id: int, above: frozenset[int]) -> frozenset[int]:
        if resource_id in above:
            raise Invalid(
                "circle", msg("A room cannot be a part of one of its own parts."), "parts"
            )
        if resource_id not in known:
            own = parts.get(resource_id)
            below = above | {resource_id}
            known[resource_id] = (
                frozenset().union(*(leaves(part, below) for part in own))
                if own
                else frozenset({resource_id})
            )
        return known[resource_id]

    return {resource_id: leaves(resource_id, frozenset()) for resource_id in resource_ids}


def orphans(whole_id: int, parts: Mapping[int, Collection[int]]) -> set[int]:
    """What lies under this whole and under no other: nothing of it is left once it is united."""
    under: set[int] = set()
    ahead = list(parts.get(whole_id, ()))
    while ahead:
        part = ahead.pop()
        if part not in under:
            under.add(part)
            ahead.extend(parts.get(part, ()))
    while True:
        shared = {
            part
            for whole, below in parts.items()
            if whole != whole_id and whole not in under
            for part in below
            if part in under
        }
        if not shared:
            return under
        under -= shared


def moved_rows(rows: Iterable[Row], whole_id: int, leaves: Collection[int]) -> list[Row]:
    """These rows with those of the whole on its leaves instead; one claim's own are joined."""
    spans: dict[tuple[int, int], list[Span]] = {}
    for row in rows:
        for leaf_id in leaves if row.leaf_id == whole_id else (row.leaf_id,):
            spans.setdefault((leaf_id, row.claim_id), []).append(row.span)
    return sorted(
        Row(leaf_id, span, claim_id)
        for (leaf_id, claim_id), several in spans.items()
        for span in merged(several)
    )


def united_rows(
    rows: Iterable[Row], whole_id: int, leaves: Collection[int], kept: Collection[int]
) -> tuple[list[Row], list[Row]]:
    """Rows to write when a whole becomes one, and rows that are in the way.

    What a claim holds of all leaves at once becomes the whole's; it stays on leaves that are
    ``kept`` because another whole has them. What holds only some of the leaves is in the way.
    """
    by_claim: dict[int, dict[int, list[Span]]] = {}
    for row in rows:
        by_claim.setdefault(row.claim_id, {}).setdefault(row.leaf_id, []).append(row.span)
    new: list[Row] = []
    in_the_way: list[Row] = []
    for claim_id, by_leaf in by_claim.items():
        held = [merged(by_leaf.get(leaf_id, ())) for leaf_id in sorted(leaves)]
        if all(spans == held[0] for spans in held):
            new += [
                Row(leaf_id, span, claim_id) for leaf_id in (whole_id, *kept) for span in held[0]
            ]
        else:
            in_the_way += [
                Row(leaf_id, span, claim_id) for leaf_id in by_leaf for span in by_leaf[leaf_id]
            ]
    return sorted(new), sorted(in_the_way)


# -- pools and stock -------------------------------------------------------------------------


def choose(
    wants: Sequence[PoolTaking],
    free: Sequence[Collection[int]],
    ranked: Sequence[int],
    preferred: Collection[int] = (),
) -> tuple[list[list[int]], list[Reason]]:
    """Which members each want gets, and why not.

    ``free`` holds the free members of each want, ``ranked`` all members in order of choice. The
    same member is kept through a series where it can be: those free for all of the wants first,
    preferred ones before others, then those free for most of them, then by rank.
    """
    often = {member: sum(member in each for each in free) for member in ranked}
    order = sorted(ranked, key=lambda m: (often[m] < len(free), m not in preferred, -often[m]))
    given: dict[int, list[Span]] = {}
    chosen: list[list[int]] = []
    reasons: list[Reason] = []
    for want, candidates in zip(wants, free, strict=True):
        fits = [
            member
            for member in order
            if member in candidates
            and not any(span.overlaps(want.span) for span in given.get(member, ()))
        ]
        if len(fits) < want.quantity:
            reasons.append(_pool_full(len(fits), want))
        chosen.append(fits[: want.quantity])
        for member in chosen[-1]:
            given.setdefault(member, []).append(want.span)
    return chosen, reasons


def _pool_full(free: int, want: PoolTaking) -> Reason:
    message = nmsg(
        "Only %(n)s of these is free %(when)s, %(wanted)s were asked for.",
        "Only %(n)s of these are free %(when)s, %(wanted)s were asked for.",
        free,
        when=want.span,
        wanted=want.quantity,
    )
    return Reason("pool_full", message, "quantity", kind="conflict")


def peak(uses: Iterable[tuple[Span, int]], within: Span) -> int:
    """The most pieces in use at any one moment of a span."""
    changes: dict[datetime, int] = {within.starts_at: 0}
    for span, quantity in uses:
        shared = span.intersection(within)
        if shared is not None:
            changes[shared.starts_at] = changes.get(shared.starts_at, 0) + quantity
            changes[shared.ends_at] = changes.get(shared.ends_at, 0) - quantity
    most = in_use = 0
    for moment in sorted(changes):
        in_use += changes[moment]
        most = max(most, in_use)
    return most


def stock_short(
    quantities: Mapping[int, int],
    others: Mapping[int, Sequence[tuple[Span, int]]],
    wanted: Sequence[StockTaking],
) -> list[Reason]:
    """Why these uses pass what a stock has; every use that does is named."""
    reasons: list[Reason] = []
    for at, use in enumerate(wanted):
        together = [
            (other.span, other.quantity)
            for i, other in enumerate(wanted)
            if i != at and other.stock_id == use.stock_id
        ]
        in_use = peak([*others.get(use.stock_id, ()), *together], use.span)
        free = max(0, quantities[use.stock_id] - in_use)
        if use.quantity > free:
            reasons.append(_stock_short(free, use))
    return reasons


def _stock_short(free: int, use: StockTaking) -> Reason:
    message = nmsg(
        "Only %(n)s piece is free %(when)s, %(wanted)s were asked for.",
        "Only %(n)s pieces are free %(when)s, %(wanted)s were asked for.",
        free,
        when=use.span,
        wanted=use.quantity,
    )
    return Reason("stock_short", message, "quantity", kind="conflict")
