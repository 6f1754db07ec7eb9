"""What of a calendar is shown, as its address says it: pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")

#: What may be chosen or left out by name: ``room=…``, ``not_room=…``.
NAMES = ("venue", "kind", "room", "purpose", "what")
#: Values of one name in an address, and the length of one.
MOST, LONGEST = 50, 64
#: Whose calendars there are, and what may be shown of each by a secret address.
DETAILS = {
    "own": ("private",),
    "organisation": ("private", "public"),
    "room": ("member", "private"),
    "venue": ("member", "private"),
    "network": ("member", "private"),
}


@dataclass(frozen=True)
class Choice:
    """What is chosen of one name: only these, or all but those."""

    only: frozenset[Any] = frozenset()
    without: frozenset[Any] = frozenset()

    def has(self, value: Any) -> bool:
        """Whether something of this name is shown."""
        return value not in self.without and (not self.only or value in self.only)

    def __bool__(self) -> bool:
        return bool(self.only or self.without)


@dataclass(frozen=True)
class Choices:
    """All that an address says beside whose calendar it is."""

    of: dict[str, Choice] = field(default_factory=dict, hash=False)
    deadlines: bool = False

    def __getitem__(self, name: str) -> Choice:
        return self.of.get(name, Choice())

    @property
    def bookings(self) -> bool:
        return self["what"].has("bookings")


def choices(getlist: Callable[[str], Sequence[str]]) -> Choices:
    """The choices of an address's query; Invalid for more, or longer, than anybody needs."""
    found = {}
    for name in NAMES:
        choice = Choice(_values(getlist(name)), _values(getlist(f"not_{name}")))
        if choice:
            found[name] = choice
    said = {*getlist("deadlines"), *found.get("what", Choice()).only}
    return Choices(found, deadlines=bool(said & {"1", "deadlines"}))


def _values(given: Sequence[str]) -> frozenset[str]:
    found = {part.strip() for text in given for part in text.split(",")} - {""}
    if len(found) > MOST or any(len(value) > LONGEST for value in found):
        raise tl.Invalid("too_much", msg("The address asks for too much at once."))
    return frozenset(found)


def query(choices: Choices) -> list[tuple[str, str]]:
    """The choices as they stand in an address, always in the same order."""
    found: list[tuple[str, str]] = []
    for name, choice in sorted(choices.of.items()):
        for prefix, values in (("", choice.only), ("not_", choice.without)):
            if values:
                found.append((prefix + name, ",".join(sorted(values))))
    if choices.deadlines and "deadlines" not in choices["what"].only:
        found.append(("deadlines", "1"))
    return found
