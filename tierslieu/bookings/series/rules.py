"""The dates of a series and what becomes of them; pure.

A series is a rule of RFC 5545, or dates given one by one, or both, less some dates. Its times are
those of the wall: the length too, so that ten at night to six in the morning stays that on the
nights when the clock changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Choice, Invalid, Reason
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.recurrence import (
    MAX_DATES,
    MAX_YEARS,
    BadRule,
    Rule,
    expand,
    occurrence,
    text,
    years_later,
)
from tierslieu.kernel.span import Span, utc

Scope = Literal["this", "following", "all"]
SCOPES: Final[tuple[Scope, ...]] = ("this", "following", "all")

Outcome = Literal["free", "taken", "closed", "rule"]
_CLOSED: Final = frozenset({"closure", "closed", "outside_hours"})


@dataclass(frozen=True, order=True)
class Date:
    """One date of a series: what the wall shows at its start (naive), and the time it takes."""

    local_start: datetime
    span: Span


@dataclass(frozen=True)
class Repeat:
    """How a series repeats: ``first`` is its first wall time, ``minutes`` its length by the wall.

    ``also``: dates beside those of the rule; ``without``: dates that are left out.
    """

    rule: Rule | None
    first: datetime
    minutes: int
    zone: ZoneInfo
    also: tuple[date, ...] = ()
    without: tuple[date, ...] = ()

    def dates(self) -> list[Date]:
        """Every date, in order. Raises `BadRule` when there is none, too many, or too far away."""
        walls = set(self.rule_walls())
        walls |= {datetime.combine(day, self.first.time()) for day in self.also}
        left_out = set(self.without)
        found = sorted(wall for wall in walls if wall.date() not in left_out)
        self._refuse_too_many(found)
        return [date_at(wall, self.minutes, self.zone) for wall in found]

    def settled(self) -> Repeat:
        """As it is kept: beginning with the rule's first date, and ending on a local day."""
        if self.rule is None:
            return self
        walls, rule = self.rule_walls(), self.rule
        if rule.until is not None:
            rule = replace(rule, until=walls[-1].date())
        return replace(self, rule=rule, first=walls[0])

    def rule_walls(self) -> list[datetime]:
        """The wall times of the rule, those that are left out among them."""
        if self.rule is None:
            return [self.first]
        return [each.local_start for each in expand(self.rule, self.first, self.zone)]

    def _refuse_too_many(self, found: Sequence[datetime]) -> None:
        if not found:
            raise BadRule("no_dates", msg("No date fits this repetition."))
        if len(found) > MAX_DATES:
            limit = msg("A series has at most %(limit)s dates.", limit=MAX_DATES)
            raise BadRule("too_many_dates", limit)
        if found[-1].date() > years_later(found[0].date(), MAX_YEARS):
            raise BadRule("series_too_long", msg("A series reaches two years at most."))


