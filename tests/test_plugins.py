"""Plugins: found or broken, on or off, and never able to take others' work down with them."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.config import Config
from tierslieu.contributions import BookingChange, Candidate, NavItem
from tierslieu.kernel.actor import SYSTEM
from tierslieu.kernel.db import Database
from tierslieu.kernel.errors import Invalid, NotFound, Reason
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.plugins import Plugins
from tierslieu.plugins.checks import drop_tables, ordered
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.models import PluginFault, PluginRegistry, PluginState
from tierslieu.plugins.switching import ask_to_enable
from tierslieu.testing import a_venue, an_account, sign_in

Write = Callable[..., Path]
House = Callable[..., Site]

HEAD = """
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship
import tierslieu.toolkit as tl
"""
MANIFEST = 'plugin = tl.Plugin("{name}", "Test", "A plugin of a test.")\n'
A_TABLE = """
class Entry(tl.Model):
    __tablename__ = "{name}_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(default="")
"""


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Write a plugin into the folder that is searched; all traces go when the test ends."""
    names: list[str] = []

    def written(name: str, text: str, manifest: str = MANIFEST) -> Path:
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        body = HEAD + manifest.format(name=name) + textwrap.dedent(text).replace("{name}", name)
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
def house(config: Config, tmp_path: Path) -> Iterator[House]:
    """A site without pages on this database; each call is another process of the same house."""
    opened: list[Site] = []

    def open_one(**settings: object) -> Site:
        settings.setdefault("plugins_folders", (str(tmp_path / "plugins"),))
        mine = replace(config, **settings)  # type: ignore[arg-type]
        plugins = Plugins(mine)
        site = Site(mine, Database(mine.database), plugins.hooks, plugins)
        plugins.load(site)
        opened.append(site)
        return site

    yield open_one
    for site in opened:
        site.db.dispose()


def nav(site: Site) -> list[str]:
    found = site.hooks.gather(hookspecs.nav_items, actor=SYSTEM, place="main")
    return [item.url for item in found if isinstance(item, NavItem)]


def faults(site: Site) -> list[str]:
    return [each.plugin for each in site.hooks.faults if not each.plugin.startswith("core")]


def a_change() -> BookingChange:
    return BookingChange(1, 1, 1, None, "confirmed", "made")


ADDS = """
@tl.hookimpl
def nav_items(place):
    yield tl.NavItem(tl.sentences("{name}")("Words"), "/{name}")
"""


def test_the_bundled_ones_are_found_and_on_from_the_start(house: House) -> None:
    site = house()

    ical = site.plugins.find("ical")
    assert ical.is_bundled
    assert ical.version
    assert site.plugins.is_on("ical")
    assert not site.plugins.broken


def test_a_dropped_in_one_is_found_and_off_until_somebody_says_so(
    house: House, write: Write
) -> None:
    write("words", ADDS)
    site = house()

    assert site.plugins.find("words").fault is None
    assert not site.plugins.is_on("words")
    assert nav(site) == []


def test_a_blocked_one_is_not_even_looked_at(house: House, write: Write) -> None:
    write("words", "raise SystemExit('never')")
    site = house(plugins_blocked=("words",))

    with pytest.raises(NotFound):
        site.plugins.find("words")


