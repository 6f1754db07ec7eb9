"""Plugins written by a test into a folder, and sites that find them there."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tierslieu.config import Config
from tierslieu.plugins.checks import drop_tables

HEAD = """
import time
from collections.abc import Iterable
import tierslieu.toolkit as tl
say = tl.sentences("{name}")
"""
MANIFEST = 'plugin = tl.Plugin("{name}", "Test", "A plugin of a test.")\n'


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Write a plugin into the folder; ``files`` are more of its files. All traces go at the end."""
    names: list[str] = []

    def written(name: str, text: str = "", manifest: str = MANIFEST, **files: str) -> Path:
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        body = HEAD + manifest + textwrap.dedent(text)
        (folder / "plugin.py").write_text(body.replace("{name}", name))
        for stem, content in files.items():
            path = folder / stem.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(content).replace("{name}", name))
        names.append(name)
        return folder

    yield written
    for name in names:
        drop_tables(name)
        for module in [each for each in sys.modules if each.split(".")[0] == name]:
            del sys.modules[module]
    if str(tmp_path / "plugins") in sys.path:
        sys.path.remove(str(tmp_path / "plugins"))


@pytest.fixture
def open_app(config: Config, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """The whole application, as it is served, with the plugins of the folder switched on."""
    from tierslieu.app import create_app

    opened: list[Any] = []

    def open_one(*names: str, **settings: Any) -> Any:
        folders = (str(tmp_path / "plugins"),)
        mine = replace(config, plugins_folders=folders, testing=False, **settings)
        mine.instance.mkdir(parents=True, exist_ok=True)
        app = create_app(mine)
        opened.append(app)
        site = app.extensions["tierslieu"]
        for name in names:
            site.plugins.enable(site, name)
        return app

    yield open_one
    for app in opened:
        app.extensions["tierslieu"].db.dispose()
