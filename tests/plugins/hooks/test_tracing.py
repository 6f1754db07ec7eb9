"""`plugin trace` and the sums of calls: what was asked, what came of it, how long it took."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tierslieu.cli import cli
from tierslieu.config import Config
from tierslieu.plugins.suspension import suspend
from tierslieu.testing import a_room, a_venue, an_account, sign_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WORDS = """
@tl.hookimpl
def nav_items(actor, place):
    if place == "me":
        raise OSError("no ink")
    yield tl.NavItem(say("Words"), "/words")

@tl.hookimpl
def bookings_changed(work, changes):
    work.later("words.told")

@tl.hookimpl
def booking_objections(work, candidates):
    return ()
"""

Typed = Callable[..., str]


@pytest.fixture
def house(write: Any, open_app: Any) -> Any:
    write("words", WORDS)
    app = open_app("words", testing=False)
    with app.extensions["tierslieu"].writing() as work:
        room = a_room(work, a_venue(work))
        an_account(work, "admin@example.org", role="network_admin")
        app.room = room.public_id
    return app


@pytest.fixture
def typed(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type ``tierslieu plugin …`` on that installation; what it prints, or its refusal."""
    monkeypatch.setenv("TIERSLIEU_DATABASE_URL", config.database_url)
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(config.instance))
    monkeypatch.setenv("TIERSLIEU_PLUGINS_FOLDERS", str(tmp_path / "plugins"))
    monkeypatch.setenv("TIERSLIEU_LOCALE", "en")

    def typing(*words: str, status: int = 0) -> str:
        done = CliRunner().invoke(cli, ["plugin", *words], obj={})
        assert done.exit_code == status, done.output + repr(done.exception)
        return str(done.stdout) if status == 0 else f"{done.output}{done.exception}"

    return typing


def test_a_trace_tells_each_call_with_arguments_answer_and_time(house: Any, typed: Typed) -> None:
    said = typed("trace", "/me", "--as", "admin@example.org", "--only", "words").splitlines()

    assert said[0] == "GET /me → 200"
    raised = [line for line in said if "raised OSError: no ink" in line]
    assert all("nav_items(actor=<actor>, place='me'" in line and " ms" in line for line in raised)
    assert len(raised) == 1
    assert any("place='main'" in line and "NavItem(" in line for line in said)
    assert not any(" core" in line for line in said)


def test_a_trace_for_programs_of_what_is_sent(house: Any, typed: Typed) -> None:
    body = {
        "room_id": house.room,
        "title": "Tombola",
        "starts_at": "2031-05-01T10:00",
        "ends_at": "2031-05-01T11:00",
    }
    sent = ("--post", json.dumps(body), "--as", "admin@example.org", "--json")
    said = json.loads(typed("trace", "/api/v1/bookings", *sent))

    assert (said["method"], said["status"]) == ("POST", 201)
    words = [each for each in said["calls"] if each["plugin"] == "words"]
    assert [each["hook"] for each in words] == ["booking_objections", "bookings_changed"]
    assert "Candidate(" in words[0]["arguments"]["candidates"]
    assert all(each["ms"] >= 0 and each["error"] is None for each in words)
    assert {each["plugin"] for each in said["calls"]} > {"words"}, "the core's own are told, too"


def test_a_trace_refuses_whom_and_what_it_does_not_know(house: Any, typed: Typed) -> None:
    assert "no confirmed account" in typed("trace", "/", "--as", "x@example.org", status=1)
    assert "no plugin" in typed("trace", "/", "--only", "absent", status=1)
    assert "--post" in typed("trace", "/", "--post", "{", status=2)


def test_on_the_page_of_hooks_are_calls_and_faults(house: Any) -> None:
    client = house.test_client()
    sign_in(client, "admin@example.org")
    assert client.get("/me").status_code == 200
    site = house.extensions["tierslieu"]

    page = client.get("/admin/plugins/hooks").text
    count = site.hooks.calls.counts["words", "nav_items"]

    assert (count.calls > 3, count.faults) == (True, 1)
    assert 0 < count.mean <= count.worst
    for hook in ("nav_items", "bookings_changed", "booking_objections"):
        assert f">{hook}</code>" in page
    assert house.test_client().get("/admin/plugins/hooks").status_code == 302


def test_from_the_command_line_one_goes_on_without_a_suspended_plugin(
    house: Any, typed: Typed
) -> None:
    assert "not suspended" in typed("continue-without", "words", status=1)
    with house.extensions["tierslieu"].writing() as work:
        suspend(work.session, "words", work.now, "it hung", hung="nav_items")
    assert "stopped" in typed("list")

    assert "its rules rest" in typed("continue-without", "words")
    with house.extensions["tierslieu"].reading() as work:
        house.extensions["tierslieu"].plugins.switches.stale()
        assert house.extensions["tierslieu"].plugins.switches.get("words").rests
    typed("enable", "words")
    assert "stopped" not in typed("list")
