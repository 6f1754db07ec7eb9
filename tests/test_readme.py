"""The README is true: its plugin works, its tables are the code's, its picture is there."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tierslieu.commands.running import ACCOUNTS
from tierslieu.demo.people import PASSWORD
from tierslieu.plugins.specs import core_specs, signature, verb

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_it_names_the_command_that_ci_runs() -> None:
    assert "```console\n$ make test\n```" in README
    assert re.search(r"^make( --\S+)* test\b", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert re.search(r"^test:.*\n\t.*pytest", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.search(
        r"^demo:.*\n\t.*tierslieu demo$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )


def test_it_names_the_accounts_of_the_demo() -> None:
    listed = re.findall(r"^\| `(\S+@demo\.example)` \| (.+) \|$", README, re.MULTILINE)

    assert [(email, what.replace("`", "")) for email, what in listed] == list(ACCOUNTS)
    assert f"`{PASSWORD}`:" in README


def test_its_table_of_hooks_has_their_exact_signatures() -> None:
    for spec in core_specs():
        asked = re.escape(signature(spec).replace("|", "\\|"))
        row = rf"^\| `{spec.__name__}` \| {verb(spec)} \| `{asked}` \|"
        assert re.search(row, README, re.MULTILINE), spec.__name__


def test_its_map_has_every_folder_of_the_clone() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git clone: nothing says which folders are ours")
    folders = {line.split("/")[0] for line in listed.stdout.splitlines() if "/" in line}
    packages = {
        "/".join(line.split("/")[:2])
        for line in listed.stdout.splitlines()
        if re.match(r"(tierslieu|plugins)/\w+/__init__\.py", line)
    }
    mapped = set(re.findall(r"^\| `([\w/.]+)` \|", README, re.MULTILINE))

    assert {f"{name}/" for name in folders if not name.startswith(".")} - {"tierslieu/"} <= mapped
    assert {f"{name}/" for name in packages} <= mapped


def test_its_picture_is_small_and_1280_wide() -> None:
    from PIL import Image

    path = ROOT / "docs" / "images" / "home.png"

    assert path.stat().st_size < 200_000
    with Image.open(path) as picture:
        assert picture.width == 1280


# -- the plugin ----------------------------------------------------------------------------------

VISIT = """
import json
from datetime import date, datetime, time, timedelta, timezone
from sqlalchemy import insert
from tierslieu.app import create_app
from tierslieu.config import load
from tierslieu.testing import a_room, a_token, a_venue, an_account, check_plugin
from quietdays.plugin import Day

app = create_app(load(rate_limits=False))
client, site = app.test_client(), app.extensions["tierslieu"]
tomorrow = date.today() + timedelta(days=2)
with site.writing() as work:
    room = a_room(work, a_venue(work)).public_id
    token = a_token(work, an_account(work, "ada@example.org"))


def book(hour):
    start = datetime.combine(tomorrow, time(hour), timezone.utc)
    body = {"room_id": room, "title": "Repair cafe", "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(hours=1)).isoformat()}
    said = {"Authorization": f"Bearer {token}"}
    answer = client.post("/api/v1/bookings", json=body, headers=said)
    return [answer.status_code, [each["code"] for each in answer.json.get("reasons", [])]]


before = client.get("/quiet-days").json, book(10)
with site.writing() as work:
    work.session.execute(insert(Day).values(day=tomorrow))
after = client.get("/quiet-days").json, book(12)
menu = "Quiet days" in client.get("/venues").get_data(as_text=True)
check_plugin("quietdays")
print(json.dumps([tomorrow.isoformat(), before, after, menu]))
"""


@pytest.fixture(scope="module")
def documents() -> Any:
    """The module beside this one, whatever the folder tests are started from."""
    path = Path(__file__).with_name("test_docs.py")
    spec = importlib.util.spec_from_file_location("documents", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["documents"] = module  # its dataclasses look for themselves there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def runner(documents: Any) -> Iterator[Any]:
    yield from documents.runner.__wrapped__()


@pytest.mark.slow
def test_its_plugin_in_thirty_lines_answers_and_objects(
    documents: Any, runner: Any, tmp_path: Path
) -> None:
    [plugin] = [b for b in documents.blocks(ROOT / "README.md") if b.mark.endswith("/plugin.py")]
    assert len([line for line in plugin.text.splitlines() if line.strip()]) <= 30
    (tmp_path / "desk").mkdir()
    desk = documents.Desk(tmp_path / "desk", runner)
    for block in documents.blocks(ROOT / "README.md"):
        if not block.mark.startswith("not run: "):
            desk.do(block)

    printed = desk.ask(kind="python", text=VISIT)
    day, before, after, menu = json.loads(printed.strip().splitlines()[-1])

    assert before == [{"quiet": []}, [201, []]]
    assert after == [{"quiet": [day]}, [422, ["quiet"]]]
    assert menu
