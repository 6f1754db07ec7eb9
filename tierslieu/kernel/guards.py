"""What the database refuses by itself, said in SQL by hand and re-created after every migration.

SQLite drops triggers when a table is rebuilt, so each stream of migrations ends by installing all
of these again, and ``tierslieu upgrade``, ``/readyz`` and ``doctor`` refuse to serve when one is
missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True)
class Guard:
    """One refusal. ``create`` statements are idempotent; ``names`` are what must then exist.

    Names are triggers on SQLite, and constraints or triggers on PostgreSQL.
    """

    table: str
    sqlite: Sequence[str]
    sqlite_names: Sequence[str]
    postgresql: Sequence[str]
    postgresql_names: Sequence[str]


REGISTERED: list[Guard] = []


def register(guard: Guard) -> Guard:
    """Add a guard to the list that every migration re-creates."""
    REGISTERED.append(guard)
    return guard


def install(connection: sa.Connection) -> None:
    """Create every guard whose table exists; nothing happens to those that are there."""
    tables = set(sa.inspect(connection).get_table_names())
    sqlite = connection.dialect.name == "sqlite"
    for guard in REGISTERED:
        if guard.table not in tables:
            continue
        for statement in guard.sqlite if sqlite else guard.postgresql:
            # psycopg reads % as a gap for a value.
            connection.exec_driver_sql(statement if sqlite else statement.replace("%", "%%"))


def missing(connection: sa.Connection) -> list[str]:
    """Names of the guards that should exist and do not."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        question = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        question = (
            "SELECT conname FROM pg_constraint UNION ALL "
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        )
    present = {row[0] for row in connection.exec_driver_sql(question)}
    wanted = [
        name
        for guard in REGISTERED
        for name in (guard.sqlite_names if sqlite else guard.postgresql_names)
    ]
    return [name for name in wanted if name not in present]


def append_only(table: str, *, may_delete: bool = False) -> Guard:
    """A guard that refuses to change (and delete) rows of ``table``."""
    verbs = ("UPDATE",) if may_delete else ("UPDATE", "DELETE")
    names = [f"{table}_no_{verb.lower()}" for verb in verbs]
    sqlite = [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in verbs
    ]
    function = (
        "CREATE OR REPLACE FUNCTION tierslieu_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'restrict_violation'; END $$"
    )
    postgresql = [function] + [
        f"CREATE OR REPLACE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION tierslieu_append_only()"
        for verb in verbs
    ]
    return register(Guard(table, sqlite, names, postgresql, names))


append_only("audit_entry")
