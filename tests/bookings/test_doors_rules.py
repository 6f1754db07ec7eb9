"""What is refused at which door, why, and what would be allowed instead."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.bookings.rules import (
    DOORS,
    Applicant,
    Ask,
    Door,
    EffectivePolicy,
    PolicyRow,
    PolicyValues,
    RoomFacts,
    cancel_reasons,
    check,
    nearest_slots,
    resolve,
    steps_ok,
)
from tierslieu.kernel.errors import Conflict, Invalid, Refused, refusal
from tierslieu.kernel.span import Span, at_wall, iso
from tierslieu.kernel.texts import Texts
from tierslieu.venues.rules import (
    ALL_DAY,
    Closing,
    DayException,
    Holiday,
    Interval,
    OpeningFacts,
    Period,
    open_spans,
)

ROME = ZoneInfo("Europe/Rome")
MONDAY = date(2026, 5, 4)
NOW = at_wall(MONDAY, 480, ROME)  # Monday at eight
SPLIT = (Interval(540, 780), Interval(880, 1110))  # 9:00–13:00, 14:40–18:30
LAB = OpeningFacts((Period("venue", dict.fromkeys(range(5), SPLIT)),))
ROOM = RoomFacts(ROME, LAB, capacity=28)
MEMBER = Applicant(member=True, member_then=True)


def on(day: int, opens: int, closes: int) -> Span:
    """A span on the n-th day after Monday, in minutes from midnight."""
    there = MONDAY + timedelta(days=day)
    return Span(at_wall(there, opens, ROME), at_wall(there, closes, ROME))


def policy(**said: Any) -> EffectivePolicy:
    return resolve([PolicyRow("room", "everyone", PolicyValues.from_json(said))], [])


def codes(
    ask: Span | Ask,
    said: dict[str, Any] | None = None,
    who: Applicant = MEMBER,
    room: RoomFacts = ROOM,
    door: Door = "book",
    busy: tuple[Span, ...] = (),
) -> list[str]:
    asked = ask if isinstance(ask, Ask) else Ask(ask)
    return check(door, asked, room, policy(**(said or {})), who, NOW, busy).codes()


@pytest.mark.parametrize(
    ("span", "said", "expected"),
    [
        pytest.param(on(1, 600, 720), {}, [], id="on the hour"),
        pytest.param(on(1, 880, 960), {}, [], id="from the opening's own bound"),
        pytest.param(on(1, 880, 910), {}, [], id="one step from the bound"),
        pytest.param(on(1, 1050, 1110), {}, [], id="to the closing"),
        pytest.param(on(1, 610, 700), {}, ["off_step"], id="off step"),
        pytest.param(on(1, 600, 611), {"step_minutes": "none"}, [], id="any minute"),
        pytest.param(on(1, 600, 860), {}, ["outside_hours", "off_step", "too_long"], id="break"),
        pytest.param(on(1, 1110, 1170), {}, ["outside_hours"], id="after closing"),
        pytest.param(on(5, 600, 660), {}, ["closed"], id="on a closed day"),
        pytest.param(on(1, 540, 780), {"longest_minutes": 120}, ["too_long"], id="too long"),
        pytest.param(on(1, 540, 600), {"shortest_minutes": 90}, ["too_short"], id="too short"),
        pytest.param(on(0, 570, 600), {}, ["too_soon"], id="within two hours"),
        pytest.param(on(0, 600, 660), {}, [], id="exactly two hours ahead"),
        pytest.param(on(1, 540, 600), {"notice_add": "1d"}, [], id="tomorrow is one day ahead"),
        pytest.param(on(1, 540, 600), {"notice_add": "2d"}, ["too_soon"], id="but not two"),
        pytest.param(on(-1, 540, 600), {}, ["closed", "past"], id="yesterday"),
        pytest.param(on(8, 540, 600), {"horizon_days": 7}, ["too_far"], id="past the horizon"),
        pytest.param(on(7, 540, 600), {"horizon_days": 7}, [], id="on the horizon's last day"),
    ],
)
def test_a_time_is_judged_by_the_rules_of_the_house(
    span: Span, said: dict[str, Any], expected: list[str]
) -> None:
    assert codes(span, said) == expected


FINE = on(1, 600, 720)


@pytest.mark.parametrize(
    ("who", "said", "ask", "expected"),
    [
        pytest.param(Applicant(False), {}, Ask(FINE), ["sign_in_needed"], id="a stranger"),
        pytest.param(
            Applicant(False), {"who_may_book": "anyone"}, Ask(FINE), [], id="where anyone may"
        ),
        pytest.param(
            Applicant(False), {}, Ask(FINE, by_clerk=True), [], id="without account, at the desk"
        ),
        pytest.param(
            Applicant(False),
            {"who_may_book": "members"},
            Ask(FINE),
            ["sign_in_needed"],
            id="a stranger is asked to sign in first",
        ),
        pytest.param(
            Applicant(), {"who_may_book": "members"}, Ask(FINE), ["members_only"], id="no member"
        ),
        pytest.param(
            Applicant(),
            {"who_may_book": "members"},
            Ask(FINE, by_clerk=True),
            ["members_only"],
            id="judged for her, not for the clerk",
        ),
        pytest.param(MEMBER, {"who_may_book": "members"}, Ask(FINE), [], id="a member"),
        pytest.param(
            Applicant(member=True),
            {"membership_required": True},
            Ask(FINE),
            ["membership_ends"],
            id="a membership that ends before",
        ),
        pytest.param(
            MEMBER, {"who_may_book": "managers"}, Ask(FINE), ["managers_only"], id="no manager"
        ),
        pytest.param(
            Applicant(manages=True), {"who_may_book": "managers"}, Ask(FINE), [], id="a manager"
        ),
        pytest.param(
            replace(MEMBER, open_bookings=3),
            {"max_open_bookings": 3},
            Ask(FINE),
            ["too_many_open"],
            id="three are open",
        ),
        pytest.param(
            replace(MEMBER, open_bookings=2),
            {"max_open_bookings": 3},
            Ask(FINE),
            [],
            id="two are open",
        ),
        pytest.param(MEMBER, {}, Ask(FINE, attendance=29), ["over_capacity"], id="one too many"),
        pytest.param(MEMBER, {}, Ask(FINE, attendance=28), [], id="just enough"),
    ],
)
def test_an_applicant_is_judged_by_who_she_is(
    who: Applicant, said: dict[str, Any], ask: Ask, expected: list[str]
) -> None:
    assert codes(ask, said, who) == expected


def test_each_refusal_says_its_rule_its_field_and_what_would_be_allowed() -> None:
    found = check("book", Ask(on(1, 540, 780)), ROOM, policy(longest_minutes=120), MEMBER, NOW)
    [reason] = found.refused
    assert (reason.code, reason.field, reason.kind) == ("too_long", "ends_at", "rule")
    assert "2:00:00" in str(reason.message)
    first = reason.nearest[0]
    assert dict(first.values) == {
        "starts_at": "2026-05-05T07:00:00Z",
        "ends_at": "2026-05-05T09:00:00Z",
    }
    assert str(first.label) == "2026-05-05 09:00–11:00"


def test_a_crowd_is_told_how_many_fit() -> None:
    found = check("book", Ask(FINE, attendance=40), ROOM, policy(), MEMBER, NOW)
    assert dict(found.refused[0].nearest[0].values) == {"attendance": "28"}
    assert str(found.refused[0].message) == "The room takes 28 people."


FEAST = Holiday(MONDAY + timedelta(days=1), Texts(it="Festa"))
WORKS = Closing(on(1, 660, 690), reason=Texts(it="Lavori"))
STOCK = DayException(MONDAY + timedelta(days=1), (), note=Texts(it="Inventario"))


@pytest.mark.parametrize(
    ("opening", "expected", "words"),
    [
        pytest.param(replace(LAB, holidays=(FEAST,)), ["closed"], "Festa", id="a holiday"),
        pytest.param(replace(LAB, exceptions=(STOCK,)), ["closed"], "Inventario", id="one day"),
        pytest.param(replace(LAB, closings=(WORKS,)), ["closure"], "Lavori", id="a closure"),
        pytest.param(LAB, [], "", id="open"),
    ],
)
def test_what_shuts_is_called_by_its_name(
    opening: OpeningFacts, expected: list[str], words: str
) -> None:
    found = check("book", Ask(FINE), replace(ROOM, opening=opening), policy(), MEMBER, NOW)
    assert found.codes() == expected
    assert all(words in str(reason.message) and reason.nearest for reason in found.refused)


def test_what_is_taken_is_a_conflict_that_says_only_when() -> None:
    found = check("book", Ask(FINE), ROOM, policy(), MEMBER, NOW, (on(1, 660, 780),))
    [reason] = found.refused
    assert str(reason.message) == "Taken 2026-05-05 11:00–13:00."
    assert type(refusal(found.refused)) is Conflict
    offered = [choice.values["starts_at"] for choice in reason.nearest]
    assert iso(on(1, 540, 660).starts_at) in offered


def test_a_rule_and_a_conflict_together_are_told_together_as_a_refusal() -> None:
    found = check("book", Ask(FINE, attendance=99), ROOM, policy(), MEMBER, NOW, (on(1, 660, 780),))
    assert found.codes() == ["taken", "over_capacity"]
    assert type(refusal(found.refused)) is Refused


def test_set_up_and_clear_up_never_overlap_what_is_there() -> None:
    buffers = {"before_minutes": 30, "after_minutes": 30}
    assert codes(FINE, buffers, busy=(on(1, 720, 740),)) == ["taken"]
    assert codes(FINE, buffers, busy=(on(1, 750, 780), on(1, 540, 570))) == []


def test_a_retired_room_takes_nothing_and_offers_nothing() -> None:
    shut = replace(ROOM, bookable=False)
    found = check("book", Ask(on(5, 600, 660)), shut, policy(), MEMBER, NOW)
    assert found.codes()[0] == "inactive"
    assert not any(reason.nearest for reason in found.refused)


EVERYTHING_WRONG = Ask(on(1, 770, 790), attendance=99)
WRONG_ROOM = replace(ROOM, opening=replace(LAB, closings=(Closing(on(1, 780, 785)),)))


@pytest.mark.parametrize("door", sorted(DOORS))
def test_each_door_weighs_each_group_as_the_table_says(door: Door) -> None:
    who = Applicant(open_bookings=9)
    said = policy(max_open_bookings=1, who_may_book="members", longest_minutes=10)
    found = check(door, EVERYTHING_WRONG, WRONG_ROOM, said, who, NOW, (on(1, 700, 800),))
    groups = {
        "always": {"taken"},
        "closure": {"closure"},
        "house": {"outside_hours", "off_step", "too_long", "over_capacity"},
        "personal": {"members_only", "too_many_open"},
    }
    expected: dict[str, set[str]] = {"refuse": set(), "warn": set(), "pass": set()}
    for group, weight in DOORS[door].items():
        expected[weight] |= groups[group]
    assert set(found.codes()) == expected["refuse"]
    assert {reason.code for reason in found.warnings} == expected["warn"]


def test_a_clerk_may_pass_every_rule_but_what_is_taken() -> None:
    ask = replace(EVERYTHING_WRONG, override=True)
    found = check("book", ask, WRONG_ROOM, policy(), Applicant(), NOW, (on(1, 700, 800),))
    assert found.codes() == ["taken"]
    assert "closure" in {reason.code for reason in found.warnings}


@pytest.mark.parametrize(
    ("moving_from", "to", "expected"),
    [
        pytest.param(on(1, 600, 720), on(2, 600, 720), [], id="to another day"),
        pytest.param(on(0, 540, 600), on(2, 600, 720), ["too_late_to_change"], id="an hour before"),
        pytest.param(on(1, 600, 720), on(0, 540, 600), ["too_soon"], id="to an hour from now"),
    ],
)
def test_a_move_is_judged_again_with_its_own_notice(
    moving_from: Span, to: Span, expected: list[str]
) -> None:
    assert codes(Ask(to, moving_from=moving_from), door="move") == expected


def test_shortening_in_place_needs_only_the_notice_for_changes() -> None:
    said = {"notice_add": "5d", "notice_change": "1h"}
    ask = Ask(on(1, 600, 660), moving_from=on(1, 600, 720))
    assert codes(ask, said, door="move") == []


def test_history_may_be_imported() -> None:
    assert codes(on(-3, 600, 660), door="import") == []
    assert codes(on(-2, 600, 660), door="import") == ["closed"]


@pytest.mark.parametrize(
    ("said", "clerk", "expected"),
    [
        pytest.param({}, False, [], id="nothing said"),
        pytest.param({"notice_cancel": "2d"}, False, ["too_late_to_cancel"], id="too late"),
        pytest.param({"notice_cancel": "1d"}, False, [], id="in time"),
        pytest.param({"notice_cancel": "2d"}, True, [], id="a clerk at any time"),
    ],
)
def test_cancelling_keeps_its_notice(
    said: dict[str, Any], clerk: bool, expected: list[str]
) -> None:
    found = cancel_reasons(FINE, policy(**said), NOW, ROME, clerk=clerk)
    assert [reason.code for reason in found] == expected


@pytest.mark.parametrize(
    "span",
    [
        pytest.param(Span(NOW, NOW.replace(year=2150)), id="a century"),
        pytest.param(Span(NOW.replace(year=1950), NOW.replace(year=2150)), id="two centuries"),
        pytest.param(Span(NOW.replace(year=2190), NOW.replace(year=2191)), id="a year far away"),
    ],
)
def test_absurd_spans_are_refused_at_once(span: Span) -> None:
    began = time.perf_counter()
    assert codes(span)
    assert time.perf_counter() - began < 10, "day by day, it would be minutes"


def test_the_last_day_of_time_is_refused_and_no_fault() -> None:
    end = Span(datetime(2200, 12, 31, 10, tzinfo=UTC), datetime(2200, 12, 31, 11, tzinfo=UTC))
    assert codes(end) == ["too_far"]
    always = replace(
        ROOM, opening=OpeningFacts((Period("room", dict.fromkeys(range(7), ALL_DAY)),))
    )
    with pytest.raises(Invalid):
        codes(end, room=always)


def test_over_midnight_where_the_openings_touch() -> None:
    night = (Interval(0, 120), Interval(1200, 1440))
    bar = RoomFacts(ROME, OpeningFacts((Period("venue", dict.fromkeys(range(7), night)),)))
    late = Span(at_wall(MONDAY, 1380, ROME), at_wall(MONDAY, 1500, ROME))
    assert codes(late, room=bar) == []


def test_a_demo_room_open_at_all_hours_takes_anything() -> None:
    free = RoomFacts(ROME, OpeningFacts((Period("room", dict.fromkeys(range(7), ALL_DAY)),)))
    said = {
        "step_minutes": "none", "longest_minutes": "none", "notice_add": "none",
        "horizon_days": 3650, "approval": "none",
    }  # fmt: skip
    assert codes(on(2000, 1, 1439), said, room=free) == []
    assert codes(on(1, 3, 3000), said, room=free) == []
    odd = Span(FINE.starts_at + timedelta(seconds=1), FINE.ends_at)
    assert codes(odd, said, room=free) == ["off_step"]


def test_an_ordinary_span_on_the_night_of_the_clock_change_is_on_step() -> None:
    day = date(2026, 10, 25)
    span = Span(at_wall(day, 1080, ROME), at_wall(day, 1200, ROME))
    assert steps_ok(span, 120, (), ROME)


@given(
    start=st.integers(0, 7 * 1440),
    length=st.integers(1, 400),
    step=st.sampled_from([10, 15, 30, 60, 90]),
    longest=st.sampled_from([60, 120, 240]),
    notice=st.sampled_from(["0h", "2h", "30h", "1d", "3d"]),
    before=st.sampled_from([0, 20]),
    taken=st.lists(st.tuples(st.integers(0, 7 * 1440), st.integers(10, 600)), max_size=6),
)
@settings(max_examples=120, deadline=None)
def test_every_slot_offered_would_be_accepted(
    start: int,
    length: int,
    step: int,
    longest: int,
    notice: str,
    before: int,
    taken: list[tuple[int, int]],
) -> None:
    rules = policy(
        step_minutes=step, longest_minutes=longest, notice_add=notice, before_minutes=before,
        horizon_days=6,
    )  # fmt: skip
    origin = at_wall(MONDAY, 0, ROME)
    busy = [
        Span(origin + timedelta(minutes=at), origin + timedelta(minutes=at + long))
        for at, long in taken
    ]
    asked = Span(origin + timedelta(minutes=start), origin + timedelta(minutes=start + length))
    around = open_spans(LAB, MONDAY - timedelta(days=1), MONDAY + timedelta(days=9), ROME)
    offered = nearest_slots(asked, around, busy, rules, NOW, ROME)
    assert len(offered) <= 3
    for slot in offered:
        assert check("book", Ask(slot), ROOM, rules, MEMBER, NOW, busy).allowed
    if check("book", Ask(asked), ROOM, rules, MEMBER, NOW, busy).allowed:
        assert asked in offered
