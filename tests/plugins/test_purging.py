"""Purging: exported first, then gone; what it holds stays held until a manager gives it back."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.actor import SYSTEM, Actor
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.plugins.held import give_back, held_at
from tierslieu.plugins.models import PluginState
from tierslieu.plugins.purging import purge
from tierslieu.plugins.settings.rules import Place
from tierslieu.plugins.settings.services import say
from tierslieu.plugins.venues.services import switch
from tierslieu.resources.queries import free
from tierslieu.testing import a_room, a_venue, an_account, sign_in

Write = Callable[[str, str], Path]
House = Callable[[], Site]
SECRET = "correct horse battery"

LOANS = """
class Thing(tl.Model):
    __tablename__ = "{name}_thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(default="")
class Loan(tl.Model):
    __tablename__ = "{name}_loan"
    id: Mapped[int] = mapped_column(
        sa.ForeignKey("claim.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    thing_id: Mapped[int] = mapped_column(sa.ForeignKey("{name}_thing.id"))
plugin = tl.Plugin(
    "{name}", "Loans", "Loans of a test.",
    settings=(
        tl.Setting("days", "integer", "Days", 7),
        tl.Setting("key", "text", "Key", secret=True),
    ),
)
def lend(work, room, span):
    claim = tl.new_claim(work, venue_id=room.venue_id, kind="loan", span=span,
                         resource_id=room.id, label="A ladder")
    tl.take(work, [tl.Taking(claim.id, (room.id,), span)])
    thing = Thing(words='Scala, "lunga"\\ndi legno')
    work.session.add(thing)
    work.session.flush()
    work.session.add(Loan(id=claim.id, thing_id=thing.id))
    return claim.public_id
"""
STEP = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def upgrade():
    op.create_table("{name}_thing", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("words", sa.Text(), nullable=False))
    op.create_table("{name}_loan",
        sa.Column("id", sa.Integer(), sa.ForeignKey("claim.id", ondelete="CASCADE"),
                  primary_key=True, autoincrement=False),
        sa.Column("thing_id", sa.Integer(), sa.ForeignKey("{name}_thing.id"), nullable=False))
def downgrade(): ...
"""


class Scene:
    def __init__(self, site: Site) -> None:
        self.site = site
        with site.writing() as work:
            self.venue = a_venue(work, "one")
            self.room = a_room(work, self.venue)
            # At noon, so that it is the same day on every clock.
            start = (work.now + timedelta(days=2)).replace(hour=12, minute=0, second=0)
            self.span = Span(start, start + timedelta(hours=2))
        site.plugins.enable(site, "loans")
        with site.writing() as work:
            module: Any = site.plugins.find("loans").module
            self.claim = module.lend(work, self.room, self.span)
            say(work, site.plugins, "loans", Place(), {"days": "9", "key": SECRET})

    def is_free(self) -> bool:
        with self.site.reading() as work:
            return bool(free(work.session, [self.room.id], self.span, work.now))

    def held(self) -> list[str]:
        with self.site.reading() as work:
            found = held_at(work.session, self.site.plugins, self.venue.id, work.now)
            return [each.label for each in found]

    def give_back(self, actor: Actor = SYSTEM) -> None:
        with self.site.writing(actor) as work:
            give_back(work, self.site.plugins, self.venue.id, self.claim)

    def tables(self) -> set[str]:
        with self.site.db.reader.connect() as connection:
            names = sa.inspect(connection).get_table_names()
        return {name for name in names if "loans" in name}


@pytest.fixture
def folder(write: Write) -> Path:
    made = write("loans", LOANS)
    (made / "migrations").mkdir()
    (made / "migrations" / "0001_loans.py").write_text(STEP.replace("{name}", "loans"))
    return made


@pytest.fixture
def scene(house: House, folder: Path) -> Any:
    made = Scene(house())
    yield made
    # On PostgreSQL the database is used again by the next test.
    with made.site.writing() as work:
        for table in ("loans_loan", "loans_thing", "alembic_version_loans"):
            work.session.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))


def test_what_is_on_is_not_purged(scene: Scene) -> None:
    with pytest.raises(Invalid) as refused:
        purge(scene.site, "loans")
    assert refused.value.reasons[0].code == "plugin_on"
    with pytest.raises(NotFound):
        purge(scene.site, "nothing")
    with pytest.raises(Forbidden):
        purge(scene.site, "loans", Actor(account_id=1))
    assert len(scene.tables()) == 3


