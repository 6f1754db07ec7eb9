"""The one environment of Alembic, for the core's stream and for every plugin's.

``tierslieu/migrate.py`` drives it: it opens the transaction, takes the lock and checks what came
out; here is only what Alembic asks. The ``alembic`` command by itself is not used.
"""

from __future__ import annotations

from typing import Any

from alembic import context

from tierslieu.kernel.db import Json, TextsType, UtcDateTime, metadata

attributes = context.config.attributes
if "connection" not in attributes:
    raise SystemExit("Use `tierslieu upgrade` and `tierslieu revision`: they know every stream.")
stream = attributes["stream"]

#: Our own column types, written by their names; plugins find them at their door.
NAMES = {UtcDateTime: "UtcDateTime", TextsType: "TextsType"}


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """A column type of ours by its name, everything else as Alembic writes it."""
    if kind != "type":
        return False
    name = "Json" if item is Json else NAMES.get(type(item))
    if name is None:
        return False
    door = "tierslieu.kernel.db" if stream.is_core else "tierslieu.toolkit"
    autogen_context.imports.add(f"from {door} import {name}")
    return name if name == "Json" else f"{name}()"


def compare_type(
    _context: Any, _reflected_column: Any, _column: Any, reflected: Any, wanted: Any
) -> bool | None:
    """Our decorated types are compared by what they are on this database; None: by Alembic."""
    if type(wanted) not in NAMES:
        return None
    ours = wanted.dialect_impl(_context.dialect).compile(_context.dialect)
    return bool(reflected.compile(_context.dialect) != ours)


def index_names(connection: Any) -> set[str]:
    """Every index of a SQLite file, those on expressions too, which reflection leaves out."""
    if connection.dialect.name != "sqlite":
        return set()
    question = "SELECT name FROM sqlite_master WHERE type = 'index'"
    return {row[0] for row in connection.exec_driver_sql(question)}


def include_object(item: Any, name: Any, kind: str, reflected: bool, compared: Any) -> bool:
    """What is of this stream, less the indexes that SQLite has and cannot show."""
    if kind == "index" and not reflected and compared is None and name in present:
        return False
    return bool(stream.includes(item, name, kind, reflected, compared))


context.configure(
    connection=attributes["connection"],
    target_metadata=metadata,
    version_table=stream.version_table,
    include_object=include_object,
    render_item=render_item,
    render_as_batch=attributes.get("batch", True),
    compare_type=compare_type,
    # SQLite can roll back DDL; Alembic does not believe it unless told.
    transactional_ddl=True,
)
if "compares" in attributes:
    # On SQLite Alembic forgets indexes on expressions altogether; we find them by their names.
    present = index_names(attributes["connection"])
    context.get_context().impl._skip_functional_indexes = lambda *_: None
with context.begin_transaction():
    context.run_migrations()
