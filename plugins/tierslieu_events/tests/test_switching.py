"""A date is held in another way: each goes where she wished, or is asked, and is told once."""

from __future__ import annotations

from typing import Any

import pytest

import tierslieu.toolkit as tl
from tierslieu_events import rules
from tierslieu_events.registering import closing, services, switching
from tierslieu_events.registering.services import Asked, register

from .builders import a_person, an_event, as_system, entry_of, joins, taken, the_date


@pytest.mark.parametrize(
    ("capacity", "holding", "staying"),
    [
        (2, [(1, 1), (2, 1), (3, 1)], {1, 2}),
        (3, [(1, 2), (2, 2), (3, 1)], {1}),  # nobody passes who joined before
        (0, [(1, 1)], set()),
        (9, [(1, 1)], {1}),
    ],
)
def test_who_stays_when_there_are_fewer_places(
    capacity: int, holding: list[tuple[int, int]], staying: set[int]
) -> None:
    assert rules.who_stays(capacity, holding) == staying


def test_each_goes_where_she_wished_and_is_told_once(site: tl.Site, mailbox: Any) -> None:
    with site.writing() as work:
        event = an_event(work, in_room=3, remote=1)
        wishes = {"ada": "remote", "bea": "remote", "cleo": "cancel", "dina": "ask"}
        rows = {
            name: joins(work, event, a_person(work, name), fallback=wish, wait=True)
            for name, wish in wishes.items()
        }
        assert rows["dina"].state == "waiting"
    before = {name: len(mailbox.to(f"{name}@example.org")) for name in wishes}
    with site.writing() as work:
        event = work.session.merge(event)
        switching.switch(as_system(work), the_date(work, event), "remote")
        entries = {name: entry_of(work, row) for name, row in rows.items()}
        found = {name: (e.kind, e.row.state) for name, e in entries.items()}
        assert found == {
            "ada": ("remote", "registered"), "bea": ("remote", "waiting"),
            "cleo": ("room", "cancelled"), "dina": ("room", "asked"),
        }  # fmt: skip
        assert (taken(work, event), taken(work, event, "remote")) == (0, 1)
    assert {name: len(mailbox.to(f"{name}@example.org")) - n for name, n in before.items()} == (
        dict.fromkeys(wishes, 1)
    )
    with site.writing() as work:
        event = work.session.merge(event)
        dina = entry_of(work, rows["dina"])
        switching.take_other(as_system(work), dina)
        assert (entry_of(work, dina.row).kind, dina.row.state) == ("remote", "waiting")
        services.give_up(as_system(work), entry_of(work, rows["ada"]))
        assert entry_of(work, rows["bea"]).row.state == "offered"
        # The old way comes back, and restores nothing by itself.
        switching.switch(as_system(work), the_date(work, event), "hybrid")
        assert taken(work, event) == 0


def test_who_is_remote_already_stays_there_alone(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    joins(work, event, a_person(work, "ada"))
    bea = a_person(work, "bea")
    waiting = joins(work, event, bea, wait=True, fallback="remote")
    remote = joins(work, event, bea, "remote")
    switching.switch(as_system(work), the_date(work, event), "remote")
    assert (waiting.state, remote.state, taken(work, event, "remote")) == (
        "cancelled", "registered", 1,
    )  # fmt: skip


def test_a_venue_that_lets_in_fewer_keeps_who_joined_first(work: tl.Work) -> None:
    event = an_event(work, in_room=3)
    rows = [joins(work, event, a_person(work, n), fallback="remote") for n in ("ada", "bea")]
    late = joins(work, event, a_person(work, "cleo"))
    booking_id = the_date(work, event).date.booking_id
    assert booking_id is not None
    with pytest.raises(tl.Invalid):
        closing.way_followed(as_system(work), closing.FEWER, [booking_id], "few")
    closing.way_followed(as_system(work), closing.FEWER, [booking_id], "1")
    assert [entry_of(work, row).kind for row in rows] == ["room", "remote"]
    assert (late.state, taken(work, event), taken(work, event, "remote")) == ("asked", 1, 1)


def test_what_is_held_online_by_the_venue_is_remote_with_its_link(work: tl.Work) -> None:
    event = an_event(work)
    view = the_date(work, event)
    words = "https://meet.example.org/quarter"
    closing.way_followed(as_system(work), "online", [view.date.booking_id], words)
    assert (view.date.mode, view.date.provider, view.date.meeting) == (
        "remote", "link", {"said": words},
    )  # fmt: skip


def test_without_a_room_nothing_becomes_held_in_one(work: tl.Work) -> None:
    event = an_event(work, mode="remote")
    with pytest.raises(tl.Refused):
        switching.switch(as_system(work), the_date(work, event), "hybrid")
    assert register(work, the_date(work, event), Asked("remote", name="A", email="a@example.org"))
