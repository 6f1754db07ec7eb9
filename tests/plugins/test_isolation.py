"""Plugins that raise or answer rubbish: their own part is lost, nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.plugins.menu import nav
from tierslieu import hookspecs
from tierslieu.contributions import BookingChange, Candidate
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.plugins.models import PluginFault

Write = Callable[..., Path]
House = Callable[..., Site]


def faults(site: Site) -> list[str]:
    return [each.plugin for each in site.hooks.faults if not each.plugin.startswith("core")]


def a_change() -> BookingChange:
    return BookingChange(1, 1, 1, None, "confirmed", "made")


ADDS = """
@tl.hookimpl
def nav_items(place):
    yield tl.NavItem(tl.sentences("{name}")("Words"), "/{name}")
"""


RAISES = """
@tl.hookimpl
def nav_items(place):
    raise ValueError("nav")

@tl.hookimpl
def booking_objections(work, candidates):
    raise ValueError("judge")

@tl.hookimpl
def bookings_changed(work, changes):
    work.later("lost")
    raise ValueError("react")
"""


def a_candidate(work: Work) -> Candidate:
    return Candidate(1, 1, Span(work.now, work.now + timedelta(hours=1)))


def test_one_that_raises_takes_only_its_own_part_with_it(house: House, write: Write) -> None:
    write("wreck", RAISES)
    write("words", ADDS)
    site = house()
    for name in ("wreck", "words"):
        site.plugins.enable(site, name)

    with site.writing() as work:
        work.later("kept")
        site.hooks.tell(hookspecs.bookings_changed, work=work, changes=[a_change()])
        objections = site.hooks.objections(
            hookspecs.booking_objections, work=work, candidates=[a_candidate(work)]
        )

    assert nav(site) == ["/words"]
    assert [o.code for o in objections if isinstance(o, Reason)] == ["cannot_be_checked"]
    assert jobs(site) & {"kept", "lost"} == {"kept"}
    assert {fault.hook for fault in site.hooks.faults} >= {"nav_items", "bookings_changed"}


@pytest.mark.parametrize(
    "act",
    [
        "work.session.commit()",
        "work.session.rollback()",
        "work.session.close()",
        'work.session.execute(sa.text("SELECT nothing FROM nowhere"))',
        "return 1 / 0",
    ],
)
def test_no_reaction_can_end_or_spoil_the_work(house: House, write: Write, act: str) -> None:
    write("wreck", f"@tl.hookimpl\ndef bookings_changed(work, changes):\n    {act}\n")
    site = house()
    site.plugins.enable(site, "wreck")

    with site.writing() as work:
        work.later("kept")
        site.hooks.tell(hookspecs.bookings_changed, work=work, changes=[a_change()])
        work.later("kept too")

    assert jobs(site) >= {"kept", "kept too"}


@pytest.mark.parametrize(
    "rubbish",
    ["return 3", 'return ["words"]', "return [None]", 'yield tl.NavItem("Words", "/words")'],
)
def test_rubbish_is_left_out(house: House, write: Write, rubbish: str) -> None:
    write("wreck", f"@tl.hookimpl\ndef nav_items(place):\n    {rubbish}\n")
    write("words", ADDS)
    site = house()
    for name in ("wreck", "words"):
        site.plugins.enable(site, name)

    assert nav(site) == ["/words"]
    assert faults(site) == ["wreck"]


def test_three_strikes_suspend_what_it_adds_but_not_what_it_refuses(
    house: House, write: Write
) -> None:
    write("wreck", RAISES)
    site, other = house(), house()
    site.plugins.enable(site, "wreck")

    for _ in range(3):
        with site.writing() as work:
            site.hooks.tell(hookspecs.bookings_changed, work=work, changes=[a_change()])

    assert site.plugins.is_suspended("wreck")
    other.plugins.switches.stale()
    assert other.plugins.is_suspended("wreck")
    assert nav(site) == []
    assert faults(site) == ["wreck"] * 3
    with site.reading() as work:
        assert len(list(work.session.scalars(sa.select(PluginFault)))) == 3
        candidates = [a_candidate(work)]
        asked = {"work": work, "candidates": candidates}
        assert len(site.hooks.objections(hookspecs.booking_objections, **asked)) == 1

    site.plugins.enable(site, "wreck")
    assert not site.plugins.is_suspended("wreck")


def jobs(site: Site) -> set[str]:
    with site.reading() as work:
        return set(work.session.scalars(sa.select(Job.name)))


def test_faults_while_reading_are_written_when_the_page_is_done(
    open_app: Callable[[], Any], write: Write
) -> None:
    write("wreck", RAISES)
    app = open_app()
    site = app.extensions["tierslieu"]
    site.plugins.enable(site, "wreck")

    for _ in range(3):
        assert app.test_client().get("/sign-in").status_code == 200

    assert site.plugins.is_suspended("wreck")