@pytest.mark.parametrize(
    ("text", "manifest", "says"),
    [
        ("import a_library_that_is_not_there", MANIFEST, "a_library_that_is_not_there"),
        ("raise SystemExit(3)", MANIFEST, "SystemExit"),
        ("syntax error here", MANIFEST, "SyntaxError"),
        ("", "", "no “plugin = Plugin(…)”"),
        ("", 'plugin = tl.Plugin("other", "T", "s")\n', "entry point"),
        ("", 'plugin = tl.Plugin("{name}", "T", "s", hook_api=99)\n', "99"),
        ("", 'plugin = tl.Plugin("{name}", "T", "s", requires=("absent",))\n', "absent"),
        ("@tl.hookimpl\ndef no_such_hook(work): ...", MANIFEST, "no_such_hook"),
        ("@tl.hookimpl\ndef nav_items(actor, moon): ...", MANIFEST, "moon"),
        (A_TABLE.replace("{name}_entry", "entry"), MANIFEST, "entry"),
        (
            A_TABLE + '    wrong: Mapped["Nobody"] = relationship("Nobody")\n',
            MANIFEST,
            "Nobody",
        ),
    ],
    ids=[
        "a library is missing",
        "it ends the program",
        "it is not Python",
        "it has no manifest",
        "it has another name",
        "it is for other hooks",
        "it needs what is not there",
        "it answers what nobody asks",
        "it wants what nobody gives",
        "its table has no prefix",
        "its tables are mapped wrongly",
    ],
)
def test_a_broken_one_is_named_and_the_house_stands(
    house: House, write: Write, text: str, manifest: str, says: str
) -> None:
    write("wreck", text, manifest)
    write("words", ADDS)
    site = house()
    site.plugins.enable(site, "words")

    assert says in str(site.plugins.broken["wreck"])
    assert set(site.plugins.broken) == {"wreck"}
    assert nav(site) == ["/words"]
    with pytest.raises(Invalid):
        site.plugins.enable(site, "wreck")


def test_a_plugin_cannot_call_itself_like_a_table_of_the_core(house: House, write: Write) -> None:
    write("booking", "")

    assert "core" in str(house().plugins.broken["booking"])


def test_they_are_called_by_requirement_then_by_name() -> None:
    class Needs(Installed):
        requires = ()

    def one(name: str, *requires: str) -> Installed:
        made = type("Made", (Installed,), {"requires": requires})
        return made(name, f"{name}.plugin")

    found = ordered([one("zebra"), one("apple", "zebra"), one("pear"), one("fig", "ghost")])

    assert [item.name for item in found] == ["pear", "zebra", "apple", "fig"]
    assert [item.name for item in found if item.fault] == ["fig"]


def test_enabling_makes_its_tables_and_disabling_keeps_its_rows(house: House, write: Write) -> None:
    write_migrated(write, "words", ADDS)
    site, other = house(), house()

    site.plugins.enable(site, "words")
    with site.writing() as work:
        work.session.execute(sa.text("INSERT INTO words_entry (words) VALUES ('Lisière')"))
    other.plugins.switches.stale()
    assert nav(site) == nav(other) == ["/words"]

    other.plugins.disable(other, "words")
    site.plugins.switches.stale()
    assert nav(site) == nav(other) == []
    with site.reading() as work:
        assert work.session.execute(sa.text("SELECT words FROM words_entry")).scalar() == "Lisière"
        kept = work.session.get(PluginRegistry, "words")
        assert kept is not None
        assert kept.manifest["tables"] == {"words_entry": ["id", "words"]}

    site.plugins.enable(site, "words")
    assert nav(site) == ["/words"]
    drop_schema(site, "words")


