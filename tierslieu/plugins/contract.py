"""What every plugin keeps to, as a list of what it does not: the inside of ``check_plugin``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from apiflask import APIFlask

from tierslieu.hookspecs import person_data, person_erased
from tierslieu.kernel.db import metadata
from tierslieu.manifest import Plugin, parts
from tierslieu.people.rules import TABLE
from tierslieu.plugins import checks, specs
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.platform import Plugins
from tierslieu.plugins.web import BrokenContract, check
from tierslieu.web.requests import PUBLIC, SIGNED_IN, declared_permission

DOOR = {"tierslieu.toolkit"}
DOOR_OF_TESTS = DOOR | {"tierslieu.testing"}


def problems(plugins: Plugins, name: str) -> list[str]:
    """Everything in which a plugin breaks its contract, a line each; none: []."""
    item = plugins.find(name)
    if item.fault is not None or item.plugin is None:
        return [f"it is broken: {item.fault}"]
    return [
        *_manifest(item.plugin),
        *_specs(item.plugin),
        *_tables(item),
        *_privacy(plugins, item, item.plugin),
        *_pages(item, item.plugin),
        *_imports(item, item.plugin),
        *_migrations(plugins, item),
    ]


def _manifest(plugin: Plugin) -> Iterator[str]:
    if not str(plugin.title).strip() or not str(plugin.sentence).strip():
        yield "its manifest has no title or no sentence"
    for kind in parts(plugin.jobs):
        if not kind.name.startswith(f"{plugin.name}."):
            yield f"its job {kind.name} does not begin with its name"


def _specs(plugin: Plugin) -> Iterator[str]:
    for spec in specs.specs_in(plugin.hookspecs):
        missing = [m for m in ("When", "Give", "Promise", "Example") if m not in specs.said(spec)]
        if missing:
            yield f"its hook {spec.__name__} does not say {', '.join(missing)} in its docstring"


def _tables(item: Installed) -> Iterator[str]:
    own = set(checks.tables_of(item.package))
    for name in sorted(own):
        for key in metadata.tables[name].foreign_keys:
            outside = key.column.table.name not in own
            if outside and key.ondelete not in {"CASCADE", "SET NULL"}:
                yield f"{name}.{key.parent.name} does not say CASCADE or SET NULL"


def _privacy(plugins: Plugins, item: Installed, plugin: Plugin) -> Iterator[str]:
    pointing = checks.person_columns(item.package)
    for column in sorted({*pointing, *plugin.person_columns}):
        said = plugin.person_columns.get(column)
        if column not in pointing:
            yield f"{column} is declared and points to no person"
        elif said is None:
            yield f"{column} points to a person: say in person_columns what erasure does"
        elif said not in {"delete", "forget"} and not said.startswith("keep: "):
            yield f"{column}: “{said}” is not delete, forget or keep: why"
        elif said == "forget" and not _nullable(column):
            yield f"{column} cannot be forgotten, it may not be empty"
    for spec in (person_data, person_erased) if pointing else ():
        if item.name not in plugins.hooks.implementers(spec):
            yield f"it points to persons and does not implement {spec.__name__}"


def _nullable(column: str) -> bool:
    table, _, name = column.partition(".")
    return bool(metadata.tables[table].columns[name].nullable)


def _pages(item: Installed, plugin: Plugin) -> Iterator[str]:
    trial = APIFlask("trial", docs_path=None, spec_path=None, static_folder=None)  # type: ignore[arg-type]
    try:
        check(trial, item, parts(plugin.blueprints))
    except BrokenContract as error:
        yield str(error)
    yield from _permissions(trial, item, plugin)
    for kind in ("templates", "static"):
        folder = (item.folder or Path("/nowhere")) / kind
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            inner = path.relative_to(folder)
            if path.is_file() and kind == "templates" and inner.parts[0] != item.name:
                yield f"the template {inner} is not in templates/{item.name}/"


def _permissions(trial: APIFlask, item: Installed, plugin: Plugin) -> Iterator[str]:
    """Routes that declare what nobody can hold."""
    known = {PUBLIC, SIGNED_IN, *TABLE, *(each.name for each in plugin.permissions)}
    with trial.app_context():
        for blueprint in parts(plugin.blueprints):
            trial.register_blueprint(blueprint)
        for rule in trial.url_map.iter_rules():
            wanted = declared_permission(rule.endpoint)
            other = str(wanted).partition(".")[0] in plugin.requires
            if wanted is not None and wanted not in known and not other:
                yield f"the route {rule.endpoint} wants “{wanted}”, which nobody may"


def _imports(item: Installed, plugin: Plugin) -> Iterator[str]:
    files = sorted(item.folder.rglob("*.py")) if item.folder else []
    for path in files:
        door = DOOR_OF_TESTS if "tests" in path.parts else DOOR
        for module in _imported(path):
            if module.split(".")[0] == "tierslieu" and module not in door:
                yield f"{path.name} imports {module}, not tierslieu.toolkit"
        for module in _imported(path) & {f"tierslieu_{need}" for need in plugin.requires}:
            yield f"{path.name} imports {module}, not its .api"


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found.update(whole if node.module == "tierslieu" else {node.module})
    return found


def _migrations(plugins: Plugins, item: Installed) -> Iterator[str]:
    from tierslieu.migrate import drift, streams

    if item.migrations is None:
        return
    before = plugins.all[: plugins.all.index(item)]
    chain = [each for each in before if each.fault is None and each.name in item.requires]
    stream = next(each for each in streams([*chain, item]) if each.name == item.name)
    try:
        found = drift(plugins=[*chain, item], stream=stream)
    except Exception as error:
        yield f"its tables cannot be made from nothing: {type(error).__name__}: {error}"
        return
    for difference in found:
        yield f"its models and its steps differ: {difference!r}"[:200]