@pytest.mark.parametrize("installed", [True, False], ids=["its code is there", "it is gone"])
def test_it_is_exported_first_and_then_gone(
    scene: Scene, house: House, folder: Path, installed: bool
) -> None:
    site = scene.site
    site.plugins.disable(site, "loans")
    if not installed:
        shutil.rmtree(folder)
        site = house()
    done = purge(site, "loans")

    assert (done.tables, done.rows, done.held) == (("loans_loan", "loans_thing"), 2, 1)
    assert done.archive.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(done.archive) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("loans_thing.csv").decode())))
        assert [row["words"] for row in rows] == ['Scala, "lunga"\ndi legno']
        lines = archive.read("loans_thing.json").decode().splitlines()
        assert [json.loads(line)["words"] for line in lines] == [rows[0]["words"]]
        said = json.loads(archive.read("plugin.json"))
        assert [(each["name"], each["value"]) for each in said["settings"]] == [("days", 9)]
        assert SECRET not in "".join(archive.read(name).decode() for name in archive.namelist())
    assert scene.tables() == set()
    with site.reading() as work:
        assert work.session.get(PluginState, "loans") is None
    assert not scene.is_free()


def test_a_purged_one_can_be_switched_on_again_and_begins_empty(scene: Scene) -> None:
    site = scene.site
    site.plugins.disable(site, "loans")
    purge(site, "loans")
    site.plugins.enable(site, "loans")

    assert site.plugins.setting("loans", "days") == 7
    with site.reading() as work:
        assert work.session.execute(sa.text("SELECT count(*) FROM loans_thing")).scalar() == 0


def test_a_bundled_one_stays_off(scene: Scene) -> None:
    site = scene.site
    with site.writing() as work:
        work.session.execute(sa.text("DELETE FROM plugin_state WHERE name = 'ical'"))
    # Its tables stay for the tests that follow: only what is said of it is looked at here.
    from tierslieu.plugins.purging import _forget

    with site.writing() as work:
        _forget(work, "ical", bundled=True)
    site.plugins.switches.stale()
    assert not site.plugins.is_on("ical")


def test_what_another_points_to_is_purged_after_it(scene: Scene) -> None:
    scene.site.plugins.disable(scene.site, "loans")
    with scene.site.writing() as work:
        work.session.execute(
            sa.text("CREATE TABLE fines_fine (loan_id INTEGER REFERENCES loans_loan (id))")
        )
    with pytest.raises(Invalid) as refused:
        purge(scene.site, "loans")
    with scene.site.writing() as work:
        work.session.execute(sa.text("DROP TABLE fines_fine"))
    assert refused.value.reasons[0].code == "plugin_pointed_at"
    assert len(scene.tables()) == 3


def test_what_is_held_by_one_that_is_off_is_given_back_by_a_manager(scene: Scene) -> None:
    assert scene.held() == []
    with pytest.raises(Conflict):
        scene.give_back()
    with scene.site.writing() as work:
        switch(work, scene.site.plugins, scene.venue.id, {"loans": False})
    assert scene.held() == ["A ladder"]
    assert not scene.is_free()
    with pytest.raises(Forbidden):
        scene.give_back(Actor(account_id=1))

    scene.give_back()
    assert scene.held() == []
    assert scene.is_free()


def test_the_calendar_of_the_house_says_by_whom_and_the_desk_gives_it_back(
    open_app: Callable[[], Any], folder: Path
) -> None:
    app = open_app()
    scene = Scene(app.extensions["tierslieu"])
    with scene.site.writing() as work:
        an_account(work, "manager@example.org", role="venue_manager", venue=scene.venue)
    client = app.test_client()
    sign_in(client, "manager@example.org")
    day = scene.span.starts_at.date().isoformat()
    calendar = f"/manage/one/timeline?day={day}"
    assert "(off)" not in client.get(calendar).get_data(as_text=True)
    scene.site.plugins.disable(scene.site, "loans")

    assert "held by “Loans” (off)" in client.get(calendar).get_data(as_text=True)
    assert "A ladder" in client.get("/manage/one/plugins").get_data(as_text=True)
    assert client.post(f"/manage/one/held/{scene.claim}").status_code == 302
    assert "A ladder" not in client.get("/manage/one/plugins").get_data(as_text=True)
    assert scene.is_free()
    purge(scene.site, "loans")
