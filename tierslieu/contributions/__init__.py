"""What hooks give and what they are told: frozen values, never markup.

A plugin describes (a label, an address, a template and its values); the page that asked decides
how it looks. Wrong types raise TypeError where they are made, so that the fault is the plugin's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from tierslieu.contributions.calendars import (
    CalendarEntry,
    CalendarQuestion,
    Detail,
    MailCalendar,
    Visibility,
)
from tierslieu.contributions.checks import must_be as _must_be
from tierslieu.contributions.searching import SearchResult
from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts

#: Names of places, open-ended: a page may make room for more.
NavPlace = str
PanelPlace = str
Change = Literal["made", "changed", "moved", "state"]
#: How a number of a report reads: minutes are shown as hours, cents as money, a share in per cent.
Unit = Literal["count", "minutes", "cents", "share"]
Chart = Literal["", "bars", "columns", "line", "heat"]
#: What a line of a table is called: a sentence, somebody's own words, or a name as it is.
Label = Message | Texts | str


@dataclass(frozen=True)
class NavItem:
    """One entry of a menu; of those whose address fits the page the longest is the current one."""

    label: Message
    url: str
    icon: str = "info"
    order: int = 100

    def __post_init__(self) -> None:
        _must_be(self.label, Message, "a label")
        _must_be(self.url, str, "an address")
        _must_be(self.icon, str, "an icon")
        _must_be(self.order, int, "an order")


@dataclass(frozen=True)
class Panel:
    """A piece of a page: one of the plugin's own templates and the values it is drawn with."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    order: int = 100
    title: Message | None = None

    def __post_init__(self) -> None:
        _must_be(self.template, str, "a template")
        _must_be(self.values, Mapping, "a panel's values")
        _must_be(self.order, int, "an order")
        _must_be(self.title, (Message, type(None)), "a title")


@dataclass(frozen=True)
class Candidate:
    """A booking that somebody thinks of: where, when, for whom; row ids, not rows.

    ``claim_id`` is the claim of the booking that is being moved or approved, None for a new one.
    """

    room_id: int
    venue_id: int
    span: Span
    person_id: int | None = None
    organisation_id: int | None = None
    attendance: int | None = None
    purpose: str = ""
    kind: str = "normal"
    claim_id: int | None = None
    #: Time zone of the venue, such as ``Europe/Rome``.
    zone: str = "UTC"


@dataclass(frozen=True)
class Objection:
    """Why one candidate may not be booked."""

    candidate: Candidate
    reason: Reason

    def __post_init__(self) -> None:
        _must_be(self.candidate, Candidate, "a candidate")
        _must_be(self.reason, Reason, "a reason")
        _must_be(self.reason.code, str, "a code")
        _must_be(self.reason.message, Message, "a reason's message")
        for choice in self.reason.nearest:
            _must_be(choice, Choice, "a choice")


@dataclass(frozen=True)
class PriceExtra:
    """What one candidate costs besides: ``cents`` in minor units of the network's currency.

    ``key`` names it among the plugin's own; ``label`` is kept with the booking, so its values are
    text or whole numbers. Raises TypeError for anything else, or less than nothing.
    """

    candidate: Candidate
    key: str
    label: Message
    cents: int
    order: int = 100

    def __post_init__(self) -> None:
        _must_be(self.candidate, Candidate, "a candidate")
        _must_be(self.key, str, "a key")
        _must_be(self.label, Message, "a label")
        for value in self.label.params.values():
            _must_be(value, (str, int), "a value in a label")
        _must_be(self.cents, int, "an amount")
        if not 0 <= self.cents <= MOST_CENTS:
            raise TypeError(f"an amount cannot be {self.cents!r}")


#: More than this in one line is no price.
MOST_CENTS = 100_000_000


@dataclass(frozen=True)
class BookingChange:
    """What happened to one booking; ``before`` and ``after`` are its states (None: not there)."""

    booking_id: int
    venue_id: int
    room_id: int
    before: str | None
    after: str | None
    what: Change


@dataclass(frozen=True)
class OtherWay:
    """What may become of bookings inside a closing, other than to be cancelled or moved.

    ``label`` is chosen by the manager, ``sentence`` told to whoever booked; ``asks``: what the
    manager writes for it (a link, a place), told as well.
    """

    key: str
    label: Message
    sentence: Message
    asks: Message | None = None
    order: int = 100

    def __post_init__(self) -> None:
        _must_be(self.key, str, "a key")
        if not 0 < len(self.key) <= 32:
            raise TypeError(f"a key cannot be {self.key!r}")
        _must_be(self.label, Message, "a label")
        _must_be(self.sentence, Message, "a sentence")
        _must_be(self.asks, (Message, type(None)), "what is asked")


@dataclass(frozen=True)
class PersonDataPart:
    """One table of a person's export: its title, and rows of column name to plain value."""

    title: Message
    rows: tuple[Mapping[str, Any], ...] = field(hash=False)
    order: int = 100

    def __post_init__(self) -> None:
        _must_be(self.title, Message, "a title")
        _must_be(self.rows, tuple, "rows")
        for row in self.rows:
            _must_be(row, Mapping, "a row")


@dataclass(frozen=True)
class ReportAsked:
    """What a report asks about: the days from ``first`` to ``last``, both included.

    ``span``: the same days in instants; ``zone``: the clock they are days of;
    ``organisation_id``: only what was this organisation's, None: everybody's.
    """

    first: date
    last: date
    span: Span
    zone: str
    organisation_id: int | None = None


