"""Requests and changes: what waits for an answer, and what stands until then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tests.bookings.rooms_taken import codes, make, occupied, refusal, state
from tierslieu.bookings.answers.services import approve, decline
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import PendingChange, Tariff
from tierslieu.bookings.queries import asked_for_by
from tierslieu.bookings.series.deadlines import pass_deadlines
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict
from tierslieu.kernel.span import Span

At = Callable[..., Span]


def test_requests_compete_and_approving_one_leaves_the_other_asked(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    first, second = (make(house, who, "studio", span) for who in ("ada", "bice"))
    assert occupied(house, first) == occupied(house, second) == []
    with house.site.reading() as work:
        assert asked_for_by(work.session, [house.ids["studio"]], span) == {house.ids["studio"]: 2}
    with house.writing("manager") as work:
        approve(work, first)
    assert (state(house, first), state(house, second)) == ("confirmed", "requested")

    def too_late() -> None:
        with house.writing("manager") as work:
            approve(work, second)

    error = refusal(too_late)
    assert isinstance(error, Conflict)
    assert codes(error) == ["taken"]
    assert state(house, second) == "requested"


def test_a_request_may_not_be_filed_over_something_confirmed(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    assert state(house, make(house, "manager", "studio", span)) == "confirmed"
    error = refusal(lambda: make(house, "bice", "studio", span))
    assert isinstance(error, Conflict)


def test_a_request_that_holds_takes_the_room_until_it_is_answered(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    held = make(house, "ada", "kept", span)
    assert state(house, held) == "requested"
    assert occupied(house, held) == [span]
    assert isinstance(refusal(lambda: make(house, "bice", "kept", span)), Conflict)
    with house.writing("manager") as work:
        decline(work, held, "The roof leaks.")
    assert occupied(house, held) == []
    make(house, "bice", "kept", span)


def test_a_request_that_moves_to_where_none_holds_gives_its_time_back(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    made = make(house, "ada", "kept", span)
    assert occupied(house, made) == [span]
    with house.writing("ada") as work:
        change(work, made, Edit(room=house.rooms["studio"]))
    assert (state(house, made), occupied(house, made)) == ("requested", [])
    assert occupied(house, make(house, "bice", "kept", span)) == [span]


def test_a_change_is_not_approved_into_what_has_begun(house: Any, at: At) -> None:
    span = at("2026-11-04 17:00", "18:00")
    with house.writing("manager") as work:
        new = NewBooking(house.rooms["studio"], span, "Sewing", person_id=house.people["ada"])
        made = book(work, new).public_id
    with house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-04 15:00", "16:00")))
    began = at("2026-11-04 15:30", "16:00").starts_at
    with clock.frozen(began), house.writing("manager") as work:
        error = refusal(lambda: approve(work, made))
        assert (error.status, codes(error)) == (422, ["past"])
    assert occupied(house, made) == [span]
    with clock.frozen(began), house.writing("manager") as work:
        decline(work, made)


def test_a_request_nobody_answers_expires_at_its_start(house: Any, at: At) -> None:
    asked = make(house, "ada", "studio", at("2026-11-04 15:00", "16:00"))
    with clock.frozen(datetime(2026, 11, 4, 14, 1, tzinfo=UTC)):
        with house.site.writing() as work:
            assert pass_deadlines(work) == 1
        assert state(house, asked) == "expired"


def test_moving_frees_the_old_time_and_counts(house: Any, at: At) -> None:
    made = make(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    with house.writing("ada") as work:
        moved = change(work, made, Edit(span=at("2026-11-05 15:00", "16:00")))
        assert (moved.revision, moved.version) == (1, 2)
    assert occupied(house, made) == [at("2026-11-05 15:00", "16:00")]
    make(house, "bice", "sala", at("2026-11-04 15:00", "16:00"))


def test_a_booking_may_move_over_itself(house: Any, at: At) -> None:
    made = make(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    with house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-04 15:30", "16:30")))
    assert occupied(house, made) == [at("2026-11-04 15:30", "16:30")]


def test_the_old_time_stands_until_the_new_one_is_answered(house: Any, at: At) -> None:
    old, new = at("2026-11-04 15:00", "16:00"), at("2026-11-05 15:00", "16:00")
    made = make(house, "ada", "studio", old)
    with house.writing("manager") as work:
        approve(work, made)
    with house.writing("ada") as work:
        change(work, made, Edit(span=new))
    assert occupied(house, made) == [old]
    with house.writing("manager") as work:
        decline(work, made, "Not that day.")
        assert work.session.scalar(sa.select(sa.func.count()).select_from(PendingChange)) == 0
    assert (state(house, made), occupied(house, made)) == ("confirmed", [old])
    with house.writing("ada") as work:
        change(work, made, Edit(span=new))
    with house.writing("manager") as work:
        approve(work, made)
    assert (state(house, made), occupied(house, made)) == ("confirmed", [new])


def test_an_agreed_change_costs_what_its_own_hours_cost(house: Any, at: At) -> None:
    with house.site.writing() as work:
        work.session.add(Tariff(room_id=house.ids["studio"], hour_cents=500))
    made = make(house, "ada", "studio", at("2026-11-04 15:00", "16:00"))
    with house.writing("manager") as work:
        approve(work, made)
    with house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-05 15:00", "18:00")))
    with house.writing("manager") as work:
        agreed = approve(work, made)
        assert agreed.price_cents == 1500
        assert sum(line["cents"] for line in agreed.price_lines) == 1500


def test_a_move_into_what_is_taken_leaves_everything_as_it_was(house: Any, at: At) -> None:
    mine, hers = at("2026-11-04 15:00", "16:00"), at("2026-11-05 15:00", "16:00")
    made = make(house, "ada", "sala", mine)
    make(house, "bice", "sala", hers)

    def move_it() -> None:
        with house.writing("ada") as work:
            change(work, made, Edit(span=hers))

    assert isinstance(refusal(move_it), Conflict)
    assert occupied(house, made) == [mine]


def test_an_old_version_is_told_that_somebody_was_quicker(house: Any, at: At) -> None:
    made = make(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    with house.writing("ada") as work:
        change(work, made, Edit(title="Knitting", version=1))

    def again() -> None:
        with house.writing("ada") as work:
            change(work, made, Edit(title="Weaving", version=1))

    error = refusal(again)
    assert isinstance(error, Conflict)
    assert error.code == "changed_meanwhile"
