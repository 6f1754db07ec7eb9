"""Removing all that a plugin keeps, after it was written into an archive."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tierslieu.archive_rows import encode
from tierslieu.kernel.actor import SYSTEM, Actor
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.work import Work
from tierslieu.plugins.held import held_by_plugin
from tierslieu.plugins.models import (
    PluginFault,
    PluginRegistry,
    PluginSetting,
    PluginState,
    PluginVenue,
)
from tierslieu.plugins.switches import count, write_state

if TYPE_CHECKING:
    from tierslieu.kernel.site import Site

#: Where archives are written, below the instance folder.
FOLDER = "purged"


@dataclass(frozen=True)
class Purged:
    """What was removed: the archive, its tables and rows; ``held``: claims that still hold."""

    archive: Path
    tables: tuple[str, ...]
    rows: int
    held: int


def purge(site: Site, name: str, actor: Actor = SYSTEM) -> Purged:
    """Export what a plugin keeps, then drop its tables and forget its state and settings.

    Its claims stay, held, until a manager gives them back. The code need not be there any more.
    Raises Forbidden; NotFound; Invalid ``plugin_on``, ``plugin_pointed_at`` (tables of another
    plugin point to its own).
    """
    with site.writing(actor) as work:
        work.require("plugins.server")
        site.plugins.switches.stale()
        bundled = _refuse_unless_off(site, name)
        inspector = sa.inspect(work.session.connection())
        tables = tables_of(inspector, name)
        registered = work.session.get(PluginRegistry, name)
        if not tables and registered is None and bundled is None:
            raise NotFound(msg("There is no plugin “%(name)s” here.", name=name))
        _refuse_if_pointed_at(inspector, name, tables)
        manifest = registered.manifest if registered is not None else {}
        stamp = f"{work.now:%Y%m%dT%H%M%SZ}"
        archive = site.config.instance / FOLDER / f"{name}-{stamp}.zip"
        rows = _write_archive(work, archive, name, tables, manifest)
        held = held_by_plugin(work.session, name, work.now)
        _drop(work, inspector, name, tables)
        _forget(work, name, bundled=bool(bundled))
        work.audit("plugins.purge", f"plugin:{name}", rows=rows, held=held, tables=list(tables))
        work.after_commit(site.plugins.switches.stale)
    return Purged(archive, tables, rows, held)


def _refuse_unless_off(site: Site, name: str) -> bool | None:
    """Whether it is bundled; None: its code is not here."""
    item = next((each for each in site.plugins.all if each.name == name), None)
    if item is None:
        return None
    if site.plugins.switches.get(name).state in ("on", "enabling"):
        raise Invalid("plugin_on", msg("“%(name)s” is on: switch it off first.", name=name))
    return bool(item.is_bundled)


def tables_of(inspector: Any, name: str) -> tuple[str, ...]:
    """The tables of a plugin in a database: no other's name begins with the plugin's and ``_``."""
    return tuple(sorted(t for t in inspector.get_table_names() if t.startswith(f"{name}_")))


def _refuse_if_pointed_at(inspector: Any, name: str, tables: Iterable[str]) -> None:
    own = set(tables)
    for other in set(inspector.get_table_names()) - own:
        for key in inspector.get_foreign_keys(other):
            if key["referred_table"] in own:
                text = msg("“%(table)s” points to what “%(name)s” keeps: purge that first.",
                           table=other, name=name)  # fmt: skip
                raise Invalid("plugin_pointed_at", text)


def _write_archive(
    work: Work, path: Path, name: str, tables: Iterable[str], manifest: Mapping[str, Any]
) -> int:
    """Write each table as CSV and as JSON lines, and what was said of the plugin."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    rows = 0
    half = path.with_suffix(".half")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
        half.chmod(0o600)
        for table in tables:
            found = work.session.execute(sa.select(sa.text("*")).select_from(sa.table(table)))
            columns = list(found.keys())
            values = [encode(row) for row in found.mappings()]
            rows += len(values)
            archive.writestr(f"{table}.csv", _csv(columns, values))
            archive.writestr(f"{table}.json", "".join(_line(value) for value in values))
        said = {"plugin": name, "manifest": dict(manifest), "settings": _settings(work, name)}
        archive.writestr("plugin.json", json.dumps(said, indent=2, ensure_ascii=False))
    half.rename(path)
    return rows


def _csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=str) + "\n"


def _settings(work: Work, name: str) -> list[dict[str, Any]]:
    """What was set, without secrets; of a plugin whose code is gone, what is known to be none."""
    known = work.session.get(PluginRegistry, name)
    open_ones = set((known.manifest if known else {}).get("settings", ()))
    with suppress(NotFound):
        open_ones = {e.name for e in work.site.plugins.find(name).settings if not e.secret}
    asked = sa.select(PluginSetting).where(PluginSetting.plugin == name)
    return [
        {"scope": row.scope, "scope_id": row.scope_id, "name": row.name, "value": row.value}
        for row in work.session.scalars(asked)
        if row.name in open_ones
    ]


def _drop(work: Work, inspector: Any, name: str, tables: Iterable[str]) -> None:
    """Drop the tables, those that point to others first, and the stream's version."""
    left = {
        table: {
            key["referred_table"]
            for key in inspector.get_foreign_keys(table)
            if key["referred_table"] != table
        }
        for table in tables
    }
    quoted = work.session.connection().dialect.identifier_preparer.quote
    while left:
        pointed_at = set().union(*left.values())
        free = [table for table in left if table not in pointed_at] or list(left)
        for table in free:
            work.session.execute(sa.text(f"DROP TABLE {quoted(table)}"))
            del left[table]
    work.session.execute(sa.text(f"DROP TABLE IF EXISTS {quoted(f'alembic_version_{name}')}"))


def _forget(work: Work, name: str, *, bundled: bool) -> None:
    session = work.session
    for table, column in (
        (PluginVenue, PluginVenue.plugin),
        (PluginSetting, PluginSetting.plugin),
        (PluginFault, PluginFault.plugin),
        (PluginRegistry, PluginRegistry.name),
        (PluginState, PluginState.name),
    ):
        session.execute(sa.delete(table).where(column == name))
    session.execute(
        sa.delete(Job).where(
            Job.name.startswith(f"{name}.", autoescape=True), Job.state == "queued"
        )
    )
    if bundled:
        # Without a row it would be on.
        write_state(session, name, "off", work.now)
    count(session)
