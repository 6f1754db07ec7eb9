"""How a series reads in a calendar: one VEVENT with its rule, and one for each date that differs.

Pure. A date is named by the wall time that the rule gives it; what is not told of is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tierslieu_ical.rules import (
    ALWAYS,
    BUSY,
    CANCELLED_FOR,
    NEVER,
    PUBLIC_STATES,
    STATUS,
    Entry,
    Side,
    vevent,
)


@dataclass(frozen=True)
class Repeating:
    """A series as plain values: its dates by their start, as the rule has them (wall times)."""

    uid: str
    follows: str
    rule: str
    also: tuple[datetime, ...]
    nominal: tuple[tuple[datetime, datetime, datetime], ...]
    """Each date: its start, its end, and its naive wall time."""


@dataclass(frozen=True)
class Member:
    """A booking of a series: its place in the rule, and what its own VEVENT would say."""

    original: datetime
    entry: Entry
    changed_at: datetime
    here: bool = True
    """Whether it is in the room of the series: elsewhere it has a public text of its own."""


def own_series(
    series: Repeating, members: Sequence[Member], before: Side | None, now: datetime
) -> Side:
    """What its people read."""

    def shown(member: Member) -> str | None:
        status = STATUS[member.entry.state]
        old = status == "CANCELLED" and member.changed_at + CANCELLED_FOR < now
        return None if old else status

    return _side(series, members, shown, before, now, public=False)


def public_series(
    series: Repeating, members: Sequence[Member], before: Side | None, now: datetime
) -> Side:
    """What everybody reads: confirmed dates in the room of the series."""

    def shown(member: Member) -> str | None:
        return "CONFIRMED" if member.here and member.entry.state in PUBLIC_STATES else None

    return _side(series, members, shown, before, now, public=True)


def member_series(
    series: Repeating, members: Sequence[Member], before: Side | None, now: datetime
) -> Side | None:
    """What members read where their card counts; None: the same as everybody."""
    if all(member.entry.visibility != "members" for member in members):
        return None
    told = [
        replace(m, entry=replace(m.entry, visibility="public"))
        if m.entry.visibility == "members"
        else m
        for m in members
    ]
    return public_series(series, told, before, now)


def _side(
    series: Repeating,
    members: Sequence[Member],
    shown: Callable[[Member], str | None],
    before: Side | None,
    now: datetime,
    *,
    public: bool,
) -> Side:
    told = [(member, status) for member in members if (status := shown(member)) is not None]
    was = before is not None and before.text != ""
    if not told and not (public and was):
        return Side("", NEVER, before.changed_at if before else now)
    over = all(status == "CANCELLED" for _, status in told)
    told = told or [(members[0], "CANCELLED")]
    stamp = before.changed_at if before and was else max(m.changed_at for m in members)
    text = _text(series, members, told, stamp, public=public)
    if before is not None and was and text != before.text:
        stamp = now
        text = _text(series, members, told, stamp, public=public)
    return Side(text, stamp + CANCELLED_FOR if over else ALWAYS, stamp)


def _text(
    series: Repeating,
    members: Sequence[Member],
    told: Sequence[tuple[Member, str]],
    stamp: datetime,
    *,
    public: bool,
) -> str:
    usual, status = _usual(told)
    known = {member.original for member, _ in told}
    walls = {start: wall for start, _, wall in series.nominal}
    left_out = [wall for start, _, wall in series.nominal if start not in known]
    start, end, wall = series.nominal[0]
    zone = usual.entry.zone
    length = end - start
    sequence = max(member.entry.sequence for member in members)
    lines = _rule_lines(series, left_out, zone)
    master = _as(usual.entry, series.uid, start, end, sequence)
    parts = [_event(master, status, stamp, public, wall, lines)]
    for member, own in told:
        at = walls.get(member.original)
        if at is None or _differs(member, own, usual, status, length, public=public):
            named = at or member.original.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            entry = _as(member.entry, series.uid, member.entry.starts_at, member.entry.ends_at,
                        member.entry.sequence)  # fmt: skip
            also = [f"RECURRENCE-ID{_local(named, zone)}"]
            parts.append(_event(entry, own, stamp, public, None, also))
    return "".join(parts)


def _usual(told: Sequence[tuple[Member, str]]) -> tuple[Member, str]:
    """The date that the others are compared with: the first that stands."""
    stands = [pair for pair in told if pair[1] != "CANCELLED"]
    return (stands or list(told))[0]


def _differs(
    member: Member, own: str, usual: Member, status: str, length: timedelta, *, public: bool
) -> bool:
    mine, theirs = member.entry, usual.entry
    moved = (mine.starts_at, mine.ends_at - mine.starts_at) != (member.original, length)
    words = _title(mine, public=public) != _title(theirs, public=public)
    return moved or words or own != status or mine.location != theirs.location


def _title(entry: Entry, *, public: bool) -> str:
    if not public:
        return entry.title
    return entry.title if entry.visibility == "public" and entry.title else BUSY


def _as(entry: Entry, uid: str, start: datetime, end: datetime, sequence: int) -> Entry:
    return replace(
        entry, uid=uid, starts_at=start, ends_at=end, sequence=sequence, recurrence_id=None
    )


def _event(
    entry: Entry,
    status: str,
    stamp: datetime,
    public: bool,
    wall: datetime | None,
    lines: Sequence[str],
) -> str:
    title = _title(entry, public=public)
    start = "" if wall is None else _local(wall, entry.zone)
    return vevent(entry, status, title, "" if public else entry.url, stamp, lines, start)


def _rule_lines(series: Repeating, left_out: Sequence[datetime], zone: str) -> list[str]:
    lines = [f"RRULE:{series.rule}"] if series.rule else []
    lines += [f"RDATE{_local(wall, zone)}" for wall in series.also]
    lines += [f"EXDATE{_local(wall, zone)}" for wall in left_out]
    if series.follows:
        lines.append(f"RELATED-TO;RELTYPE=SIBLING:{series.follows}")
    return lines


def _local(wall: datetime, zone: str) -> str:
    return f":{wall:%Y%m%dT%H%M%SZ}" if zone == "UTC" else f";TZID={zone}:{wall:%Y%m%dT%H%M%S}"
