"""For whom which days are open already: so many days ahead, and season by season. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span, local_date

if TYPE_CHECKING:
    from tierslieu.bookings.rules.policy import EffectivePolicy, PolicyRow

#: Audiences that may be let in before everybody.
FIRST: Final = {
    "members": msg("members"),
    "residents": msg("residents"),
    "organisations": msg("organisations"),
}


def month_day(written: str) -> tuple[int, int]:
    """``06-01`` as month and day; raises ValueError. Every year has the days up to the 28th."""
    month, dash, day = written.partition("-")
    if not (dash and len(written) == 5 and month.isascii() and (month + day).isdigit()):
        raise ValueError("a day of the year is written 06-01")
    found = int(month), int(day)
    if not (1 <= found[0] <= 12 and 1 <= found[1] <= 28):
        raise ValueError("no such day in every year")
    return found


def last_day(policy: EffectivePolicy, now: datetime, zone: ZoneInfo) -> date | None:
    """The last local day on which a booking may begin; None = no limit."""
    today = local_date(now, zone)
    ends = []
    if policy.horizon_days is not None:
        ends.append(today + timedelta(days=policy.horizon_days))
    if policy.season_opens is not None:
        following = _season_after(policy, today)
        opened = _opening(policy, following) <= today
        ends.append(_season_after(policy, following) if opened else following)
        ends[-1] -= timedelta(days=1)
    return min(ends, default=None)


def opens_on(policy: EffectivePolicy, day: date, zone: ZoneInfo, now: datetime) -> date:
    """From which local day on a booking for ``day`` may be made."""
    found = [local_date(now, zone)]
    if policy.horizon_days is not None:
        found.append(day - timedelta(days=policy.horizon_days))
    if policy.season_opens is not None:
        found.append(_opening(policy, _season_of(policy, day)))
    return max(found)


def too_far(
    span: Span, rows: Iterable[PolicyRow], policy: EffectivePolicy, now: datetime, zone: ZoneInfo
) -> Reason | None:
    """A day that is not open yet: until when it is, when that day opens, for whom it is already."""
    day, last = local_date(span.starts_at, zone), last_day(policy, now, zone)
    if last is None or day <= last:
        return None
    opens = opens_on(policy, day, zone, now)
    others = open_for(tuple(rows), day, now, zone)
    if others:
        text = msg(
            "Bookings here open until %(day)s. That day opens on %(opens)s; "
            "it is open already for: %(who)s.",
            day=last,
            opens=opens,
            who=others,
        )
    else:
        text = msg(
            "Bookings here open until %(day)s. That day opens on %(opens)s.", day=last, opens=opens
        )
    return Reason("too_far", text, "starts_at")


def open_for(
    rows: tuple[PolicyRow, ...], day: date, now: datetime, zone: ZoneInfo
) -> tuple[Message, ...]:
    """The audiences for which a day is open that is not open for everybody."""
    from tierslieu.bookings.rules.policy import resolve

    found = []
    for audience, words in FIRST.items():
        last = last_day(resolve(rows, {audience}), now, zone)
        if any(row.audience == audience for row in rows) and (last is None or day <= last):
            found.append(words)
    return tuple(found)


def _season_of(policy: EffectivePolicy, day: date) -> date:
    """The first day of the season in which a day lies."""
    month, first = month_day(policy.season_starts)
    begins = date(day.year, month, first)
    return begins if begins <= day else date(day.year - 1, month, first)


def _season_after(policy: EffectivePolicy, day: date) -> date:
    begins = _season_of(policy, day)
    return date(begins.year + 1, begins.month, begins.day)


def _opening(policy: EffectivePolicy, season: date) -> date:
    """On which day the bookings of a season open: the last such day not after its beginning."""
    month, day = month_day(policy.season_opens or policy.season_starts)
    found = date(season.year, month, day)
    return found if found <= season else date(season.year - 1, month, day)
