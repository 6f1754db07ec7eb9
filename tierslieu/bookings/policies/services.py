"""Verbs that set house rules and prices; bookings already made stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tierslieu.bookings.models import Policy, Tariff
from tierslieu.bookings.policies.presets import preset_of, with_preset
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.rules import PolicyValues
from tierslieu.bookings.rules.policy import AUDIENCES
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room

#: The highest price an hour may have, in minor units.
DEAREST = 10_000_000


def put_policy(
    work: Work,
    scope: Scope,
    audience: str,
    rules: Mapping[str, object],
    version: int | None = None,
) -> Policy | None:
    """Say the rules of a scope to an audience; nothing said removes the row (None).

    Raises Invalid with the field of a wrong value, Conflict ``changed_meanwhile`` when ``version``
    (0 = there was none) is not the one that stands, Forbidden.
    """
    work.require("policies.edit", venue=scope.venue_id)
    _known(audience)
    values = PolicyValues.from_json(rules).to_json()
    row = policy_row(work, scope, audience)
    _same(row.version if row is not None else 0, version)
    before = dict(row.rules) if row is not None else {}
    if not values:
        if row is not None:
            work.session.delete(row)
            _noted(work, scope, audience, before, values)
        return None
    if row is None:
        row = Policy(venue_id=scope.venue_id, room_id=scope.room_id, audience=audience,
                     rules=values)  # fmt: skip
        work.session.add(row)
    elif before != values:
        row.rules = values
        row.version += 1
    work.session.flush()
    if before != values:
        _noted(work, scope, audience, before, values)
    return row


def use_preset(work: Work, scope: Scope, key: str) -> None:
    """Say a preset's rules to all audiences; what presets do not speak of stays."""
    preset = preset_of(key)
    if preset is None:
        raise Invalid("unknown_preset", msg("This is not one of the possible values."), "preset")
    work.require("policies.edit", venue=scope.venue_id)
    said = {row.audience: dict(row.rules) for row in rows_of(work, scope)}
    for audience, rules in with_preset(preset, said).items():
        put_policy(work, scope, audience, rules)


def put_tariff(
    work: Work,
    room_id: int,
    hour_cents: int | None,
    member_hour_cents: int | None = None,
    version: int | None = None,
) -> Tariff | None:
    """Say what an hour of a room costs, in minor units; None = free of charge (no tariff).

    Prices of bookings already made stay frozen.
    """
    room = work.session.get(Room, room_id)
    if room is None:
        raise NotFound
    work.require("tariffs.edit", venue=room.venue_id)
    for name, cents in (("hour", hour_cents), ("member_hour", member_hour_cents)):
        if cents is not None and not 0 <= cents <= DEAREST:
            raise Invalid("bad_price", msg("This is not a possible price."), name)
    tariff = work.session.get(Tariff, room_id)
    _same(tariff.version if tariff is not None else 0, version)
    if hour_cents is None:
        if tariff is not None:
            work.session.delete(tariff)
            tariff = None
    elif tariff is None:
        tariff = Tariff(room_id=room_id, hour_cents=hour_cents,
                        member_hour_cents=member_hour_cents)  # fmt: skip
        work.session.add(tariff)
    else:
        tariff.hour_cents, tariff.member_hour_cents = hour_cents, member_hour_cents
        tariff.version += 1
    work.session.flush()
    work.audit("tariffs.put", f"room:{room.public_id}", venue=room.venue_id,
               hour=hour_cents, member_hour=member_hour_cents)  # fmt: skip
    return tariff


def rows_of(work: Work, scope: Scope) -> list[Policy]:
    """What a scope says, one row an audience."""
    question = sa.select(Policy).where(_is(Policy.venue_id, scope.venue_id),
                                       _is(Policy.room_id, scope.room_id))  # fmt: skip
    return list(work.session.scalars(question.order_by(Policy.audience)))


def policy_row(work: Work, scope: Scope, audience: str) -> Policy | None:
    """What a scope says to one audience."""
    return next((row for row in rows_of(work, scope) if row.audience == audience), None)


def _is(column: Any, value: int | None) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = column.is_(None) if value is None else column == value
    return found


def _known(audience: str) -> None:
    if audience not in AUDIENCES:
        raise Invalid(
            "unknown_audience", msg("This is not one of the possible values."), "audience"
        )


def _same(stands: int, seen: int | None) -> None:
    if seen is not None and seen != stands:
        text = msg("Somebody changed these rules while you were looking at them.")
        raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))


def _noted(
    work: Work, scope: Scope, audience: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    names = {*before, *after}
    changed = sorted(name for name in names if before.get(name) != after.get(name))
    work.audit("policies.put", f"policy:{scope.name}", venue=scope.venue_id,
               audience=audience, rules={name: after.get(name) for name in changed})  # fmt: skip
