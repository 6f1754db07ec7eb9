"""Quotas as a manager reads them: in sentences, with who has used most of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu.bookings.houserules.uses import said_by, told
from tierslieu.bookings.models import Booking
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.quotas.models import QuotaRow
from tierslieu.bookings.quotas.queries import USING, quota_of
from tierslieu.bookings.rules.quotas import Quota, amount, next_period, period_of, used_by, window
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation, Person
from tierslieu.resources.models import Claim


@dataclass(frozen=True)
class Shown:
    """A quota: ``own`` when it is said exactly here and may be changed here."""

    public_id: str
    label: Texts
    sentences: tuple[Message, ...]
    origin: Message
    own: bool
    example: Message


def quotas_shown(work: Work, scope: Scope, zone: ZoneInfo) -> list[Shown]:
    """The quotas that hold at a scope: its own first, then those said above it."""
    here: list[sa.ColumnElement[bool]] = [QuotaRow.venue_id.is_(None)]
    if scope.venue_id is not None:
        here.append(sa.and_(QuotaRow.venue_id == scope.venue_id, QuotaRow.room_id.is_(None)))
    if scope.room_id is not None:
        here.append(QuotaRow.room_id == scope.room_id)
    rows = work.session.scalars(sa.select(QuotaRow).where(sa.or_(*here)).order_by(QuotaRow.id))
    found = [_shown(work, row, scope, zone) for row in rows]
    return sorted(found, key=lambda each: not each.own)


def _shown(work: Work, row: QuotaRow, scope: Scope, zone: ZoneInfo) -> Shown:
    quota = quota_of(row)
    return Shown(
        row.public_id,
        row.label,
        told(quota),
        said_by(quota),
        (row.venue_id, row.room_id) == (scope.venue_id, scope.room_id),
        _example(work, quota, scope, zone),
    )


def _example(work: Work, quota: Quota, scope: Scope, zone: ZoneInfo) -> Message:
    """Who has used most of it in the time that runs, or what would happen."""
    first = period_of(quota, local_date(work.now, zone))
    used = _most(work, quota, scope, zone)
    if used is None:
        after = next_period(quota, first)
        return msg(
            "Whoever has used %(all)s books again for a day from %(day)s on.",
            all=amount(quota, quota.amount),
            day=after,
        )
    name, spent = used
    if quota.whose == "group":
        return msg(
            "All together have used %(used)s of %(all)s.",
            used=amount(quota, spent),
            all=amount(quota, quota.amount),
        )
    return msg(
        "“%(name)s” has used %(used)s of %(all)s.",
        name=name,
        used=amount(quota, spent),
        all=amount(quota, quota.amount),
    )


def _most(work: Work, quota: Quota, scope: Scope, zone: ZoneInfo) -> tuple[str, int] | None:
    now = Span(work.now, work.now + timedelta(minutes=1))
    around = window(quota, [now], zone)
    question = (
        sa.select(
            Booking.room_id, Booking.organisation_id, Booking.booked_for_id,
            Organisation.name, Person.name, Claim.starts_at, Claim.ends_at,
        )
        .join(Claim, Claim.id == Booking.id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Person, Person.id == Booking.booked_for_id)
        .where(
            Booking.state.in_(USING),
            Booking.kind == "normal",
            Claim.starts_at < around.ends_at,
            Claim.ends_at > around.starts_at,
        )
    )  # fmt: skip
    if scope.venue_id is not None:
        question = question.where(Claim.venue_id == scope.venue_id)
    if scope.room_id is not None and quota.over == "room":
        question = question.where(Booking.room_id == scope.room_id)
    spans: dict[tuple[object, ...], list[Span]] = {}
    for room, body, person, body_name, name, starts, ends in work.session.execute(question):
        if quota.whose in ("either", "group") or (quota.whose == "organisation") is bool(body):
            who = () if quota.whose == "group" else (body_name or name or "", body, person)
            key = (who, room if quota.over == "room" else 0)
            spans.setdefault(key, []).append(Span(starts, ends))
    return _largest(quota, spans.items(), zone, period_of(quota, local_date(work.now, zone)))


def _largest(
    quota: Quota,
    rows: Iterable[tuple[tuple[object, ...], list[Span]]],
    zone: ZoneInfo,
    first: object,
) -> tuple[str, int] | None:
    best: tuple[str, int] | None = None
    for (who, _room), spans in rows:
        spent = dict(used_by(quota, spans, zone)).get(first, 0)  # type: ignore[call-overload]
        if spent and (best is None or spent > best[1]):
            best = (str(who[0]) if who else "", spent)  # type: ignore[index]
    return best