def repeat_of(
    rule: Rule | None,
    first: Span,
    zone: ZoneInfo,
    also: Iterable[date] = (),
    without: Iterable[date] = (),
) -> Repeat:
    """A repetition that begins with a span; its length is what the wall shows of it."""
    start, end = _wall(first.starts_at, zone), _wall(first.ends_at, zone)
    minutes = int((end - start).total_seconds() // 60)
    if minutes <= 0:
        minutes = first.minutes
    return Repeat(rule, start, minutes, zone, tuple(also), tuple(without))


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def date_at(wall: datetime, minutes: int, zone: ZoneInfo) -> Date:
    """The date at a wall time, ``minutes`` long by the wall.

    Where its start is skipped or its end would come before it, the minutes are counted instead.
    """
    start = occurrence(wall, zone).starts_at
    end = utc((wall + timedelta(minutes=minutes)).replace(tzinfo=zone, fold=0))
    if end <= start or _wall(start, zone) != wall:
        end = start + timedelta(minutes=minutes)
    return Date(wall, Span(start, end))


def overlapping(dates: Sequence[Date]) -> list[Reason]:
    """What is against dates that get into each other's way."""
    if any(a.span.ends_at > b.span.starts_at for a, b in pairwise(dates)):
        text_ = msg("These dates would overlap each other: make them shorter, or fewer.")
        return [Reason("dates_overlap", text_, "rrule")]
    return []


# -- fates ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fate:
    """What becomes of one date: free, or every reason why not."""

    date: Date
    reasons: tuple[Reason, ...] = ()

    @property
    def free(self) -> bool:
        return not self.reasons

    @property
    def outcome(self) -> Outcome:
        """In one word; what would stay wrong at any time comes before what is taken."""
        codes = {reason.code for reason in self.reasons}
        if not codes:
            return "free"
        if codes & _CLOSED:
            return "closed"
        return "taken" if codes == {"taken"} else "rule"


def refusal_of(fates: Iterable[Fate], zone: ZoneInfo) -> tuple[Reason, ...]:
    """Every refused date with its reasons, as the reasons against the whole series."""
    return tuple(
        replace(
            reason,
            message=msg(
                "%(when)s: %(why)s",
                when=fate.date.span.starts_at.astimezone(zone),
                why=reason.message,
            ),
            nearest=(),
        )
        for fate in fates
        for reason in fate.reasons
    )


def over_limit(
    limit: int | None, open_bookings: int, fates: Sequence[Fate], rule: Rule | None
) -> list[Reason]:
    """What is against so many dates at once: the limit of open bookings, over the whole set.

    The nearest choice is the first dates that fit.
    """
    wanted = [fate for fate in fates if fate.free]
    if limit is None or open_bookings + len(wanted) <= limit:
        return []
    said = nmsg(
        "At most %(n)s booking at a time may be open here, and these are %(dates)s.",
        "At most %(n)s bookings at a time may be open here, and these are %(dates)s.",
        limit,
        dates=len(wanted),
    )
    return [Reason("too_many_open", said, nearest=first_dates(wanted, limit - open_bookings, rule))]


def first_dates(wanted: Sequence[Fate], fit: int, rule: Rule | None) -> tuple[Choice, ...]:
    """The first dates that fit, as a choice; none when none fits."""
    if fit <= 0 or rule is None:
        return ()
    shorter = replace(rule, count=None, until=wanted[fit - 1].date.local_start.date())
    label = nmsg("the first date only", "the first %(n)s dates", fit)
    return (Choice(label, {"rrule": text(shorter)}),)


# -- a change for several dates -------------------------------------------------------------------


@dataclass(frozen=True)
class Shift:
    """What another time of one date means for the others: so many days on, at this time."""

    days: int
    at: time
    minutes: int

    def wall(self, wall: datetime) -> datetime:
        return datetime.combine(self.day(wall.date()), self.at)

    def day(self, day: date) -> date:
        return day + timedelta(days=self.days)


def shift_between(old: datetime, new: Span, zone: ZoneInfo) -> Shift:
    """From the wall time of a date as its series has it, and where it is to go."""
    repeat = repeat_of(None, new, zone)
    days = (repeat.first.date() - old.date()).days
    return Shift(days, repeat.first.time(), repeat.minutes)


def split(repeat: Repeat, cut: date) -> tuple[Repeat | None, Repeat | None]:
    """A repetition before a day, and from that day on; None where nothing is left of it."""
    walls = repeat.rule_walls()
    before = [wall for wall in walls if wall.date() < cut]
    rule = repeat.rule
    ended = replace(rule, count=None, until=before[-1].date()) if rule and before else None
    rest = rule
    if rule is not None and rule.count is not None:
        rest = replace(rule, count=rule.count - len(before)) if len(before) < rule.count else None
    return (
        _part(repeat, ended, before, lambda day: day < cut),
        _part(repeat, rest, walls[len(before) :], lambda day: day >= cut),
    )


def _part(
    repeat: Repeat, rule: Rule | None, walls: Sequence[datetime], here: Callable[[date], bool]
) -> Repeat | None:
    also = [day for day in repeat.also if here(day)]
    without = tuple(day for day in repeat.without if here(day))
    if repeat.rule is not None and walls:
        return replace(repeat, rule=rule, first=walls[0], also=tuple(also), without=without)
    return _one_by_one(repeat, sorted({*also, *(wall.date() for wall in walls)}), without)


def _one_by_one(
    repeat: Repeat, days: Sequence[date], without: tuple[date, ...] = ()
) -> Repeat | None:
    """The same at days that are said one by one."""
    if not days:
        return None
    first = datetime.combine(days[0], repeat.first.time())
    return replace(repeat, rule=None, first=first, also=tuple(days[1:]), without=without)


def shifted(repeat: Repeat, shift: Shift) -> Repeat:
    """A repetition at its new time: by a rule where one says it, else day by day."""
    walls = [shift.wall(wall) for wall in repeat.rule_walls()]
    rule = moved(repeat.rule, repeat.first, walls)
    also = tuple(shift.day(day) for day in repeat.also)
    without = tuple(shift.day(day) for day in repeat.without)
    there = replace(
        repeat, rule=rule, minutes=shift.minutes, first=shift.wall(repeat.first), also=also,
        without=without,
    )  # fmt: skip
    if rule is not None or repeat.rule is None:
        return there
    days = sorted({*also, *(wall.date() for wall in walls)})
    return _one_by_one(there, days, without) or there


def moved(rule: Rule | None, first: datetime, walls: Sequence[datetime]) -> Rule | None:
    """The rule that says exactly these wall times, when one is known; None: say each day.

    ``first`` is where the rule began; ``walls`` are where its dates went.
    """
    if rule is None or not walls:
        return None
    days = (walls[0].date() - first.date()).days
    there = replace(
        rule,
        byday=tuple(sorted((nth, (day + days) % 7) for nth, day in rule.byday)),
        until=None if rule.until is None else walls[-1].date(),
    )
    try:
        found = expand(there, walls[0], ZoneInfo("UTC"))
    except BadRule:
        return None
    return there if [each.local_start for each in found] == list(walls) else None


def rule_text(rule: Rule | None) -> str:
    """As it is stored; empty where every date is said by itself."""
    return "" if rule is None else text(rule)


def known_scope(written: str) -> Scope:
    """Raises Invalid for anything but this, following, all."""
    for scope in SCOPES:
        if written == scope:
            return scope
    raise Invalid("invalid", msg("This is not one of the possible values."), "scope")
