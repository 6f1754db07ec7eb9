"""Series and their dates, for those who may see them; the verbs ask with a lock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.queries import BookingView, _shown, _views
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.rules import Repeat
from tierslieu.kernel.recurrence import parse, text
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Claim


@dataclass(frozen=True)
class Place:
    """Where a booking stands in its series: date ``number`` of ``of``."""

    series: Series
    number: int
    of: int


def series_of(session: Session, booking: Booking) -> Series | None:
    """The series of a booking, if it is one of several."""
    return session.get(Series, booking.series_id) if booking.series_id else None


def repeat_of_series(series: Series) -> Repeat:
    """The rule of a series as plain values."""
    return Repeat(
        parse(series.rrule) if series.rrule else None,
        datetime.fromisoformat(series.local_start),
        series.minutes,
        ZoneInfo(series.zone),
        tuple(date.fromisoformat(day) for day in series.also),
        tuple(date.fromisoformat(day) for day in series.without),
    )


def series_dates(series: Series) -> list[tuple[datetime, Span]]:
    """Every date as the rule of a series has it: its naive wall time, and the time it takes.

    The first one where the rule begins; those that are left out are among them.
    """
    repeat = replace(repeat_of_series(series), without=())
    dates = [(each.local_start, each.span) for each in repeat.dates()]
    return sorted(dates, key=lambda each: (each[0] != repeat.first, each[0]))


def series_rule(series: Series) -> str:
    """The rule of a series as calendars read it; "" where its days are said one by one."""
    rule = repeat_of_series(series).rule
    return "" if rule is None else text(rule, ZoneInfo(series.zone))


def series_also(series: Series) -> list[datetime]:
    """The naive wall times that a calendar is told beside the first one and the rule."""
    repeat = repeat_of_series(series)
    return [datetime.combine(day, repeat.first.time()) for day in repeat.also]


def dates_of(session: Session, series_id: int, *, lock: bool = False) -> list[BookingView]:
    """Every booking of a series in the order of its dates, whatever its state."""
    if lock and session.get_bind().dialect.name != "sqlite":
        locking = sa.select(Booking.id).where(Booking.series_id == series_id).order_by(Booking.id)
        session.execute(locking.with_for_update())
    question = _views().where(Booking.series_id == series_id)
    if lock:
        question = question.execution_options(populate_existing=True)
    return _shown(session, question.order_by(Booking.original_starts_at, Booking.id))


def place_of(session: Session, booking: Booking) -> Place | None:
    """Which date of its series a booking is, counting those that were not given up."""
    series = series_of(session, booking)
    if series is None:
        return None
    counts = Booking.state.not_in(("cancelled", "declined", "expired"))
    before = Booking.original_starts_at <= booking.original_starts_at
    number, of = session.execute(
        sa.select(sa.func.count().filter(before), sa.func.count()).where(
            Booking.series_id == series.id, sa.or_(counts, Booking.id == booking.id)
        )
    ).one()
    return Place(series, number, of)


def skipped_of(session: Session, series_ids: Collection[int]) -> dict[int, list[SkippedDate]]:
    """The dates that could not be had, by series, the next first."""
    found: dict[int, list[SkippedDate]] = {}
    if series_ids:
        question = (
            sa.select(SkippedDate)
            .where(SkippedDate.series_id.in_(series_ids))
            .order_by(SkippedDate.original_starts_at)
        )
        for row in session.scalars(question):
            found.setdefault(row.series_id, []).append(row)
    return found


def skipped_by_id(session: Session, public_id: str) -> tuple[SkippedDate, Series] | None:
    """One skipped date with its series; whether the reader may is the caller's to ask."""
    row = session.execute(
        sa.select(SkippedDate, Series)
        .join(Series, Series.id == SkippedDate.series_id)
        .where(SkippedDate.public_id == public_id)
    ).first()
    return (row[0], row[1]) if row else None


def nearest_to(session: Session, series_id: int, moment: datetime) -> BookingView | None:
    """The booking of a series nearest to a moment: what a date tried again is made like."""
    after = Booking.original_starts_at >= moment
    question = (
        _views()
        .where(Booking.series_id == series_id)
        .order_by(sa.case((after, 0), else_=1), sa.func.abs(Booking.id))
        .limit(1)
    )
    found = _shown(session, question)
    return found[0] if found else None


def unanswered_in(session: Session, series_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many dates of each series still wait for an answer."""
    question = (
        sa.select(Booking.series_id, sa.func.count())
        .join(Claim, Claim.id == Booking.id)
        .where(
            Booking.series_id.in_(series_ids), Booking.state == "requested", Claim.starts_at > now
        )
        .group_by(Booking.series_id)
    )
    return {row[0] or 0: row[1] for row in session.execute(question)} if series_ids else {}
