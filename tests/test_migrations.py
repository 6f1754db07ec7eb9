"""The steps make what the models say, on both databases, once, and undo it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tierslieu import migrate
from tierslieu.kernel import guards
from tierslieu.kernel.db import Database, metadata
from tierslieu.migrate import MigrationError, NewerDatabase
from tierslieu.testing import left_out


@dataclass(frozen=True)
class Bundle:
    """A plugin as far as migrations go."""

    name: str
    migrations: Path


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Database]:
    """A SQLite file that this test alone has, migrated."""
    opened = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    migrate.upgrade(opened)
    yield opened
    opened.dispose()


def step(folder: Path, number: str, up: str, *, down: str = "pass", extra: str = "") -> None:
    """Write one step by hand: ``number`` follows the one before it."""
    folder.mkdir(parents=True, exist_ok=True)
    before = None if number == "0001" else f"{int(number) - 1:04d}"
    lines = [
        "import sqlalchemy as sa",
        "from alembic import op",
        f'revision = "{number}"',
        f"down_revision = {before!r}",
        extra,
        "def upgrade():",
        textwrap.indent(up, "    "),
        "def downgrade():",
        textwrap.indent(down, "    "),
    ]
    (folder / f"{number}_step.py").write_text("\n".join(lines))


def make_shelf(folder: Path) -> Bundle:
    step(
        folder,
        "0001",
        'op.create_table("shelf_item", sa.Column("id", sa.Integer(), primary_key=True))',
        down='op.drop_table("shelf_item")',
    )
    return Bundle("shelf", folder)


def test_the_models_and_the_steps_say_the_same(database: Database) -> None:
    assert migrate.drift(database) == []


def test_every_table_of_the_models_exists_and_every_guard(database: Database) -> None:
    migrate.import_models()
    with database.reader.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        assert guards.missing(connection) == []
    assert {"booking", "claim", "occupancy", "mail", "job", "audit_entry"} <= tables
    assert {
        name for name in metadata.tables if not name.startswith(("ical_", "lending_"))
    } <= tables


def test_upgrading_twice_applies_nothing_the_second_time(fresh: Database) -> None:
    assert migrate.pending(fresh) == []
    assert migrate.upgrade(fresh) == []


def test_a_step_can_be_undone_and_done_again(fresh: Database) -> None:
    migrate.downgrade(fresh, "base")
    assert sa.inspect(fresh.reader).get_table_names() == ["alembic_version"]
    assert migrate.pending(fresh)
    assert migrate.upgrade(fresh)
    assert migrate.drift(fresh) == []


@pytest.mark.postgres
def test_a_step_can_be_undone_and_done_again_on_postgresql(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with empty("postgresql", tmp_path, request) as url:
        database = Database(url)
        try:
            migrate.upgrade(database)
            migrate.downgrade(database, "base")
            assert sa.inspect(database.reader).get_table_names() == ["alembic_version"]
            migrate.upgrade(database)
            assert migrate.drift(database) == []
        finally:
            database.dispose()


def test_a_plugin_has_a_stream_and_a_version_of_its_own(fresh: Database, tmp_path: Path) -> None:
    shelf = make_shelf(tmp_path / "shelf")
    assert migrate.pending(fresh, [shelf]) == ["shelf 0001"]
    assert migrate.upgrade(fresh, [shelf]) == ["shelf 0001"]
    names = sa.inspect(fresh.reader).get_table_names()
    assert {"shelf_item", "alembic_version_shelf"} <= set(names)
    # Uninstalled: the core neither sees its tables nor is held up by its version.
    assert migrate.upgrade(fresh) == []
    assert migrate.drift(fresh, [shelf]) == []
    migrate.downgrade(fresh, "base", shelf)
    assert "shelf_item" not in sa.inspect(fresh.reader).get_table_names()


def test_a_plugin_whose_step_fails_is_named_and_the_others_go_on(
    fresh: Database, tmp_path: Path
) -> None:
    step(tmp_path / "bad", "0001", 'op.execute("CREATE TABLE bad_half (id INTEGER)"); 1 / 0')
    bad, shelf = Bundle("bad", tmp_path / "bad"), make_shelf(tmp_path / "shelf")
    seen: dict[str, str] = {}
    applied = migrate.upgrade(
        fresh, [bad, shelf], broken=lambda name, error: seen.update({name: type(error).__name__})
    )
    assert applied == ["shelf 0001"]
    assert seen == {"bad": "ZeroDivisionError"}
    assert "bad_half" not in sa.inspect(fresh.reader).get_table_names()


def test_a_database_of_a_newer_program_is_refused_in_one_line(fresh: Database) -> None:
    with fresh.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert migrate.is_newer(fresh)
    with pytest.raises(NewerDatabase, match="at step 9999"):
        migrate.upgrade(fresh)


def test_a_plugin_newer_than_its_code_does_not_stop_the_site(
    fresh: Database, tmp_path: Path
) -> None:
    shelf = make_shelf(tmp_path / "shelf")
    migrate.upgrade(fresh, [shelf])
    with fresh.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version_shelf SET version_num = '0007'")
    assert migrate.newer(fresh, [shelf]) == ["shelf"]
    assert not migrate.is_newer(fresh, [shelf])


def test_a_guard_that_was_dropped_is_back_after_an_upgrade(fresh: Database) -> None:
    with fresh.writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER occupancy_no_overlap")
    migrate.upgrade(fresh)
    with fresh.reader.connect() as connection:
        assert guards.missing(connection) == []


def test_rows_that_vanish_from_a_table_nobody_named_stop_the_step(
    fresh: Database, tmp_path: Path
) -> None:
    with fresh.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO erasure VALUES ('a', '2026-01-01T00:00:00Z')")
    step(tmp_path / "greedy", "0001", 'op.execute("DELETE FROM erasure")')
    with pytest.raises(MigrationError, match=r"erasure \(1 → 0\)"):
        migrate.upgrade(fresh, [Bundle("greedy", tmp_path / "greedy")])
    with fresh.reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM erasure").scalar_one() == 1


def test_a_step_that_names_the_table_may_change_its_rows(fresh: Database, tmp_path: Path) -> None:
    with fresh.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO erasure VALUES ('a', '2026-01-01T00:00:00Z')")
    step(
        tmp_path / "honest",
        "0001",
        'op.execute("DELETE FROM erasure")',
        extra='rows_change = ("erasure",)',
    )
    assert migrate.upgrade(fresh, [Bundle("honest", tmp_path / "honest")]) == ["honest 0001"]


def test_rows_that_would_point_to_nothing_stop_the_step(fresh: Database, tmp_path: Path) -> None:
    row = "1, 99, 'reset', 'x', '{}', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'"
    columns = "id, account_id, purpose, token_hash, payload, created_at, expires_at"
    step(
        tmp_path / "lost",
        "0001",
        f'op.execute("INSERT INTO account_token ({columns}) VALUES ({row})")',
        extra='rows_change = ("account_token",)',
    )
    with pytest.raises(MigrationError, match="account_token → account"):
        migrate.upgrade(fresh, [Bundle("lost", tmp_path / "lost")])


ONE_BOOKED_HOUR = """
INSERT INTO venue_kind (key, label, rank) VALUES ('hall', '{}', 0);
INSERT INTO venue (id, slug, name, kind, street, area, town, position, zone, affiliation, accent,
  lede, source, closed_on_holidays, desk_may_approve, published, revision, version)
  VALUES (1, 'a', 'A', 'hall', '', '', '', 'area', 'UTC', '', '', '{}', '', 1, 0, 1, 1, 1);
