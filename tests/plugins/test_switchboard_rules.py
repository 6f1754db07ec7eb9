"""What a press of a switch means: tables of cases, and the places that are left."""

from __future__ import annotations

import pytest

from tierslieu.kernel.places import EVERYWHERE, Places
from tierslieu.plugins.venues.rules import Plan, plan

#: events needs tickets, which needs people; cups needs nothing.
REQUIRES = {"people": (), "cups": (), "tickets": ("people",), "events": ("tickets",)}
ALL = dict.fromkeys(REQUIRES, True)
NONE = dict.fromkeys(REQUIRES, False)


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [
        (ALL, {}, Plan()),
        (NONE, {"cups": True}, Plan(on=("cups",))),
        (ALL, {"cups": True}, Plan()),
        (ALL, {"cups": False}, Plan(off=("cups",))),
        (NONE, {"cups": False}, Plan()),
        (ALL, {"tickets": False}, Plan(off=("tickets",), falls=("events",))),
        (ALL, {"people": False}, Plan(off=("people",), falls=("tickets", "events"))),
        (ALL, {"tickets": False, "events": False}, Plan(off=("tickets", "events"))),
        (NONE, {"tickets": True}, Plan(missing=(("tickets", "people"),))),
        (NONE, {"people": True, "tickets": True}, Plan(on=("people", "tickets"))),
        (
            NONE | {"people": True},
            {"people": False, "tickets": True},
            Plan(off=("people",), missing=(("tickets", "people"),)),
        ),
    ],
    ids=[
        "nothing is pressed",
        "one that needs nothing",
        "on is on already",
        "off",
        "off is off already",
        "what needs it falls",
        "and what needs that",
        "both are pressed, so nothing falls",
        "what it needs is off",
        "both at once",
        "what it needs goes off at the same time",
    ],
)
def test_a_press(now: dict[str, bool], wanted: dict[str, bool], expected: Plan) -> None:
    assert plan(now, wanted, REQUIRES) == expected


def only(*ids: int) -> Places:
    return Places(frozenset(ids), only=True)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (EVERYWHERE, EVERYWHERE, EVERYWHERE),
        (Places(frozenset({1})), Places(frozenset({2})), Places(frozenset({1, 2}))),
        (
            Places(frozenset({1, 2}), only=True),
            Places(frozenset({2})),
            Places(frozenset({1}), True),
        ),
        (
            Places(frozenset({2})),
            Places(frozenset({1, 2}), only=True),
            Places(frozenset({1}), True),
        ),
        (only(1, 2), only(2, 3), only(2)),
    ],
)
def test_places_that_are_in_both(one: Places, other: Places, both: Places) -> None:
    assert one.within(other) == both
    assert [both.has(n) for n in range(5)] == [one.has(n) and other.has(n) for n in range(5)]
