"""Who gets which slot of a season: stable, the same for every order, each refusal explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.bookings.seasons.criteria import (
    Answers,
    declared,
    half_full,
    points,
    standing,
    total,
)
from tierslieu.bookings.seasons.rules import (
    Placed,
    RoomFacts,
    Slot,
    Window,
    Wish,
    allocate,
    candidates,
    clash,
    fates,
    weekly_slots,
)

NOW = datetime(2026, 5, 2, 8, 0, tzinfo=UTC)
HALL, LEFT, RIGHT, SMALL = 1, 2, 3, 4
ROOMS = {
    HALL: RoomFacts(HALL, "Hall", 100, True),
    LEFT: RoomFacts(LEFT, "Left half", 50, True),
    RIGHT: RoomFacts(RIGHT, "Right half", 50, True),
    SMALL: RoomFacts(SMALL, "Small", 10, False),
}
LEAVES = {HALL: {2, 3}, LEFT: {2}, RIGHT: {3}, SMALL: {4}}


def slot(n: int, room: int, weekday: int = 0, start: int = 18, end: int = 20) -> Slot:
    return Slot(n, room, weekday, start * 60, end * 60, frozenset(LEAVES[room]))


def wish(n: int, score: int = 0, **more: Any) -> Wish:
    first = Wish(
        n, f"w{n:03}", f"Group {n}", score, NOW + timedelta(minutes=n), 1, 8, (HALL,),
        (Window(0, 0, 1440),),
    )  # fmt: skip
    return replace(first, **more)


WEEK = [
    slot(room * 100 + day * 10 + at, room, day, hour, hour + 2)
    for room in ROOMS
    for day in range(2)
    for at, hour in enumerate((17, 18, 20))
]


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[Wish], list[Slot]]:
    slots = draw(st.lists(st.sampled_from(WEEK), unique=True, max_size=14))
    wishes = [
        wish(
            n,
            draw(st.integers(0, 3)),
            applied_at=NOW + timedelta(minutes=draw(st.integers(0, 1))),
            times=draw(st.integers(1, 3)),
            size=draw(st.sampled_from((5, 30, 80))),
            rooms=tuple(draw(st.permutations(list(ROOMS)))[: draw(st.integers(1, 3))]),
            windows=tuple(
                Window(draw(st.integers(0, 1)), draw(st.sampled_from((0, 1080))), 1320)
                for _ in range(draw(st.integers(1, 2)))
            ),
            time_first=draw(st.booleans()),
            step_free=draw(st.booleans()),
            two_a_day=draw(st.booleans()),
        )
        for n in range(1, draw(st.integers(0, 8)) + 1)
    ]
    return wishes, slots


def blocking(wishes: list[Wish], slots: list[Slot], placed: list[Placed]) -> list[str]:
    """Who would rather have a slot that is free, or that only those below have."""
    by_id, by_wish = {s.id: s for s in slots}, {w.id: w for w in wishes}
    found = []
    for one in wishes:
        suiting = candidates(one, slots, ROOMS)
        own = [by_id[p.slot] for p in placed if p.wish == one.id]
        for wanted in suiting:
            if wanted in own:
                continue
            better = [s for s in own if suiting.index(s) < suiting.index(wanted)]
            if len(better) >= one.times or clash(one, wanted, better) is not None:
                continue
            in_the_way = [
                by_wish[p.wish] for p in placed if p.wish != one.id and by_id[p.slot].meets(wanted)
            ]
            if all(other.rank > one.rank for other in in_the_way):
                found.append(f"{one.title} would rather have {wanted}")
    return found


@settings(max_examples=60, deadline=None)
@given(rounds(), st.randoms(use_true_random=False))
def test_nobody_prefers_a_slot_of_somebody_with_fewer_points(
    made: tuple[list[Wish], list[Slot]], chance: Any
) -> None:
    wishes, slots = made
    placed = allocate(wishes, slots, ROOMS)
    assert blocking(wishes, slots, placed) == []

    held = [next(s for s in slots if s.id == p.slot) for p in placed]
    assert not any(a.meets(b) for n, a in enumerate(held) for b in held[n + 1 :])
    for fate in fates(wishes, slots, ROOMS, placed):
        assert len(fate.got) <= fate.wish.times
        assert fate.is_whole or fate.missed or fate.got or fate.unmet
        assert not any(each.code == "free" for each in fate.missed)

    shuffled, others = wishes.copy(), slots.copy()
    chance.shuffle(shuffled)
    chance.shuffle(others)
    assert set(allocate(shuffled, others, ROOMS)) == set(placed)


def proposed(wishes: list[Wish], slots: list[Slot], chance: Any) -> set[Placed]:
    """Deferred acceptance as in the books, one slot each, proposals in any order."""
    left = {w.id: candidates(w, slots, ROOMS) for w in wishes}
    holds: dict[int, Wish] = {}
    free = wishes.copy()
    while free:
        one = free.pop(chance.randrange(len(free)))
        if not left[one.id]:
            continue
        at = left[one.id].pop(0)
        before = holds.get(at.id)
        if before is None or one.rank < before.rank:
            holds[at.id] = one
        if before is not None:
            free.append(before if one.rank < before.rank else one)
        elif holds[at.id] is not one:
            free.append(one)
    return {Placed(one.id, at) for at, one in holds.items()}


@settings(max_examples=40, deadline=None)
@given(rounds(), st.randoms(use_true_random=False))
def test_it_is_deferred_acceptance_whoever_proposes_first(
    made: tuple[list[Wish], list[Slot]], chance: Any
) -> None:
    wishes, slots = made
    wishes = [replace(one, times=1) for one in wishes]
    apart = [replace(one, leaves=frozenset((one.id,))) for one in slots]
    assert proposed(wishes, apart, chance) == set(allocate(wishes, apart, ROOMS))


@pytest.mark.parametrize(
    ("case", "one", "offered", "code"),
    [
        ("too many people", wish(1, size=20, rooms=(SMALL,)), [slot(1, SMALL)], "too_small"),
        ("a step at the door", wish(1, step_free=True, rooms=(SMALL,)), [slot(1, SMALL)],
         "not_step_free"),
        ("another day", wish(1), [slot(1, HALL, weekday=3)], "no_slot"),
        ("a longer slot than suits", wish(1, windows=(Window(0, 1080, 1190),)), [slot(1, HALL)],
         "no_slot"),
    ],
)  # fmt: skip
def test_who_has_no_suitable_slot_reads_why(
    case: str, one: Wish, offered: list[Slot], code: str
) -> None:
    [fate] = fates([one], offered, ROOMS, allocate([one], offered, ROOMS))
    assert (fate.got, fate.unmet) == ((), code), case


def test_a_hall_and_its_halves_exclude_each_other() -> None:
    offered = [slot(1, HALL), slot(2, LEFT), slot(3, RIGHT)]
    one, two = wish(1, 1, rooms=(LEFT,)), wish(2, 9, rooms=(HALL,))
    three = wish(3, 5, rooms=(RIGHT, SMALL))
    placed = allocate([one, two, three], offered, ROOMS)
    assert placed == [Placed(2, 1)]
    [_, second, third] = fates([one, two, three], offered, ROOMS, placed)
    assert [(m.code, m.holder.title if m.holder else "") for m in second.missed] == [
        ("held", "Group 2")
    ]
    assert third.missed[0].holder == two


def test_ties_go_to_who_applied_first_and_then_by_public_id() -> None:
    early, late = wish(2, 5), wish(1, 5, applied_at=NOW + timedelta(days=1))
    assert allocate([late, early], [slot(1, HALL)], ROOMS) == [Placed(2, 1)]
    same = [replace(early, id=n, public_id=p) for n, p in ((7, "b"), (8, "a"))]
    assert allocate(same, [slot(1, HALL)], ROOMS) == [Placed(8, 1)]


def test_what_was_done_by_hand_stays_and_is_the_reason() -> None:
    offered = [slot(1, HALL), slot(2, HALL, start=20, end=22)]
    low, high = wish(1, 1), wish(2, 9)
    pinned = [Placed(1, 1, True, "The piano stands there.")]
    placed = allocate([low, high], offered, ROOMS, pinned, {(2, 2)})
    assert placed == pinned
    [first, _] = fates([low, high], offered, ROOMS, placed, {(2, 2): "Too late for children."})
    assert [(m.code, m.reason) for m in first.missed] == [
        ("by_hand", ""),
        ("removed", "Too late for children."),
    ]


def test_two_times_come_on_two_days_unless_one_day_is_fine() -> None:
    offered = [slot(1, HALL), slot(2, HALL, start=20, end=22), slot(3, HALL, weekday=1)]
    one = wish(1, times=2, windows=(Window(0, 0, 1440), Window(1, 0, 1440)))
    assert {p.slot for p in allocate([one], offered, ROOMS)} == {1, 3}
    both = replace(one, two_a_day=True)
    assert {p.slot for p in allocate([both], offered, ROOMS)} == {1, 2}


@pytest.mark.parametrize(("time_first", "first"), [(True, 2), (False, 1)])
def test_rooms_and_times_are_ranked_together(time_first: bool, first: int) -> None:
    offered = [slot(1, HALL, weekday=1), slot(2, SMALL, weekday=0)]
    one = wish(1, rooms=(HALL, SMALL), windows=(Window(0, 0, 1440), Window(1, 0, 1440)),
               time_first=time_first)  # fmt: skip
    assert candidates(one, offered, ROOMS)[0].id == first


def test_points_follow_the_published_weights() -> None:
    weights = {"member": 20, "years": 3, "first": 5, "unknown": 9}
    answers = Answers(frozenset({"member", "district", "first"}), years=9)
    assert points(weights, answers) == [("member", 20), ("years", 15), ("first", 5)]
    assert total(points(weights, answers), -4) == 36
    assert (half_full(16, 30), half_full(14, 30), half_full(31, 30), half_full(9, None)) == (
        True, False, False, False,
    )  # fmt: skip


def test_a_day_is_cut_into_slots_while_the_house_is_open() -> None:
    hours = [(540, 780), (880, 1320)]
    assert weekly_slots(hours, 1020, 1380, 120) == [(1020, 1140), (1140, 1260)]
    assert weekly_slots(hours, 0, 800, 120) == [(540, 660), (660, 780)]
    assert weekly_slots([], 0, 1440, 60) == []


@pytest.mark.parametrize(
    ("to_confirm", "verdicts", "expected"),
    [
        ([], {}, "word"),
        ([], {"district": {"ok": False}}, "word"),
        (["district"], {}, "waiting"),
        (["district"], {"young": {"ok": True}}, "waiting"),
        (["district"], {"district": {"ok": True}}, "confirmed"),
        (["district"], {"district": {"ok": False}}, "declined"),
    ],
)
def test_a_word_is_enough_or_waits_for_the_venue(
    to_confirm: list[str], verdicts: dict[str, Any], expected: str
) -> None:
    assert standing("district", to_confirm, verdicts) == expected


def test_only_what_counts_and_is_said_is_declared() -> None:
    weights = {"district": 10, "years": 2, "size": 5, "young": 0}
    said = {"years": 3, "district": True, "young": True, "access": True, "size": True, "first": 0}
    assert declared(weights, said) == ["district", "years"]
