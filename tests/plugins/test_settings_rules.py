"""What a setting may be, and whose word counts: tables of cases."""

from __future__ import annotations

from typing import Any

import pytest

from tierslieu.kernel.errors import Invalid
from tierslieu.plugins.settings.rules import (
    Place,
    declaration_faults,
    in_force,
    read,
    settings_at,
    written,
)
from tierslieu.setting import Setting

DAYS = Setting("days", "integer", "Days", 7, least=1, most=30, scope="room")
TITLES = Setting("titles", "choice", "Titles", "all", choices=(("all", "All"), ("none", "None")))
OPEN = Setting("open", "boolean", "Open", False, scope="venue")
NOTE = Setting("note", "text", "Note", least=2, most=5)
KEY = Setting("key", "text", "Key", secret=True, scope="venue")


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (DAYS, " 12 ", 12),
        (TITLES, "none", "none"),
        (OPEN, "Yes", True),
        (OPEN, "0", False),
        (NOTE, " ciao\x00 ", "ciao"),
        (KEY, "s3cret", "s3cret"),
    ],
)
def test_it_is_read_as_it_is_written(setting: Setting, text: str, value: Any) -> None:
    assert read(setting, text) == value
    assert read(setting, written(setting, value)) == value


@pytest.mark.parametrize(
    ("setting", "text", "says"),
    [
        (DAYS, "many", "whole number"),
        (DAYS, "", "whole number"),
        (DAYS, "0", "From 1 to 30"),
        (DAYS, "31", "From 1 to 30"),
        (TITLES, "some", "all, none"),
        (OPEN, "perhaps", "yes or no"),
        (NOTE, "a", "At least 2"),
        (NOTE, "abcdef", "At most 5"),
    ],
)
def test_what_it_cannot_be_is_said_in_a_sentence(setting: Setting, text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(setting, text)
    reason = refused.value.reasons[0]
    assert says in str(reason.message)
    assert reason.field == setting.name


ROOM, VENUE, NETWORK = Place(3, 5), Place(3), Place()
SAID = {
    "room": ("room", 5, "days"),
    "venue": ("venue", 3, "days"),
    "network": ("network", 0, "days"),
}


@pytest.mark.parametrize(
    ("said", "place", "expected"),
    [
        ({}, ROOM, (7, "default")),
        ({"network": 1}, ROOM, (1, "network")),
        ({"network": 1, "venue": 2}, ROOM, (2, "venue")),
        ({"network": 1, "venue": 2, "room": 3}, ROOM, (3, "room")),
        ({"network": 1, "venue": 2, "room": 3}, VENUE, (2, "venue")),
        ({"network": 1, "venue": 2, "room": 3}, NETWORK, (1, "network")),
        ({"venue": 2}, Place(4), (7, "default")),
        ({"network": 1, "venue": 99}, VENUE, (1, "network")),
        ({"network": "text"}, VENUE, (7, "default")),
    ],
    ids=[
        "nobody said anything",
        "the network",
        "the venue before it",
        "the room before that",
        "a venue is not its room",
        "the network is neither",
        "another venue's word",
        "what a newer version refuses is passed over",
        "what is of another kind too",
    ],
)
def test_the_nearest_word_counts(
    said: dict[str, Any], place: Place, expected: tuple[Any, str]
) -> None:
    found = in_force(DAYS, {SAID[scope]: value for scope, value in said.items()}, place)
    assert (found.value, found.source) == expected


def test_what_is_set_for_the_network_does_not_differ_below() -> None:
    said = {("venue", 3, "titles"): "none", ("room", 5, "open"): True, ("venue", 3, "open"): True}

    assert in_force(TITLES, said, ROOM).value == "all"
    assert in_force(OPEN, said, ROOM).source == "venue"
    names = [[each.name for each in settings_at((DAYS, TITLES, OPEN), scope)] for scope in
             ("network", "venue", "room")]  # fmt: skip
    assert names == [["days", "titles", "open"], ["days", "open"], ["days"]]


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ((DAYS, DAYS), "named twice"),
        ((Setting("Days", "integer", "Days"),), "not plain"),
        ((Setting("days", "float", "Days"),), "kind"),  # type: ignore[arg-type]
        ((Setting("days", "integer", "Days", scope="town"),), "scope"),  # type: ignore[arg-type]
        ((Setting("days", "integer", " "),), "label"),
        ((Setting("days", "choice", "Days"),), "choices"),
        ((Setting("days", "integer", "Days", 0, least=1),), "default"),
        ((Setting("key", "text", "Key", "1234", secret=True),), "secret"),
        (("days",), "no Setting"),
    ],
)
def test_a_wrong_declaration_is_named(declared: Any, says: str) -> None:
    assert says in " ".join(declaration_faults(declared))


def test_right_declarations_have_no_fault() -> None:
    assert list(declaration_faults((DAYS, TITLES, OPEN, NOTE, KEY))) == []
