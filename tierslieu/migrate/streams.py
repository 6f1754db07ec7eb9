"""Where the steps of the core and of each plugin are, and how far a database has come."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tierslieu.kernel import guards
from tierslieu.kernel.db import Database, PluginModel

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig
    from alembic.script import ScriptDirectory


class MigrationError(Exception):
    """The database cannot be brought to what this program needs; the text says why, in a line."""


class NewerDatabase(MigrationError):
    """The database was migrated by a newer program than this one."""


@dataclass(frozen=True)
class Stream:
    """The steps of the core or of one plugin, and where their version is kept."""

    name: str
    folder: Path
    plugin_names: frozenset[str] = field(default=frozenset())

    @property
    def is_core(self) -> bool:
        return self.name == "core"

    @property
    def version_table(self) -> str:
        return "alembic_version" if self.is_core else f"alembic_version_{self.name}"

    def includes(
        self, item: Any, name: str | None, kind: str, reflected: bool, _compared: Any
    ) -> bool:
        """Whether a table (or what belongs to it) is of this stream; guards are of none."""
        if kind != "table":
            return name not in _guard_names()
        table = str(name)
        if table.startswith(("alembic_version", "huey_")):
            return False
        if not self.is_core:
            return table.startswith(f"{self.name}_")
        if not reflected and item is not None:
            return item not in _plugin_tables()
        return not any(table.startswith(f"{plugin}_") for plugin in self.plugin_names)


def _guard_names() -> set[str]:
    return {name for guard in guards.REGISTERED for name in guard.postgresql_names}


def _plugin_tables() -> set[Any]:
    return {mapper.local_table for mapper in PluginModel.registry.mappers}


def migrations_folder() -> Path:
    """Where env.py and the core's steps are: inside the package when installed, else beside it."""
    here = Path(__file__).resolve().parents[1]
    beside = here.parent / "migrations"
    return beside if (beside / "env.py").exists() else here / "_migrations"


def import_models() -> None:
    """Import every module of the core that has tables, so that tables and guards are known."""
    package = Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        inner = path.relative_to(package).with_suffix("").parts
        if "models" in inner or inner[0] == "kernel":
            module = ".".join(("tierslieu", *inner)).removesuffix(".__init__")
            importlib.import_module(module)


def streams(plugins: Iterable[Any] = ()) -> list[Stream]:
    """The core's stream, then one for each plugin that has steps, in the order given.

    A plugin is anything with a ``name`` and ``migrations``, the folder of its steps or None.
    """
    found = [
        Stream(plugin.name, Path(plugin.migrations))
        for plugin in plugins
        if getattr(plugin, "migrations", None) is not None
    ]
    return [core_stream(frozenset(stream.name for stream in found)), *found]


def core_stream(plugin_names: frozenset[str] = frozenset()) -> Stream:
    return Stream("core", migrations_folder() / "versions", plugin_names)


def alembic_config(stream: Stream, **attributes: Any) -> AlembicConfig:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(stream.folder).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(stream=stream, **attributes)
    return config


def script_of(stream: Stream) -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(alembic_config(stream))


def current(connection: sa.Connection, stream: Stream) -> str | None:
    """The revision of a stream in this database; None when nothing was ever applied."""
    if not sa.inspect(connection).has_table(stream.version_table):
        return None
    rows = connection.exec_driver_sql(f"SELECT version_num FROM {stream.version_table}").all()  # noqa: S608
    return str(rows[0][0]) if rows else None


def missing_steps(connection: sa.Connection, stream: Stream) -> list[str]:
    """Revisions to apply, oldest first. Raises NewerDatabase when the stored one is unknown."""
    known = chain(stream)
    stored = current(connection, stream)
    if stored is None:
        return known
    if stored not in known:
        raise NewerDatabase(
            f"{stream.name}: the database is at step {stored}, which this program does not know; "
            "it was migrated by a newer one. Install that one again, or restore a backup."
        )
    return known[known.index(stored) + 1 :]


_STEP = re.compile(
    r"^(revision|down_revision)(?:\s*:[^=\n]+)?\s*=\s*(?:[\"'](\w+)[\"']|None)", re.M
)


def chain(stream: Stream) -> list[str]:
    """The revisions of a stream, oldest first, read from the files as text.

    Every start and ``/readyz`` ask this, and Alembic alone takes longer to import than all of it.
    Raises MigrationError when the steps do not follow each other one by one.
    """
    after: dict[str, str] = {}
    for path in stream.folder.glob("*.py"):
        said = dict(_STEP.findall(path.read_text("utf-8")))
        if not said.get("revision"):
            continue
        before = said.get("down_revision", "")
        if before in after:
            raise MigrationError(f"{stream.name}: two steps follow {before or 'nothing'}")
        after[before] = said["revision"]
    found: list[str] = []
    step = after.pop("", None)
    while step is not None:
        found.append(step)
        step = after.pop(step, None)
    if after:
        raise MigrationError(f"{stream.name}: no step leads to {', '.join(sorted(after.values()))}")
    return found


def pending(database: Database, plugins: Iterable[Any] = ()) -> list[str]:
    """Steps that wait to be applied, as ``stream revision``, but for streams that are newer."""
    found = []
    with database.reader.connect() as connection:
        for stream in streams(plugins):
            try:
                steps = missing_steps(connection, stream)
            except NewerDatabase:
                continue
            found += [f"{stream.name} {step}" for step in steps]
    return found


def newer(database: Database, plugins: Iterable[Any] = ()) -> list[str]:
    """Names of the streams that are further in the database than this program goes."""
    found = []
    with database.reader.connect() as connection:
        for stream in streams(plugins):
            try:
                missing_steps(connection, stream)
            except NewerDatabase:
                found.append(stream.name)
    return found


def is_newer(database: Database, plugins: Iterable[Any] = ()) -> bool:
    """Whether the core's tables were migrated by a newer program; then nothing may be served."""
    return "core" in newer(database, plugins)
