"""A stranger's plugin: twelve lines, found, given its table, used, switched off, taken away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tierslieu.kernel.db import Database

PLUGIN = """\
import flask, sqlalchemy.orm as orm
import tierslieu.toolkit as tl
bp, say = flask.Blueprint("guestbook", __name__), tl.sentences("guestbook")
plugin = tl.Plugin("guestbook", "Guest book", "Visitors leave a word.", blueprints=[bp])
class Entry(tl.Model):
    __tablename__ = "guestbook_entry"
    words: orm.Mapped[str] = orm.mapped_column(primary_key=True)
@bp.get("/guestbook")
@tl.allow(tl.PUBLIC)
def entries(): return "What visitors wrote"
@tl.hookimpl
def nav_items(place): return [tl.NavItem(say("Guest book"), "/guestbook")] * (place == "main")
"""
METADATA = "Metadata-Version: 2.1\nName: guestbook\nVersion: 1.0\n"
ENTRY_POINT = "[tierslieu.plugins]\nguestbook = guestbook.plugin\n"

VISIT = """
import json, sys
from tierslieu.app import create_app
client = create_app().test_client()
page, door = client.get("/guestbook"), client.get("/sign-in")
print(json.dumps([page.status_code, door.status_code, "Guest book" in door.get_data(as_text=True)]))
"""


@dataclass
class Installation:
    """One installation, driven only by commands, each in a process of its own."""

    url: str
    instance: Path
    library: Path

    def run(self, *arguments: str, installed: bool = True, code: str = "") -> str:
        command = ["-c", code] if code else ["-m", "tierslieu", *arguments]
        done = subprocess.run(
            [sys.executable, *command],
            env=os.environ
            | {
                "PYTHONPATH": str(self.library) if installed else "",
                "PYTHONWARNINGS": "ignore",
                "TIERSLIEU_INSTANCE": str(self.instance),
                "TIERSLIEU_DATABASE_URL": self.url,
                "TIERSLIEU_SECRET_KEY": "for this test only",
                "TIERSLIEU_LOCALE": "en",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def visit(self, *, installed: bool = True) -> list[object]:
        """(the page's status, the sign-in page's, whether the menu has the entry)."""
        shown = self.run(code=VISIT, installed=installed)
        found: list[object] = json.loads(shown.strip().splitlines()[-1])
        return found

    def tables(self) -> set[str]:
        database = Database(self.url)
        try:
            with database.reader.connect() as connection:
                return set(sa.inspect(connection).get_table_names())
        finally:
            database.dispose()

    def forget(self) -> None:
        database = Database(self.url)
        with database.writer.begin() as connection:
            for table in ("guestbook_entry", "alembic_version_guestbook"):
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        database.dispose()


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    library = tmp_path / "library"
    package, information = library / "guestbook", library / "guestbook-1.0.dist-info"
    package.mkdir(parents=True)
    information.mkdir()
    (package / "__init__.py").write_text("")
    (package / "plugin.py").write_text(PLUGIN)
    (information / "METADATA").write_text(METADATA)
    (information / "entry_points.txt").write_text(ENTRY_POINT)
    made = Installation(database_url, tmp_path / "instance", library)
    yield made
    made.forget()


@pytest.mark.slow
def test_a_third_party_plugin_lives_and_leaves(installation: Installation) -> None:
    assert len(PLUGIN.splitlines()) == 12

    # Found, and off until somebody says so.
    installation.run("init")
    assert "guestbook" in installation.run("plugin", "list")
    assert installation.visit() == [404, 200, False]

    # Its migration is written, its table made, its page and its entry are there.
    installation.run("revision", "--plugin", "guestbook", "visitors leave a word")
    steps = list((installation.library / "guestbook" / "migrations").glob("*.py"))
    assert [step.name for step in steps] == ["0001_visitors_leave_a_word.py"]
    assert "guestbook_entry" not in installation.tables()
    installation.run("plugin", "enable", "guestbook")
    assert {"guestbook_entry", "alembic_version_guestbook"} <= installation.tables()
    assert installation.visit() == [200, 200, True]

    # Switched off: as if it were not there, and nothing of it is lost.
    installation.run("plugin", "disable", "guestbook")
    assert installation.visit() == [404, 200, False]
    assert "guestbook_entry" in installation.tables()

    # Uninstalled while on: the house stands, and upgrades.
    installation.run("plugin", "enable", "guestbook")
    listed = installation.run("plugin", "list", installed=False)
    assert [row.split()[1] for row in listed.splitlines() if "guestbook" in row] == ["gone"]
    installation.run("upgrade", installed=False)
    assert installation.visit(installed=False) == [404, 200, False]

    # Installed again, its rows are still there.
    assert installation.visit() == [200, 200, True]


@pytest.mark.slow
def test_it_keeps_the_contract_that_our_own_keep(
    installation: Installation,
) -> None:
    installation.run("revision", "--plugin", "guestbook", "visitors leave a word")

    installation.run(
        code="from tierslieu.testing import check_plugin; "
        "check_plugin('guestbook'); check_plugin('ical')"
    )
