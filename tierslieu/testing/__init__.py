"""Fixtures for our tests and for those of plugins (a pytest plugin, entry point ``pytest11``).

``site`` is an installation with an empty, migrated database; it comes once per database
(SQLite, PostgreSQL), so every test that uses it runs on both. Where PostgreSQL is missing the test
says that it was left out, and fails when ``TIERSLIEU_TEST_STRICT`` is set.
"""

from __future__ import annotations

import os
import shutil
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.config import Config, load
from tierslieu.kernel import clock
from tierslieu.kernel.db import Database, metadata
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.site import Site
from tierslieu.kernel.work import Work
from tierslieu.testing.builders import (
    ALL_DAY,
    OPEN_TO_ALL,
    PASSWORD,
    a_booking,
    a_card,
    a_room,
    a_token,
    a_venue,
    an_account,
)
from tierslieu.testing.keeping import SEEDED, Keeper
from tierslieu.testing.reading import MailBox, calendar_entries, csrf_token, sign_in

POSTGRES = os.environ.get("TIERSLIEU_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
STRICT = bool(os.environ.get("TIERSLIEU_TEST_STRICT"))


def left_out(what: str) -> None:
    """Skip a test that needs ``what``, or fail it where nothing may be left out."""
    if STRICT:
        pytest.fail(f"{what} is missing, and here nothing may be left out")
    pytest.skip(f"left out: {what} is missing")


def _bundled() -> list[Any]:
    """The plugins that are on from the start, whose tables the empty database has."""
    from tierslieu.plugins import Plugins

    return [item for item in Plugins(load({})).all if item.is_bundled and item.fault is None]


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tierslieu.migrate import upgrade

    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(Database(f"sqlite:///{path}"), _bundled())
    return path


@pytest.fixture(scope="session")
def _postgres_url() -> Iterator[str | None]:
    from tierslieu.migrate import upgrade

    try:
        server = sa.create_engine(
            sa.make_url(POSTGRES).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": 3},
        )
        name = f"tierslieu_{uuid.uuid4().hex[:12]}"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    except (sa.exc.OperationalError, ModuleNotFoundError):
        yield None
        return
    url = str(server.url.set(database=name).render_as_string(hide_password=False))
    database = Database(url)
    upgrade(database, _bundled())
    database.dispose()
    yield url
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@lru_cache(maxsize=4)
def _emptying(url: str) -> tuple[Database, str]:
    """A connection for emptying a database, and the statements; asked once a run."""
    database = Database(url, pool_size=1)
    with database.writer.begin() as connection:
        tables = sa.inspect(connection).get_table_names()
    kept = [t for t in tables if not t.startswith("alembic_version") and t not in SEEDED]
    deletes = [f"DELETE FROM {table}" for table in kept]
    # What a test's own plugin said of itself goes with the test.
    ours = ", ".join(f"'{item.name}'" for item in _bundled()) or "''"
    deletes.append(f"DELETE FROM plugin_registry WHERE name NOT IN ('', {ours})")
    return database, ";".join(deletes)


def _emptied(url: str) -> None:
    """Delete all rows, past the guards; much quicker than TRUNCATE of tables that are small."""
    database, deletes = _emptying(url)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {deletes}")


@pytest.fixture(scope="session")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every test of this process has its installation, one after the other."""
    return tmp_path_factory.mktemp("house")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, _house: Path) -> str:
    """The address of an empty migrated database of each kind."""
    if request.param == "sqlite":
        path = _house / "tierslieu.db"
        for other in _house.glob("tierslieu.db-*"):
            other.unlink()
        path.unlink(missing_ok=True)
        shutil.copy(request.getfixturevalue("_template"), path)
        return f"sqlite:///{path}"
    url = request.getfixturevalue("_postgres_url")
    if url is None:
        left_out("PostgreSQL")
    _emptied(url)
    return str(url)


@pytest.fixture
def config(database_url: str, _house: Path) -> Config:
    """Settings of a test installation, whose folder is empty."""
    instance = _house / "instance"
    shutil.rmtree(instance, ignore_errors=True)
    return load(
        {},
        instance,
        database_url=database_url,
        secret_key="for tests only",
        base_url="http://localhost",
        locale="en",
        testing=True,
        rate_limits=False,
    )


@pytest.fixture(scope="session")
def _compiled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Templates compiled once for all applications of a test run."""
    from jinja2 import FileSystemBytecodeCache

    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def _apps() -> Iterator[dict[Config, Any]]:
    """Applications by their settings: made once, used by one test after the other."""
    made: dict[Config, Any] = {}
    yield made
    for flask_app in made.values():
        flask_app.extensions["tierslieu"].db.dispose()


@pytest.fixture
def app(config: Config, _compiled: Any, _apps: dict[Config, Any]) -> Iterator[Any]:
    """The whole application on a test installation, as if it had just been started."""
    from tierslieu.app import create_app, settle

    config.instance.mkdir(parents=True, exist_ok=True)
    if config not in _apps:
        _apps[config] = create_app(config)
        _apps[config].jinja_env.bytecode_cache = _compiled
        settle()
    flask_app = _apps[config]
    site = flask_app.extensions["tierslieu"]
    _as_if_started(site)
    settings, registered = dict(flask_app.config), set(site.hooks.manager.get_plugins())
    yield flask_app
    for stranger in set(site.hooks.manager.get_plugins()) - registered:
        site.hooks.manager.unregister(stranger)
    flask_app.config.clear()
    flask_app.config.update(settings)
    # The file of the next test is another one.
    site.db.dispose()
    # A hook that raises is contained, so a page would merely lack something: not here.
    raised = [
        fault
        for fault in site.hooks.faults
        if fault.plugin.startswith("core") and fault.kind == "raised"
    ]
    assert not raised, raised


def _as_if_started(site: Site) -> None:
    """Forget what an application remembers of the test before."""
    from tierslieu.web.limits import limiter

    # One counter serves every application of a process.
    with suppress(Exception):
        limiter.reset()
    site.memo.clear()
    site.hooks.faults.clear()
    site.plugins.hooks.unwritten.clear()
    site.plugins.switches.stale()
    if site.db.turn is not None:
        site.db.turn = type(site.db.turn)()


@pytest.fixture
def site(app: Any) -> Site:
    """The site of a test installation."""
    found: Site = app.extensions["tierslieu"]
    return found


@pytest.fixture(scope="session")
def _keeper(tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    return Keeper(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def built_once(site: Site, _keeper: Keeper) -> Callable[[Callable[[], Any]], Any]:
    """``built_once(build)`` for a setting that many tests begin with, on an empty database.

    ``build()`` writes it and gives a dataclass that describes it; it is called by the first test of
    a process for each kind of database. The others find the same rows and the same description.
    """
    return lambda build: _keeper.built(site, build)


@pytest.fixture
def client(app: Any) -> Any:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def work(site: Site) -> Iterator[Work]:
    """Writing work of the system, committed when the test ends."""
    with site.writing() as opened:
        yield opened


class StoppedClock:
    """The clock of a test: it stands still until it is moved."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.now = clock.now()
        self.set(self.now)

    def set(self, at: datetime) -> None:
        """It is this moment now, for every thread; a moment needs its zone."""
        self.now = at
        self._stack.enter_context(clock.frozen(at))

    def move(self, **later: float) -> None:
        """So much later, in the words of ``timedelta``: ``stopped_clock.move(hours=3)``."""
        self.set(self.now + timedelta(**later))


@pytest.fixture
def stopped_clock() -> Iterator[StoppedClock]:
    """A clock that stands at the moment at which the test began, and is moved by it."""
    with ExitStack() as stack:
        yield StoppedClock(stack)


@pytest.fixture
def mailbox(site: Site) -> MailBox:
    """The mails of the test's installation; none is sent anywhere."""
    return MailBox(site)


def check_plugin(name: str, folder: Path | None = None) -> None:
    """Fail with every point in which the plugin breaks the contract that all plugins keep.

    Its manifest is complete, its tables are prefixed and let go of the core's rows, columns that
    point to a person say how they are exported and erased, its routes declare permissions, its
    templates stand in its own folder, it imports nothing of the core but the toolkit, and its
    steps make exactly the tables of its models. What it uses that goes away in a later version is
    a warning, HookDeprecated. ``folder``: where it was dropped in, if it was.
    """
    from tierslieu.plugins import Plugins
    from tierslieu.plugins.contract import problems
    from tierslieu.plugins.specs import HookDeprecated, going_away

    plugins = Plugins(load({}, plugins_folders=(str(folder),) if folder else ()))
    item = plugins.find(name)
    for sentence in going_away(item, plugins.known_hooks(item)):
        warnings.warn(f"the plugin “{name}”: {sentence}", HookDeprecated, stacklevel=2)
    found = problems(plugins, name)
    assert not found, "\n".join([f"the plugin “{name}”:", *found])


__all__ = [
    "ALL_DAY",
    "OPEN_TO_ALL",
    "PASSWORD",
    "MailBox",
    "StoppedClock",
    "Work",
    "a_booking",
    "a_card",
    "a_room",
    "a_token",
    "a_venue",
    "an_account",
    "calendar_entries",
    "check_plugin",
    "csrf_token",
    "drain",
    "left_out",
    "metadata",
    "sign_in",
]
