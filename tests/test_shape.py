"""The shape of the code: sizes, names, who writes what. Each failure says the way out."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOMES = ("tierslieu", "plugins", "migrations")
MOST_LINES = 400
MOST_LINES_OF_PLUGIN = 80
MOST_LINES_OF_VIEW = 25
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "base"}
COMMITS = {"tierslieu/kernel/work.py", "migrations/env.py"}
OCCUPANCY_WRITERS = "tierslieu/resources/services"
BINARY = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".ico", ".woff2", ".mo", ".zip", ".gz"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def ours(*suffixes: str) -> Iterator[Path]:
    for home in HOMES:
        for path in sorted((ROOT / home).rglob("*")):
            if path.suffix in suffixes and "__pycache__" not in path.parts and path.is_file():
                yield path


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every Python file that runs in an installation, read; tests are not among them."""
    for path in ours(".py"):
        if "tests" not in path.relative_to(ROOT).parts:
            yield name(path), ast.parse(path.read_text("utf-8"))


def is_migration(path: Path) -> bool:
    return bool({"versions", "migrations"} & set(path.relative_to(ROOT).parts))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git clone: nothing says which files are ours")
    paths = [ROOT / each for each in listed.stdout.split("\0") if each]
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def called(call: ast.Call) -> str:
    """The last name of what is called: insert for sa.insert(x), commit for session.commit()."""
    return last_name(call.func)


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def calls() -> Iterator[tuple[str, ast.Call]]:
    for where, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield where, node


def test_no_file_is_longer_than_400_lines() -> None:
    """A file that must be longer says why in its first line, with the words "400 lines"."""
    long = []
    for path in ours(".py", ".html", ".js", ".jinja"):
        lines = path.read_text("utf-8").splitlines()
        if len(lines) > MOST_LINES and not is_migration(path) and "400 lines" not in lines[0]:
            long.append(f"{name(path)} has {len(lines)}")
    assert not long, "find the second thing in the file and give it a room of its own"


def test_plugin_py_is_a_table_of_contents() -> None:
    long = [
        f"{name(path)} has {length}"
        for path in ours(".py")
        if path.name == "plugin.py"
        and (length := len(path.read_text("utf-8").splitlines())) > MOST_LINES_OF_PLUGIN
    ]
    assert not long, "a hook's implementation is one to five lines: move the rest into the slice"


def test_views_are_short() -> None:
    long = []
    for where, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef) or not is_view(node):
                continue
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_OF_VIEW:
                long.append(f"{where}:{node.lineno} {node.name} has {length} lines")
    assert not long, "a view is HTTP in, one verb, HTTP out: the rest is a rule, query or service"


def is_view(function: ast.FunctionDef) -> bool:
    verbs = {"route", "get", "post", "put", "patch", "delete"}
    return any(
        isinstance(each, ast.Call) and called(each) in verbs for each in function.decorator_list
    )


def test_no_file_has_a_vague_name() -> None:
    folders = {path.parent for path in ours(".py")}
    vague = [name(path) for path in [*ours(".py", ".js"), *folders] if path.stem in VAGUE]
    assert not vague, "name it after what it knows"


def test_every_folder_of_the_package_is_a_package() -> None:
    """Otherwise the import contracts do not see what is in it."""
    bare = {
        name(path.parent)
        for path in (ROOT / "tierslieu").rglob("*.py")
        if not path.with_name("__init__.py").exists() and not is_migration(path)
    }
    assert not bare, "add an __init__.py with a docstring"


def test_only_work_commits() -> None:
    """kernel/work.py ends every piece of work; a service that commits would split it in two."""
    found = [
        f"{where}:{call.lineno}"
        for where, call in calls()
        if isinstance(call.func, ast.Attribute)
        and called(call) == "commit"
        and where not in COMMITS
    ]
    assert not found, "do it inside site.writing(...), which commits at its end"


def test_only_the_engine_writes_occupancy() -> None:
    """take() is the only writer of what the guards in the database protect."""
    found = [
        f"{where}:{call.lineno}"
        for where, call in calls()
        if writes_occupancy(call) and not where.startswith(OCCUPANCY_WRITERS)
    ]
    assert not found, "ask resources.services to take or to give back"


def writes_occupancy(call: ast.Call) -> bool:
    if called(call) == "Occupancy":
        return True
    if called(call) not in {"insert", "update", "delete"}:
        return False
    return any(last_name(argument) == "Occupancy" for argument in call.args[:1])


def test_imports_follow_the_architecture() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "imports.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_lock_is_hashed_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.findall(r"\w+://\S+|^-\S.*", lock, re.MULTILINE), "use scripts/lock.sh"
    pins = re.findall(r"^[a-z0-9][^\s=]*==\S+.*(?:\n .*)*", lock, re.MULTILINE)
    assert pins
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_every_dependency_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[\[<>=~! ]", each)[0].lower() for each in wanted}
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert names - set(re.findall(r"^([a-z0-9][^\s=]*)==", lock, re.MULTILINE)) == set(), (
        "make lock"
    )


def test_nothing_names_this_machine_or_an_index() -> None:
    places = [str(place) for place in (ROOT, Path.home()) if len(place.parts) > 2]
    hosts = ["pypi" + ".org/simple", "python" + "hosted.org", "--extra-index" + "-url"]
    pattern = re.compile("|".join(map(re.escape, [*places, *hosts])))
    personal = re.compile(r"(?<![\w.:/}-])/(?:home|Users|root)/\w")
    found = []
    for path in tracked():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if pattern.search(line) or personal.search(line):
                found.append(f"{name(path)}:{number}: {line.strip()[:80]}")
    assert not found, "a clone elsewhere cannot follow it"
