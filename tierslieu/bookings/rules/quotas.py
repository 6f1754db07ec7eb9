"""Quotas: how much of a place somebody may have in a day, a week, a month, a year, a season.

A quota is composed of pieces: hours or bookings, in which period, whose, counted over what, and
perhaps only on some weekdays and hours. Seen time is counted, without set-up and clear-up, by the
wall clock of the place. All quotas that concern an applicant hold, none replaces another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import Span, at_wall, local_date

MEASURES: Final = ("hours", "count")
PERIODS: Final = ("day", "week", "month", "year", "season")
WHOSE: Final = ("person", "organisation", "either", "group")
OVER: Final = ("room", "venue", "network")
#: Whom it concerns; "others" are all who have no card.
CONCERNED: Final = ("everyone", "members", "others", "residents", "organisations")

DAY = 1440


@dataclass(frozen=True)
class Quota:
    """One quota. ``amount`` is minutes, or bookings; no weekday means every day.

    ``venue_id`` and ``room_id`` say where it holds (neither: in the whole network), ``over`` which
    bookings count: those of the room in question, of its venue, or all.
    """

    measure: str
    amount: int
    per: str
    whose: str = "either"
    audience: str = "everyone"
    over: str = "venue"
    weekdays: frozenset[int] = frozenset()
    from_minute: int = 0
    until_minute: int = DAY
    #: Month and day on which a season begins.
    season: tuple[int, int] = (9, 1)
    id: int = 0
    venue_id: int | None = None
    room_id: int | None = None

    @property
    def scope(self) -> str:
        """Where it is said."""
        if self.room_id is not None:
            return "room"
        return "network" if self.venue_id is None else "venue"

    @property
    def is_narrow(self) -> bool:
        """Whether only some days or hours count."""
        return bool(self.weekdays) or (self.from_minute, self.until_minute) != (0, DAY)


@dataclass(frozen=True)
class Counted:
    """A quota with what is used of it: first day of the period → minutes or bookings.

    ``leaving``: what is given up for what is asked (a booking that moves), not part of ``used``:
    whoever asks for no more than she leaves may have it, even where the quota came later.
    """

    quota: Quota
    zone: ZoneInfo
    used: Mapping[date, int] = field(default_factory=dict, hash=False)
    leaving: Mapping[date, int] = field(default_factory=dict, hash=False)

    def most(self, first: date) -> int:
        """Up to how much may be used in a period."""
        return max(self.quota.amount, self.used.get(first, 0) + self.leaving.get(first, 0))


def concerns(quota: Quota, *, organisation: bool, audiences: Iterable[str]) -> bool:
    """Whether a quota speaks about a booking for somebody of these audiences."""
    fitting = set(audiences) | {"everyone"}
    if "members" not in fitting:
        fitting.add("others")
    if quota.audience not in fitting:
        return False
    return {"person": not organisation, "organisation": organisation}.get(quota.whose, True)


def period_of(quota: Quota, day: date) -> date:
    """The first day of the period in which a day lies."""
    if quota.per == "week":
        return day - timedelta(days=day.weekday())
    if quota.per == "month":
        return day.replace(day=1)
    if quota.per == "year":
        return day.replace(month=1, day=1)
    if quota.per == "season":
        month, first = quota.season
        begins = date(day.year, month, first)
        return begins if begins <= day else date(day.year - 1, month, first)
    return day


def next_period(quota: Quota, first: date) -> date:
    """The first day of the period after the one that begins on a day."""
    days = {"day": 1, "week": 7, "month": 32, "year": 366, "season": 366}[quota.per]
    return period_of(quota, first + timedelta(days=days))


def portions(quota: Quota, span: Span, zone: ZoneInfo) -> dict[date, int]:
    """What a span takes of each period: minutes by the day they lie on, a booking where it begins.

    A booking that only touches hours which do not count takes nothing.
    """
    found: dict[date, int] = {}
    day, last = local_date(span.starts_at, zone), local_date(span.ends_at, zone)
    while day <= last:
        minutes = _minutes(quota, span, day, zone)
        if minutes and quota.measure == "count":
            return {period_of(quota, local_date(span.starts_at, zone)): 1}
        if minutes:
            first = period_of(quota, day)
            found[first] = found.get(first, 0) + minutes
        day += timedelta(days=1)
    return found


def _minutes(quota: Quota, span: Span, day: date, zone: ZoneInfo) -> int:
    if quota.weekdays and day.weekday() not in quota.weekdays:
        return 0
    starts, ends = at_wall(day, quota.from_minute, zone), at_wall(day, quota.until_minute, zone)
    if starts >= ends:
        return 0
    common = span.intersection(Span(starts, ends))
    return common.minutes if common else 0


def window(quota: Quota, spans: Iterable[Span], zone: ZoneInfo) -> Span:
    """From the first to the last moment of the periods in which some spans lie."""
    days = [local_date(moment, zone) for span in spans for moment in (span.starts_at, span.ends_at)]
    first = period_of(quota, min(days))
    after = next_period(quota, period_of(quota, max(days)))
    return Span(at_wall(first, 0, zone), at_wall(after, 0, zone))


def used_by(quota: Quota, spans: Iterable[Span], zone: ZoneInfo) -> dict[date, int]:
    """What some spans take of each period, together."""
    found: dict[date, int] = {}
    for span in spans:
        for first, amount in portions(quota, span, zone).items():
            found[first] = found.get(first, 0) + amount
    return found


def over(counted: Counted, spans: Sequence[Span]) -> int | None:
    """How many of the first spans fit into what is left; None = all of them."""
    used = dict(counted.used)
    for number, span in enumerate(spans):
        for first, taken in portions(counted.quota, span, counted.zone).items():
            used[first] = used.get(first, 0) + taken
            if used[first] > counted.most(first):
                return number
    return None


def quota_reasons(spans: Sequence[Span], quotas: Iterable[Counted]) -> list[Reason]:
    """What is against so many spans at once: one reason for each quota that they pass.

    For several spans (a series) the nearest choice is the number of first dates that fit, as
    ``first_dates``.
    """
    found = []
    for counted in quotas:
        fitting = over(counted, spans)
        if fitting is not None:
            found.append(_reason(counted, spans, fitting))
    return found


def first_that_fit(spans: Sequence[Span], quotas: Iterable[Counted]) -> int:
    """How many of the first spans every quota allows."""
    fitting = (over(counted, spans) for counted in quotas)
    return min((n for n in fitting if n is not None), default=len(spans))


def _reason(counted: Counted, spans: Sequence[Span], fitting: int) -> Reason:
    quota = counted.quota
    asked = portions(quota, spans[fitting], counted.zone)
    first = min(asked, key=lambda day: (-_used(counted, spans[:fitting], day) - asked[day], day))
    used = counted.used.get(first, 0)
    if len(spans) == 1:
        text = msg(
            "%(limit)s Used already: %(used)s. This asks for: %(asked)s.",
            limit=limit(quota),
            used=amount(quota, used),
            asked=amount(quota, asked[first]),
        )
        return Reason("quota", text, "starts_at")
    text = nmsg(
        "%(limit)s Used already: %(used)s. Of these dates the first %(n)s fits.",
        "%(limit)s Used already: %(used)s. Of these dates the first %(n)s fit.",
        fitting,
        limit=limit(quota),
        used=amount(quota, used),
    )
    return Reason("quota", text, "starts_at", first_dates(fitting))


def first_dates(fitting: int) -> tuple[Choice, ...]:
    """The choice of only the first dates of many; none where not even the first fits."""
    if not fitting:
        return ()
    label = nmsg("only the first date", "only the first %(n)s dates", fitting)
    return (Choice(label, {"first_dates": str(fitting)}),)


def _used(counted: Counted, spans: Iterable[Span], first: date) -> int:
    taken = used_by(counted.quota, spans, counted.zone).get(first, 0)
    return counted.used.get(first, 0) + taken


# What would do instead


def candidates(
    span: Span, passed: Iterable[Counted], step: int | None, now: datetime
) -> list[Span]:
    """Times that the quotas passed might allow: shorter, outside their hours, in the next period.

    They are only proposals: whoever asks judges each by all rules.
    """
    found: list[Span] = []
    for counted in passed:
        found += _shorter(span, counted, step or 1)
        found += _outside(span, counted)
        found += _later(span, counted)
    return [each for each in dict.fromkeys(found) if each.starts_at > now]


def _shorter(span: Span, counted: Counted, step: int) -> list[Span]:
    quota = counted.quota
    if quota.measure != "hours":
        return []
    asked = portions(quota, span, counted.zone)
    too_much = max(
        counted.used.get(first, 0) + minutes - quota.amount for first, minutes in asked.items()
    )
    length = (span.minutes - too_much) // step * step
    if not 0 < length < span.minutes:
        return []
    return [Span(span.starts_at, span.starts_at + timedelta(minutes=length))]


def _outside(span: Span, counted: Counted) -> list[Span]:
    quota, zone = counted.quota, counted.zone
    if not quota.is_narrow:
        return []
    day = local_date(span.starts_at, zone)
    local = span.starts_at.astimezone(zone)
    minutes = local.hour * 60 + local.minute
    starts = [at_wall(day + timedelta(days=n), minutes, zone) for n in range(1, 8)]
    if quota.until_minute < DAY:
        starts.insert(0, at_wall(day, quota.until_minute, zone))
    if quota.from_minute:
        starts.insert(0, at_wall(day, quota.from_minute, zone) - span.duration)
    spans = [Span(start, start + span.duration) for start in starts]
    return [each for each in spans if not portions(quota, each, zone)][:2]


def _later(span: Span, counted: Counted) -> list[Span]:
    quota, zone = counted.quota, counted.zone
    local = span.starts_at.astimezone(zone)
    minutes = local.hour * 60 + local.minute
    by = 1 if quota.per == "day" else 7
    day = local_date(span.starts_at, zone)
    after = next_period(quota, period_of(quota, day))
    while day < after:
        day += timedelta(days=by)
    starts = (at_wall(day + timedelta(days=by * n), minutes, zone) for n in range(2))
    return [Span(start, start + span.duration) for start in starts]


# Words


def amount(quota: Quota, value: int) -> Message:
    """So much of what a quota counts."""
    if quota.measure == "hours":
        return msg("%(time)s", time=timedelta(minutes=value))
    return nmsg("%(n)s booking", "%(n)s bookings", value)


def limit(quota: Quota) -> Message:
    """The limit in a sentence."""
    if quota.measure == "hours":
        return _hours(quota)
    n = quota.amount
    return {
        "day": nmsg("At most %(n)s booking a day.", "At most %(n)s bookings a day.", n),
        "week": nmsg("At most %(n)s booking a week.", "At most %(n)s bookings a week.", n),
        "month": nmsg("At most %(n)s booking a month.", "At most %(n)s bookings a month.", n),
        "year": nmsg("At most %(n)s booking a year.", "At most %(n)s bookings a year.", n),
        "season": nmsg("At most %(n)s booking a season.", "At most %(n)s bookings a season.", n),
    }[quota.per]


def _hours(quota: Quota) -> Message:
    time = timedelta(minutes=quota.amount)
    return {
        "day": msg("At most %(time)s a day.", time=time),
        "week": msg("At most %(time)s a week.", time=time),
        "month": msg("At most %(time)s a month.", time=time),
        "year": msg("At most %(time)s a year.", time=time),
        "season": msg("At most %(time)s a season.", time=time),
    }[quota.per]