INSERT INTO resource (id, venue_id, kind, name, active, bookable) VALUES (1, 1, 'room', 'R', 1, 1);
INSERT INTO claim (id, public_id, venue_id, resource_id, kind, owner, label, visibility,
  starts_at, ends_at) VALUES (1, 'c', 1, 1, 'booking', 'core', '', 'private',
  '2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z');
INSERT INTO occupancy (id, resource_id, claim_id, starts_at, ends_at)
  VALUES (1, 1, 1, '2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z')
"""


def test_a_table_rebuilt_on_sqlite_keeps_its_rows_and_gets_its_guards_back(
    fresh: Database, tmp_path: Path
) -> None:
    with fresh.writer.begin() as connection:
        for statement in ONE_BOOKED_HOUR.split(";"):
            connection.exec_driver_sql(statement)
    step(
        tmp_path / "wide",
        "0001",
        'for table in ("claim", "occupancy"):\n'
        '    with op.batch_alter_table(table, recreate="always"):\n'
        "        pass",
    )
    assert migrate.upgrade(fresh, [Bundle("wide", tmp_path / "wide")]) == ["wide 0001"]
    with fresh.writer.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM occupancy").scalar_one() == 1
        assert guards.missing(connection) == []
        with pytest.raises(sa.exc.IntegrityError, match="occupancy overlap"):
            connection.exec_driver_sql(
                "INSERT INTO occupancy (resource_id, claim_id, starts_at, ends_at) VALUES "
                "(1, 1, '2026-01-01T10:30:00Z', '2026-01-01T11:30:00Z')"
            )


def test_a_file_is_copied_before_anything_is_applied_and_three_copies_are_kept(
    fresh: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    for number in range(1, 6):
        up = f'op.create_table("many_{number}", sa.Column("id", sa.Integer(), primary_key=True))'
        step(folder, f"{number:04d}", up)
        migrate.upgrade(fresh, [Bundle("many", folder)])
    copies = sorted((tmp_path / "copies").glob("fresh-*.db"))
    assert len(copies) == 3
    copied = sa.create_engine(f"sqlite:///{copies[-1]}")
    assert "booking" in sa.inspect(copied).get_table_names()
    copied.dispose()


def test_the_next_step_of_a_plugin_is_written_from_its_models(tmp_path: Path) -> None:
    """In a process of its own, since a model stays in the metadata for ever."""
    program = f"""