def test_another_process_notices_within_a_second(
    house: House, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("words", ADDS)
    site, other = house(), house()
    assert nav(other) == []

    site.plugins.enable(site, "words")
    monkeypatch.setattr("tierslieu.plugins.switches.FRESH", 0.0)

    assert nav(other) == ["/words"]


def test_tables_newer_than_the_code_break_the_plugin_not_the_site(
    house: House, write: Write
) -> None:
    write_migrated(write, "words", ADDS)
    site = house()
    site.plugins.enable(site, "words")
    with site.writing() as work:
        work.session.execute(sa.text("UPDATE alembic_version_words SET version_num = '0002'"))

    later = house()
    assert "newer" in str(later.plugins.broken["words"])
    assert nav(later) == []
    assert later.plugins.is_on("ical")
    drop_schema(site, "words")


def test_a_new_step_waits_for_upgrade_and_is_used_after_it(house: House, write: Write) -> None:
    folder = write_migrated(write, "words", ADDS)
    site = house()
    site.plugins.enable(site, "words")
    step = (folder / "migrations" / "0001_words.py").read_text()
    step = step.replace('revision = "0001"', 'revision = "0002"', 1)
    step = step.replace("down_revision = None", 'down_revision = "0001"')
    step = step.replace('"words_entry"', '"words_more"')
    (folder / "migrations" / "0002_more.py").write_text(step)

    later = house()
    assert "upgrade" in str(later.plugins.broken["words"])
    assert later.plugins.upgrade(later) == ["words 0002"]
    assert nav(later) == ["/words"]
    drop_schema(site, "words")


def test_a_plugin_that_fails_to_migrate_does_not_stop_the_others(
    house: House, write: Write
) -> None:
    folder = write_migrated(write, "words", ADDS)
    write("verbs", ADDS)
    site = house()
    site.plugins.enable(site, "words")
    site.plugins.enable(site, "verbs")
    (folder / "migrations" / "0002_wreck.py").write_text(
        'revision = "0002"\ndown_revision = "0001"\ndef upgrade():\n    raise OSError("no")\n'
    )

    later = house()
    later.plugins.upgrade(later)

    assert "OSError" in str(later.plugins.broken["words"])
    assert nav(later) == ["/verbs"]
    drop_schema(site, "words")


def test_what_others_need_is_not_switched_off_and_needs_come_first(
    house: House, write: Write
) -> None:
    write("words", ADDS)
    write("verbs", ADDS, 'plugin = tl.Plugin("{name}", "T", "s", requires=("words",))\n')
    site = house()

    with pytest.raises(Invalid):
        site.plugins.enable(site, "verbs")
    site.plugins.enable(site, "words")
    site.plugins.enable(site, "verbs")
    with pytest.raises(Invalid):
        site.plugins.disable(site, "words")
    assert nav(site) == ["/words", "/verbs"]


def test_the_admin_page_enables_by_a_job(house: House, write: Write) -> None:
    write_migrated(write, "words", ADDS)
    site = house()

    with site.writing() as work:
        ask_to_enable(work, "words")
    assert not site.plugins.is_on("words")
    with site.writing() as work:
        job = work.session.scalars(sa.select(Job).where(Job.name == "plugins.enable")).one()
        site.jobs[job.name].run(work, **job.payload)

    assert site.plugins.is_on("words")
    drop_schema(site, "words")


def test_a_job_that_cannot_enable_says_why(house: House, write: Write) -> None:
    folder = write_migrated(write, "words", ADDS)
    (folder / "migrations" / "0001_words.py").write_text(
        'revision = "0001"\ndown_revision = None\ndef upgrade():\n    raise OSError("no room")\n'
    )
    site = house()

    with site.writing() as work:
        site.jobs["plugins.enable"].run(work, name="words")

    with site.reading() as work:
        row = work.session.get(PluginState, "words")
        assert row is not None
        assert (row.state, row.note) == ("failed", "no room")


RAISES = """
@tl.hookimpl
def nav_items(place):
    raise ValueError("nav")

@tl.hookimpl
def booking_objections(work, candidates):
    raise ValueError("judge")

@tl.hookimpl
def bookings_changed(work, changes):
    work.later("lost")
    raise ValueError("react")
"""


def a_candidate(work: Work) -> Candidate:
    from datetime import timedelta

    return Candidate(1, 1, Span(work.now, work.now + timedelta(hours=1)))


def test_one_that_raises_takes_only_its_own_part_with_it(house: House, write: Write) -> None:
    write("wreck", RAISES)
    write("words", ADDS)
    site = house()
    for name in ("wreck", "words"):
        site.plugins.enable(site, name)

    with site.writing() as work:
        work.later("kept")
        site.hooks.tell(hookspecs.bookings_changed, work=work, changes=[a_change()])
        objections = site.hooks.objections(
            hookspecs.booking_objections, work=work, candidates=[a_candidate(work)]
        )

    assert nav(site) == ["/words"]
    assert [o.code for o in objections if isinstance(o, Reason)] == ["cannot_be_checked"]
    assert jobs(site) & {"kept", "lost"} == {"kept"}
    assert {fault.hook for fault in site.hooks.faults} >= {"nav_items", "bookings_changed"}


@pytest.mark.parametrize(
    "act",
    [
        "work.session.commit()",
        "work.session.rollback()",
        "work.session.close()",
        'work.session.execute(sa.text("SELECT nothing FROM nowhere"))',
        "return 1 / 0",
    ],
)
def test_no_reaction_can_end_or_spoil_the_work(house: House, write: Write, act: str) -> None:
    write("wreck", f"@tl.hookimpl\ndef bookings_changed(work, changes):\n    {act}\n")
    site = house()
    site.plugins.enable(site, "wreck")

    with site.writing() as work:
        work.later("kept")
        site.hooks.tell(hookspecs.bookings_changed, work=work, changes=[a_change()])
        work.later("kept too")

    assert jobs(site) >= {"kept", "kept too"}


@pytest.mark.parametrize(
    "rubbish",
    ["return 3", 'return ["words"]', "return [None]", 'yield tl.NavItem("Words", "/words")'],
)
def test_rubbish_is_left_out(house: House, write: Write, rubbish: str) -> None:
    write("wreck", f"@tl.hookimpl\ndef nav_items(place):\n    {rubbish}\n")
    write("words", ADDS)
    site = house()
    for name in ("wreck", "words"):
        site.plugins.enable(site, name)

    assert nav(site) == ["/words"]
    assert faults(site) == ["wreck"]


def test_three_strikes_suspend_what_it_adds_but_not_what_it_refuses(
    house: House, write: Write
) -> None:
    write("wreck", RAISES)
    site, other = house(), house()
    site.plugins.enable(site, "wreck")

    for _ in range(3):
        with site.writing() as work:
            site.hooks.tell(hookspecs.bookings_changed, work=work, changes=[a_change()])

    assert site.plugins.is_suspended("wreck")
    other.plugins.switches.stale()
    assert other.plugins.is_suspended("wreck")
    assert nav(site) == []
    assert faults(site) == ["wreck"] * 3
    with site.reading() as work:
        assert len(list(work.session.scalars(sa.select(PluginFault)))) == 3
        candidates = [a_candidate(work)]
        asked = {"work": work, "candidates": candidates}
        assert len(site.hooks.objections(hookspecs.booking_objections, **asked)) == 1

    site.plugins.enable(site, "wreck")
    assert not site.plugins.is_suspended("wreck")


def test_the_jobs_of_one_that_is_off_do_nothing(house: House, write: Write) -> None:
    write(
        "words",
        "",
        "def run(work):\n    work.later('done')\n"
        'plugin = tl.Plugin("{name}", "T", "s", jobs=[tl.JobKind("words.do", run)])\n',
    )
    site = house()
    kind = site.jobs["words.do"]

    with site.writing() as work:
        kind.run(work)
    assert "done" not in jobs(site)

    site.plugins.enable(site, "words")
    with site.writing() as work:
        kind.run(work)
    assert "done" in jobs(site)


def jobs(site: Site) -> set[str]:
    with site.reading() as work:
        return set(work.session.scalars(sa.select(Job.name)))


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


def write_migrated(write: Write, name: str, text: str) -> Path:
    folder = write(name, A_TABLE + text)
    (folder / "migrations").mkdir()
    step = folder / "migrations" / f"0001_{name}.py"
    step.write_text(STEP.replace("{name}", name))
    return folder


def drop_schema(site: Site, name: str) -> None:
    """On PostgreSQL the database is used again by the next test."""
    with site.writing() as work:
        for table in (f"{name}_entry", f"{name}_more", f"alembic_version_{name}"):
            work.session.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))


