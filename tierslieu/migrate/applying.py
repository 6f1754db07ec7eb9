"""Applying and undoing steps: one server at a time, checked before anything is durable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import sqlalchemy as sa

from tierslieu.kernel import clock, guards
from tierslieu.kernel.db import Database
from tierslieu.migrate.streams import (
    MigrationError,
    Stream,
    alembic_config,
    core_stream,
    current,
    import_models,
    missing_steps,
    pending,
    script_of,
    streams,
)

#: Any number, the same in every server: who holds it migrates, the others wait.
LOCK = 7_215_038_117
COPIES_KEPT = 3


def upgrade(
    database: Database,
    plugins: Iterable[Any] = (),
    *,
    broken: Callable[[str, Exception], None] | None = None,
) -> list[str]:
    """Apply what is missing: the core, then each plugin in order; what was applied is returned.

    Safe when two servers do it at once: one applies, the others wait and find nothing to do. A
    plugin whose stream fails or is newer is handed to ``broken`` and the others go on; without it,
    and always for the core, the exception is raised (NewerDatabase, MigrationError, or what the
    step raised) and that stream is as it was before.
    """
    import_models()
    plugins = list(plugins)
    _copy_first(database, plugins)
    applied: list[str] = []
    for stream in streams(plugins):
        try:
            applied += _apply(database, stream)
        except Exception as error:
            if stream.is_core or broken is None:
                raise
            broken(stream.name, error)
    if applied and database.is_sqlite:
        # The file alone is then the whole database, so that it can be copied when nobody has it.
        with database.writer.connect() as connection:
            _raw(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return applied


def _apply(database: Database, stream: Stream) -> list[str]:
    with locked(database) as connection:
        steps = missing_steps(connection, stream)
        if steps:
            counted = _counts(connection) if database.is_sqlite else {}
            _run(connection, stream, "upgrade", "head")
            _check(connection, stream, steps, counted)
            forget_guards(connection)
        if steps or guards.missing(connection):
            guards.install(connection)
    return [f"{stream.name} {step}" for step in steps]


def downgrade(database: Database, revision: str, plugin: Any = None) -> None:
    """Undo steps down to ``revision`` ("base": all of them), of the core or of one plugin."""
    import_models()
    stream = core_stream() if plugin is None else streams([plugin])[1]
    with locked(database) as connection:
        _run(connection, stream, "downgrade", revision)
        forget_guards(connection)
        guards.install(connection)


def _run(connection: sa.Connection, stream: Stream, verb: str, revision: str) -> None:
    from alembic import command

    config = alembic_config(stream, connection=connection)
    getattr(command, verb)(config, revision)


@contextmanager
def locked(database: Database) -> Iterator[sa.Connection]:
    """A transaction that one server at a time may be in, with foreign keys off on SQLite."""
    with database.writer.connect() as connection:
        if database.is_sqlite:
            # Inside a transaction this would do nothing, and a rebuilt table would cascade.
            _raw(connection).execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                yield connection
                _check_keys(connection)
        finally:
            if database.is_sqlite:
                _raw(connection).execute("PRAGMA foreign_keys=ON")


def _raw(connection: sa.Connection) -> Any:
    """The driver's own connection: what is said to it opens no transaction."""
    return connection.connection.driver_connection


def _check_keys(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        tables = ", ".join(sorted({f"{row[0]} → {row[2]}" for row in lost}))
        raise MigrationError(f"rows would point to nothing ({tables}); nothing was changed")


def _counts(connection: sa.Connection) -> dict[str, int]:
    names = sa.inspect(connection).get_table_names()
    return {
        name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()  # noqa: S608
        for name in names
        if not name.startswith(("alembic_version", "sqlite_"))
    }


def _check(
    connection: sa.Connection, stream: Stream, steps: list[str], before: dict[str, int]
) -> None:
    """Rows that vanish from a table nobody spoke of are a cascade: raise instead of committing."""
    script = script_of(stream)
    declared = {
        table
        for step in steps
        for table in getattr(script.get_revision(step).module, "rows_change", ())
    }
    after = _counts(connection) if before else {}
    wrong = [
        f"{table} ({before[table]} → {count})"
        for table, count in after.items()
        if table in before and before[table] != count and table not in declared
    ]
    if wrong:
        raise MigrationError(
            f"{stream.name}: the number of rows changed in {', '.join(wrong)}, "
            "which no step declares in rows_change; nothing was changed"
        )


def forget_guards(connection: sa.Connection) -> None:
    """Drop SQLite's triggers, so that those of this version take the place of older ones."""
    if connection.dialect.name != "sqlite":
        return
    for guard in guards.REGISTERED:
        for name in guard.sqlite_names:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def _copy_first(database: Database, plugins: Iterable[Any]) -> None:
    """Copy a SQLite file that holds something before anything is applied to it."""
    if not database.is_sqlite or not database.url.database or database.url.database == ":memory:":
        return
    file = Path(database.url.database)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        return
    with database.reader.connect() as connection:
        is_empty = current(connection, core_stream()) is None
    if is_empty or not pending(database, plugins):
        return
    folder = file.parent / "copies"
    folder.mkdir(exist_ok=True)
    copy = folder / f"{file.stem}-{clock.now():%Y%m%dT%H%M%SZ}-{token_hex(2)}.db"
    with database.writer.connect() as connection:
        _raw(connection).execute("VACUUM INTO ?", (str(copy),))
    for old in sorted(folder.glob(f"{file.stem}-*.db"))[:-COPIES_KEPT]:
        old.unlink(missing_ok=True)
