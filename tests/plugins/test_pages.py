"""Pages of plugins: theirs alone, absent while they are off, and the pages that switch them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tierslieu.testing import a_venue, an_account, sign_in

Write = Callable[..., Path]

A_PAGE = """
import flask
bp = flask.Blueprint("{name}", __name__)
plugin = tl.Plugin("{name}", "Words", "Pages of a test.", blueprints=[bp])
@bp.get("/{name}")
@tl.allow(tl.PUBLIC)
def words(): return "words"
@bp.post("/{name}/secret")
@tl.allow(tl.SIGNED_IN)
def secret(): return "secret"
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (A_PAGE.replace("/{name}", "/sign-in", 1), "/sign-in"),
        (A_PAGE.replace("/{name}", "/venues/<other>", 1), "/venues/<other>"),
        (A_PAGE.replace("@tl.allow(tl.PUBLIC)\n", ""), "permission"),
        (A_PAGE.replace('flask.Blueprint("{name}"', 'flask.Blueprint("people"'), "people"),
        (A_PAGE.replace("import flask", "import flask\nraise OSError('late')"), "late"),
    ],
    ids=["a page of the core", "under another name", "no permission", "a name", "an import"],
)
def test_pages_that_take_what_is_not_theirs_break_the_plugin(
    open_app: Callable[[], Any], write: Write, text: str, says: str
) -> None:
    write("wreck", text, "")
    app = open_app()
    site = app.extensions["tierslieu"]

    assert says in str(site.plugins.broken["wreck"])
    assert app.test_client().get("/sign-in").status_code == 200


def test_pages_are_absent_while_their_plugin_is_off(
    open_app: Callable[[], Any], write: Write
) -> None:
    write("words", A_PAGE, "")
    app = open_app()
    client, site = app.test_client(), app.extensions["tierslieu"]

    def asked() -> list[int]:
        wrong_way = client.put("/words").status_code
        return [
            client.get("/words").status_code,
            client.get("/words/secret").status_code,
            wrong_way,
        ]

    assert asked() == [404, 404, 404]
    site.plugins.enable(site, "words")
    assert asked() == [200, 405, 405]
    site.plugins.disable(site, "words")
    assert asked() == [404, 404, 404]


def test_a_network_admin_sees_and_switches_them(open_app: Callable[[], Any], write: Write) -> None:
    write("words", A_PAGE, "")
    write("wreck", "raise OSError('rusty')")
    app = open_app()
    client, site = app.test_client(), app.extensions["tierslieu"]
    with site.writing() as work:
        a_venue(work)
        an_account(work, "admin@example.org", role="network_admin")
        an_account(work, "member@example.org")

    sign_in(client, "admin@example.org")
    page = client.get("/admin/plugins").get_data(as_text=True)
    assert "Pages of a test." in page
    assert "OSError: rusty" in page
    assert client.post("/admin/plugins/words/enable").status_code == 302
    assert "Being switched on" in client.get("/admin/plugins").get_data(as_text=True)
    with site.writing() as work:
        site.jobs["plugins.enable"].run(work, name="words")
    assert client.get("/words").status_code == 200
    assert client.post("/admin/plugins/words/disable").status_code == 302
    assert client.get("/words").status_code == 404
    assert client.post("/admin/plugins/nothing/enable").status_code == 404

    other = app.test_client()
    assert other.get("/admin/plugins").status_code == 302
    sign_in(other, "member@example.org")
    assert other.post("/admin/plugins/ical/disable").status_code == 403
    assert site.plugins.is_on("ical")
