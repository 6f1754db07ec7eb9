"""What hooks give and what they are told: frozen values, never markup.

A plugin describes (a label, an address, a template and its values); the page that asked decides
how it looks. Wrong types raise TypeError where they are made, so that the fault is the plugin's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message
from tierslieu.kernel.span import Span

#: Names of places, open-ended: a page may make room for more.
NavPlace = str
PanelPlace = str
Change = Literal["made", "changed", "moved", "state"]


def _must_be(value: object, kind: type | tuple[type, ...], what: str) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{what} cannot be {value!r}")


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
    "Candidate",
    "Change",
    "HealthCheck",
    "NavItem",
    "NavPlace",
    "Objection",
    "OtherWay",
    "Panel",
    "PanelPlace",
    "PersonDataPart",
]
