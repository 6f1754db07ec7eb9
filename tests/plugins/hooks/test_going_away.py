"""What goes away works on for two minor versions, and its author hears of it three times."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tierslieu import hookspecs
from tierslieu.kernel.hooks import Deprecation, deprecated
from tierslieu.plugins.specs import HookDeprecated
from tierslieu.testing import a_venue, an_account, check_plugin, sign_in

SPEAKS = """
@tl.hookimpl
def nav_items(place, venue_slug):
    yield tl.NavItem(say("Words"), "/words")
"""


@pytest.fixture(params=["", "venue_slug", "venue_id"], ids=["the hook", "an argument", "another"])
def going(request: pytest.FixtureRequest) -> Iterator[str]:
    """A hook of the core of which something goes away."""
    deprecated("0.1", "Ask for venue_id.", request.param)(hookspecs.nav_items)
    yield request.param
    del hookspecs.nav_items.tierslieu_deprecated  # type: ignore[attr-defined]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_author_is_told_and_it_works_on(
    write: Callable[..., Path], open_app: Callable[..., Any], tmp_path: Path, going: str
) -> None:
    write("words", SPEAKS)
    client = open_app("words", testing=False).test_client()
    told = going != "venue_id"

    with client.application.extensions["tierslieu"].writing() as work:
        a_venue(work)
        an_account(work, "admin@example.org", role="network_admin")
    assert "Words" in client.get("/").text
    sign_in(client, "admin@example.org")
    if told:
        for page in ("/admin/plugins", "/admin/plugins/hooks"):
            assert "goes away in version 0.3: Ask for venue_id." in client.get(page).text
        with pytest.warns(HookDeprecated, match="nav_items"):
            check_plugin("words", tmp_path / "plugins")
    else:
        # A bundled one may use that argument, so the pages say so of it.
        with warnings.catch_warnings():
            warnings.simplefilter("error", HookDeprecated)
            check_plugin("words", tmp_path / "plugins")


@pytest.mark.parametrize(("since", "gone"), [("0.1", "0.3"), ("1.9", "1.11"), ("2.0.3", "2.2")])
def test_it_is_gone_two_minor_versions_later(since: str, gone: str) -> None:
    assert Deprecation(since, "").gone_in == gone
