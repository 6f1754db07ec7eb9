"""Where rules are said. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tierslieu.bookings.rules import PolicyRow, PolicyValues
from tierslieu.bookings.rules.policy import Scope as RuleScope


@dataclass(frozen=True)
class Scope:
    """The network (neither), a venue, or a room of it. Row ids."""

    venue_id: int | None = None
    room_id: int | None = None

    @property
    def kind(self) -> RuleScope:
        """As rules call it."""
        if self.room_id is not None:
            return "room"
        return "network" if self.venue_id is None else "venue"

    @property
    def name(self) -> str:
        """For the log."""
        return {
            "room": f"room:{self.room_id}",
            "venue": f"venue:{self.venue_id}",
        }.get(self.kind, "network")


def with_row(
    rows: Sequence[PolicyRow], scope: Scope, audience: str, values: PolicyValues
) -> tuple[PolicyRow, ...]:
    """Rows with what one scope says to one audience put in the place of what it said."""
    kept = [row for row in rows if (row.scope, row.audience) != (scope.kind, audience)]
    return (*kept, PolicyRow(scope.kind, audience, values))
