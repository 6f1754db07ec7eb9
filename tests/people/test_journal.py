"""What is written down can be read in words: in the core, and in the plugins that come with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tierslieu.app import create_app
from tierslieu.config import load
from tierslieu.people.journal.rules import AREAS, WORDS

ROOT = Path(__file__).resolve().parents[2]


def verbs_in(folder: Path) -> Iterator[str]:
    """The verbs that sources write down, as far as they stand there as they are."""
    for path in sorted(folder.rglob("*.py")):
        if "tests" in path.relative_to(folder).parts:
            continue
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr == "audit"
                and call.args
            ):
                for piece in ast.walk(call.args[0]):
                    if isinstance(piece, ast.Constant) and isinstance(piece.value, str):
                        yield piece.value


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("journal")
    app = create_app(load({}, folder, testing=True, secret_key="for tests only"))
    site = app.extensions["tierslieu"]
    found: dict[str, Any] = {**site.journal, **WORDS, **AREAS}
    site.db.dispose()
    return found


@pytest.mark.parametrize("folder", ["tierslieu", "plugins"])
def test_every_verb_that_is_written_down_and_its_area_have_words(
    folder: str, said: dict[str, Any]
) -> None:
    verbs = {verb for verb in verbs_in(ROOT / folder) if "." in verb and not verb.endswith(".")}

    assert len(verbs) > 5
    assert sorted(verb for verb in verbs if verb not in said) == []
    assert sorted({verb.partition(".")[0] for verb in verbs} - set(said)) == []
