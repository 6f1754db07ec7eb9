"""Switching plugins on and off: the migration first, then the row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog

from tierslieu.kernel.actor import Actor
from tierslieu.kernel.db import insert
from tierslieu.kernel.db import metadata as tables
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.work import Work
from tierslieu.plugins.checks import person_columns, tables_of
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.models import PluginRegistry
from tierslieu.plugins.specs import judges_of
from tierslieu.plugins.switches import write_state

if TYPE_CHECKING:
    from tierslieu.kernel.site import Site

log = structlog.get_logger("tierslieu.plugins")

ENABLE = "plugins.enable"


def switch_on(site: Site, item: Installed) -> None:
    """Migrate a plugin's tables, record its manifest, flip its row, queue its first jobs."""
    from tierslieu.migrate import upgrade

    upgrade(site.db, [item])
    with site.writing() as work:
        write_state(work.session, item.name, "on", work.now)
        write_registry(work, item)
        work.audit("plugins.enable", f"plugin:{item.name}")
        for job in item.plugin.on_enable if item.plugin else ():
            work.later(job)


def switch_off(site: Site, names: Iterable[str], actor: Actor) -> None:
    """Flip the rows of plugins; nothing of them is lost."""
    with site.writing(actor) as work:
        for name in names:
            write_state(work.session, name, "off", work.now)
            work.audit("plugins.disable", f"plugin:{name}")


def ask_to_enable(work: Work, name: str) -> None:
    """Switch a plugin on by a job, because its migration may take a while."""
    work.require("plugins.server")
    write_state(work.session, name, "enabling", work.now)
    work.audit("plugins.enable.ask", f"plugin:{name}")
    work.later(ENABLE, key=f"{ENABLE}:{name}", name=name)


def _enable(work: Work, name: str) -> None:
    site = work.site

    def act() -> None:
        try:
            site.plugins.enable(site, name)
        except Exception as error:
            log.warning("plugin not enabled", plugin=name, exc_info=True)
            with site.writing() as after:
                write_state(after.session, name, "failed", after.now, str(error)[:500])
            site.plugins.switches.stale()

    # The migration opens a transaction of its own, which on SQLite waits for this one to end.
    work.after_commit(act)


KINDS = (JobKind(ENABLE, _enable),)


def record(site: Site, found: Iterable[Installed]) -> None:
    """Write what the plugins in use say of themselves, where it has changed."""
    with site.reading() as work:
        known = {
            name: row.manifest
            for item in found
            if (row := work.session.get(PluginRegistry, item.name)) and (name := item.name)
        }
    changed = [item for item in found if known.get(item.name) != manifest_data(item)]
    if changed:
        with site.writing() as work:
            for item in changed:
                write_registry(work, item)


def write_registry(work: Work, item: Installed) -> None:
    """One plugin's manifest as data."""
    said = {
        "version": item.version,
        "hook_api": item.plugin.hook_api if item.plugin else 0,
        "manifest": manifest_data(item),
        "recorded_at": work.now,
    }
    # Two servers that start at once both say it.
    work.session.execute(
        insert(work.session, PluginRegistry)
        .values(name=item.name, **said)
        .on_conflict_do_update(index_elements=["name"], set_=said)
    )


def manifest_data(item: Installed) -> dict[str, Any]:
    """What the core must know of a plugin when its code is gone."""
    if item.plugin is None:
        return {}
    return {
        "title": str(item.title),
        "package": item.package,
        "version": item.version,
        "requires": list(item.plugin.requires),
        # Which settings may be exported when the code is gone: those that are no secrets.
        "settings": [each.name for each in item.plugin.settings if not each.secret],
        "judges": judges_of(item),
        "tables": {
            name: list(tables.tables[name].columns.keys()) for name in tables_of(item.package)
        },
        "person_columns": {
            column: item.plugin.person_columns.get(column, "delete")
            for column in person_columns(item.package)
        },
    }
