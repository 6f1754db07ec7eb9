"""``tierslieu plugin``, as somebody types it, at a venue and in a room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tierslieu.cli import cli
from tierslieu.config import load
from tierslieu.installation import open_site
from tierslieu.testing import a_room, a_venue

Type = Callable[..., Result]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin") / "instance"
    assert CliRunner().invoke(cli, ["--instance", str(folder), "init"]).exit_code == 0
    site = open_site(load(instance=folder))
    with site.writing() as work:
        a_room(work, a_venue(work))
    site.db.dispose()
    return folder


@pytest.fixture
def typed(instance: Path) -> Type:
    def run(*words: str, ok: bool = True, stdin: str = "") -> Result:
        arguments = ["--instance", str(instance), "plugin", *words]
        done = CliRunner().invoke(cli, arguments, input=stdin)
        assert (done.exit_code == 0) == ok, (done.output, done.exception)
        return done

    return run


def test_at_a_venue(typed: Type) -> None:
    at = ("--venue", "gattaglio")
    assert typed("disable", "ical", *at).output == "ical: off at gattaglio\n"
    assert "not at every venue" in typed("list").output
    assert typed("enable", "ical", *at).output == "ical: on at gattaglio\n"
    assert "not at every venue" not in typed("list").output
    assert "no venue “nowhere”" in typed("disable", "ical", "--venue", "nowhere", ok=False).output


def test_settings_of_a_venue_and_a_room(typed: Type) -> None:
    at, room = ("--venue", "gattaglio"), ("--room", "gattaglio.lisiere")

    def first(*where: str) -> list[str]:
        return typed("settings", "ical", *where).output.splitlines()[0].split()

    typed("set", "ical", "days_back", "30", *at)
    assert first(*at) == ["days_back", "30", "here"]
    assert first(*room) == ["days_back", "30", "venue"]
    assert typed("set", "ical", "days_back", "--unset", *at).output.endswith("is not set here\n")
    assert first(*room) == ["days_back", "366", "default"]
    wrong = typed("set", "ical", "days_back", "400", *at, ok=False)
    assert "From 0 to 366" in str(wrong.exception)
