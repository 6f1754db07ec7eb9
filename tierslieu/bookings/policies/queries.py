"""What is said where: the rows that count for a scope, with versions."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from tierslieu.bookings.models import Policy, Tariff
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.rules import EffectivePolicy, PolicyRow, PolicyValues, resolve
from tierslieu.kernel.work import Work


@dataclass(frozen=True)
class Said:
    """One scope's rules for one audience as they are set.

    ``own`` is what is said here; ``in_force`` what counts with it; ``below`` what would count if
    nothing were said here. ``spoken``: the audiences to which this scope says something.
    """

    scope: Scope
    audience: str
    own: PolicyValues
    version: int
    in_force: EffectivePolicy
    below: EffectivePolicy
    spoken: frozenset[str]
    all_said: dict[str, dict[str, object]]


def said(work: Work, scope: Scope, audience: str) -> Said:
    """What a scope says to an audience, and what would count without it; one statement."""
    found = work.session.scalars(sa.select(Policy).where(_counts(scope))).all()
    name = scope.kind
    rows, own, version = [], PolicyValues(), 0
    here: dict[str, dict[str, object]] = {}
    for row in found:
        its = Scope(row.venue_id, row.room_id)
        values = PolicyValues.from_json(row.rules)
        if its == scope:
            here[row.audience] = dict(row.rules)
        if its == scope and row.audience == audience:
            own, version = values, row.version
        else:
            rows.append(PolicyRow(its.kind, row.audience, values))
    return Said(
        scope=scope,
        audience=audience,
        own=own,
        version=version,
        in_force=resolve([*rows, PolicyRow(name, audience, own)], {audience}),
        below=resolve(rows, {audience}),
        spoken=frozenset(here),
        all_said=here,
    )


def _counts(scope: Scope) -> sa.ColumnElement[bool]:
    network = Policy.venue_id.is_(None)
    if scope.venue_id is None:
        return network
    venue = sa.and_(Policy.venue_id == scope.venue_id, Policy.room_id.is_(None))
    if scope.room_id is None:
        return sa.or_(network, venue)
    return sa.or_(network, venue, Policy.room_id == scope.room_id)


def rooms_with_rules(work: Work, venue_id: int) -> set[int]:
    """Rooms of a venue that say something of their own."""
    question = sa.select(Policy.room_id).where(
        Policy.venue_id == venue_id, Policy.room_id.is_not(None)
    )
    return {room for room in work.session.scalars(question) if room is not None}


def tariff_of(work: Work, room_id: int) -> Tariff | None:
    """What an hour of a room costs."""
    return work.session.get(Tariff, room_id)
