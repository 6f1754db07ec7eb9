"""Where something is on: at every venue but some, or only at some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Places:
    """Row ids of venues: all but ``ids``, or ``only`` these."""

    ids: frozenset[int] = frozenset()
    only: bool = False

    @property
    def is_everywhere(self) -> bool:
        return not self.only and not self.ids

    def has(self, venue_id: int) -> bool:
        """Whether a venue is among them."""
        return (venue_id in self.ids) is self.only

    def within(self, other: Places) -> Places:
        """The venues that are in both."""
        if self.only and other.only:
            return Places(self.ids & other.ids, only=True)
        if self.only or other.only:
            some, rest = (self, other) if self.only else (other, self)
            return Places(some.ids - rest.ids, only=True)
        return Places(self.ids | other.ids)

    def condition(self, column: Any) -> sa.ColumnElement[bool]:
        """Rows whose venue is among these; a row without a venue always is."""
        if self.is_everywhere:
            return sa.true()
        ids = sorted(self.ids)
        named = column.in_(ids) if self.only else column.not_in(ids)
        return sa.or_(column.is_(None), named)


EVERYWHERE = Places()
