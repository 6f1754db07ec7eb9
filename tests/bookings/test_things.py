"""Things that go with a room: all or nothing, with the room (invariants of accessories)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.kits import things
from tests.bookings.test_places import codes, held, make, refusal
from tierslieu.bookings.accessories.models import Accessory
from tierslieu.bookings.accessories.queries import things_of, to_bring
from tierslieu.bookings.accessories.rules import Thing, ThingSaid, line, stretches, wish_reasons
from tierslieu.bookings.accessories.services import put_accessory
from tierslieu.bookings.answers.services import approve
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import cancel
from tierslieu.kernel.errors import Conflict
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import StockUse

At = Callable[..., Span]


def used(house: Any) -> list[tuple[int, Span]]:
    """What is used of the chairs."""
    with house.site.reading() as work:
        question = sa.select(StockUse.quantity, StockUse.starts_at, StockUse.ends_at)
        rows = work.session.execute(question.order_by(StockUse.starts_at))
        return [(row.quantity, Span(row.starts_at, row.ends_at)) for row in rows]


def cents(house: Any, public_id: str) -> int:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        return view.booking.price_cents


PRICES = {
    "free of charge": (Thing(1, "a", Texts(en="Screen"), 2), 2, None),
    "by the use": (Thing(1, "a", Texts(en="Screen"), 2, price_cents=500), 2, 1000),
    "by the hour": (
        Thing(1, "a", Texts(en="Screen"), 2, price_cents=500, price_per="hour"),
        1,
        750,
    ),
    "some are included": (Thing(1, "a", Texts(en="Chair"), 80, 10, price_cents=50), 12, 100),
    "all are included": (Thing(1, "a", Texts(en="Chair"), 80, 10, price_cents=50), 10, None),
}


@pytest.mark.parametrize("case", PRICES.values(), ids=PRICES)
def test_what_things_cost(at: At, case: tuple[Thing, int, int | None]) -> None:
    thing, quantity, expected = case
    found = line(thing, quantity, at("2026-11-04 15:00", "16:30"), "EUR")
    assert (found.cents if found else None) == expected


WISHES = {
    "as many as there are": ([("a", 3)], []),
    "more than there are": ([("a", 4)], ["accessory_over"]),
    "more than this room may have": ([("b", 3)], ["accessory_over"]),
    "not in this room": ([("c", 1)], ["accessory_not_here"]),
    "of another venue": ([("z", 1)], ["accessory_not_here"]),
    "twice the same": ([("a", 1), ("a", 1)], ["given_twice"]),
    "none": ([("a", 0)], []),
}


@pytest.mark.parametrize("case", WISHES.values(), ids=WISHES)
def test_a_wish_for_things(case: tuple[list[tuple[str, int]], list[str]]) -> None:
    name = Texts(en="Thing")
    offered = [Thing(1, "a", name, 3), Thing(2, "b", name, 9, most=2),
               Thing(3, "c", name, 5, offered=False)]  # fmt: skip
    wanted, expected = case
    assert [reason.code for reason in wish_reasons(offered, wanted)[1]] == expected


def test_stretches_in_which_too_few_are_free(at: At) -> None:
    uses = [(at("2026-11-04 09:00", "12:00"), 20), (at("2026-11-04 11:00", "13:00"), 5)]
    assert stretches(uses, 30, 10) == [at("2026-11-04 11:00", "12:00")]
    assert stretches(uses, 30, 5) == []


# -- booking ---------------------------------------------------------------------------------------


def test_room_and_things_are_had_together_and_priced(house: Any, at: At) -> None:
    projector, chairs = things(house)
    span = at("2026-11-04 15:00", "17:00")
    made = make(house, "ada", "sala", span, things=((projector, 1), (chairs, 20)))
    assert held(house, made) == 2
    assert used(house) == [(20, span)]
    # The projector, and two hours of the ten chairs that are not included.
    assert cents(house, made) == 500 + 10 * 10 * 2
    with house.site.reading() as work:
        view = booking_view(work.session, made)
        assert view is not None
        found = things_of(work.session, [view.booking.id])[view.booking.id]
        assert [(str(t.name), t.quantity, t.pieces) for t in found] == [
            ("Projector", 1, ("Projector 1",)),
            ("Chairs", 20, ()),
        ]
        day = span.widened(timedelta(hours=9), timedelta(hours=1))
        brought = to_bring(work.session, house.venue, day, ["confirmed"])
        assert [row.public_id for row, _ in brought] == [made]


def test_all_or_nothing_says_how_many_are_left_and_what_would_do(house: Any, at: At) -> None:
    """Invariants 1 and 3."""
    projector, chairs = things(house)
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span, things=((projector, 1), (chairs, 25)))
    error = refusal(lambda: make(house, "bice", "tidy", span, things=((chairs, 10),)))
    assert isinstance(error, Conflict)
    assert codes(error) == ["accessory_taken"]
    assert "only 5 are left" in str(error)
    values = [choice.values for choice in error.reasons[0].nearest]
    assert {f"thing-{chairs}": "5"} in values
    assert any("starts_at" in each for each in values)
    error = refusal(lambda: make(house, "bice", "tidy", span, things=((projector, 1),)))
    assert codes(error) == ["accessory_taken"]
    make(house, "bice", "tidy", span, things=((chairs, 5),))


def test_things_move_are_changed_and_are_released_with_the_booking(house: Any, at: At) -> None:
    """Invariant 2."""
    projector, chairs = things(house)
    made = make(house, "ada", "sala", at("2026-11-04 15:00", "17:00"), things=((chairs, 20),))
    later = at("2026-11-04 16:00", "18:00")
    with house.writing("ada") as work:
        change(work, made, Edit(span=later))
    assert used(house) == [(20, later)]
    with house.writing("ada") as work:
        change(work, made, Edit(things=((chairs, 5), (projector, 1))))
    assert (used(house), held(house, made)) == ([(5, later)], 2)
    with house.writing("ada") as work:
        change(work, made, Edit(things=((projector, 1),)))
    assert (used(house), held(house, made)) == ([], 2)
    with house.writing("ada") as work:
        change(work, made, Edit(things=()))
    assert (held(house, made), cents(house, made)) == (1, 0)
    with house.writing("ada") as work:
        change(work, made, Edit(things=((chairs, 1),)))
        cancel(work, made)
    assert (used(house), held(house, made)) == ([], 0)


def test_a_request_has_no_things_until_it_is_approved(house: Any, at: At) -> None:
    """Invariant 4."""
    projector, _ = things(house)
    span = at("2026-11-04 15:00", "17:00")
    asked = make(house, "ada", "studio", span, things=((projector, 1),))
    assert held(house, asked) == 0
    make(house, "bice", "sala", span, things=((projector, 1),))

    def answer() -> None:
        with house.writing("manager") as work:
            approve(work, asked)

    assert codes(refusal(answer)) == ["accessory_taken"]
    assert codes(
        refusal(lambda: make(house, "bice", "studio", span, things=((projector, 1),)))
    ) == ["accessory_taken"]


def test_buffers_between_own_bookings_leave_the_things_of_both(house: Any, at: At) -> None:
    projector, _ = things(house)
    first = make(house, "ada", "tidy", at("2026-11-04 15:00", "16:00"), things=((projector, 1),))
    second = make(house, "ada", "tidy", at("2026-11-04 16:00", "17:00"), things=((projector, 1),))
    assert (held(house, first), held(house, second)) == (2, 2)
    with house.writing("ada") as work:
        cancel(work, second)
    assert held(house, first) == 2


def test_what_is_out_of_use_is_not_given(house: Any, at: At) -> None:
    projector, chairs = things(house)
    with house.writing("manager") as work:
        rows = {row.public_id: row for row in work.session.scalars(sa.select(Accessory))}
        said = ThingSaid(Texts(en="Chairs"), numbered=False, quantity=30, out_of_use=26)
        put_accessory(work, house.venue, said, rows[chairs].id)
        said = ThingSaid(Texts(en="Projector"), numbered=True, quantity=2, out_of_use=1)
        put_accessory(work, house.venue, said, rows[projector].id)
    span = at("2026-11-04 15:00", "17:00")
    for thing, n in ((chairs, 5), (projector, 2)):
        error = refusal(lambda t=thing, q=n: make(house, "ada", "tidy", span, things=((t, q),)))
        assert codes(error) == ["accessory_over"]
    make(house, "ada", "tidy", span, things=((chairs, 4), (projector, 1)))
