"""Desks, seats and lanes: rooms that are booked by place (invariants of ``bookings.places``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.kits import desks, hall
from tierslieu.bookings.answers.services import approve
from tierslieu.bookings.attendance.services import check_in, leave
from tierslieu.bookings.calendar.queries import held_of
from tierslieu.bookings.cases.queries import room_case
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.models import PlacePool
from tierslieu.bookings.places.queries import all_places, places_of
from tierslieu.bookings.places.rules import (
    PlaceFacts,
    PlaceSaid,
    PlacesSaid,
    crowded,
    numbered,
    places_for,
    wish_reasons,
)
from tierslieu.bookings.places.services import drop_places, put_places
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, Refusal, Refused
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Occupancy

At = Callable[..., Span]


def make(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        return book(work, NewBooking(house.rooms[room], span, "Work", **more)).public_id


def names(house: Any, public_id: str) -> list[str]:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        found = places_of(work.session, [view.booking.id])
        return [place.name for place in found.get(view.booking.id, [])]


def held(house: Any, public_id: str) -> int:
    """How many leaves a booking holds."""
    with house.site.reading() as work:
        question = (
            sa.select(sa.func.count())
            .select_from(Occupancy)
            .join(Booking, Booking.id == Occupancy.claim_id)
        )
        return work.session.scalar(question.where(Booking.public_id == public_id)) or 0


def refusal(act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def codes(error: Refusal) -> list[str]:
    return [reason.code for reason in error.reasons]


# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "capacity", "count", "places"),
    [
        pytest.param(None, 8, 8, 1, id="nobody said how many"),
        pytest.param(2, 8, 8, 2, id="a desk is for one"),
        pytest.param(6, 24, 4, 1, id="a lane is for six"),
        pytest.param(7, 24, 4, 2, id="seven need two lanes"),
        pytest.param(3, None, 5, 3, id="no capacity: one each"),
    ],
)
def test_how_many_places_people_need(
    people: int | None, capacity: int | None, count: int, places: int
) -> None:
    assert places_for(people, capacity, count) == places


def test_crowded_is_when_too_few_are_free(at: At) -> None:
    morning, noon = at("2026-11-04 09:00", "12:00"), at("2026-11-04 11:00", "13:00")
    busy = {1: [morning], 2: [noon], 3: []}
    assert crowded(busy, 1) == []
    assert crowded(busy, 2) == [at("2026-11-04 11:00", "12:00")]
    assert crowded(busy, 3) == [at("2026-11-04 09:00", "13:00")]


WISHES = {
    "nothing asked": (None, None, "", []),
    "a room without places": (None, 1, "", ["not_by_place"]),
    "more than there are": (PlaceFacts(1, 3), 4, "", ["over_places"]),
    "all there are": (PlaceFacts(1, 3), 3, "", []),
    "a name nobody knows": (PlaceFacts(1, 3), 1, "Desk 9", ["no_such_place"]),
    "one by its name": (PlaceFacts(1, 3), 1, "Desk 2", []),
}


@pytest.mark.parametrize("case", WISHES.values(), ids=WISHES)
def test_a_wish_for_places(case: tuple[PlaceFacts | None, int | None, str, list[str]]) -> None:
    facts, places, named, expected = case
    found = wish_reasons(facts, places, named, ["Desk 1", "Desk 2", "Desk 3"])
    assert [reason.code for reason in found] == expected


def test_new_places_take_the_next_free_numbers() -> None:
    assert numbered("Desk", 2, ["Desk 1", "Desk 3"]) == ("Desk 2", "Desk 4")


# -- booking ---------------------------------------------------------------------------------------


def test_places_are_given_by_rank_and_priced_by_the_place(house: Any, at: At) -> None:
    """Invariant 1."""
    desks(house)
    span = at("2026-11-04 15:00", "17:00")
    two = make(house, "ada", "desks", span, places=2)
    assert names(house, two) == ["Desk 1", "Desk 2"]
    assert held(house, two) == 2
    with house.site.reading() as work:
        view = booking_view(work.session, two)
        assert view is not None
        assert (view.booking.price_cents, view.booking.places) == (800, 2)
    assert names(house, make(house, "bice", "desks", span, places=1)) == ["Desk 3"]


def test_too_few_places_are_refused_with_how_many_are_free_and_other_times(
    house: Any, at: At
) -> None:
    desks(house)
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "desks", span, places=2)
    error = refusal(lambda: make(house, "bice", "desks", span, places=2))
    assert isinstance(error, Conflict)
    assert codes(error) == ["taken"]
    reason = error.reasons[0]
    assert "Of 3 places 1 is free" in str(reason.message)
    assert {"places": "1"} in [choice.values for choice in reason.nearest]
    assert any("starts_at" in choice.values for choice in reason.nearest)


def test_free_by_turns_is_not_free_for_the_whole_time(house: Any, at: At) -> None:
    desks(house, 2)
    make(house, "ada", "desks", at("2026-11-04 15:00", "16:00"), place="Desk 1")
    make(house, "ada", "desks", at("2026-11-04 16:00", "17:00"), place="Desk 2")
    error = refusal(lambda: make(house, "bice", "desks", at("2026-11-04 15:00", "17:00"), places=1))
    assert codes(error) == ["taken"]
    assert "0 are free" in str(error)


def test_one_by_its_name_or_not_at_all(house: Any, at: At) -> None:
    desks(house)
    span = at("2026-11-04 15:00", "17:00")
    assert names(house, make(house, "ada", "desks", span, place="Desk 2")) == ["Desk 2"]
    error = refusal(lambda: make(house, "bice", "desks", span, place="Desk 2"))
    assert isinstance(error, Conflict)
    assert "“Desk 2” is taken" in str(error)


def test_the_whole_room_takes_every_place(house: Any, at: At) -> None:
    """Invariant 4."""
    desks(house)
    span = at("2026-11-04 15:00", "17:00")
    whole = make(house, "ada", "desks", span)
    assert held(house, whole) == 3
    with house.site.reading() as work:
        view = booking_view(work.session, whole)
        assert view is not None
        assert view.booking.price_cents == 3 * 2 * 200
    assert codes(refusal(lambda: make(house, "bice", "desks", span, places=1))) == ["taken"]
    with house.writing("manager") as work:
        known = all_places(work.session, _pool(work, house))
        put_places(work, house.ids["desks"], PlacesSaid(tuple(known), new=("Desk 4",)))
    assert held(house, whole) == 4
    assert codes(refusal(lambda: make(house, "bice", "desks", span, places=1))) == ["taken"]


def _pool(work: Any, house: Any) -> int:
    return int(work.session.get_one(PlacePool, house.ids["desks"]).pool_id)


def test_a_place_is_kept_when_moving_and_given_back_when_cancelled(house: Any, at: At) -> None:
    """Invariant 3."""
    desks(house)
    mine = make(house, "ada", "desks", at("2026-11-04 15:00", "16:00"), place="Desk 3")
    later = at("2026-11-04 16:00", "17:00")
    with house.writing("ada") as work:
        change(work, mine, Edit(span=later))
    assert names(house, mine) == ["Desk 3"]
    with house.writing("ada") as work:
        change(work, mine, Edit(places=2))
    assert "Desk 3" in names(house, mine)
    assert held(house, mine) == 2
    with house.writing("ada") as work:
        cancel(work, mine)
    assert held(house, mine) == 0
    make(house, "bice", "desks", later, places=3)


def test_a_request_for_places_gets_them_when_it_is_approved(house: Any, at: At) -> None:
    desks(house, 2, approval="asked")
    span = at("2026-11-04 15:00", "17:00")
    asked = make(house, "ada", "desks", span, places=2)
    assert (names(house, asked), held(house, asked)) == ([], 0)
    with house.writing("manager") as work:
        approve(work, asked)
    assert held(house, asked) == 2
    assert codes(refusal(lambda: make(house, "bice", "desks", span, places=1))) == ["taken"]


def test_whoever_leaves_early_gives_back_his_places_alone(house: Any, at: At) -> None:
    desks(house)
    span = at("2026-11-04 15:00", "18:00")
    mine = make(house, "ada", "desks", span, places=1)
    other = make(house, "bice", "desks", span, places=2)
    with clock.frozen(at("2026-11-04 16:00", "17:00").starts_at):
        with house.writing("manager") as work:
            check_in(work, mine)
            leave(work, mine)
        with house.site.reading() as work:
            rows = work.session.execute(
                sa.select(Occupancy.ends_at)
                .join(Booking, Booking.id == Occupancy.claim_id)
                .where(Booking.public_id == mine)
            ).all()
    assert [row.ends_at for row in rows] == [at("2026-11-04 16:00", "17:00").starts_at]
    assert held(house, other) == 2


def test_the_week_of_a_room_is_taken_only_when_every_place_is(house: Any, at: At) -> None:
    desks(house, 2)
    span, day = at("2026-11-04 15:00", "17:00"), at("2026-11-04 09:00", "18:00")
    make(house, "ada", "desks", span, places=1)
    assert _held_that_day(house, day) == []
    make(house, "bice", "desks", span, places=1)
    assert _held_that_day(house, day) == [span]


def _held_that_day(house: Any, day: Span) -> list[Span]:
    with house.reading("ada") as work:
        case = room_case(work.session, house.rooms["desks"], day)
        return [held.taken for held in held_of(work, [case], day)[case.id]]


# -- what a manager says ---------------------------------------------------------------------------


def test_a_place_out_of_use_is_not_given_and_names_and_order_are_the_managers(
    house: Any, at: At
) -> None:
    desks(house)
    with house.writing("manager") as work:
        one, two, three = all_places(work.session, _pool(work, house))
        said = (
            PlaceSaid(one.id, "Window", 5, True),
            PlaceSaid(two.id, "Door", 1, True),
            PlaceSaid(three.id, three.name, 0, False),
        )
        put_places(work, house.ids["desks"], PlacesSaid(said))
    span = at("2026-11-04 15:00", "17:00")
    assert names(house, make(house, "ada", "desks", span, places=1)) == ["Door"]
    error = refusal(lambda: make(house, "bice", "desks", span, places=3))
    assert codes(error) == ["over_places"]


def test_two_places_of_one_name_are_refused(house: Any) -> None:
    desks(house)
    with house.writing("manager") as work:
        known = all_places(work.session, _pool(work, house))
        with pytest.raises(Refused):
            put_places(work, house.ids["desks"], PlacesSaid(tuple(known), new=("Desk 1",)))


def test_a_room_is_one_again_unless_single_places_are_booked(house: Any, at: At) -> None:
    desks(house)
    span = at("2026-11-04 15:00", "17:00")
    mine = make(house, "ada", "desks", span, places=1)
    with pytest.raises(Conflict), house.writing("manager") as work:
        drop_places(work, house.ids["desks"])
    with house.writing("ada") as work:
        cancel(work, mine)
    with house.writing("manager") as work:
        drop_places(work, house.ids["desks"])
    assert codes(refusal(lambda: make(house, "ada", "desks", span, places=1))) == ["not_by_place"]
    assert held(house, make(house, "ada", "desks", span)) == 1


# -- rooms in parts --------------------------------------------------------------------------------


def test_the_whole_without_a_price_costs_what_its_parts_cost(house: Any, at: At) -> None:
    hall(house)
    made = make(house, "ada", "hall", at("2026-11-04 15:00", "17:00"))
    with house.site.reading() as work:
        view = booking_view(work.session, made)
        assert view is not None
        assert view.booking.price_cents == 3200
        assert view.booking.price_lines[0]["code"] == "parts_hire"


def test_a_refusal_of_the_whole_names_the_part_in_the_way(house: Any, at: At) -> None:
    hall(house)
    make(house, "ada", "right", at("2026-11-04 15:00", "17:00"))
    error = refusal(lambda: make(house, "bice", "hall", at("2026-11-04 16:00", "18:00")))
    assert isinstance(error, Conflict)
    assert "“Right” is taken" in str(error)
    assert error.reasons[0].nearest


def test_a_part_is_taken_while_the_whole_is(house: Any, at: At) -> None:
    hall(house)
    make(house, "ada", "hall", at("2026-11-04 15:00", "17:00"))
    error = refusal(lambda: make(house, "bice", "left", at("2026-11-04 16:00", "18:00")))
    assert codes(error) == ["taken"]
