"""A weekly desk: the same one through the series where it can be, moved and answered together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.kits import desks
from tierslieu.bookings.changes.services import Edit
from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.queries import places_of
from tierslieu.bookings.series.answering import approve_series
from tierslieu.bookings.series.changing import change_series
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.services import Made, NewSeries, book_series, try_again
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Occupancy

At = Callable[..., Span]
START = ("2026-11-04 15:00", "17:00")


def weekly(house: Any, at: At, *, skip: bool = False, **more: Any) -> Made:
    new = NewBooking(house.rooms["desks"], at(*START), "Desk work", **more)
    with house.writing("ada") as work:
        rule = parse("FREQ=WEEKLY;COUNT=4")
        return book_series(work, NewSeries(new, rule, skip_conflicts=skip))


def taken(house: Any, at: At, day: str, desk: str) -> str:
    with house.writing("bice") as work:
        new = NewBooking(house.rooms["desks"], at(f"{day} 16:00", "18:00"), "Bice", place=desk)
        return book(work, new).public_id


def seats(house: Any) -> list[str]:
    """The places of each date, in order; what is held, not only what is noted."""
    with house.reading("admin") as work:
        rows = work.session.scalars(
            sa.select(Booking)
            .where(Booking.series_id.is_not(None), Booking.state == "confirmed")
            .order_by(Booking.original_starts_at)
        ).all()
        noted = places_of(work.session, [row.id for row in rows])
        for row in rows:
            held = work.session.scalars(
                sa.select(Occupancy.resource_id).where(Occupancy.claim_id == row.id)
            ).all()
            assert sorted(held) == sorted(place.id for place in noted[row.id])
        return ["+".join(place.name for place in noted[row.id]) for row in rows]


def test_the_same_desk_through_the_series_where_one_is_free_on_all_dates(
    house: Any, at: At
) -> None:
    desks(house)
    taken(house, at, "2026-11-18", "Desk 1")
    made = weekly(house, at, places=1)
    assert seats(house) == ["Desk 2"] * 4
    assert [view.booking.places for view in made.views] == [1] * 4
    assert made.views[0].booking.price_cents == 400


def test_another_desk_on_the_one_date_that_needs_it_and_a_full_date_is_said(
    house: Any, at: At
) -> None:
    desks(house, 2)
    taken(house, at, "2026-11-11", "Desk 1")
    taken(house, at, "2026-11-18", "Desk 2")
    taken(house, at, "2026-11-25", "Desk 1")
    full = taken(house, at, "2026-11-25", "Desk 2")
    with pytest.raises(Refusal) as refused:
        weekly(house, at, places=1)
    assert [r.code for r in refused.value.reasons] == ["taken"]
    weekly(house, at, places=1, skip=True)
    assert seats(house)[1:] == ["Desk 2", "Desk 1"]
    with house.writing("bice") as work:
        cancel(work, full)
    with house.writing("ada") as work:
        skipped = work.session.scalars(sa.select(SkippedDate.public_id)).one()
        assert try_again(work, skipped).places == 1
    assert seats(house)[3] == "Desk 2"


def test_a_desk_by_its_name_is_had_or_refused_by_date(house: Any, at: At) -> None:
    desks(house)
    taken(house, at, "2026-11-18", "Desk 3")
    with pytest.raises(Refusal):
        weekly(house, at, place="Desk 3")
    made = weekly(house, at, place="Desk 3", skip=True)
    assert seats(house) == ["Desk 3"] * 3
    assert [fate.outcome for fate in made.skipped] == ["taken"]


def test_a_series_of_desks_moves_with_its_desks(house: Any, at: At) -> None:
    desks(house)
    first = weekly(house, at, place="Desk 2").views[0].booking.public_id
    with house.writing("ada") as work:
        change_series(work, first, Edit(span=at("2026-11-04 16:00", "18:00")), "all")
    assert seats(house) == ["Desk 2"] * 4
    with house.writing("ada") as work:
        change_series(work, first, Edit(room=house.rooms["sala"]), "all")
        rows = work.session.scalars(sa.select(Booking).where(Booking.series_id.is_not(None))).all()
        assert {(row.room_id, row.places) for row in rows} == {(house.ids["sala"], None)}
        assert places_of(work.session, [row.id for row in rows]) == {}


def test_a_series_of_desks_that_was_asked_for_is_approved_with_its_desks(
    house: Any, at: At
) -> None:
    desks(house, 2, approval="asked")
    first = weekly(house, at, places=1).views[0].booking.public_id
    with house.writing("manager") as work:
        approve_series(work, first, "all")
    assert seats(house) == ["Desk 1"] * 4


def test_a_series_has_more_or_fewer_desks_from_a_date_on(house: Any, at: At) -> None:
    desks(house)
    made = weekly(house, at, places=1)
    taken(house, at, "2026-11-18", "Desk 3")
    third = made.views[1].booking.public_id
    with house.writing("ada") as work:
        done = change_series(work, third, Edit(places=3), "following", skip_conflicts=True)
    assert [fate.outcome for fate in done.kept] == ["taken"]
    assert seats(house) == ["Desk 1", "Desk 1+Desk 2+Desk 3", "Desk 1", "Desk 1+Desk 2+Desk 3"]
    with house.writing("ada") as work, pytest.raises(Refusal) as refused:
        change_series(work, third, Edit(place="Desk 2"), "following")
    assert [r.code for r in refused.value.reasons] == ["kit_by_date"]
