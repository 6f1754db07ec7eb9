"""Every block of code in the documents runs, or says why it does not.

A comment in the line above a block says what it is:

* nothing: ``console`` is typed line by line and must print what stands under each ``$``,
  ``python`` is run, ``toml`` is loaded as the settings of an installation;
* ``<!-- file: name -->``: it is written into the page's own folder, where the rest is run;
* ``<!-- not run: why -->``: it is left out, and the reason is in the page.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tierslieu import config

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]+?) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
WAYS = {"console", "python", "toml"}
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")

each_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


@dataclass
class Block:
    mark: str
    kind: str
    text: str


def blocks(page: Path) -> list[Block]:
    found = BLOCK.finditer(page.read_text("utf-8"))
    return [Block(each["mark"] or "", each["kind"], each["text"]) for each in found]


# -- running -------------------------------------------------------------------------------------


@dataclass
class Desk:
    """A folder of its own, in which the blocks of one page are done one after the other."""

    folder: Path
    runner: subprocess.Popen[str]
    variables: dict[str, str] = field(default_factory=dict)

    def ask(self, **asked: object) -> str:
        """What it printed; fails the test when it did not succeed."""
        out = self.folder.parent / "printed"
        told = {"folder": str(self.folder), "out": str(out), "variables": self.variables, **asked}
        assert self.runner.stdin is not None
        assert self.runner.stdout is not None
        self.runner.stdin.write(json.dumps(told) + "\n")
        self.runner.stdin.flush()
        status = self.runner.stdout.readline().strip()
        printed = out.read_text("utf-8") if out.exists() else ""
        assert status == "0", f"{asked}\nended with {status}:\n{printed}"
        return printed

    def type(self, command: str) -> str:
        words = shlex.split(command)
        if words[0] == "tierslieu":
            return self.ask(kind="command", arguments=words[1:])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        beside = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TIERSLIEU_", "PYTEST_"))}
        # One kind of database is enough to see that a page tells the truth.
        here = {
            "PYTHONPATH": str(self.folder),
            "TIERSLIEU_TEST_POSTGRES": "postgresql://127.0.0.1:1",
        }
        return kept | self.variables | here | {"PATH": beside}

    def do(self, block: Block) -> None:
        if block.mark.startswith("file: "):
            self.write(block.mark.removeprefix("file: "), block.text)
        elif block.kind == "console":
            for command, expected in steps(block.text):
                said(expected, self.type(command), command)
        elif block.kind == "python":
            self.ask(kind="python", text=block.text)
        else:
            folder = self.folder / "settings"
            folder.mkdir(exist_ok=True)
            (folder / "config.toml").write_text(block.text, "utf-8")
            config.load({}, folder)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if path.name == "pyproject.toml":
            self.install(tomllib.loads(text)["project"])

    def install(self, project: dict[str, object]) -> None:
        """What pip leaves behind: the name, and the entry points, where Python looks for them."""
        information = self.folder / f"{project['name']}-{project['version']}.dist-info"
        information.mkdir()
        about = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        (information / "METADATA").write_text(about)
        points = project["entry-points"]
        assert isinstance(points, dict)
        lines = [
            line
            for group, named in points.items()
            for line in (f"[{group}]", *(f"{key} = {value}" for key, value in named.items()))
        ]
        (information / "entry_points.txt").write_text("\n".join(lines) + "\n")


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console, with the lines that it is said to print."""
    lines = text.replace("\\\n", " ").splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start][2:], [line for line in lines[start + 1 : end] if line.strip()]


def said(expected: list[str], printed: str, command: str) -> None:
    """The lines are printed, in this order; ``…`` stands for anything."""
    pattern = r"[\s\S]*?".join(re.escape(line.strip()).replace("…", ".*") for line in expected)
    assert re.search(pattern, printed), f"$ {command}\nprinted\n{printed}\nnot\n{expected}"


