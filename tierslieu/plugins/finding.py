"""Where plugins come from: entry points of installed distributions, and dropped-in folders."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType

from tierslieu.kernel.messages import Message
from tierslieu.manifest import Plugin
from tierslieu.permission import Permission
from tierslieu.setting import Setting

GROUP = "tierslieu.plugins"
OURS = "tierslieu"


@dataclass(eq=False)
class Installed:
    """A plugin that was found, sound or broken. ``target`` is the module of its manifest."""

    name: str
    target: str
    distribution: str = ""
    version: str = ""
    module: ModuleType | None = None
    plugin: Plugin | None = None
    #: Why it cannot be used by this process; None: it is sound.
    fault: Message | None = None
    blueprints: list[str] = field(default_factory=list)

    @property
    def package(self) -> str:
        """The import package, which is also the domain of its sentences."""
        return self.target.split(".", maxsplit=1)[0]

    @property
    def is_bundled(self) -> bool:
        return self.distribution == OURS

    @property
    def title(self) -> Message:
        return self.said(self.plugin.title if self.plugin else self.name)

    @property
    def sentence(self) -> Message:
        return self.said(self.plugin.sentence if self.plugin else "")

    @property
    def requires(self) -> tuple[str, ...]:
        return self.plugin.requires if self.plugin else ()

    @property
    def on_enable(self) -> tuple[str, ...]:
        return self.plugin.on_enable if self.plugin else ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        return self.plugin.settings if self.plugin else ()

    @property
    def permissions(self) -> tuple[Permission, ...]:
        return self.plugin.permissions if self.plugin else ()

    @cached_property
    def folder(self) -> Path | None:
        """The folder of its package; None when it is a single module."""
        # A package without ``__init__.py`` has no file, but it has a path.
        places = list(getattr(sys.modules.get(self.package), "__path__", None) or ())
        return Path(places[0]) if places else None

    @property
    def migrations(self) -> Path | None:
        """The folder of its steps; None when it has no tables."""
        from tierslieu.plugins.checks import tables_of

        if self.folder is None or not (self.fault is None or self.module):
            return None
        here = self.folder / "migrations"
        return here if here.exists() or tables_of(self.package) else None

    def load(self) -> None:
        """Import the module and read its manifest; raises whatever it raises."""
        self.module = import_module(self.target)
        found = getattr(self.module, "plugin", None)
        if not isinstance(found, Plugin):
            raise TypeError(f"{self.target} has no “plugin = Plugin(…)”")
        self.plugin = found

    def forget(self) -> None:
        """Take a half-imported package out again, so that nothing of it is used."""
        self.module = self.plugin = None
        for name in [n for n in sys.modules if n.split(".")[0] == self.package]:
            del sys.modules[name]

    def said(self, text: Message | str) -> Message:
        """What the manifest says, as a sentence of the plugin's own."""
        return text if isinstance(text, Message) else Message(self.package, text)


def find(folders: Iterable[str]) -> list[Installed]:
    """Everything installed or dropped in, by name; of two with one name the first is kept."""
    found: dict[str, Installed] = {}
    for item in [*_entry_points(), *_dropped_in(folders)]:
        found.setdefault(item.name, item)
    return [found[name] for name in sorted(found)]


def _entry_points() -> Iterator[Installed]:
    for point in metadata.entry_points(group=GROUP):
        distribution = point.dist
        yield Installed(
            point.name,
            point.value.split(":", maxsplit=1)[0].strip(),
            distribution.name if distribution else "",
            distribution.version if distribution else "",
        )


def _dropped_in(folders: Iterable[str]) -> Iterator[Installed]:
    for folder in map(Path, folders):
        packages = sorted(folder.glob("*/plugin.py")) if folder.is_dir() else []
        if packages and str(folder) not in sys.path:
            sys.path.append(str(folder))
        for path in packages:
            package = path.parent.name
            yield Installed(package.removeprefix("tierslieu_"), f"{package}.plugin")
