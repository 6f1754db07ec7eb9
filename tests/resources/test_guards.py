"""What the database refuses by itself, whoever asks it (invariants 1 and 2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from tierslieu.kernel import guards
from tierslieu.kernel.errors import Conflict
from tierslieu.kernel.work import Work
from tierslieu.resources.division.services import divide
from tierslieu.resources.models import Occupancy

if TYPE_CHECKING:
    from tests.resources.conftest import Place

INSERT = sa.text(
    "INSERT INTO occupancy (resource_id, claim_id, starts_at, ends_at) "
    "VALUES (:resource, :claim, :start, :end)"
)


def insert(work: Work, resource: int, claim: int, start: int, end: int) -> None:
    """By hand, as a script of an administrator would."""
    moments: dict[str, Any] = {
        "start": datetime(2026, 5, 2, start, tzinfo=UTC),
        "end": datetime(2026, 5, 2, end, tzinfo=UTC),
    }
    if work.site.db.is_sqlite:
        moments = {name: f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in moments.items()}
    with work.session.begin_nested():
        work.session.execute(INSERT, {"resource": resource, "claim": claim, **moments})


def test_an_overlap_is_refused_and_a_touch_is_not(place: Place) -> None:
    """Invariant 1."""
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        (claim,) = place.claims(work, 1)
        insert(work, room, claim, 10, 12)
        insert(work, room, claim, 12, 14)
        insert(work, room, claim, 8, 10)
        for start, end in [(10, 12), (9, 11), (11, 13), (7, 15), (13, 14)]:
            with pytest.raises(sa.exc.IntegrityError):
                insert(work, room, claim, start, end)
        assert len(place.rows(work)) == 3


def test_a_span_that_is_none_is_refused(place: Place) -> None:
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        (claim,) = place.claims(work, 1)
        for start, end in [(10, 10), (12, 10)]:
            with pytest.raises(sa.exc.DBAPIError):
                insert(work, room, claim, start, end)


def test_a_change_into_an_overlap_is_refused(place: Place) -> None:
    """Invariant 1; a change in place of the time or of the room."""
    with place.site.writing() as work:
        a, b, whole, part, other = place.rooms(work, "A", "B", "Hall", "Left", "Right")
        (claim,) = place.claims(work, 1)
        insert(work, a, claim, 10, 12)
        insert(work, a, claim, 14, 16)
        insert(work, b, claim, 15, 17)
        divide(work, whole, [part, other])
        changes: list[dict[str, Any]] = [
            {"ends_at": place.at(15)},
            {"starts_at": place.at(9), "ends_at": place.at(17)},
        ]
        late = sa.update(Occupancy).where(Occupancy.resource_id == a)
        for change in changes:
            with pytest.raises(sa.exc.IntegrityError), work.session.begin_nested():
                work.session.execute(late.where(Occupancy.starts_at == place.at(10)).values(change))
        moved = sa.update(Occupancy).where(Occupancy.resource_id == b)
        for room in (a, whole):
            with pytest.raises(sa.exc.IntegrityError), work.session.begin_nested():
                work.session.execute(moved.values(resource_id=room))


def test_a_whole_is_never_occupied(place: Place) -> None:
    """Invariant 2."""
    with place.site.writing() as work:
        hall, a, b = place.rooms(work, "Hall", "A", "B")
        (claim,) = place.claims(work, 1)
        divide(work, hall, [a, b])
        with pytest.raises(sa.exc.IntegrityError):
            insert(work, hall, claim, 10, 12)
        insert(work, a, claim, 10, 12)


def test_a_rebuilt_table_gets_its_guards_back(place: Place) -> None:
    """Invariants 1 and 2: a migration that rebuilds the table drops them, installing mends it."""
    db = place.site.db
    with db.writer.begin() as connection:
        assert guards.missing(connection) == []
        if db.is_sqlite:
            operations = Operations(MigrationContext.configure(connection))
            with operations.batch_alter_table("occupancy", recreate="always"):
                pass
            lost = {
                "occupancy_no_overlap",
                "occupancy_no_overlap_update",
                "occupancy_only_leaves",
                "occupancy_only_leaves_update",
            }
        else:
            lost = {"occupancy_no_overlap", "occupancy_only_leaves"}
            connection.exec_driver_sql("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap")
            connection.exec_driver_sql("DROP TRIGGER occupancy_only_leaves ON occupancy")
        assert set(guards.missing(connection)) == lost
        guards.install(connection)
        guards.install(connection)
        assert guards.missing(connection) == []
    with place.site.writing() as work:
        (room,) = place.rooms(work, "Sala")
        place.taken(work, room, 10, 12)
        with pytest.raises(Conflict):
            place.taken(work, room, 11, 13)
