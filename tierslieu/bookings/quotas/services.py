"""Verbs of quotas: lock them before judging, put them, take them away."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.quotas.models import QuotaRow
from tierslieu.bookings.rules.quotas import CONCERNED, DAY, MEASURES, OVER, PERIODS, WHOSE
from tierslieu.kernel.errors import Conflict, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work


def lock_quotas(work: Work, case: RoomCase) -> None:
    """Keep a room's quotas for this work until it ends, before any leaf is locked.

    What is counted afterwards stays true until then: of two wishes that together pass a quota
    the second waits and sees the first. No statement where there is no quota; on SQLite whoever
    writes is alone already.
    """
    if not case.quotas or work.session.get_bind().dialect.name == "sqlite":
        return
    ids = sorted(quota.id for quota in case.quotas)
    question = sa.select(QuotaRow.id).where(QuotaRow.id.in_(ids)).order_by(QuotaRow.id)
    work.session.execute(question.with_for_update(key_share=True))


@dataclass(frozen=True)
class QuotaValues:
    """What a quota says; ``amount`` is minutes, or bookings."""

    measure: str
    amount: int
    per: str
    whose: str = "either"
    audience: str = "everyone"
    over: str = "venue"
    weekdays: tuple[int, ...] = ()
    from_minute: int = 0
    until_minute: int = DAY
    season: tuple[int, int] = (9, 1)
    active: bool = True
    label: Texts = field(default_factory=Texts)

    def reasons(self) -> list[Reason]:
        """What is wrong with it."""
        known = {
            "measure": (self.measure, MEASURES),
            "per": (self.per, PERIODS),
            "whose": (self.whose, WHOSE),
            "audience": (self.audience, CONCERNED),
            "over": (self.over, OVER),
        }
        text = msg("This is not one of the possible values.")
        found = [
            Reason("invalid", text, name)
            for name, (value, values) in known.items()
            if value not in values
        ]
        if not 0 <= self.amount <= 1_000_000:
            found.append(Reason("bad_amount", msg("Write a number."), "amount"))
        if not set(self.weekdays) <= set(range(7)):
            found.append(Reason("invalid", text, "weekdays"))
        if not 0 <= self.from_minute < self.until_minute <= DAY:
            text = msg("The end must be after the start.")
            found.append(Reason("bad_hours", text, "until"))
        if not (1 <= self.season[0] <= 12 and 1 <= self.season[1] <= 28):
            text = msg("A season starts on a day from 1 to 28, so that every year has it.")
            found.append(Reason("bad_season", text, "season_day"))
        return found


def put_quota(
    work: Work,
    scope: Scope,
    values: QuotaValues,
    public_id: str | None = None,
    version: int | None = None,
) -> QuotaRow:
    """Add a quota to a scope, or change one of its own; bookings already made stay.

    Raises Refused with every wrong value, Conflict ``changed_meanwhile``, NotFound, Forbidden.
    """
    work.require("policies.edit", venue=scope.venue_id)
    refuse(values.reasons())
    if public_id is None:
        row = QuotaRow(venue_id=scope.venue_id, room_id=scope.room_id, version=0)
        work.session.add(row)
    else:
        row = own_quota(work, scope, public_id)
        _same(row.version, version)
    for name in ("measure", "amount", "per", "whose", "audience", "from_minute", "until_minute",
                 "active", "label"):  # fmt: skip
        setattr(row, name, getattr(values, name))
    row.counted_over = values.over
    row.weekdays = sorted(values.weekdays)
    row.season_month, row.season_day = values.season
    row.version += 1
    work.session.flush()
    work.audit("quotas.put", f"quota:{row.public_id}", venue=scope.venue_id, scope=scope.name,
               measure=row.measure, amount=row.amount, per=row.per, whose=row.whose,
               active=row.active)  # fmt: skip
    return row


def remove_quota(work: Work, scope: Scope, public_id: str) -> None:
    """Take a quota away."""
    work.require("policies.edit", venue=scope.venue_id)
    row = own_quota(work, scope, public_id)
    work.session.delete(row)
    work.session.flush()
    work.audit("quotas.remove", f"quota:{public_id}", venue=scope.venue_id, scope=scope.name)


def own_quota(work: Work, scope: Scope, public_id: str) -> QuotaRow:
    """One quota that is said exactly there; raises NotFound."""
    row = work.session.scalar(sa.select(QuotaRow).where(QuotaRow.public_id == public_id))
    if row is None or (row.venue_id, row.room_id) != (scope.venue_id, scope.room_id):
        raise NotFound
    return row


def _same(stands: int, seen: int | None) -> None:
    if seen is not None and seen != stands:
        text = msg("Somebody changed these rules while you were looking at them.")
        raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))