# -- pages --------------------------------------------------------------------------------------

A_PAGE = """
import flask
bp = flask.Blueprint("{name}", __name__)
plugin = tl.Plugin("{name}", "Words", "Pages of a test.", blueprints=[bp])
@bp.get("/{name}")
@tl.allow(tl.PUBLIC)
def words(): return "words"
@bp.post("/{name}/secret")
@tl.allow(tl.SIGNED_IN)
def secret(): return "secret"
"""


@pytest.fixture
def open_app(config: Config, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """The whole application with the plugins of the folder."""
    from tierslieu.app import create_app

    opened: list[Any] = []

    def open_one() -> Any:
        settings = replace(config, plugins_folders=(str(tmp_path / "plugins"),))
        settings.instance.mkdir(parents=True, exist_ok=True)
        opened.append(create_app(settings))
        return opened[-1]

    yield open_one
    for app in opened:
        app.extensions["tierslieu"].db.dispose()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (A_PAGE.replace("/{name}", "/sign-in", 1), "/sign-in"),
        (A_PAGE.replace("/{name}", "/venues/<other>", 1), "/venues/<other>"),
        (A_PAGE.replace("@tl.allow(tl.PUBLIC)\n", ""), "permission"),
        (A_PAGE.replace('flask.Blueprint("{name}"', 'flask.Blueprint("people"'), "people"),
        (A_PAGE.replace("import flask", "import flask\nraise OSError('late')"), "late"),
    ],
    ids=["a page of the core", "under another name", "no permission", "a name", "an import"],
)
def test_pages_that_take_what_is_not_theirs_break_the_plugin(
    open_app: Callable[[], Any], write: Write, text: str, says: str
) -> None:
    write("wreck", text, "")
    app = open_app()
    site = app.extensions["tierslieu"]

    assert says in str(site.plugins.broken["wreck"])
    assert app.test_client().get("/sign-in").status_code == 200


