"""What a plugin must keep to before its hooks are called and its pages are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.kernel.db import PluginModel, metadata
from tierslieu.kernel.messages import Message, msg
from tierslieu.manifest import Plugin
from tierslieu.permission import permission_faults
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.settings.rules import declaration_faults
from tierslieu.plugins.specs import specs_fault
from tierslieu.plugins.writing.rules import NAME


def manifest_fault(item: Installed, plugin: Plugin) -> Message | None:
    """What is wrong with a manifest, its hooks and its tables; None: nothing."""
    if plugin.name != item.name or not NAME.fullmatch(plugin.name):
        return msg("Its name “%(name)s” is not its entry point's, or not plain.", name=plugin.name)
    if plugin.hook_api != hookspecs.HOOK_API:
        return msg(
            "It was written for hooks of version %(theirs)s, here they are %(ours)s.",
            theirs=plugin.hook_api,
            ours=hookspecs.HOOK_API,
        )
    if plugin.name in taken_names():
        return msg("Its name “%(name)s” is the core's.", name=plugin.name)
    unfit = _declaration_fault(plugin) or specs_fault(plugin.name, plugin.hookspecs)
    if unfit is not None:
        return unfit
    for table in tables_of(item.package):
        if not table.startswith(f"{plugin.name}_"):
            return msg("Its table “%(table)s” does not begin with its name.", table=table)
    return None


def _declaration_fault(plugin: Plugin) -> Message | None:
    for wrong in declaration_faults(plugin.settings):
        return msg("It declares a setting wrongly: %(what)s.", what=wrong)
    for wrong in permission_faults(plugin.name, plugin.permissions):
        return msg("It declares a permission wrongly: %(what)s.", what=wrong)
    return None


def taken_names() -> set[str]:
    """What the core calls its tables and pages, up to the first _."""
    ours = set(metadata.tables) - {table.name for table in _plugin_tables()}
    return {name.split("_")[0] for name in ours} | {"core", "web", "api", "manage", "static"}


def _plugin_tables() -> Iterator[sa.Table]:
    for mapper in PluginModel.registry.mappers:
        if isinstance(mapper.local_table, sa.Table):
            yield mapper.local_table


def tables_of(package: str) -> list[str]:
    """Names of the tables that a package defines."""
    found = {
        mapper.local_table.name
        for mapper in PluginModel.registry.mappers
        if mapper.class_.__module__.split(".")[0] == package
        and isinstance(mapper.local_table, sa.Table)
    }
    return sorted(found)


def person_columns(package: str) -> list[str]:
    """The columns of a package's tables that point to a person, as ``table.column``."""
    return [
        f"{name}.{column.name}"
        for name in tables_of(package)
        for column in metadata.tables[name].columns
        if any(key.target_fullname == "person.id" for key in column.foreign_keys)
    ]


def drop_tables(package: str) -> None:
    """Forget the mapped classes and tables of a package that will not be used."""
    for mapper in list(PluginModel.registry.mappers):
        if mapper.class_.__module__.split(".")[0] == package:
            table = mapper.local_table
            # SQLAlchemy has no public door for one class: its own dispose() takes all.
            manager = mapper.class_manager
            PluginModel.registry._dispose_manager_and_mapper(manager)
            PluginModel.registry._managers.pop(manager, None)
            if isinstance(table, sa.Table):
                metadata.remove(table)


def mapping_fault() -> Exception | None:
    """What SQLAlchemy says of the mapped classes of plugins; None: all is well."""
    try:
        PluginModel.registry.configure()
    except Exception as error:
        return error
    return None


def ordered(found: Iterable[Installed]) -> list[Installed]:
    """By ``requires``, then by name; one whose requirement is missing or broken is broken too."""
    waiting = {item.name: item for item in sorted(found, key=lambda each: each.name)}
    done: dict[str, Installed] = {}
    while waiting:
        ready = [i for i in waiting.values() if all(need in done for need in i.requires)]
        if not ready:
            break
        item = ready[0]
        done[item.name] = waiting.pop(item.name)
        broken = [need for need in item.requires if done[need].fault is not None]
        if broken and item.fault is None:
            item.fault = msg("It needs “%(name)s”, which is broken.", name=broken[0])
    for item in waiting.values():
        missing = [need for need in item.requires if need not in done]
        item.fault = item.fault or msg("It needs “%(name)s”.", name=missing[0])
    return [*done.values(), *waiting.values()]
