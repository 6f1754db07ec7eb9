"""Days and times as forms write them, and times as choices of such forms. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Choice, Invalid, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span, utc, wall_to_utc

#: Past midnight an end before the start means the next day, up to so long.
LONGEST_NIGHT: Final = timedelta(hours=12)
MIDNIGHT: Final = time(0, 0)

#: Fields of rules → fields of forms.
NAMES: Final[dict[str, str]] = {"starts_at": "start", "ends_at": "end", "attendance": "n"}


def span_on(
    day: date,
    start: time,
    end: time,
    zone: ZoneInfo,
    start_fold: int | None = None,
    end_fold: int | None = None,
) -> Span:
    """A span from the wall clock of a zone; an end before the start is the next day's.

    Raises Invalid for times that a clock change skips, or shows twice when the folds do not say
    which, and for an end that cannot be meant.
    """
    first, last = datetime.combine(day, start), datetime.combine(day, end)
    if last <= first:
        last += timedelta(days=1)
        if last - first > LONGEST_NIGHT and end != MIDNIGHT:
            raise Invalid("empty_span", msg("The end must be after the start."), "ends_at")
    return Span(
        wall_to_utc(first, zone, start_fold, "starts_at"),
        wall_to_utc(last, zone, end_fold, "ends_at"),
    )


def fields_of(moments: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """A choice of the rules as fields of a form: ``date start end start_fold end_fold n room``."""
    found: dict[str, str] = {}
    for name, value in moments.items():
        if name in ("starts_at", "ends_at"):
            found |= _moment(name, datetime.fromisoformat(value), zone)
        else:
            found[NAMES.get(name, name)] = value
    return found


def _moment(name: str, moment: datetime, zone: ZoneInfo) -> dict[str, str]:
    local = utc(moment).astimezone(zone)
    field = NAMES[name]
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    fields = {field: f"{local:%H:%M}", f"{field}_fold": str(local.fold) if twice else ""}
    return fields | ({"date": f"{local:%Y-%m-%d}"} if field == "start" else {})


def fields_of_span(span: Span, zone: ZoneInfo) -> dict[str, str]:
    """A span as fields of a form."""
    return _moment("starts_at", span.starts_at, zone) | _moment("ends_at", span.ends_at, zone)


def in_fields(
    reasons: Iterable[Reason], zone: ZoneInfo, day: date | None = None
) -> tuple[Reason, ...]:
    """Reasons whose nearest choices fill the fields of a form.

    Choices that several reasons share are offered once; those on ``day`` leave out the day.
    """
    found: list[Reason] = []
    offered: set[str] = set()
    for reason in reasons:
        nearest = [
            _choice(choice, zone, day)
            for choice in reason.nearest
            if str(choice.values) not in offered
        ]
        offered |= {str(choice.values) for choice in reason.nearest}
        found.append(replace(reason, nearest=tuple(nearest)))
    return tuple(found)


def _choice(choice: Choice, zone: ZoneInfo, day: date | None) -> Choice:
    fields = fields_of(choice.values, zone)
    if day is not None and "end" in fields and fields.get("date") == day.isoformat():
        start, end = _plain(fields["start"]), _plain(fields["end"])
        text = msg("%(start)s–%(end)s", start=start, end=end)
        return Choice(text, fields)
    return Choice(choice.label, fields)


def _plain(clock: str) -> str:
    """``09:05`` as people write it: ``9:05``."""
    return clock.removeprefix("0")
