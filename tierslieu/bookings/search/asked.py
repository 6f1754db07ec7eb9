"""The sentence of a search, read from an address: what is asked, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Final
from zoneinfo import ZoneInfo

from tierslieu.bookings.member.when import NAMES, span_on
from tierslieu.bookings.rules import Wish
from tierslieu.bookings.rules.search import ACCESS
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import folded

MOST_PEOPLE: Final = 9999
ORDERS: Final = ("fit", "near", "price")
NEAR: Final = "near:"


@dataclass(frozen=True)
class Sentence:
    """What was asked. ``written`` is kept as it came, so that nothing typed is lost.

    ``wrong``: field → what is wrong with it; ``span`` is None then, or when nothing was asked.
    """

    written: Mapping[str, str]
    wish: Wish
    span: Span | None
    day: date | None = None
    where: str = ""
    point: tuple[float, float] | None = None
    words: str = ""
    order: str = "fit"
    wrong: Mapping[str, Message] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Whether anything was asked at all."""
        return bool(self.written)


def read(args: Mapping[str, str], features: Iterable[str], zone: ZoneInfo) -> Sentence:
    """The sentence of an address. Never raises: what cannot be read is said in ``wrong``."""
    written = {name: value.strip()[:200] for name, value in args.items() if name != "features"}
    wrong: dict[str, Message] = {}
    people = people_of(written.get("n", ""), wrong)
    day = _day(written.get("date", ""), wrong)
    start, end = _time("start", written, wrong), _time("end", written, wrong)
    span = None
    if day is not None and start is not None and end is not None:
        try:
            span = span_on(day, start, end, zone, fold(written, "start"), fold(written, "end"))
        except Refusal as refusal:
            reason = refusal.reasons[0]
            wrong[NAMES.get(reason.field or "", "date")] = reason.message
    access = frozenset(written.get("access", "").split(",")) & frozenset(ACCESS)
    where = written.get("where", "")
    order = written.get("order", "fit")
    return Sentence(
        written=written,
        wish=Wish(people, frozenset(features), access),
        span=None if wrong or not written else span,
        day=day,
        where="" if where == "anywhere" else where,
        point=point_of(where),
        words=folded(written.get("q", "")),
        order=order if order in ORDERS else "fit",
        wrong=wrong if written else {},
    )


def fold(written: Mapping[str, str], name: str) -> int | None:
    """Which of two showings of a time is meant on the night the clock goes back."""
    given = written.get(f"{name}_fold", "")
    return int(given) if given in ("0", "1") else None


def point_of(where: str) -> tuple[float, float] | None:
    """``near:44.70,10.63`` as latitude and longitude; None for anything else."""
    latitude, _, longitude = where.removeprefix(NEAR).partition(",")
    try:
        point = float(latitude), float(longitude)
    except ValueError:
        return None
    inside = abs(point[0]) <= 90 and abs(point[1]) <= 180
    return point if where.startswith(NEAR) and inside else None


def people_of(written: str, wrong: dict[str, Message]) -> int | None:
    """A number of people; None when it is not said, or wrong."""
    if not written:
        return None
    if written.isascii() and written.isdigit() and 0 < int(written) <= MOST_PEOPLE:
        return int(written)
    wrong["n"] = msg("How many people? Write a number from 1 to %(most)s.", most=MOST_PEOPLE)
    return None


def _day(written: str, wrong: dict[str, Message]) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        wrong["date"] = msg("Choose a day.")
        return None


def _time(name: str, written: Mapping[str, str], wrong: dict[str, Message]) -> time | None:
    try:
        read_ = time.fromisoformat(written.get(name, ""))
    except ValueError:
        wrong[name] = msg("Write a time like 18:30.")
        return None
    return time(read_.hour, read_.minute)
