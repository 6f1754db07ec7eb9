"""Plugins written by a test into a folder, and houses that find them there."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.config import Config
from tierslieu.kernel.db import Database
from tierslieu.kernel.site import Site
from tierslieu.plugins import Plugins
from tierslieu.plugins.checks import drop_tables

HEAD = """
import time
from collections.abc import Iterable
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship
import tierslieu.toolkit as tl
say = tl.sentences("{name}")
"""
MANIFEST = 'plugin = tl.Plugin("{name}", "Test", "A plugin of a test.")\n'
A_TABLE = """
class Entry(tl.Model):
    __tablename__ = "{name}_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(default="")
"""
STEP = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def upgrade():
    op.create_table(
        "{name}_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("words", sa.Text(), nullable=False),
    )
def downgrade():
    op.drop_table("{name}_entry")
"""


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Write a plugin into the folder that is searched; ``files`` are more of its files.

    ``{name}`` is its name wherever it stands. All traces go when the test ends.
    """
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
def write_migrated(write: Callable[..., Path], config: Config) -> Iterator[Callable[..., Path]]:
    """As ``write``, with a table ``<name>_entry`` and the step that makes it."""
    names: list[str] = []

    def written(name: str, text: str) -> Path:
        names.append(name)
        return write(name, A_TABLE + text, **{f"migrations__0001_{name}_dot_py": STEP})

    yield written
    # On PostgreSQL the database is used again by the next test.
    database = Database(config.database)
    with database.writer.begin() as connection:
        for name in names:
            for table in (f"{name}_entry", f"{name}_more", f"alembic_version_{name}"):
                connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    database.dispose()


@pytest.fixture
def house(config: Config, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """A site without pages on this database; each call is another process of the same house."""
    opened: list[Site] = []

    def open_one(**settings: Any) -> Site:
        settings.setdefault("plugins_folders", (str(tmp_path / "plugins"),))
        mine = replace(config, **settings)
        plugins = Plugins(mine)
        site = Site(mine, Database(mine.database), plugins.hooks, plugins)
        plugins.load(site)
        opened.append(site)
        return site

    yield open_one
    for site in opened:
        site.db.dispose()


@pytest.fixture
def open_app(config: Config, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """The whole application with the plugins of the folder, those named switched on.

    No form asks for its token; ``testing=False``: a fault is answered as it is where it is served.
    """
    from tierslieu.app import create_app

    opened: list[Any] = []

    def open_one(*names: str, **settings: Any) -> Any:
        settings.setdefault("plugins_folders", (str(tmp_path / "plugins"),))
        mine = replace(config, **settings)
        mine.instance.mkdir(parents=True, exist_ok=True)
        opened.append(create_app(mine))
        opened[-1].config["WTF_CSRF_ENABLED"] = False
        site = opened[-1].extensions["tierslieu"]
        for name in names:
            site.plugins.enable(site, name)
        return opened[-1]

    yield open_one
    for app in opened:
        app.extensions["tierslieu"].db.dispose()