@pytest.fixture(scope="session")
def runner() -> Iterator[subprocess.Popen[str]]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TIERSLIEU_", "PYTEST_"))}
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("docs_runner.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=kept | {"TIERSLIEU_LOCALE": "en"},
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def desk(runner: subprocess.Popen[str], tmp_path: Path) -> Callable[[], Desk]:
    def made() -> Desk:
        folder = tmp_path / "desk"
        folder.mkdir()
        return Desk(folder, runner)

    return made


# -- the pages -----------------------------------------------------------------------------------


@pytest.mark.slow
@each_page
def test_the_blocks_of_a_page_run(page: Path, desk: Callable[[], Desk]) -> None:
    todo = [block for block in blocks(page) if not block.mark.startswith("not run: ")]
    here = desk()
    for block in todo:
        here.do(block)


@each_page
def test_a_block_that_does_not_run_says_why(page: Path) -> None:
    for block in blocks(page):
        known = block.mark.startswith("file: ") or block.kind in WAYS
        reason = block.mark.removeprefix("not run: ") if block.mark.startswith("not run: ") else ""
        assert known or len(reason) > 10, f"{page.name}: {block.kind} {block.text[:60]!r}"


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for found in LINK.finditer(text):
        target = found[1] or found[2]
        if target.startswith(("https://", "http://", "#")):
            continue
        path, _, anchor = target.partition("#")
        there = page.parent / path
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            heads = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in {anchor_of(head) for head in heads}, f"{page.name}: {target}"


def anchor_of(head: str) -> str:
    return re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")


@each_page
def test_what_is_generated_is_fresh(page: Path) -> None:
    from tierslieu.commands.docs import written

    text = page.read_text("utf-8")

    assert written(text) == text, "type: make docs"


@pytest.mark.parametrize("page", sorted((ROOT / "plugins").glob("*/README.md")), ids=str)
def test_what_a_plugin_says_of_its_settings_is_fresh(page: Path) -> None:
    from tierslieu.commands.docs import written

    text = page.read_text("utf-8")
    assert written(text, page.parent.name) == text, "type: make docs"


def test_what_managers_and_members_read_in_heavy_type_is_on_the_pages() -> None:
    homes = [ROOT / "tierslieu", ROOT / "plugins"]
    source = "\n".join(
        path.read_text("utf-8")
        for home in homes
        for path in home.rglob("*")
        if path.suffix in {".py", ".html"} and "tests" not in path.parts
    )
    for name in ("managers.md", "members.md"):
        text = (ROOT / "docs" / name).read_text("utf-8")
        labels = {" ".join(each.split()) for each in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)}

        assert [each for each in sorted(labels) if f'"{each}"' not in source] == [], name


def test_the_units_of_systemd_start_what_there_is() -> None:
    units = [block for block in blocks(ROOT / "docs" / "operators.md") if block.kind == "ini"]
    for block in units:
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(block.text)
        for key in ("ExecStartPre", "ExecStart"):
            for word in shlex.split(unit["Service"].get(key, ""))[:1]:
                assert (Path(sys.executable).parent / Path(word).name).exists(), word
    assert len(units) == 2


def test_the_tests_that_security_names_are_there() -> None:
    named = re.findall(r"`((?:tests|plugins)/[\w/.]+)`", (ROOT / "SECURITY.md").read_text("utf-8"))

    assert [each for each in named if not (ROOT / each).exists()] == []
    assert len(named) > 10


def test_the_tests_that_the_page_of_peers_names_are_there() -> None:
    text = (ROOT / "docs" / "peers.md").read_text("utf-8")
    named = re.findall(r"`((?:tests|plugins)/[\w/.]+)::(\w+)`", text)
    gone = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file()
        or not re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    ]

    assert gone == []
    assert text.count("::") == len(named) > 50


def test_what_is_answered_there_with_yes_or_partly_has_a_test() -> None:
    text = (ROOT / "docs" / "peers.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if re.search(r"^\|.+\| (yes|partly) \|", line)]

    assert [row for row in rows if "::test_" not in row] == []
    assert len(rows) > 30


def test_every_page_is_short() -> None:
    for page in PAGES:
        # What is generated is looked up, not read.
        text = re.sub(r"<!-- generated: .*?<!-- end -->", "", page.read_text("utf-8"), flags=re.S)
        assert len(text.splitlines()) <= 300, f"{page.name} is two pages"
