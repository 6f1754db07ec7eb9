"""How many people fit: by the room's layout, and by the mode that the venue is in on that day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import Span, local_date
from tierslieu.venues.modes.rules import Limits, Mode, least


def days_of(span: Span, zone: ZoneInfo) -> list[date]:
    """The local days that a span touches."""
    first = local_date(span.starts_at, zone)
    last = local_date(span.ends_at - timedelta(seconds=1), zone)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def holds(capacity: int | None, limits: Limits | None, span: Span, zone: ZoneInfo) -> int | None:
    """How many people a room holds during a span; None where nobody wrote it."""
    if limits is None:
        return capacity
    return least(capacity, limits.lowest(days_of(span, zone)))


def capacity_reasons(
    attendance: int | None, capacity: int | None, limits: Limits | None, span: Span, zone: ZoneInfo
) -> Iterator[Reason]:
    """Too many people for the layout, or for what the venue's mode allows on that day."""
    people = attendance or 0
    limit = limits.lowest(days_of(span, zone)) if limits is not None else None
    if limit is not None and people > limit[0] and (capacity is None or limit[0] < capacity):
        yield over_limit(*limit)
    elif capacity is not None and people > capacity:
        yield over_capacity(capacity)


def over_capacity(capacity: int) -> Reason:
    """Too many people for the room, with the number that fits."""
    return Reason(
        "over_capacity",
        nmsg("The room takes %(n)s person.", "The room takes %(n)s people.", capacity),
        "attendance",
        fewer(capacity),
    )


def over_limit(people: int, mode: Mode) -> Reason:
    """Too many for the mode of that day: its end and its reason are said."""
    return Reason("over_capacity", _limited(people, mode), "attendance", fewer(people))


def fewer(people: int) -> tuple[Choice, ...]:
    """The number that fits, where anybody fits."""
    label = nmsg("%(n)s person", "%(n)s people", people)
    return (Choice(label, {"attendance": str(people)}),) if people else ()


def _limited(people: int, mode: Mode) -> Message:
    if mode.last is None:
        text = nmsg(
            "Until further notice the room takes %(n)s person.",
            "Until further notice the room takes %(n)s people.",
            people,
        )
    else:
        text = nmsg(
            "Until %(day)s the room takes %(n)s person.",
            "Until %(day)s the room takes %(n)s people.",
            people,
            day=mode.last,
        )
    return msg("%(limit)s %(reason)s", limit=text, reason=mode.reason) if mode.reason else text


def closed_by(mode: Mode) -> Message:
    """The venue is closed by a mode: until when, and why."""
    if mode.last is None:
        text = msg("The venue is closed until further notice.")
    else:
        text = msg("The venue is closed until %(day)s.", day=mode.last)
    return msg("%(limit)s %(reason)s", limit=text, reason=mode.reason) if mode.reason else text
