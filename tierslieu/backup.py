"""One archive of everything, the same whatever database it came from or goes to.

A zip file: ``tables/<name>.jsonl`` (one row a line, of one consistent moment), ``uploads/…``,
``settings/config.toml``, ``settings/secret_key`` (so that sign-ins and mailed links go on working
elsewhere) and, last, ``manifest.json`` with row counts, versions of all streams and checksums.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import sqlalchemy as sa

from tierslieu import __version__, migrate
from tierslieu.archive_rows import decode, encode
from tierslieu.installation import plugins_to_migrate
from tierslieu.kernel import clock, guards
from tierslieu.kernel.db import Database, metadata
from tierslieu.kernel.site import Site
from tierslieu.migrate import MigrationError, applying

FORMAT = 1
BATCH = 2000


class BadArchive(Exception):
    """The archive cannot be restored; the text says why, in a line."""


@dataclass
class Manifest:
    """What an archive says of itself."""

    format: int
    program: str
    made_at: str
    #: Stream → the revision its tables are at.
    streams: dict[str, str] = field(default_factory=dict)
    #: Table → number of rows.
    tables: dict[str, int] = field(default_factory=dict)
    #: Name inside the archive → SHA-256.
    files: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


# -- writing -----------------------------------------------------------------------------------


def write_archive(site: Site, file: Path) -> int:
    """Write the archive while people go on working; the number of rows is returned.

    The file appears under its name only when it is whole, readable by its owner alone.
    """
    migrate.import_models()
    manifest = Manifest(FORMAT, __version__, f"{clock.now():%Y-%m-%dT%H:%M:%SZ}")
    partial = file.with_name(f".{file.name}.partial")
    descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with (
        os.fdopen(descriptor, "wb") as raw,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        with _snapshot(site.db) as connection:
            manifest.streams = _versions(connection)
            for table in _tables(connection):
                manifest.tables[table.name] = _write_table(archive, manifest, connection, table)
        # After the rows: a picture that a row names was there when the row was read.
        for path in sorted(site.uploads.rglob("*")) if site.uploads.exists() else ():
            if path.is_file():
                _write_file(archive, manifest, f"uploads/{path.relative_to(site.uploads)}", path)
        _write_settings(archive, manifest, site)
        archive.writestr("manifest.json", json.dumps(asdict(manifest), indent=1))
    partial.replace(file)
    return manifest.rows


@contextmanager
def _snapshot(database: Database) -> Iterator[sa.Connection]:
    """A reading connection for which the world stands still, and which keeps nobody waiting."""
    begin = "BEGIN" if database.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with database.reader.connect() as connection:
        connection.exec_driver_sql(begin)
        try:
            yield connection
        finally:
            connection.exec_driver_sql("ROLLBACK")


def _versions(connection: sa.Connection) -> dict[str, str]:
    found = {}
    for table in sorted(sa.inspect(connection).get_table_names()):
        if table.startswith("alembic_version"):
            name = table.removeprefix("alembic_version").lstrip("_") or "core"
            version = connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalar()  # noqa: S608
            if version is not None:
                found[name] = str(version)
    return found


def _tables(connection: sa.Connection) -> list[sa.Table]:
    """Every table of the database: as the models know it, or as it is when no model does."""
    names = [
        name
        for name in sa.inspect(connection).get_table_names()
        if not name.startswith(("alembic_version", "huey_", "sqlite_"))
    ]
    unknown = sa.MetaData()
    return [
        metadata.tables[name]
        if name in metadata.tables
        else sa.Table(name, unknown, autoload_with=connection, resolve_fks=False)
        for name in sorted(names)
    ]


def _write_table(
    archive: zipfile.ZipFile, manifest: Manifest, connection: sa.Connection, table: sa.Table
) -> int:
    question = sa.select(table).order_by(*table.primary_key.columns)
    name, rows, digest = f"tables/{table.name}.jsonl", 0, hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as out:
        found = connection.execute(question, execution_options={"yield_per": BATCH})
        for row in found.mappings():
            line = json.dumps(encode(row), ensure_ascii=False, sort_keys=True).encode() + b"\n"
            out.write(line)
            digest.update(line)
            rows += 1
    manifest.files[name] = digest.hexdigest()
    return rows


def _write_file(archive: zipfile.ZipFile, manifest: Manifest, name: str, path: Path) -> None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    manifest.files[name] = hashlib.sha256(content).hexdigest()
    archive.writestr(name, content)


def _write_settings(archive: zipfile.ZipFile, manifest: Manifest, site: Site) -> None:
    settings = site.config.instance / "config.toml"
    if settings.exists():
        _write_file(archive, manifest, "settings/config.toml", settings)
    key = site.config.key.encode()
    manifest.files["settings/secret_key"] = hashlib.sha256(key).hexdigest()
    archive.writestr("settings/secret_key", key)


# -- reading -----------------------------------------------------------------------------------


def read_manifest(file: Path) -> Manifest:
    """The manifest of an archive that is whole. Raises BadArchive with what is wrong with it."""
    with _open(file) as archive:
        manifest = _manifest(archive)
        present = set(archive.namelist()) - {"manifest.json"}
        if present != set(manifest.files):
            wrong = sorted(present ^ set(manifest.files))[0]
            raise BadArchive(f"{file.name}: {wrong} is there or missing against its manifest")
        for name, wanted in manifest.files.items():
            _safe(name)
            if _digest(archive, name) != wanted:
                raise BadArchive(f"{file.name}: {name} was changed or damaged")
        for table, rows in manifest.tables.items():
            with archive.open(f"tables/{table}.jsonl") as lines:
                if sum(1 for _ in lines) != rows:
                    raise BadArchive(f"{file.name}: the table {table} has not {rows} rows")
    return manifest


@contextmanager
def _open(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError as error:
        raise BadArchive(f"{file}: there is no such file") from error
    except (zipfile.BadZipFile, EOFError) as error:
        raise BadArchive(f"{file.name}: not an archive of ours, or cut off") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        said = json.loads(archive.read("manifest.json"))
        manifest = Manifest(**said)
    except (KeyError, TypeError, ValueError) as error:
        raise BadArchive("not an archive of ours: it has no manifest that can be read") from error
    if manifest.format != FORMAT:
        raise BadArchive(f"written by a newer program ({manifest.program})")
    return manifest


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as content:
        for piece in iter(lambda: content.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise BadArchive(f"{name}: a file outside the archive's own folders")
    return path


# -- restoring ---------------------------------------------------------------------------------


def restore_archive(site: Site, file: Path) -> Manifest:
    """Put the archive's rows, uploads and key in the place of this installation's.

    Checked whole first; the rows are replaced in one transaction, so a restore that fails leaves
    what was there. Erasures known here or there are done again on the restored people. Raises
    BadArchive.
    """
    manifest = read_manifest(file)
    migrate.import_models()
    plugins = plugins_to_migrate(site)
    try:
        migrate.upgrade(site.db, plugins)
        _go_to(site, plugins, manifest)
    except MigrationError as error:
        raise BadArchive(str(error)) from error
    erased = _erasures(site)
    with _open(file) as archive:
        try:
            _replace_rows(site.db, archive, manifest)
        except (sa.exc.DBAPIError, MigrationError) as error:
            reason = str(error).splitlines()[0]
            raise BadArchive(f"its rows were refused, nothing was changed: {reason}") from error
        _restore_files(site, archive, manifest)
    migrate.upgrade(site.db, plugins_to_migrate(site))
    _erase_again(site, erased)
    return manifest


def _go_to(site: Site, plugins: list[Any], manifest: Manifest) -> None:
    """Bring the tables to the steps of the archive, so that its rows fit."""
    for stream, plugin in zip(migrate.streams(plugins), [None, *plugins], strict=False):
        wanted = manifest.streams.get(stream.name)
        known = migrate.chain(stream)
        if wanted is None and not stream.is_core:
            continue
        if wanted not in known:
            raise BadArchive(f"{stream.name}: the archive is of a newer program (step {wanted})")
        if wanted != known[-1]:
            migrate.downgrade(site.db, wanted, plugin)


def _erasures(site: Site) -> list[dict[str, Any]]:
    with site.db.reader.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(_erasure())).mappings()]


def _erasure() -> sa.Table:
    return metadata.tables["erasure"]


def _replace_rows(database: Database, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    with applying.locked(database) as connection:
        tables = {table.name: table for table in _tables(connection)}
        # Append-only tables must be emptied too; all guards come back before the commit.
        applying.forget_guards(connection)
        if database.is_sqlite:
            for name in tables:
                connection.exec_driver_sql(f'DELETE FROM "{name}"')  # noqa: S608
        else:
            named = ", ".join(f'"{name}"' for name in tables)
            connection.exec_driver_sql(f"TRUNCATE {named} RESTART IDENTITY CASCADE")
        for table in _in_order(tables):
            if table.name in manifest.tables:
                with archive.open(f"tables/{table.name}.jsonl") as lines:
                    _insert(connection, table, lines)
        _check_counts(connection, manifest, tables)
        guards.install(connection)
        if not database.is_sqlite:
            _move_sequences(connection, tables)


def _in_order(tables: dict[str, sa.Table]) -> list[sa.Table]:
    """What is pointed to goes before what points."""
    known = [table for table in metadata.sorted_tables if table.name in tables]
    return known + [table for table in tables.values() if table not in known]


def _insert(connection: sa.Connection, table: sa.Table, lines: IO[bytes]) -> None:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append(decode(table, json.loads(line)))
        if len(batch) == BATCH:
            connection.execute(sa.insert(table), batch)
            batch = []
    if batch:
        connection.execute(sa.insert(table), batch)


def _check_counts(
    connection: sa.Connection, manifest: Manifest, tables: dict[str, sa.Table]
) -> None:
    for name, rows in manifest.tables.items():
        if name not in tables:
            continue
        count = connection.execute(sa.select(sa.func.count()).select_from(tables[name])).scalar()
        if count != rows:
            raise BadArchive(f"{name}: {count} rows came out of {rows}; nothing was changed")


def _move_sequences(connection: sa.Connection, tables: dict[str, sa.Table]) -> None:
    """The next row gets a number after those restored."""
    for name, table in tables.items():
        for column in table.primary_key.columns:
            sequence = connection.execute(
                sa.select(sa.func.pg_get_serial_sequence(f'"{name}"', column.name))
            ).scalar()
            if sequence is not None:
                highest = sa.select(sa.func.max(column)).scalar_subquery()
                moved = sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None))
                connection.execute(sa.select(moved))


def _restore_files(site: Site, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    for name in manifest.files:
        path = _safe(name)
        if path.parts[0] == "uploads":
            _put(site.uploads.joinpath(*path.parts[1:]), archive.read(name), 0o644)
    key = site.config.instance / "secret_key"
    if not site.config.secret_key:
        _put(key, archive.read("settings/secret_key"), 0o600)
    settings = site.config.instance / "config.toml"
    if "settings/config.toml" in manifest.files and not settings.exists():
        # Never over settings that are there: they say which database this is.
        _put(settings, archive.read("settings/config.toml"), 0o600)


def _put(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.chmod(mode)
    partial.replace(path)


def _erase_again(site: Site, erased: list[dict[str, Any]]) -> None:
    """Whoever was erased, here or there, stays erased."""
    from tierslieu.people.privacy.services import erase_again

    with site.writing() as work:
        known = set(work.session.scalars(sa.select(_erasure().c.public_id)))
        missing = [row for row in erased if row["public_id"] not in known]
        if missing:
            work.session.execute(sa.insert(_erasure()), missing)
        erase_again(work)
