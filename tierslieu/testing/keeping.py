"""Databases kept as a test's setting left them, so that each setting is built once a process."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tierslieu.kernel.site import Site

#: Tables whose rows belong to the installation, not to a test.
SEEDED = frozenset({"plugin_registry"})


class Keeper:
    """The settings that were built in this process: the rows each left, and what it gave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[Any, tuple[Callable[[Site], None], Any]] = {}

    def built(self, site: Site, build: Callable[[], Any]) -> Any:
        """What ``build`` gave when it was first called for such a site, and its rows."""
        key = (build.__module__, build.__qualname__, site.config)
        if key not in self.known:
            given = build()
            keep = _kept_file if site.config.database.startswith("sqlite") else _kept_schema
            self.known[key] = (keep(site, self.folder, len(self.known)), given)
            return _fresh(given)
        put_back, given = self.known[key]
        put_back(site)
        return _fresh(given)


def _fresh(given: Any) -> Any:
    """The same with collections of its own: what a test puts into them ends with the test."""
    ours = {each.name: getattr(given, each.name) for each in fields(given)}
    own = {name: deepcopy(value) for name, value in ours.items() if isinstance(value, dict | list)}
    return replace(given, **own)


def _kept_file(site: Site, folder: Path, number: int) -> Callable[[Site], None]:
    """Copy a database of SQLite; what is given puts the copy in the place of another."""
    kept = folder / f"{number}.db"
    place = Path(str(sa.make_url(site.config.database).database))
    with closing(sqlite3.connect(place)) as lived, closing(sqlite3.connect(kept)) as copy:
        lived.backup(copy)

    def put_back(other: Site) -> None:
        other.db.dispose()
        for beside in place.parent.glob(f"{place.name}-*"):
            beside.unlink()
        shutil.copy(kept, place)

    return put_back


def _kept_schema(site: Site, folder: Path, number: int) -> Callable[[Site], None]:
    """Copy the rows of a database of PostgreSQL beside; what is given puts them back."""
    home = f"kept_{number}"
    back = ["SET LOCAL session_replication_role = replica"]
    with site.db.writer.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {home}")
        inspector = sa.inspect(connection)
        for table in inspector.get_table_names():
            some = connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM {table})").scalar()
            if not some or table in SEEDED or table.startswith("alembic_version"):
                continue
            own = [each for each in inspector.get_columns(table) if not each.get("computed")]
            names = ", ".join(f'"{each["name"]}"' for each in own)
            connection.exec_driver_sql(
                f"CREATE TABLE {home}.{table} AS SELECT {names} FROM {table}"
            )
            back.append(
                f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE"
                f" SELECT {names} FROM {home}.{table}"
            )
            counter = f"SELECT pg_get_serial_sequence('{table}', 'id')"
            if any(each["name"] == "id" for each in own) and (
                sequence := connection.exec_driver_sql(counter).scalar()
            ):
                # A test may have set it back: restoring a backup does.
                back.append(
                    f"SELECT setval('{sequence}', greatest((SELECT max(id) FROM {table}),"
                    f" (SELECT last_value FROM {sequence})))"
                )

    def put_back(other: Site) -> None:
        with other.db.writer.begin() as connection:
            connection.exec_driver_sql("; ".join(back))

    return put_back
