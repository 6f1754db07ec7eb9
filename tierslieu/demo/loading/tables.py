"""Many rows at once into tables that are empty, with row ids of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from tierslieu.kernel.work import Work

Row = TypeVar("Row")

#: Rows sent in one go.
BATCH = 1000
#: Told how many of how many are done, and of what.
Progress = Callable[[int, int, str], None]


@dataclass
class Known:
    """Row ids by the demo's own names; rooms, units and their resources share one id."""

    venues: dict[str, int] = field(default_factory=dict)
    resources: dict[tuple[str, str], int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    plans: dict[str, int] = field(default_factory=dict)


def put(work: Work, model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same keys; what they leave out takes the column's default."""
    table = cast(sa.Table, model.__table__)
    for part in parts(rows):
        work.session.execute(sa.insert(table), list(part))


def parts(rows: Sequence[Row], size: int = BATCH) -> Iterator[Sequence[Row]]:
    """Rows in portions."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def count_on(work: Work, *models: type[Any]) -> None:
    """Let PostgreSQL number the next row after those that brought their own number."""
    if work.site.db.is_sqlite:
        return
    for model in models:
        name = model.__table__.name
        sequence = sa.func.pg_get_serial_sequence(name, "id")
        last = sa.select(sa.func.coalesce(sa.func.max(model.id), 1)).scalar_subquery()
        work.session.execute(sa.select(sa.func.setval(sequence, last)))
