"""Writing the next step of a stream from its models, and seeing where the two differ."""

from __future__ import annotations

import io
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from tierslieu.kernel.db import Database
from tierslieu.migrate.applying import upgrade
from tierslieu.migrate.streams import (
    MigrationError,
    Stream,
    alembic_config,
    chain,
    import_models,
    script_of,
    streams,
)


def revision(
    message: str,
    plugin: Any = None,
    *,
    empty: bool = False,
    revision_id: str | None = None,
    batch: bool = True,
) -> Path:
    """Write the next step of the core or of one plugin, from the difference to its models.

    The difference is taken against a scratch database brought to the newest step, so it does not
    depend on this installation's. Raises MigrationError when there is no difference and ``empty``
    was not asked for.
    """
    from alembic import command

    import_models()
    plugins = [] if plugin is None else [plugin]
    stream = streams(plugins)[-1]
    stream.folder.mkdir(parents=True, exist_ok=True)
    number = revision_id or f"{len(chain(stream)) + 1:04d}"
    if not empty and not drift(plugins=plugins, stream=stream):
        raise MigrationError(f"{stream.name}: the tables are already as the models say")
    with _scratch() as database:
        upgrade(database, plugins)
        with database.writer.begin() as connection, _quiet():
            written = command.revision(
                alembic_config(stream, connection=connection, compares=True, batch=batch),
                message,
                autogenerate=not empty,
                rev_id=number,
                version_path=str(stream.folder),
            )
    if written is None or isinstance(written, list):
        raise MigrationError(f"{stream.name}: no step was written")
    path = Path(written.path)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ### " not in line), "utf-8")
    return path


def drift(
    database: Database | None = None, plugins: Iterable[Any] = (), stream: Stream | None = None
) -> list[Any]:
    """Differences between the models and a database brought to the newest step; none: []."""
    if database is None:
        with _scratch() as scratch:
            upgrade(scratch, plugins)
            return drift(scratch, plugins, stream)
    from alembic.autogenerate import api

    stream = stream or streams(plugins)[0]
    import_models()
    found: list[Any] = []

    def compare(_rev: Any, context: Any) -> list[Any]:
        found.extend(api.compare_metadata(context, context.opts["target_metadata"]))
        return []

    from alembic.runtime.environment import EnvironmentContext

    script = script_of(stream)
    with database.writer.begin() as connection, _quiet():
        config = alembic_config(stream, connection=connection, compares=True)
        with EnvironmentContext(config, script, fn=compare):
            script.run_env()
    return found


@contextmanager
def _scratch() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/scratch.db", pool_size=1)
        try:
            yield database
        finally:
            database.dispose()


@contextmanager
def _quiet() -> Iterator[None]:
    """SQLite cannot read indexes on expressions back and says so; Alembic says what it writes."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.filterwarnings("ignore", message=".*expression-based index")
        yield
