"""``tierslieu plugin new``: what it refuses, and that what it writes passes its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tierslieu.cli import cli
from tierslieu.plugins.writing.rules import (
    ADDRESSES,
    NAME,
    Wanted,
    files,
    name_fault,
    wanted_fault,
)
from tierslieu.plugins.writing.services import SKELETON, write

LONG = "borrowedthings2026aa"
RUFF = Path(sysconfig.get_path("scripts")) / "ruff"


def new(folder: Path, *words: str) -> Result:
    arguments = ["--instance", str(folder / "instance"), "plugin", "new", "--in", str(folder)]
    return CliRunner().invoke(cli, [*arguments, *words])


def ruff(folder: Path) -> str:
    """What ruff says of a folder, in its own settings; "": nothing."""
    said = ""
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        line = [str(RUFF), *command, "--no-cache", "."]
        done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr if done.returncode else ""
    return said


def own_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    """The written plugin's tests as its author runs them; one database is enough here."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgres"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "TIERSLIEU_INST"))}
    return subprocess.run(
        command, cwd=folder, env=kept, capture_output=True, text=True, check=False, timeout=120
    )


def test_what_it_writes_passes_its_own_tests_and_ruff(tmp_path: Path) -> None:
    done = new(tmp_path, "borrowed", "--title", "L’angolo dell'altro", "--job", "--api")
    assert done.exit_code == 0, done.output
    written = tmp_path / "borrowed"
    assert ruff(written) == ""
    tests = own_tests(written)
    assert tests.returncode == 0, tests.stdout + tests.stderr
    assert "5 passed" in tests.stdout


def all_shapes() -> Iterator[Wanted]:
    for name, title in (("ab", "A"), (LONG, "W" * 40)):
        for parts in product((True, False), repeat=4):
            wanted = Wanted(name, title, *parts)
            if not wanted_fault(wanted):
                yield wanted


def test_whatever_is_left_out_ruff_has_nothing_to_say(tmp_path: Path) -> None:
    for number, wanted in enumerate(all_shapes()):
        write(wanted, tmp_path / str(number))
    assert ruff(tmp_path) == ""


def test_every_part_of_the_skeleton_is_used() -> None:
    used = {part for wanted in all_shapes() for part in files(wanted).values()}
    assert {path.name for path in SKELETON.iterdir()} == {f"{part}.jinja" for part in used}


def test_it_is_found_in_a_folder_that_the_settings_name(tmp_path: Path) -> None:
    assert new(tmp_path, "borrowed", "--no-table", "--no-page").exit_code == 0
    code = "from tierslieu.cli import main; main(['plugin', 'new', 'borrowed', '--in', 'other'])"
    names = {"TIERSLIEU_PLUGINS_FOLDERS": str(tmp_path / "borrowed")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | names,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is taken by a feature or by an installed plugin" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Lost"], "no name for a plugin"),
        (["lost_things"], "no name for a plugin"),
        (["l"], "no name for a plugin"),
        (["../lost"], "no name for a plugin"),
        (["class"], "Python's own"),
        (["bookings"], "taken by a feature"),
        (["venue"], "taken by a feature"),
        (["rooms"], "taken by a feature"),
        (["ical"], "installed plugin"),
        (["json"], "Python has a package"),
        (["present"], "is there already"),
        (["lost", "--title", 'A "B"'], "plain text"),
        (["lost", "--title", "x" * 41], "one line of 1 to 40 letters"),
        (["lost", "--title", "two\nlines"], "one line of 1 to 40 letters"),
        (["lost", "--no-table", "--job"], "the job looks after the table"),
        (["lost", "--no-table", "--api"], "the API tells of the table"),
    ],
)
def test_refused_in_one_line(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "present").mkdir()
    done = new(tmp_path, *words)
    assert done.exit_code == 1
    assert said in done.output
    assert len(done.output.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != "instance"] == ["present"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_word_of_every_address_is_taken(app: Any) -> None:
    first = {rule.rule.split("/")[1].split(".")[0] for rule in app.url_map.iter_rules()}
    free = [word for word in first if NAME.fullmatch(word) and not name_fault(word, set())]
    assert not free, "add them to ADDRESSES in plugins/writing/rules.py"
    assert all(name_fault(word, set()) for word in ADDRESSES)
