"""``run --dev``: what makes the server start again, and what does not."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tierslieu import serve
from tierslieu.watching import EXIT, Files, Watch, of_program


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "kiln"
    (made / "templates").mkdir(parents=True)
    for name in ("plugin.py", "templates/fire.html", "gone.py"):
        (made / name).write_text("before")
    return made


def test_what_was_written_made_or_removed_is_told_once(folder: Path) -> None:
    files = Files([folder, folder / "absent"])
    assert files.changed() == []

    os.utime(folder / "plugin.py", ns=(1, 1))
    os.utime(folder / "templates/fire.html", ns=(1, 1))
    (folder / "gone.py").unlink()
    (folder / "rules.py").write_text("new")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "rules.pyc").write_text("new")

    assert [path.name for path in files.changed()] == ["gone.py", "plugin.py", "rules.py"]
    assert files.changed() == []


def test_the_server_ends_and_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    watch = Watch(Files([folder]), said.append)
    monkeypatch.setattr("tierslieu.watching.EVERY", 0)
    assert not watch.notices()
    (folder / "plugin.py").write_text("after this")

    assert watch.notices()
    assert (watch.status, said) == (EXIT, ["plugin.py changed: starting again"])
    assert not Watch(None, said.append).notices()


def test_a_broken_plugin_is_watched_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder.parent))
    files = of_program(SimpleNamespace(all=[SimpleNamespace(package="kiln")]))

    assert folder.resolve() in files.folders
    assert any(each.name == "tierslieu" for each in files.folders)


def test_a_server_whose_files_changed_is_started_again_however_often(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = [EXIT] * (serve.RESTARTS + 3) + [0]

    class Child:
        pid = 0

        def __init__(self, *_arguments: object) -> None: ...

        def wait(self) -> int:
            return answers.pop(0)

    monkeypatch.setattr("tierslieu.serve.subprocess.Popen", Child)
    monkeypatch.setattr("tierslieu.serve.signal.signal", lambda *_: None)

    assert serve.supervise(["run"], tmp_path) == 0
    assert answers == []
