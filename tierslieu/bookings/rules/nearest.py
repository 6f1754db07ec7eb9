"""Which times are on step, and which free times come nearest to one that is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tierslieu.bookings.rules.policy import EffectivePolicy
from tierslieu.bookings.rules.uses import ALL_DAYS
from tierslieu.kernel.errors import Choice
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import LocalSpan, Span, at_wall, iso, local_date

DAY = 1440


def steps_ok(span: Span, step: int | None, bounds: Iterable[datetime], zone: ZoneInfo) -> bool:
    """Whether start and end are on step: whole minutes, counted from local midnight.

    An opening's own bounds are always allowed, and from an allowed start every length that is
    a multiple of the step.
    """
    return start_ok(span, step, bounds, zone) and end_ok(span, step, bounds, zone)


def start_ok(span: Span, step: int | None, bounds: Iterable[datetime], zone: ZoneInfo) -> bool:
    """Whether the start is on step or an opening's bound."""
    return _on_grid(span.starts_at, step, zone) or span.starts_at in set(bounds)


def end_ok(span: Span, step: int | None, bounds: Iterable[datetime], zone: ZoneInfo) -> bool:
    """Whether the end is on step, an opening's bound, or whole steps after the start."""
    if _on_grid(span.ends_at, step, zone) or span.ends_at in set(bounds):
        return True
    return span.duration % timedelta(minutes=step or 1) == timedelta(0)


def nearest_slots(
    asked: Span,
    open_spans: Sequence[Span],
    busy: Iterable[Span],
    policy: EffectivePolicy,
    now: datetime,
    zone: ZoneInfo,
    n: int = 3,
    days: frozenset[int] = ALL_DAYS,
) -> list[Span]:
    """Up to `n` times near `asked` that hours, step, lengths, notice, horizon and `busy` allow.

    ``days``: the weekdays on which they may begin.

    ``busy`` is occupied time (buffers included); ours are added here. Nearest first; the last
    place goes to the same time of another day when there is one.
    """
    latest = _latest_start(policy, now, zone)
    earliest = max(policy.earliest(now, zone), _floor(now, 1, zone) + timedelta(minutes=1))
    taken = _blocked(busy, open_spans, policy)
    bounds = {moment for span in open_spans for moment in (span.starts_at, span.ends_at)}
    found: set[Span] = set()
    for length in lengths(asked, policy):
        for free in (rest for span in open_spans for rest in span.minus(taken)):
            low, high = max(free.starts_at, earliest), free.ends_at - length
            if latest is not None:
                high = min(high, latest)
            if low <= high:
                near = _slots(asked, low, high, length, policy.step_minutes, bounds, zone)
                found.update(slot for slot in near if _day(slot, zone) in days)
        if found:
            break
    return _pick(asked, found, n, zone)


def _day(slot: Span, zone: ZoneInfo) -> int:
    return local_date(slot.starts_at, zone).weekday()


def _blocked(
    busy: Iterable[Span], open_spans: Sequence[Span], policy: EffectivePolicy
) -> list[Span]:
    """Where a booking of ours may not lie, so that its buffers overlap nothing."""
    if not open_spans:
        return []
    first, last = open_spans[0].starts_at - policy.before, open_spans[-1].ends_at + policy.after
    return [
        span.widened(policy.after, policy.before)
        for span in busy
        if span.ends_at > first and span.starts_at < last
    ]


def lengths(asked: Span, policy: EffectivePolicy) -> list[timedelta]:
    """The length asked for, brought within the limits; then the same in whole steps."""
    step = policy.step_minutes or 1
    minutes = max(asked.minutes, policy.shortest_minutes or 1)
    if policy.longest_minutes is not None:
        minutes = min(minutes, policy.longest_minutes)
    up = -(-minutes // step) * step
    if policy.longest_minutes is not None and up > policy.longest_minutes:
        up -= step
    return [timedelta(minutes=value) for value in dict.fromkeys((minutes, up)) if value > 0]


def slot_choices(slots: Iterable[Span], zone: ZoneInfo) -> tuple[Choice, ...]:
    """Slots as choices to offer: the label in words, ``starts_at`` and ``ends_at`` in UTC."""
    return tuple(
        Choice(
            msg("%(when)s", when=LocalSpan(slot, zone)),
            {"starts_at": iso(slot.starts_at), "ends_at": iso(slot.ends_at)},
        )
        for slot in slots
    )


def _slots(
    asked: Span,
    low: datetime,
    high: datetime,
    length: timedelta,
    step: int | None,
    bounds: set[datetime],
    zone: ZoneInfo,
) -> Iterator[Span]:
    """The starts nearest to the asked one between two instants, both included."""
    for target in _targets(asked, low, high, zone):
        before = _floor(target, step or 1, zone)
        after = before if before == target else _next(before, step or 1, zone)
        for start in (before, after, low):
            if low <= start <= high:
                slot = Span(start, start + length)
                if steps_ok(slot, step, bounds, zone):
                    yield slot


def _targets(asked: Span, low: datetime, high: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    yield min(max(asked.starts_at, low), high)
    minutes = _minutes(asked.starts_at, zone)
    day = local_date(low, zone)
    while day <= local_date(high, zone):
        yield at_wall(day, minutes, zone)
        day += timedelta(days=1)


def _pick(asked: Span, found: set[Span], n: int, zone: ZoneInfo) -> list[Span]:
    near = sorted(found, key=lambda slot: (abs(slot.starts_at - asked.starts_at), slot))
    chosen = near[:n]
    minutes = _minutes(asked.starts_at, zone)
    day = local_date(asked.starts_at, zone)
    same_time = [
        slot
        for slot in near[n:]
        if _minutes(slot.starts_at, zone) == minutes and local_date(slot.starts_at, zone) != day
    ]
    if same_time and n > 1:
        chosen[-1] = same_time[0]
    return chosen


def _latest_start(policy: EffectivePolicy, now: datetime, zone: ZoneInfo) -> datetime | None:
    last = policy.last_day(now, zone)
    return None if last is None else at_wall(last, DAY, zone) - timedelta(minutes=1)


def _minutes(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _on_grid(moment: datetime, step: int | None, zone: ZoneInfo) -> bool:
    return moment.second == 0 and _minutes(moment, zone) % (step or 1) == 0


def _floor(moment: datetime, step: int, zone: ZoneInfo) -> datetime:
    minutes = _minutes(moment, zone)
    return moment.replace(second=0) - timedelta(minutes=minutes % step)


def _next(start: datetime, step: int, zone: ZoneInfo) -> datetime:
    """The next point of the grid, which begins anew at each local midnight."""
    minutes = _minutes(start, zone) + step
    return at_wall(local_date(start, zone), min(minutes, DAY), zone)
