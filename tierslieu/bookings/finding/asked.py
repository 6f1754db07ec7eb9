"""A wish for any of many days, read from an address: what is asked, and what cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final

from tierslieu.bookings.finding.rows import Question
from tierslieu.bookings.rules import Wish
from tierslieu.bookings.rules.matrix import DAY, MOST_DAYS, Wanted
from tierslieu.bookings.rules.search import ACCESS
from tierslieu.bookings.search.asked import people_of
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.texts import folded

#: How long it may last, in minutes.
LENGTHS: Final = (30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 480)
#: Any of which days: key → weekdays, 0 = Monday.
DAYS: Final[dict[str, frozenset[int]]] = {
    "weekdays": frozenset(range(5)),
    "any": frozenset(range(7)),
    "weekend": frozenset((5, 6)),
    **{key: frozenset((n,)) for n, key in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))},
}
#: Which part of the day: key → minutes from midnight.
PARTS: Final[dict[str, tuple[int, int]]] = {
    "evening": (18 * 60, DAY),
    "afternoon": (13 * 60, 19 * 60),
    "morning": (8 * 60, 13 * 60),
    "any": (0, DAY),
}
#: What is asked when nothing is said.
USUAL: Final = {"minutes": "120", "days": "weekdays", "part": "evening", "n": "12"}
FAR: Final = date(2199, 12, 31)


@dataclass(frozen=True)
class Asked:
    """What was asked. ``written`` is kept as it came; ``wrong``: field → what is wrong with it."""

    written: Mapping[str, str]
    question: Question
    wrong: Mapping[str, Message] = field(default_factory=dict)


def read(args: Mapping[str, str], features: Iterable[str], today: date) -> Asked:
    """The wish of an address; what is not said is as usual. Never raises."""
    written = {name: value.strip()[:200] for name, value in args.items() if name != "features"}
    said = USUAL | {name: value for name, value in written.items() if value}
    wrong: dict[str, Message] = {}
    first = _day("from", said.get("from"), today, wrong)
    last = _day("until", said.get("until"), first + timedelta(days=30), wrong)
    if not wrong and last < first:
        wrong["until"] = msg("The last day comes before the first.")
    elif not wrong and (last - first).days >= MOST_DAYS:
        wrong["until"] = nmsg(
            "At most %(n)s day is looked at.", "At most %(n)s days are looked at.", MOST_DAYS
        )
    opens, closes = _hours(said, wrong)
    minutes = int(said["minutes"]) if said["minutes"] in map(str, LENGTHS) else 120
    if not wrong and closes - opens < minutes:
        wrong["before"] = msg("These hours are too few for that length.")
    wanted = Wanted(
        first,
        last if first <= last else first,
        minutes,
        opens,
        closes,
        DAYS.get(said["days"], DAYS["weekdays"]),
    )
    wish = Wish(
        people_of(said["n"], wrong),
        frozenset(features),
        frozenset(said.get("access", "").split(",")) & frozenset(ACCESS),
    )
    where = said.get("where", "")
    question = Question(wanted, wish, where, folded(said.get("q", "")))
    return Asked(said | written, question, wrong if written else {})


def _day(name: str, text: str | None, usual: date, wrong: dict[str, Message]) -> date:
    if text is None:
        return usual
    try:
        day = date.fromisoformat(text)
    except ValueError:
        wrong[name] = msg("Choose a day.")
        return usual
    if not usual.replace(year=2000) <= day <= FAR:
        wrong[name] = msg("This date is too far away.")
        return usual
    return day


def _hours(said: Mapping[str, str], wrong: dict[str, Message]) -> tuple[int, int]:
    """The part of the day, or the hours that are written; the end may be past midnight."""
    opens, closes = PARTS.get(said["part"], PARTS["evening"])
    after, before = _minute("after", said, wrong), _minute("before", said, wrong)
    opens = opens if after is None else after
    closes = closes if before is None else before
    return (opens, closes) if opens < closes else (opens, closes + DAY)


def _minute(name: str, said: Mapping[str, str], wrong: dict[str, Message]) -> int | None:
    if not said.get(name):
        return None
    try:
        at = time.fromisoformat(said[name])
    except ValueError:
        wrong[name] = msg("Write a time like 18:30.")
        return None
    return at.hour * 60 + at.minute
