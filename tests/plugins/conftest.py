"""Plugins written for one test, and a house that finds them."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tierslieu.config import Config
from tierslieu.kernel.db import Database
from tierslieu.kernel.site import Site
from tierslieu.plugins import Plugins
from tierslieu.plugins.checks import drop_tables

HEAD = """
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
import tierslieu.toolkit as tl
say = tl.sentences("{name}")
"""


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Callable[[str, str], Path]]:
    """Write a plugin into the folder that is searched; all traces go when the test ends."""
    names: list[str] = []

    def written(name: str, text: str) -> Path:
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        body = (HEAD + textwrap.dedent(text)).replace("{name}", name)
        (folder / "plugin.py").write_text(body)
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
def house(config: Config, tmp_path: Path) -> Iterator[Callable[[], Site]]:
    """A site without pages on this database; each call is another process of the same house."""
    opened: list[Site] = []

    def open_one() -> Site:
        mine = replace(config, plugins_folders=(str(tmp_path / "plugins"),))
        plugins = Plugins(mine)
        site = Site(mine, Database(mine.database), plugins.hooks, plugins)
        plugins.load(site)
        opened.append(site)
        return site

    yield open_one
    for site in opened:
        site.db.dispose()


@pytest.fixture
def open_app(config: Config, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """The whole application with the plugins of the folder; no form asks for its token."""
    from tierslieu.app import create_app

    opened: list[Any] = []

    def open_one() -> Any:
        settings = replace(config, plugins_folders=(str(tmp_path / "plugins"),))
        settings.instance.mkdir(parents=True, exist_ok=True)
        opened.append(create_app(settings))
        opened[-1].config["WTF_CSRF_ENABLED"] = False
        return opened[-1]

    yield open_one
    for app in opened:
        app.extensions["tierslieu"].db.dispose()
