"""How the events of an old calendar read as wishes: single dates, and series where they fit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl
from tierslieu_ical.intake.reading import Contents, Event, Occurrence, occurrences, walls
from tierslieu_ical.intake.repeats import Budget, NotUnderstood

#: Events and single dates of one file.
MOST_ITEMS = 500


class TooMany(Exception):
    """More than one import holds."""


@dataclass(frozen=True)
class Item:
    """One wish of a file, as it is kept. ``odd``: why it is none (``past``, ``not_understood``).

    ``rule`` with ``without`` (days) make it a series; ``starts_at`` and ``ends_at`` are ISO, UTC.
    ``made``: "" not tried yet, else ``booked``, ``there`` (before) or ``refused`` with ``said``.
    """

    key: str
    title: str
    starts_at: str = ""
    ends_at: str = ""
    rule: str = ""
    without: tuple[str, ...] = ()
    dates: int = 1
    odd: str = ""
    made: str = ""
    said: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def span(self) -> tl.Span:
        return tl.Span(datetime.fromisoformat(self.starts_at), datetime.fromisoformat(self.ends_at))

    @property
    def days_without(self) -> tuple[date, ...]:
        return tuple(map(date.fromisoformat, self.without))

    def kept(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self) | {"without": list(self.without)}


def item_of(kept: dict[str, Any]) -> Item:
    """An item as it was kept."""
    return Item(**kept | {"without": tuple(kept["without"])})


def items_of(contents: Contents, window: tl.Span, zone: ZoneInfo, budget: Budget) -> list[Item]:
    """The wishes of a file between two moments, in order of time, then what is none.

    Raises TooMany, and what `occurrences` raises.
    """
    found, strange = occurrences(contents.events, window, budget)
    by_event: dict[int, list[Occurrence]] = {}
    for each in found:
        if each.span.starts_at >= window.starts_at:
            by_event.setdefault(id(each.event), []).append(each)
    items: list[Item] = []
    odd: list[Item] = []
    for event in contents.events:
        dates = by_event.get(id(event), [])
        if dates:
            series = _series(event, dates, window, zone, budget) if event.rule else None
            items += [series] if series else [_single(each) for each in dates]
        elif event not in strange and not event.cancelled:
            odd.append(Item(key_of(event.uid), event.title, odd="past"))
        if len(items) + len(odd) > MOST_ITEMS:
            raise TooMany
    odd += [Item(key_of(event.uid), event.title, odd="not_understood") for event in strange]
    odd += [Item(key_of(each.uid), each.title, odd="not_understood") for each in contents.unread]
    return [*_distinct(sorted(items, key=lambda item: item.starts_at)), *odd]


def key_of(name: str) -> str:
    """What an event is known by; it tells nothing."""
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def _distinct(items: Iterable[Item]) -> list[Item]:
    return list({item.key: item for item in items}.values())


def _single(date_: Occurrence) -> Item:
    return Item(
        key_of(date_.key),
        date_.event.title,
        date_.span.starts_at.isoformat(),
        date_.span.ends_at.isoformat(),
    )


def _series(
    event: Event, dates: Sequence[Occurrence], window: tl.Span, zone: ZoneInfo, budget: Budget
) -> Item | None:
    """The event as a series of ours, from its first date to come; None where it is none.

    The same dates must come of it, to the second: what the engine reads otherwise, what begins
    elsewhere than by the walls of the place, what has dates besides its rule, goes one by one.
    """
    if event.also or len(dates) < 2:
        return None
    try:
        raw = _of_rule(event, window, budget)
        first = _wall(event.span_at(raw[0]).starts_at, zone)
        text = _bounded(event.rule, _wall(event.span_at(raw[-1]).starts_at, zone).date())
        ours = tl.expand_rule(tl.parse_rule(text), first, zone)
    except (tl.Refusal, NotUnderstood, IndexError):
        return None
    if [each.starts_at for each in ours] != [event.span_at(wall).starts_at for wall in raw]:
        return None
    kept = {each.span.starts_at for each in dates}
    without = tuple(
        each.local_start.date().isoformat() for each in ours if each.starts_at not in kept
    )
    span = event.span_at(raw[0])
    return Item(
        key_of(event.uid + "\nseries"), event.title, span.starts_at.isoformat(),
        span.ends_at.isoformat(), text, without, len(ours) - len(without),
    )  # fmt: skip


def _of_rule(event: Event, window: tl.Span, budget: Budget) -> list[datetime]:
    """The walls of the rule to come, those that are left out or replaced among them."""
    whole = Event(event.uid, "", event.wall, event.zone, event.length, event.all_day, event.rule)
    return [
        wall
        for wall in walls(whole, window, budget)
        if window.contains(whole.span_at(wall).starts_at)
    ]


def _bounded(rule: str, last: date) -> str:
    """The same rule, ended on a day."""
    return re.sub(r";?(COUNT|UNTIL)=[^;]*", "", rule).strip(";") + f";UNTIL={last:%Y%m%d}"


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
