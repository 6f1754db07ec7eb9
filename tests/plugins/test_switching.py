"""Switching plugins on and off: their tables, what needs them, their jobs, other processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.plugins.menu import nav
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.site import Site
from tierslieu.plugins.models import PluginRegistry, PluginState
from tierslieu.plugins.switching import ask_to_enable

Write = Callable[..., Path]
House = Callable[..., Site]


ADDS = """
@tl.hookimpl
def nav_items(place):
    yield tl.NavItem(tl.sentences("{name}")("Words"), "/{name}")
"""


def test_enabling_makes_its_tables_and_disabling_keeps_its_rows(
    house: House, write_migrated: Write
) -> None:
    write_migrated("words", ADDS)
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
    house: House, write_migrated: Write
) -> None:
    write_migrated("words", ADDS)
    site = house()
    site.plugins.enable(site, "words")
    with site.writing() as work:
        work.session.execute(sa.text("UPDATE alembic_version_words SET version_num = '0002'"))

    later = house()
    assert "newer" in str(later.plugins.broken["words"])
    assert nav(later) == []
    assert later.plugins.is_on("ical")


def test_a_new_step_waits_for_upgrade_and_is_used_after_it(
    house: House, write_migrated: Write
) -> None:
    folder = write_migrated("words", ADDS)
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


def test_a_plugin_that_fails_to_migrate_does_not_stop_the_others(
    house: House, write: Write, write_migrated: Write
) -> None:
    folder = write_migrated("words", ADDS)
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


def test_the_admin_page_enables_by_a_job(house: House, write_migrated: Write) -> None:
    write_migrated("words", ADDS)
    site = house()

    with site.writing() as work:
        ask_to_enable(work, "words")
    assert not site.plugins.is_on("words")
    with site.writing() as work:
        job = work.session.scalars(sa.select(Job).where(Job.name == "plugins.enable")).one()
        site.jobs[job.name].run(work, **job.payload)

    assert site.plugins.is_on("words")


def test_a_job_that_cannot_enable_says_why(house: House, write_migrated: Write) -> None:
    folder = write_migrated("words", ADDS)
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
