"""One's own bookings as lines of a page: words and addresses, made without a call for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import url_for
from markupsafe import Markup, escape

from tierslieu.bookings.member.queries import again, may, shown_state
from tierslieu.bookings.queries import OwnRow
from tierslieu.kernel.languages import babel_locale, clock_words, day_short_words, weekday_words
from tierslieu.kernel.span import Span


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``acts`` are what can be done and its address; ``about`` is said to who listens."""

    row: OwnRow
    more: int
    state: str
    url: str
    weekday: str
    month: str
    day: int
    when: str
    waiting: Span | None
    about: Markup
    acts: list[tuple[str, str]]


def lines(found: Iterable[tuple[OwnRow, int]], now: datetime, locale: str) -> list[Line]:
    """Rows as they are shown to a reader."""
    ways = _Ways()
    return [_line(row, more, now, locale, ways) for row, more in found]


#: Stands in an address for what is put there.
_ANY = "0-0"


class _Ways:
    """The addresses of one page's lines: each kind is built once, then only filled."""

    def __init__(self) -> None:
        kinds = ("booking", "series", "move", "cancel")
        self._of = {kind: url_for(f"bookings.{kind}", public_id=_ANY).split(_ANY) for kind in kinds}
        self._of["book"] = url_for("bookings.book", room=_ANY).split(_ANY)

    def to(self, kind: str, public_id: str) -> str:
        """The address of something of a booking, or of the form that books a room."""
        before, after = self._of[kind]
        return f"{before}{public_id}{after}"

    def again(self, row: OwnRow, now: datetime) -> str:
        """The form of bookings, filled with the same a week later."""
        span = Span(row.starts_at, row.ends_at)
        fields = again(row, row.title, row.visibility, span, now)
        query = "&".join(f"{name}={_quoted(str(value))}" for name, value in fields.items())
        return f"{self.to('book', row.room_public_id)}?{query}"


@lru_cache(maxsize=2048)
def _quoted(value: str) -> str:
    """A value as addresses are written everywhere; most stand on many lines."""
    return quote_plus(value, safe="!$'()*,/:;?@")


def _line(row: OwnRow, more: int, now: datetime, locale: str, ways: _Ways) -> Line:
    zone = ZoneInfo(row.zone)
    starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    weekday, month, short = _day(starts.date(), locale)
    return Line(
        row=row,
        more=more,
        state=shown_state(row.state, row.ends_at, now),
        url=ways.to("booking", row.public_id),
        weekday=weekday,
        month=month,
        day=starts.day,
        when=f"{clock_words(starts)}–{clock_words(ends)}",
        waiting=_span(row.asked_from, row.asked_until),
        about=escape(f"{row.title}, {short}"),
        acts=_acts(row, now, ways),
    )


def _acts(row: OwnRow, now: datetime, ways: _Ways) -> list[tuple[str, str]]:
    """What can be done with a booking; of one that waits for an answer, by other words."""
    waits = row.state == "requested"
    acts = []
    if row.series_id:
        acts.append(("series", ways.to("series", row.public_id)))
    if may("change", row, row, now):
        acts.append(("change" if waits else "move", ways.to("move", row.public_id)))
    if may("cancel", row, row, now):
        acts.append(("withdraw" if waits else "cancel", ways.to("cancel", row.public_id)))
    return [*acts, ("again", ways.again(row, now))]


def _span(start: datetime | None, end: datetime | None) -> Span | None:
    return None if start is None or end is None else Span(start, end)


@lru_cache(maxsize=4096)
def _day(day: date, locale: str) -> tuple[str, str, str]:
    """The weekday and the month in short, and both with the day."""
    return (
        weekday_words(day.isoweekday(), locale, short=True),
        str(format_date(day, "MMM", locale=babel_locale(locale))),
        day_short_words(day, locale),
    )
