"""A booking moves only as the table says; what is past stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tierslieu.bookings.rules import (
    MOVES,
    STATES,
    EffectivePolicy,
    PolicyRow,
    PolicyValues,
    answer_deadline,
    check_in_reasons,
    first_state,
    move,
    occupies,
    resolve,
)
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span

START = datetime(2026, 5, 2, 16, tzinfo=UTC)
SPAN = Span(START, START + timedelta(hours=2))
BEFORE, DURING, AFTER = (START + timedelta(hours=hours) for hours in (-5, 1, 3))


def policy(**said: object) -> EffectivePolicy:
    return resolve([PolicyRow("room", "everyone", PolicyValues.from_json(said))], [])


@pytest.mark.parametrize(
    ("state", "verb", "to", "expected"),
    [
        pytest.param("requested", "approve", None, "confirmed", id="approved"),
        pytest.param("requested", "decline", None, "declined", id="declined"),
        pytest.param("requested", "deadline", None, "expired", id="unanswered"),
        pytest.param("requested", "deadline", "confirmed", "confirmed", id="silence is consent"),
        pytest.param("requested", "start_passes", None, "expired", id="start passed"),
        pytest.param("held", "accept", None, "confirmed", id="offer accepted"),
        pytest.param("held", "accept", "requested", "requested", id="accepted, needs approval"),
        pytest.param("held", "refuse", None, "cancelled", id="offer refused"),
        pytest.param("held", "lapse", None, "expired", id="offer lapsed"),
        pytest.param("requested", "cancel", None, "cancelled", id="request withdrawn"),
        pytest.param("held", "cancel", None, "cancelled", id="offer cancelled"),
        pytest.param("confirmed", "cancel", None, "cancelled", id="booking cancelled"),
        pytest.param("confirmed", "change", None, "confirmed", id="moved"),
        pytest.param("confirmed", "change", "requested", "requested", id="moved, needs approval"),
        pytest.param("confirmed", "check_in", None, "checked_in", id="came"),
        pytest.param("confirmed", "miss", None, "no_show", id="did not come"),
        pytest.param("no_show", "undo_no_show", None, "checked_in", id="came after all"),
        pytest.param("checked_in", "leave", None, "checked_in", id="left early"),
        pytest.param("checked_in", "undo_check_in", None, "confirmed", id="checked in by mistake"),
        pytest.param("confirmed", "preempt", None, "cancelled", id="pre-empted"),
        pytest.param("cancelled", "put_back", None, "confirmed", id="freed for want of an answer"),
    ],
)
def test_a_move_of_the_table(state: str, verb: str, to: str | None, expected: str) -> None:
    assert move(state, verb, SPAN, BEFORE, to=to) == expected


@pytest.mark.parametrize("verb", sorted(MOVES))
@pytest.mark.parametrize("state", STATES)
def test_every_other_move_is_refused_naming_the_state(state: str, verb: str) -> None:
    found = move(state, verb, SPAN, BEFORE)
    if state in MOVES[verb]:
        assert found in STATES
    else:
        assert isinstance(found, Reason)
        assert (found.code, found.kind) == ("wrong_state", "state")


@pytest.mark.parametrize("verb", sorted(MOVES))
def test_what_is_over_is_changed_by_nobody_but_the_house(verb: str) -> None:
    for state in MOVES[verb]:
        found = move(state, verb, SPAN, AFTER)
        allowed = verb in {"undo_no_show", "deadline", "start_passes", "lapse", "miss"}
        assert isinstance(found, str) is allowed
        if isinstance(found, Reason):
            assert (found.code, found.kind) == ("past", "rule")


@pytest.mark.parametrize(("state", "verb"), [("requested", "approve"), ("held", "accept")])
def test_an_answer_after_the_start_is_too_late(state: str, verb: str) -> None:
    found = move(state, verb, SPAN, DURING)
    assert isinstance(found, Reason)
    assert found.code == "past"


def test_a_wrong_move_names_the_state_and_what_cannot_be_done() -> None:
    found = move("cancelled", "approve", SPAN, BEFORE)
    assert isinstance(found, Reason)
    assert str(found.message) == "This booking was cancelled. It cannot be approved."


def test_an_outcome_that_a_verb_does_not_have_is_a_fault() -> None:
    with pytest.raises(ValueError, match="does not lead"):
        move("requested", "approve", SPAN, BEFORE, to="held")


def test_held_confirmed_and_checked_in_occupy_and_a_request_only_where_it_holds() -> None:
    assert [s for s in STATES if occupies(s, "compete")] == ["held", "confirmed", "checked_in"]
    assert occupies("requested", "hold")


@pytest.mark.parametrize(
    ("approval", "may_approve", "expected"),
    [
        ("none", False, "confirmed"),
        ("asked", False, "requested"),
        ("asked", True, "confirmed"),
    ],
)
def test_a_new_booking_waits_only_for_an_answer_that_the_asker_cannot_give(
    approval: str, may_approve: bool, expected: str
) -> None:
    assert first_state(policy(approval=approval), 10, may_approve=may_approve) == expected


def test_a_deadline_is_never_after_the_start() -> None:
    assert answer_deadline(policy(), BEFORE, SPAN) is None
    assert answer_deadline(policy(request_deadline_hours=3), BEFORE, SPAN) == DURING - timedelta(
        hours=3
    )
    assert answer_deadline(policy(request_deadline_hours=48), BEFORE, SPAN) == START


def test_checking_in_opens_a_while_before_the_start() -> None:
    early = START - timedelta(minutes=31)
    assert [r.code for r in check_in_reasons(policy(), SPAN, early)] == ["too_early"]
    assert check_in_reasons(policy(), SPAN, early + timedelta(minutes=1)) == []
