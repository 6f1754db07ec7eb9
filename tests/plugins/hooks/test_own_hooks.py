"""Hooks that a plugin adds: named after it, called by the three verbs, answered by who needs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tierslieu.config import load
from tierslieu.plugins import Plugins
from tierslieu.plugins.contract import problems

Write = Callable[..., Path]

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SEWING = """
from sewing import hookspecs
plugin = tl.Plugin("sewing", "Sewing", "Things are sewn.", hookspecs=hookspecs)
"""
SPECS = '''
from collections.abc import Iterable
import tierslieu.toolkit as tl

@tl.hookspec
def sewing_objections(work: tl.Work, item_id: int, person_id: int = 0) -> Iterable[tl.Reason]:
    """Why a thing may not be lent.

    When: somebody asks for it.
    Give: reasons.
    Promise: only read.
    Example::

        @tl.hookimpl
        def sewing_objections(item_id): ...
    """
    return ()

@tl.hookspec
def sewing_notes(work: tl.Work) -> Iterable[tl.PersonDataPart]:
    """Notes. When: always. Give: notes. Promise: only read. Example:: none."""
    return ()

@tl.hookspec
def sewing_returned(work: tl.Work, item_id: int) -> None:
    """A thing came back. When: it did. Give: nothing. Promise: quick. Example:: none."""
'''
REPAIRS = 'plugin = tl.Plugin("repairs", "Repairs", "They are mended.", requires=("sewing",))\n'
ANSWERS = """
@tl.hookimpl
def sewing_objections(item_id):
    if item_id == 7:
        yield tl.Reason("broken", say("It is broken."))

@tl.hookimpl
def sewing_notes(work):
    raise OSError("no ink")

@tl.hookimpl
def sewing_returned(work, item_id):
    work.later("repairs.look", item=item_id)
"""


@ON_SQLITE
def test_another_plugin_answers_them_and_a_failing_answer_is_contained(
    write: Write, open_app: Callable[..., Any]
) -> None:
    write("sewing", "", SEWING, hookspecs_dot_py=SPECS)
    write("repairs", ANSWERS, REPAIRS)
    site = open_app("sewing", "repairs", testing=False).extensions["tierslieu"]
    specs = site.plugins.find("sewing").plugin.hookspecs

    def asked(item: int) -> list[str]:
        with site.writing() as work:
            found = work.hooks.objections(specs.sewing_objections, work=work, item_id=item)
            assert work.hooks.gather(specs.sewing_notes, work=work) == []
            assert work.hooks.tell(specs.sewing_returned, work=work, item_id=item) == []
        return [reason.code for reason in found]

    assert asked(7) == ["broken"]
    assert asked(8) == []
    assert [fault.hook for fault in site.hooks.faults] == ["sewing_notes"] * 2
    site.plugins.disable(site, "repairs")
    assert asked(7) == []


@pytest.mark.parametrize(
    ("specs", "manifest", "says"),
    [
        (SPECS.replace("def sewing_notes", "def notes"), SEWING, "“notes”"),
        (SPECS.replace("Iterable[tl.Reason]", "Iterable[Raisin]"), SEWING, "Raisin"),
        (SPECS, SEWING.replace("=hookspecs", "='hookspecs'"), "__dict__"),
    ],
    ids=["not its name", "it promises what is not there", "no module"],
)
def test_specs_that_cannot_be_asked_break_their_plugin(
    write: Write, tmp_path: Path, specs: str, manifest: str, says: str
) -> None:
    write("sewing", "", manifest, hookspecs_dot_py=specs)

    assert says in str(plugins(tmp_path).broken["sewing"])


def test_who_does_not_name_it_in_requires_cannot_answer(write: Write, tmp_path: Path) -> None:
    write("sewing", "", SEWING, hookspecs_dot_py=SPECS)
    write("repairs", ANSWERS, REPAIRS.replace('("sewing",)', "()"))

    assert set(plugins(tmp_path).broken) == {"repairs"}
    assert "sewing_objections" in str(plugins(tmp_path).broken["repairs"])


def test_check_plugin_wants_them_explained(write: Write, tmp_path: Path) -> None:
    write("sewing", "", SEWING, hookspecs_dot_py=SPECS.replace("    Promise: only read.\n", "", 1))

    found = problems(plugins(tmp_path), "sewing")

    assert found == ["its hook sewing_objections does not say Promise in its docstring"]


def plugins(folder: Path) -> Plugins:
    return Plugins(load({}, plugins_folders=(str(folder / "plugins"),)))
