"""The matrix as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from tierslieu.bookings.availability.rest import wish_of
from tierslieu.bookings.finding.queries import matrix
from tierslieu.bookings.finding.rows import Near, Question, Row
from tierslieu.bookings.finding.schemas import (
    DayAnswer,
    MatrixAnswer,
    MatrixQuery,
    MatrixRoom,
    NearAnswer,
)
from tierslieu.bookings.rules.matrix import DAY, MOST_DAYS, Cell, Wanted, span_at
from tierslieu.bookings.schemas import ReasonAnswer
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.venues.places.queries import venue_by_slug
from tierslieu.web.errors import reason_json

WEEKDAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")


def matrix_answer(work: Work, asked: MatrixQuery) -> MatrixAnswer:
    """Every room's first time on every day asked for, and what would nearly do."""
    wanted = _wanted(asked)
    if asked.venue is not None:
        venue_by_slug(work.session, asked.venue)  # raises NotFound
    question = Question(wanted, wish_of(asked.capacity, asked.features), asked.venue or "")
    skip = int(asked.cursor or 0)
    found = matrix(work, question, skip=skip, limit=asked.limit, near=skip == 0)
    upto = skip + asked.limit
    return MatrixAnswer(
        items=[_room(row, found.days) for row in found.rows],
        near=[_near(near, work.locale) for near in (*found.steady, *found.nears)],
        next=str(upto) if upto < found.total else None,
    )


def _wanted(asked: MatrixQuery) -> Wanted:
    """What is asked for; raises Invalid for days and hours that cannot be meant."""
    first, last = _day(asked.first, "from"), _day(asked.until, "until")
    if last < first:
        raise Invalid("bad_span", msg("The last day comes before the first."), "until")
    if (last - first).days >= MOST_DAYS:
        text = nmsg(
            "At most %(n)s day is looked at.", "At most %(n)s days are looked at.", MOST_DAYS
        )
        raise Invalid("too_many_days", text, "until")
    opens, closes = (_minute(text) for text in asked.window.split("-"))
    if closes <= opens:
        closes += DAY
    if closes - opens < asked.minutes:
        text = msg("These hours are too few for that length.")
        raise Invalid("window_too_short", text, "window")
    weekdays = frozenset(WEEKDAYS.index(key) for key in asked.weekdays.split(","))
    return Wanted(first, last, asked.minutes, opens, closes, weekdays)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("bad_date", msg("Choose a day."), field) from None


def _minute(text: str) -> int:
    minute = int(text[:2]) * 60 + int(text[3:])
    if minute > DAY:
        raise Invalid("bad_time", msg("Write a time like 18:30."), "window")
    return minute


def _room(row: Row, days: Sequence[date]) -> MatrixRoom:
    case, first = row.case, row.first
    return MatrixRoom(
        id=case.public_id,
        slug=case.slug,
        name=case.name,
        venue=case.venue_slug,
        capacity=case.capacity,
        timezone=case.zone.key,
        free_days=row.free,
        first_starts_at=iso(first.starts_at) if first else None,
        first_ends_at=iso(first.ends_at) if first else None,
        days=[_cell(row, day, cell) for day, cell in zip(days, row.cells, strict=True)],
    )


def _cell(row: Row, day: date, cell: Cell) -> DayAnswer:
    if isinstance(cell, str):
        return DayAnswer(date=day.isoformat(), starts_at=None, ends_at=None, why=cell)
    span = span_at(cell, row.limits.length)
    return DayAnswer(
        date=day.isoformat(), starts_at=iso(span.starts_at), ends_at=iso(span.ends_at), why=None
    )


def _near(near: Near, locale: str) -> NearAnswer:
    shown = NearAnswer(
        kind=_kind(near),
        room_id=near.case.public_id,
        days=near.days,
        starts_at=iso(near.first.starts_at),
        ends_at=iso(near.first.ends_at),
    )
    if near.at is not None:
        shown.skipped = [day.isoformat() for day in near.skipped]
    elif near.reasons:
        shown.reasons = [ReasonAnswer(**reason_json(reason, locale)) for reason in near.reasons]
    else:
        shown.minutes = near.apart or near.minutes
    return shown


def _kind(near: Near) -> Literal["shift", "shorter", "room", "steady"]:
    if near.at is not None:
        return "steady"
    if near.reasons:
        return "room"
    return "shift" if near.apart else "shorter"