@dataclass(frozen=True)
class Figure:
    """One number and what it means. It must be a sum over venues: reports add it up.

    ``share``: ``value`` of ``of``, both added up before they are divided. ``distinct``: what was
    counted, where one thing may be counted at several venues; it is then counted once, and
    ``value`` is not looked at. ``people``: it counts persons, so that few are not told to
    everybody. ``leading``: among the first numbers of a report. ``rows``: the name under which
    ``report_rows`` gives what it counts.
    """

    key: str
    label: Message
    value: int
    definition: Message
    unit: Unit = "count"
    of: int | None = None
    distinct: frozenset[int | str] | None = None
    people: bool = False
    leading: bool = False
    rows: str = ""

    def __post_init__(self) -> None:
        _must_be(self.key, str, "a key")
        _must_be(self.label, Message, "a label")
        _must_be(self.definition, Message, "a definition")
        _must_be(self.value, int, "a figure")
        _must_be(self.of, int if self.unit == "share" else type(None), "the whole of a share")
        _must_be(self.distinct, (frozenset, type(None)), "what was counted")
        _must_be(self.rows, str, "the name of rows")


@dataclass(frozen=True)
class ReportColumn:
    """A column of numbers; ``of``: a share in per cent of two others, by their keys."""

    key: str
    label: Message
    unit: Unit = "count"
    of: tuple[str, str] | None = None
    people: bool = False

    def __post_init__(self) -> None:
        _must_be(self.key, str, "a key")
        _must_be(self.label, Message, "a label")
        _must_be(self.of, tuple if self.unit == "share" else type(None), "what a share is of")


@dataclass(frozen=True)
class ReportLine:
    """A line: one number for each column, None where there is none (and for shares)."""

    key: str
    label: Label
    cells: tuple[int | None, ...]

    def __post_init__(self) -> None:
        _must_be(self.key, str, "a key")
        _must_be(self.label, (Message, Texts, str), "a label")
        _must_be(self.cells, tuple, "the numbers of a line")
        for cell in self.cells:
            _must_be(cell, (int, type(None)), "a number")


@dataclass(frozen=True)
class ReportTable:
    """A short table, drawn as a chart too where ``chart`` says how.

    Lines of the same key are added up over venues. ``places``: the lines are places of one venue
    (its rooms); a report on several venues has a line for each venue instead. ``named``: the lines
    are named after somebody, so that a published report leaves the table out. ``total``: whether
    lines add up to one.
    """

    key: str
    title: Message
    columns: tuple[ReportColumn, ...]
    lines: tuple[ReportLine, ...]
    definition: Message | None = None
    chart: Chart = ""
    places: bool = False
    named: bool = False
    total: bool = True

    def __post_init__(self) -> None:
        _must_be(self.key, str, "a key")
        _must_be(self.title, Message, "a title")
        for column in self.columns:
            _must_be(column, ReportColumn, "a column")
        for line in self.lines:
            _must_be(line, ReportLine, "a line")
            if len(line.cells) != len(self.columns):
                raise TypeError(f"{line.key!r} has not a number for each column")


@dataclass(frozen=True)
class ReportSection:
    """A part of a report: figures and tables about one thing, of one venue and one period."""

    key: str
    title: Message
    figures: tuple[Figure, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    order: int = 100

    def __post_init__(self) -> None:
        _must_be(self.key, str, "a key")
        _must_be(self.title, Message, "a title")
        _must_be(self.order, int, "an order")
        for figure in self.figures:
            _must_be(figure, Figure, "a figure")
        for table in self.tables:
            _must_be(table, ReportTable, "a table")


@dataclass(frozen=True)
class ReportRows:
    """What a figure was counted from: column names, and rows of plain values; no person's name."""

    columns: tuple[Message, ...]
    rows: tuple[tuple[str | int | date | Message | None, ...], ...] = field(hash=False)

    def __post_init__(self) -> None:
        _must_be(self.columns, tuple, "columns")
        _must_be(self.rows, tuple, "rows")
        for row in self.rows:
            if len(row) != len(self.columns):
                raise TypeError(f"{row!r} has not a value for each column")


@dataclass(frozen=True)
class HealthCheck:
    """One line of ``tierslieu doctor``: what was looked at and what was found."""

    name: str
    level: Literal["ok", "warning", "error"]
    message: Message
    order: int = 100

    def __post_init__(self) -> None:
        _must_be(self.name, str, "a name")
        _must_be(self.message, Message, "what was found")
        if self.level not in ("ok", "warning", "error"):
            raise TypeError(f"a level cannot be {self.level!r}")


__all__ = [
    "BookingChange",
    "CalendarEntry",
    "CalendarQuestion",
    "Candidate",
    "Change",
    "Chart",
    "Detail",
    "Figure",
    "HealthCheck",
    "Label",
    "MailCalendar",
    "NavItem",
    "NavPlace",
    "Objection",
    "OtherWay",
    "Panel",
    "PanelPlace",
    "PersonDataPart",
    "ReportAsked",
    "ReportColumn",
    "ReportLine",
    "ReportRows",
    "ReportSection",
    "ReportTable",
    "SearchResult",
    "Unit",
    "Visibility",
]
