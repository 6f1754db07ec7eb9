"""Which quotas there are, and how much of them somebody has used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.models import Booking
from tierslieu.bookings.quotas.models import QuotaRow
from tierslieu.bookings.rules.quotas import Counted, Quota, concerns, used_by, window
from tierslieu.kernel.span import Span
from tierslieu.memberships.queries import people_with_cards
from tierslieu.people.models import PersonVenue
from tierslieu.resources.models import Claim

if TYPE_CHECKING:
    from tierslieu.bookings.cases.queries import Party, RoomCase

#: States whose time is used; a request counts, so that asking much is no way around.
USING: Final = ("requested", "held", "confirmed", "checked_in", "no_show")

#: Scope (``("network", 0)``, ``("venue", id)``, ``("room", id)``) → the quotas said there.
Quotas = dict[tuple[str, int], tuple[Quota, ...]]


def active_quotas(session: Session) -> Quotas:
    """Every quota in force, by where it is said."""
    found: Quotas = {}
    rows = session.scalars(sa.select(QuotaRow).where(QuotaRow.active).order_by(QuotaRow.id))
    for row in rows:
        quota = quota_of(row)
        key = (quota.scope, quota.room_id or quota.venue_id or 0)
        found[key] = (*found.get(key, ()), quota)
    return found


def quota_of(row: QuotaRow) -> Quota:
    """A stored quota as rules know it."""
    return Quota(
        measure=row.measure,
        amount=row.amount,
        per=row.per,
        whose=row.whose,
        audience=row.audience,
        over=row.counted_over,
        weekdays=frozenset(row.weekdays),
        from_minute=row.from_minute,
        until_minute=row.until_minute,
        season=(row.season_month, row.season_day),
        id=row.id,
        venue_id=row.venue_id,
        room_id=row.room_id,
    )


def concerning(case: RoomCase, party: Party, audiences: Iterable[str]) -> tuple[Quota, ...]:
    """The quotas of a room that speak about a party; none for what the house itself does."""
    if not case.quotas or (party.person_id is None and party.organisation_id is None):
        return ()
    organisation = party.organisation_id is not None
    fitting = tuple(audiences)
    return tuple(
        q for q in case.quotas if concerns(q, organisation=organisation, audiences=fitting)
    )


@dataclass(frozen=True)
class Sum:
    """One quota to be counted for a party in a room."""

    room_id: int
    venue_id: int
    zone: ZoneInfo
    quota: Quota


def counted(
    session: Session,
    party: Party,
    wanted: Mapping[int, tuple[RoomCase, tuple[Quota, ...]]],
    spans: Sequence[Span],
    now: datetime,
    ignoring: Iterable[int] = (),
) -> dict[int, list[Counted]]:
    """By room, the quotas that concern a party with what is used in the periods of some spans.

    One statement for the party's own bookings, one for each quota that a whole group shares.
    ``ignoring``: bookings given up for these spans (those being moved): they are counted apart.
    """
    sums = [
        Sum(room_id, case.venue_id, case.zone, quota)
        for room_id, (case, quotas) in wanted.items()
        for quota in quotas
    ]
    if not sums or not spans:
        return {room_id: [] for room_id in wanted}
    own_sums = [each for each in sums if each.quota.whose != "group"]
    own = _rows(session, _own(party), own_sums, spans) if own_sums else []
    given_up = frozenset(ignoring)
    found: dict[int, list[Counted]] = {room_id: [] for room_id in wanted}
    for each in sums:
        is_group = each.quota.whose == "group"
        rows = _rows(session, _group(each, now), [each], spans) if is_group else own
        rows = [row for row in rows if _is_over(each, row)]
        used, leaving = (
            used_by(
                each.quota,
                (row.span for row in rows if (row.booking_id in given_up) is apart),
                each.zone,
            )
            for apart in (False, True)
        )
        found[each.room_id].append(Counted(each.quota, each.zone, used, leaving))
    return found


@dataclass(frozen=True)
class _Using:
    booking_id: int
    room_id: int
    venue_id: int
    span: Span


def _is_over(each: Sum, row: _Using) -> bool:
    if each.quota.over == "room":
        return row.room_id == each.room_id
    return each.quota.over == "network" or row.venue_id == each.venue_id


def _rows(
    session: Session,
    whose: sa.ColumnElement[bool],
    sums: Sequence[Sum],
    spans: Sequence[Span],
) -> list[_Using]:
    windows = [window(each.quota, spans, each.zone) for each in sums]
    first = min(each.starts_at for each in windows)
    last = max(each.ends_at for each in windows)
    question = (
        sa.select(Booking.id, Booking.room_id, Claim.venue_id, Claim.starts_at, Claim.ends_at)
        .join(Claim, Claim.id == Booking.id)
        .where(
            whose,
            Booking.state.in_(USING),
            Booking.kind == "normal",
            Claim.starts_at < last,
            Claim.ends_at > first,
        )
    )
    if not any(each.quota.over == "network" for each in sums):
        question = question.where(Claim.venue_id.in_({each.venue_id for each in sums}))
    return [
        _Using(booking_id, room_id, venue_id, Span(starts_at, ends_at))
        for booking_id, room_id, venue_id, starts_at, ends_at in session.execute(question)
    ]


def _own(party: Party) -> sa.ColumnElement[bool]:
    """Her bookings, or her organisation's."""
    if party.organisation_id is not None:
        return Booking.organisation_id == party.organisation_id
    return sa.and_(Booking.booked_for_id == party.person_id, Booking.organisation_id.is_(None))


def _group(each: Sum, now: datetime) -> sa.ColumnElement[bool]:
    """Bookings of everybody in an audience."""
    whom = Booking.booked_for_id
    cards: Any = people_with_cards(each.venue_id, now.date())
    if each.quota.audience == "organisations":
        return Booking.organisation_id.is_not(None)
    if each.quota.audience == "members":
        return whom.in_(cards)
    if each.quota.audience == "others":
        return sa.or_(whom.is_(None), whom.not_in(cards))
    if each.quota.audience == "residents":
        return whom.in_(
            sa.select(PersonVenue.person_id).where(
                PersonVenue.venue_id == each.venue_id, PersonVenue.resident
            )
        )
    return sa.true()
