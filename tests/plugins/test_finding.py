"""Plugins are found, or broken, in an order; a broken one takes nobody with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.menu import nav
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.site import Site
from tierslieu.plugins.checks import ordered
from tierslieu.plugins.finding import Installed

Write = Callable[..., Path]
House = Callable[..., Site]

MANIFEST = 'plugin = tl.Plugin("{name}", "Test", "A plugin of a test.")\n'
A_TABLE = """
class Entry(tl.Model):
    __tablename__ = "{name}_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(default="")
"""


ADDS = """
@tl.hookimpl
def nav_items(place):
    yield tl.NavItem(tl.sentences("{name}")("Words"), "/{name}")
"""


def test_the_bundled_ones_are_found_and_on_from_the_start(house: House) -> None:
    site = house()

    ical = site.plugins.find("ical")
    assert ical.is_bundled
    assert ical.version
    assert site.plugins.is_on("ical")
    assert not site.plugins.broken


def test_a_dropped_in_one_is_found_and_off_until_somebody_says_so(
    house: House, write: Write
) -> None:
    write("words", ADDS)
    site = house()

    assert site.plugins.find("words").fault is None
    assert not site.plugins.is_on("words")
    assert nav(site) == []


def test_a_blocked_one_is_not_even_looked_at(house: House, write: Write) -> None:
    write("words", "raise SystemExit('never')")
    site = house(plugins_blocked=("words",))

    with pytest.raises(NotFound):
        site.plugins.find("words")


@pytest.mark.parametrize(
    ("text", "manifest", "says"),
    [
        ("import a_library_that_is_not_there", MANIFEST, "a_library_that_is_not_there"),
        ("raise SystemExit(3)", MANIFEST, "SystemExit"),
        ("syntax error here", MANIFEST, "SyntaxError"),
        ("", "", "no “plugin = Plugin(…)”"),
        ("", 'plugin = tl.Plugin("other", "T", "s")\n', "entry point"),
        ("", 'plugin = tl.Plugin("{name}", "T", "s", hook_api=99)\n', "99"),
        ("", 'plugin = tl.Plugin("{name}", "T", "s", requires=("absent",))\n', "absent"),
        ("@tl.hookimpl\ndef no_such_hook(work): ...", MANIFEST, "no_such_hook"),
        ("@tl.hookimpl\ndef nav_items(actor, moon): ...", MANIFEST, "moon"),
        (A_TABLE.replace("{name}_entry", "entry"), MANIFEST, "entry"),
        (
            A_TABLE + '    wrong: Mapped["Nobody"] = relationship("Nobody")\n',
            MANIFEST,
            "Nobody",
        ),
    ],
    ids=[
        "a library is missing",
        "it ends the program",
        "it is not Python",
        "it has no manifest",
        "it has another name",
        "it is for other hooks",
        "it needs what is not there",
        "it answers what nobody asks",
        "it wants what nobody gives",
        "its table has no prefix",
        "its tables are mapped wrongly",
    ],
)
def test_a_broken_one_is_named_and_the_house_stands(
    house: House, write: Write, text: str, manifest: str, says: str
) -> None:
    write("wreck", text, manifest)
    write("words", ADDS)
    site = house()
    site.plugins.enable(site, "words")

    assert says in str(site.plugins.broken["wreck"])
    assert set(site.plugins.broken) == {"wreck"}
    assert nav(site) == ["/words"]
    with pytest.raises(Invalid):
        site.plugins.enable(site, "wreck")


def test_a_plugin_cannot_call_itself_like_a_table_of_the_core(house: House, write: Write) -> None:
    write("booking", "")

    assert "core" in str(house().plugins.broken["booking"])


def test_they_are_called_by_requirement_then_by_name() -> None:
    class Needs(Installed):
        requires = ()

    def one(name: str, *requires: str) -> Installed:
        made = type("Made", (Installed,), {"requires": requires})
        return made(name, f"{name}.plugin")

    found = ordered([one("zebra"), one("apple", "zebra"), one("pear"), one("fig", "ghost")])

    assert [item.name for item in found] == ["pear", "zebra", "apple", "fig"]
    assert [item.name for item in found if item.fault] == ["fig"]