def test_pages_are_absent_while_their_plugin_is_off(
    open_app: Callable[[], Any], write: Write
) -> None:
    write("words", A_PAGE, "")
    app = open_app()
    client, site = app.test_client(), app.extensions["tierslieu"]

    def asked() -> list[int]:
        wrong_way = client.put("/words").status_code
        return [
            client.get("/words").status_code,
            client.get("/words/secret").status_code,
            wrong_way,
        ]

    assert asked() == [404, 404, 404]
    site.plugins.enable(site, "words")
    assert asked() == [200, 405, 405]
    site.plugins.disable(site, "words")
    assert asked() == [404, 404, 404]


def test_a_network_admin_sees_and_switches_them(open_app: Callable[[], Any], write: Write) -> None:
    write("words", A_PAGE, "")
    write("wreck", "raise OSError('rusty')")
    app = open_app()
    client, site = app.test_client(), app.extensions["tierslieu"]
    app.config["WTF_CSRF_ENABLED"] = False
    with site.writing() as work:
        a_venue(work)
        an_account(work, "admin@example.org", role="network_admin")
        an_account(work, "member@example.org")

    sign_in(client, "admin@example.org")
    page = client.get("/admin/plugins").get_data(as_text=True)
    assert "Pages of a test." in page
    assert "OSError: rusty" in page
    assert client.post("/admin/plugins/words/enable").status_code == 302
    assert "Being switched on" in client.get("/admin/plugins").get_data(as_text=True)
    with site.writing() as work:
        site.jobs["plugins.enable"].run(work, name="words")
    assert client.get("/words").status_code == 200
    assert client.post("/admin/plugins/words/disable").status_code == 302
    assert client.get("/words").status_code == 404
    assert client.post("/admin/plugins/nothing/enable").status_code == 404

    other = app.test_client()
    assert other.get("/admin/plugins").status_code == 302
    sign_in(other, "member@example.org")
    assert other.post("/admin/plugins/ical/disable").status_code == 403
    assert site.plugins.is_on("ical")


def test_faults_while_reading_are_written_when_the_page_is_done(
    open_app: Callable[[], Any], write: Write
) -> None:
    write("wreck", RAISES)
    app = open_app()
    site = app.extensions["tierslieu"]
    site.plugins.enable(site, "wreck")

    for _ in range(3):
        assert app.test_client().get("/sign-in").status_code == 200

    assert site.plugins.is_suspended("wreck")