from pathlib import Path
from types import SimpleNamespace
from sqlalchemy.orm import Mapped, mapped_column
from datetime import datetime
from tierslieu import migrate
from tierslieu.kernel.db import PluginModel, Database

class Item(PluginModel):
    __tablename__ = "shelf_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]

shelf = SimpleNamespace(name="shelf", migrations=Path({str(tmp_path)!r}) / "shelf")
print(migrate.revision("The shelf", shelf).read_text())
assert migrate.drift() == [], "the core's stream takes no notice"
assert migrate.drift(plugins=[shelf], stream=migrate.streams([shelf])[1]) == []
try:
    migrate.revision("Nothing", shelf)
except migrate.MigrationError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert '"shelf_item"' in done.stdout.replace("'", '"')
    assert "from tierslieu.toolkit import UtcDateTime" in done.stdout
    assert '"booking"' not in done.stdout.replace("'", '"')
    assert "already as the models say" in done.stdout


UPGRADE = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from tierslieu import migrate
from tierslieu.kernel.db import Database
plugins = [SimpleNamespace(name="slow", migrations=Path(p)) for p in sys.argv[2:]]
print("ready", flush=True)
sys.stdin.readline()
print(migrate.upgrade(Database(sys.argv[1]), plugins), flush=True)
"""


def start(url: str, *plugins: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", UPGRADE, url, *map(str, plugins)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_servers_that_upgrade_at_once_apply_each_step_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with empty(kind, tmp_path, request) as url:
        looking = Database(url)
        steps = migrate.pending(looking)
        looking.dispose()
        servers = [start(url) for _ in range(4)]
        for server in servers:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
        for server in servers:
            go(server)
        said = [server.communicate(timeout=60) for server in servers]
        assert [server.returncode for server in servers] == [0] * 4, said
        assert sorted(out.strip() for out, _ in said) == [str(steps), "[]", "[]", "[]"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgrade_killed_in_the_middle_leaves_nothing_half_done(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "slow"
    table = 'op.create_table("slow_one", sa.Column("id", sa.Integer(), primary_key=True))'
    step(folder, "0001", f'{table}; print("half", flush=True); import time; time.sleep(60)')
    with empty(kind, tmp_path, request) as url:
        server = start(url, folder)
        go(server)
        assert server.stdout is not None
        while server.stdout.readline() != "half\n":
            assert server.poll() is None
        server.kill()
        server.communicate()
        file = folder / "0001_step.py"
        file.write_text(file.read_text().replace("time.sleep(60)", "time.sleep(0)"))
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        database = Database(url)
        try:
            assert migrate.pending(database) == []
            assert "slow_one" not in sa.inspect(database.reader).get_table_names()
            began = time.monotonic()
            assert migrate.upgrade(database, [Bundle("slow", folder)]) == ["slow 0001"]
            assert time.monotonic() - began < 10
        finally:
            database.dispose()


class empty:
    """The address of a database in which nothing is yet, dropped at the end."""

    def __init__(self, kind: str, folder: Path, request: pytest.FixtureRequest) -> None:
        self.url = f"sqlite:///{folder / 'race.db'}"
        self.server: sa.Engine | None = None
        if kind == "postgresql":
            base = request.getfixturevalue("_postgres_url")
            if base is None:
                left_out("PostgreSQL")
            url = sa.make_url(base).set(drivername="postgresql+psycopg")
            self.server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
            self.name = f"{url.database}_race"
            self.url = url.set(database=self.name).render_as_string(hide_password=False)

    def __enter__(self) -> str:
        if self.server is not None:
            with self.server.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {self.name}")
        return self.url

    def __exit__(self, *_: object) -> None:
        if self.server is not None:
            with self.server.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {self.name} WITH (FORCE)")
            self.server.dispose()
