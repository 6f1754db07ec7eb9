"""Which cause touches a booking, and what may become of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tierslieu.bookings.rules.capacity import days_of
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import LocalSpan, Span, at_wall, local_date
from tierslieu.kernel.texts import Texts
from tierslieu.venues.modes.rules import Limits, Mode, mode_on

What = Literal["closure", "mode", "room"]
#: What becomes of a booking without any plugin.
ACTS: Final = ("cancel", "move", "keep")
#: Acts as they are kept.
DONE: Final = {"cancel": "cancelled", "move": "moved", "keep": "kept"}


@dataclass(frozen=True)
class Shut:
    """A closure, as far as it touches bookings; no ``room_id`` = every room of the venue."""

    key: str
    span: Span
    room_id: int | None = None
    reason: Texts = Texts()  # noqa: RUF009 (immutable)


@dataclass(frozen=True)
class Causes:
    """All that is in force at a venue, or thought of, and may touch a booking.

    ``limits``: room id → what the modes mean for it. ``retired``: room id → its public id.
    """

    zone: ZoneInfo
    shut: tuple[Shut, ...] = ()
    modes: tuple[Mode, ...] = ()
    limits: dict[int, Limits] = field(default_factory=dict, hash=False)
    retired: dict[int, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Cause:
    """Why a booking is touched: the key that is kept, and the sentence for people.

    ``ends_at``: when it is over, if anybody knows.
    """

    key: str
    said: Message
    reason: Texts = Texts()  # noqa: RUF009 (immutable)
    ends_at: datetime | None = None


def causes_of(causes: Causes, room_id: int, span: Span, attendance: int | None) -> list[Cause]:
    """Everything that touches a booking of a room, the heaviest first."""
    found = []
    if room_id in causes.retired:
        found.append(Cause(f"room:{causes.retired[room_id]}", msg("The room is out of use.")))
    for each in causes.shut:
        if each.room_id in (None, room_id) and each.span.overlaps(span):
            found.append(
                Cause(each.key, _closed(each.span, causes.zone), each.reason, each.span.ends_at)
            )
    days = days_of(span, causes.zone)
    return [*found, *_by_mode(causes, room_id, days, attendance)]


def _closed(span: Span, zone: ZoneInfo) -> Message:
    """When it is closed: in days where it is whole days."""
    first, after = local_date(span.starts_at, zone), local_date(span.ends_at, zone)
    if (at_wall(first, 0, zone), at_wall(after, 0, zone)) != (span.starts_at, span.ends_at):
        return msg("Closed %(when)s.", when=LocalSpan(span, zone))
    last = after - timedelta(days=1)
    if first == last:
        return msg("Closed on %(day)s.", day=first)
    return msg("Closed from %(first)s to %(last)s.", first=first, last=last)


def _by_mode(
    causes: Causes, room_id: int, days: Sequence[date], attendance: int | None
) -> Iterable[Cause]:
    for mode in dict.fromkeys(mode_on(causes.modes, day) for day in days):
        if mode is not None and mode.kind == "closed":
            yield Cause(
                f"mode:{mode.key}",
                msg("The venue is closed."),
                mode.reason,
                _end(mode, causes.zone),
            )
            return
    limits = causes.limits.get(room_id)
    limit = limits.lowest(days) if limits is not None else None
    if limit is not None and attendance is not None and attendance > limit[0]:
        text = nmsg(
            "The room takes %(n)s person, %(people)s are to come.",
            "The room takes %(n)s people, %(people)s are to come.",
            limit[0],
            people=attendance,
        )
        mode = limit[1]
        yield Cause(f"mode:{mode.key}", text, mode.reason, _end(mode, causes.zone))


def _end(mode: Mode, zone: ZoneInfo) -> datetime | None:
    return at_wall(mode.last + timedelta(days=1), 0, zone) if mode.last else None
