"""Registration on both databases: places, waiting, offers, giving up, coming."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events.models import Registration, Side
from tierslieu_events.registering import line, services
from tierslieu_events.registering.services import Asked, register

from .builders import a_person, an_event, as_nobody, as_system, entry_of, joins, taken, the_date


def test_a_full_side_has_a_waiting_list_and_the_other_side_is_named(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    ada, bea = a_person(work, "ada"), a_person(work, "bea")
    assert joins(work, event, ada).state == "registered"
    with pytest.raises(tl.Conflict) as refused:
        joins(work, event, bea)
    [reason] = refused.value.reasons
    assert reason.code == "full"
    assert [dict(c.values)["side"] for c in reason.nearest] == ["room", "remote"]
    assert joins(work, event, bea, wait=True).state == "waiting"
    assert taken(work, event) == 1


def test_who_gives_up_is_followed_in_order_and_an_offer_really_holds(
    work: tl.Work, mailbox: Any, site: tl.Site
) -> None:
    event = an_event(work, in_room=1)
    people = [a_person(work, name) for name in ("ada", "bea", "cleo", "dina")]
    first = joins(work, event, people[0])
    second, third = (joins(work, event, each, wait=True) for each in people[1:3])
    services.give_up(as_system(work), entry_of(work, first))
    assert (second.state, third.state, taken(work, event)) == ("offered", "waiting", 1)
    with pytest.raises(tl.Conflict):
        joins(work, event, people[3])
    services.accept(as_system(work), entry_of(work, second))
    assert (second.state, taken(work, event)) == ("registered", 1)


def test_an_offer_that_runs_out_goes_to_who_is_next(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    people = [a_person(work, name) for name in ("ada", "bea", "cleo")]
    first = joins(work, event, people[0])
    second, third = (joins(work, event, each, wait=True) for each in people[1:])
    services.give_up(as_system(work), entry_of(work, first))
    assert second.expires_at is not None
    work.now = second.expires_at + timedelta(seconds=1)
    with pytest.raises(tl.Conflict):
        services.accept(as_system(work), entry_of(work, second))
    line.settle_due(as_system(work))
    work.session.refresh(second)
    work.session.refresh(third)
    assert (second.state, third.state, taken(work, event)) == ("lapsed", "offered", 1)


def test_the_database_itself_refuses_a_place_too_many(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    side = the_date(work, event).sides["room"]
    with pytest.raises(sa.exc.IntegrityError), work.savepoint():
        work.session.execute(sa.update(Side).where(Side.id == side.id).values(taken=2))


def test_nobody_stands_twice_on_one_side(work: tl.Work) -> None:
    event = an_event(work)
    ada = a_person(work, "ada")
    joins(work, event, ada)
    with pytest.raises(tl.Conflict) as refused:
        joins(work, event, ada)
    assert refused.value.code == "already"
    assert taken(work, event) == 1


def test_who_waits_for_the_room_takes_part_remotely_meanwhile(work: tl.Work) -> None:
    event = an_event(work, in_room=1, remote=1)
    ada, bea = a_person(work, "ada"), a_person(work, "bea")
    first = joins(work, event, ada)
    waiting = joins(work, event, bea, wait=True)
    remote = joins(work, event, bea, "remote")
    assert (waiting.state, remote.state, taken(work, event, "remote")) == (
        "waiting", "registered", 1,
    )  # fmt: skip
    services.give_up(as_system(work), entry_of(work, first))
    services.accept(as_system(work), entry_of(work, waiting))
    assert (waiting.state, remote.state) == ("registered", "cancelled")
    assert (taken(work, event), taken(work, event, "remote")) == (1, 0)


def test_a_guest_confirms_her_address_and_her_place_is_kept_for_an_hour(
    work: tl.Work, mailbox: Any
) -> None:
    event = an_event(work, in_room=1)
    view = the_date(work, event)
    guest = Asked("room", name="Gina", email="gina@example.org")
    row = register(work, view, guest)
    assert (row.state, row.holds, taken(work, event)) == ("pending", True, 1)
    services.confirm(work, entry_of(work, row))
    services.confirm(work, entry_of(work, row))
    assert (row.state, row.expires_at, taken(work, event)) == ("registered", None, 1)


def test_a_guest_who_confirms_too_late_stands_behind_who_came_meanwhile(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    guest = Asked("room", name="Gina", email="gina@example.org")
    row = register(work, the_date(work, event), guest)
    work.now = work.now + timedelta(minutes=61)
    assert joins(work, event, a_person(work, "ada")).state == "registered"
    work.session.refresh(row)
    assert row.state == "lapsed"
    services.confirm(work, entry_of(work, row))
    assert (row.state, taken(work, event)) == ("waiting", 1)


def test_the_desk_registers_who_has_nothing_but_a_name(work: tl.Work) -> None:
    event = an_event(work, in_room=10, guests=False)
    asked = Asked("room", seats=7, name="La classe di Ada")
    row = register(as_system(work), the_date(work, event), asked, by_desk=True)
    assert (row.state, row.person_id, taken(work, event)) == ("registered", None, 7)
    with pytest.raises(tl.Forbidden):
        register(as_nobody(work), the_date(work, event), asked, by_desk=True)


def test_who_comes_is_noted_once_and_may_be_taken_back(work: tl.Work) -> None:
    event = an_event(work, in_room=5)
    row = joins(work, event, a_person(work, "ada"), seats=3)
    with pytest.raises(tl.Refused):
        services.come(as_system(work), entry_of(work, row))
    work.now = the_date(work, event).date.starts_at
    services.come(as_system(work), entry_of(work, row))
    first = row.came_at
    services.come(as_system(work), entry_of(work, row), 2)
    assert (row.came, row.came_at) == (2, first)
    services.come(as_system(work), entry_of(work, row), 0)
    assert (row.came, row.came_at) == (0, None)


def test_what_is_asked_must_be_answered(work: tl.Work) -> None:
    question = {"key": "q1", "text": "What do you bring?", "required": True}
    event = an_event(work, questions=(question,))
    ada = a_person(work, "ada")
    with pytest.raises(tl.Invalid) as refused:
        joins(work, event, ada)
    assert refused.value.reasons[0].field == "answer_q1"
    row = joins(work, event, ada, answers={"q1": "A cake", "other": "x"})
    assert row.answers == {"q1": "A cake"}


def test_what_has_begun_is_waited_for_no_longer(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    joins(work, event, a_person(work, "ada"))
    row = joins(work, event, a_person(work, "bea"), wait=True)
    work.now = the_date(work, event).date.starts_at
    line.settle_due(as_system(work))
    work.session.refresh(row)
    assert row.state == "lapsed"
    assert work.session.scalar(sa.select(sa.func.count(Registration.id))) == 2
