"""What a plugin keeps about a person is hers, also while the plugin cannot be asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.site import Site
from tierslieu.people.privacy.services import erase, export
from tierslieu.testing import an_account

TABLES = {"note": "words", "thanks": "words", "fee": "cents"}
DIARY = """
class Note(tl.Model):
    __tablename__ = "diary_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    words: Mapped[str]
    pin_hash: Mapped[str]
class Thanks(tl.Model):
    __tablename__ = "diary_thanks"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    words: Mapped[str]
class Fee(tl.Model):
    __tablename__ = "diary_fee"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    cents: Mapped[int]
plugin = tl.Plugin(
    "{name}", "Diary", "A diary of a test.",
    person_columns={
        "diary_note.person_id": "delete",
        "diary_thanks.person_id": "forget",
        "diary_fee.person_id": "keep: the tax law wants it for ten years",
    },
)
@tl.hookimpl
def person_data(work, person_id):
    return [tl.PersonDataPart(say("Told by the diary"), ())]
@tl.hookimpl
def person_erased(work, person_id):
    pass
"""
STEP = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def person(kind, null):
    return sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", ondelete=kind),
                     nullable=null)
def upgrade():
    op.create_table("diary_note", sa.Column("id", sa.Integer(), primary_key=True),
        person("CASCADE", False), sa.Column("words", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False))
    op.create_table("diary_thanks", sa.Column("id", sa.Integer(), primary_key=True),
        person("SET NULL", True), sa.Column("words", sa.Text(), nullable=False))
    op.create_table("diary_fee", sa.Column("id", sa.Integer(), primary_key=True),
        person("SET NULL", True), sa.Column("cents", sa.Integer(), nullable=False))
def downgrade(): ...
"""


class Scene:
    """A diary with a note, a word of thanks and a fee of Ada's, and a note of Bice's."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.plugins.enable(site, "diary")
        with site.writing() as work:
            an_account(work, "admin@example.org", role="network_admin")
            self.ada = an_account(work, "ada@example.org").person_id
            bice = an_account(work, "bice@example.org").person_id
            for statement in (
                f"INSERT INTO diary_note VALUES (1, {self.ada}, 'Rain', 'x9')",
                f"INSERT INTO diary_note VALUES (2, {bice}, 'Sun', 'y9')",
                f"INSERT INTO diary_thanks VALUES (1, {self.ada}, 'Well done')",
                f"INSERT INTO diary_fee VALUES (1, {self.ada}, 500)",
            ):
                work.session.execute(sa.text(statement))

    def told(self) -> dict[str, list[Any]]:
        """Her export by titles."""
        with self.site.writing() as work:
            found = export(work, self.ada)["more"]
        json.dumps(found)
        return {part["title"]: part["rows"] for part in found}

    def rows(self, table: str, column: str) -> list[tuple[Any, ...]]:
        with self.site.reading() as work:
            asked = sa.text(f"SELECT person_id, {column} FROM diary_{table} ORDER BY id")
            return [tuple(row) for row in work.session.execute(asked)]


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    made = write("diary", DIARY)
    (made / "migrations").mkdir()
    (made / "migrations" / "0001_diary.py").write_text(STEP)
    return made


@pytest.fixture
def scene(house: Callable[[], Site], folder: Path) -> Iterator[Scene]:
    made = Scene(house())
    yield made
    with made.site.writing() as work:
        for table in (*(f"diary_{name}" for name in TABLES), "alembic_version_diary"):
            work.session.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
        work.session.execute(sa.text("DELETE FROM plugin_registry WHERE name = 'diary'"))


def rest(scene: Scene, why: str, house: Callable[[], Site], folder: Path) -> None:
    scene.site.plugins.disable(scene.site, "diary")
    if why == "gone":
        shutil.rmtree(folder)
        scene.site = house()


@pytest.mark.parametrize("why", ["off", "gone"])
def test_what_an_unasked_plugin_keeps_is_exported_and_erased_as_it_said(
    scene: Scene, why: str, house: Callable[[], Site], folder: Path
) -> None:
    rest(scene, why, house, folder)
    told = scene.told()
    assert "Told by the diary" not in told
    assert told["Diary: diary_note"] == [{"id": 1, "person_id": scene.ada, "words": "Rain"}]
    assert [row["cents"] for row in told["Diary: diary_fee"]] == [500]

    with scene.site.writing() as work:
        erase(work, scene.ada)
    assert [words for _, words in scene.rows("note", "words")] == ["Sun"]
    assert scene.rows("thanks", "words") == [(None, "Well done")]
    assert scene.rows("fee", "cents") == [(scene.ada, 500)], "the law keeps it, and it says so"


def test_a_plugin_that_is_on_speaks_for_itself(scene: Scene) -> None:
    told = scene.told()
    assert "Told by the diary" in told
    assert not any(title.startswith("Diary:") for title in told)
