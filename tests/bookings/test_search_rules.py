"""How rooms answer a wish: free and fitting first, near misses with their reason."""

from __future__ import annotations

import pytest

from tierslieu.bookings.rules import Candidate, Match, Wish, fit_reasons, near_misses, ordered
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg

HALL = Candidate("hall", "Hall", 120, frozenset({"projector"}), {"step_free": True, "lift": False})


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        pytest.param(Wish(), [], id="nothing asked"),
        pytest.param(Wish(120, frozenset({"projector"}), frozenset({"step_free"})), [], id="all"),
        pytest.param(Wish(121), ["over_capacity"], id="too many people"),
        pytest.param(Wish(features=frozenset({"kitchen"})), ["lacks_feature"], id="no kitchen"),
        pytest.param(Wish(access=frozenset({"lift"})), ["lacks_access"], id="no lift"),
        pytest.param(
            Wish(access=frozenset({"hearing_loop"})), ["access_unknown"], id="nobody knows"
        ),
    ],
)
def test_a_room_says_what_it_lacks(wish: Wish, expected: list[str]) -> None:
    found = fit_reasons(HALL, wish)
    assert [reason.code for reason in found] == expected
    assert all(str(reason.message).endswith(".") for reason in found)


def room(name: str, capacity: int | None) -> Candidate:
    return Candidate(name, name, capacity)


def against(*codes: str) -> tuple[Reason, ...]:
    return tuple(Reason(code, msg("No.")) for code in codes)


def test_free_rooms_come_first_the_nearest_in_size_before_the_rest() -> None:
    matches = [
        Match(room("huge", 200)),
        Match(room("taken", 12), against("taken")),
        Match(room("unknown", None)),
        Match(room("tight", 12)),
        Match(room("roomy", 30)),
        Match(room("asked for", 12), asked_by=2),
        Match(room("shut and small", 10), against("closed", "over_capacity")),
        Match(room("off step", 12), against("off_step")),
    ]
    assert [match.candidate.key for match in ordered(matches, Wish(12))] == [
        "tight", "roomy", "huge", "unknown", "asked for", "off step", "taken", "shut and small",
    ]  # fmt: skip


def test_a_hopeless_room_is_no_near_miss() -> None:
    matches = [
        Match(room("free", 12)),
        Match(room("near", 12), against("taken")),
        Match(room("far", 12), against("closed", "over_capacity", "lacks_access")),
    ]
    assert [match.candidate.key for match in near_misses(matches)] == ["near"]
    assert [match.fits for match in matches] == [True, False, False]
