"""A projector every Wednesday: with each date or not at all, moved and changed with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.kits import things
from tierslieu.bookings.accessories.queries import things_of
from tierslieu.bookings.changes.services import Edit
from tierslieu.bookings.models import Booking
from tierslieu.bookings.series.answering import approve_series
from tierslieu.bookings.series.changing import cancel_series, change_series
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.services import Made, NewSeries, book_series, try_again
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Occupancy, StockUse
from tierslieu.testing import csrf_token

At = Callable[..., Span]
START = ("2026-11-04 15:00", "17:00")


def weekly(house: Any, at: At, *wanted: tuple[str, int], room: str = "sala",
           skip: bool = False) -> Made:  # fmt: skip
    new = NewBooking(house.rooms[room], at(*START), "Film", things=wanted)
    with house.writing("ada") as work:
        rule = parse("FREQ=WEEKLY;COUNT=3")
        return book_series(work, NewSeries(new, rule, skip_conflicts=skip))


def lent(house: Any, at: At, day: str, *wanted: tuple[str, int]) -> str:
    """Bice has things in another room meanwhile."""
    with house.writing("bice") as work:
        span = at(f"{day} 16:00", "18:00")
        return book(work, NewBooking(house.rooms["tidy"], span, "Bice", things=wanted)).public_id


def goes_with(house: Any) -> list[str]:
    """What each date has, as it is held: numbered things by occupancy, counted ones by use."""
    with house.reading("admin") as work:
        rows = work.session.scalars(
            sa.select(Booking)
            .where(Booking.series_id.is_not(None), Booking.state.in_(("requested", "confirmed")))
            .order_by(Booking.original_starts_at)
        ).all()
        noted = things_of(work.session, [row.id for row in rows])
        found = []
        for row in rows:
            held = work.session.scalar(
                sa.select(sa.func.count()).where(Occupancy.claim_id == row.id)
            )
            used = work.session.scalar(
                sa.select(sa.func.coalesce(sa.func.sum(StockUse.quantity), 0)).where(
                    StockUse.claim_id == row.id)
            )  # fmt: skip
            here = noted.get(row.id, ())
            assert row.things == len(here)
            said = " ".join(f"{each.name}:{each.quantity}" for each in here) or "nothing"
            found.append(f"{row.local_start[5:]} {said} ({held}, {used})")
        return found


def test_each_date_has_its_things_and_is_priced_with_them(house: Any, at: At) -> None:
    projector, chairs = things(house)
    made = weekly(house, at, (projector, 1), (chairs, 20))
    assert goes_with(house) == [
        f"11-{day}T15:00 Projector:1 Chairs:20 (2, 20)" for day in ("04", "11", "18")
    ]
    assert {view.booking.price_cents for view in made.views} == {500 + 10 * 10 * 2}
    with house.writing("ada") as work:
        cancel_series(work, made.views[1].booking.public_id, "following")
    assert goes_with(house) == ["11-04T15:00 Projector:1 Chairs:20 (2, 20)"]
    lent(house, at, "2026-11-11", (projector, 1), (chairs, 30))


def test_a_date_without_its_things_is_refused_or_skipped_and_tried_again(
    house: Any, at: At
) -> None:
    projector, chairs = things(house)
    other = lent(house, at, "2026-11-11", (projector, 1))
    with pytest.raises(Refusal) as refused:
        weekly(house, at, (projector, 1), (chairs, 5))
    assert [r.code for r in refused.value.reasons] == ["accessory_taken"]
    made = weekly(house, at, (projector, 1), (chairs, 5), skip=True)
    assert [fate.reasons[0].code for fate in made.skipped] == ["accessory_taken"]
    with house.writing("bice") as work:
        cancel(work, other)
    with house.writing("ada") as work:
        try_again(work, work.session.scalars(sa.select(SkippedDate.public_id)).one())
    assert goes_with(house)[1] == "11-11T15:00 Projector:1 Chairs:5 (2, 5)"


def test_things_change_from_a_date_on_and_move_with_the_dates(house: Any, at: At) -> None:
    projector, chairs = things(house)
    dates = [view.booking.public_id for view in weekly(house, at, (chairs, 5)).views]
    lent(house, at, "2026-11-18", (projector, 1))
    with house.writing("ada") as work:
        edit = Edit(things=((projector, 1),))
        done = change_series(work, dates[1], edit, "following", skip_conflicts=True)
        assert [fate.reasons[0].code for fate in done.kept] == ["accessory_taken"]
    later = Edit(span=at("2026-11-04 09:00", "11:00"))
    with house.writing("ada") as work:
        change_series(work, dates[0], later, "this")
        change_series(work, dates[1], Edit(span=at("2026-11-11 09:00", "11:00")), "following")
    assert goes_with(house) == [
        "11-04T09:00 Chairs:5 (1, 5)",
        "11-11T09:00 Projector:1 (2, 0)",
        "11-18T09:00 Chairs:5 (1, 5)",
    ]
    with house.writing("ada") as work:
        change_series(work, dates[1], Edit(things=()), "all")
    assert goes_with(house)[1:] == ["11-11T09:00 nothing (1, 0)", "11-18T09:00 nothing (1, 0)"]


def test_asked_for_they_are_had_with_the_answer_to_it_and_to_another_time(
    house: Any, at: At
) -> None:
    projector, _ = things(house)
    first = weekly(house, at, (projector, 1), room="studio").views[0].booking.public_id
    assert goes_with(house) == [f"11-{day}T15:00 Projector:1 (0, 0)" for day in ("04", "11", "18")]
    lent(house, at, "2026-11-18", (projector, 1))
    with house.writing("manager") as work:
        lost = approve_series(work, first, "all").lost
    assert [fate.reasons[0].code for fate in lost] == ["accessory_taken"]
    with house.writing("ada") as work:
        change_series(work, first, Edit(span=at("2026-11-04 10:00", "12:00")), "all")
    with house.writing("manager") as work:
        approve_series(work, first, "all")
    assert goes_with(house) == [f"11-{day}T10:00 Projector:1 (2, 0)" for day in ("04", "11")]
    with house.reading("admin") as work:
        live = sa.select(Booking.price_cents).where(Booking.state == "confirmed",
                                                    Booking.series_id.is_not(None))  # fmt: skip
        assert set(work.session.scalars(live)) == {500}


def test_the_page_of_a_series_changes_what_goes_with_it(house: Any, at: At, browser: Any) -> None:
    _, chairs = things(house)
    first = weekly(house, at, (chairs, 5)).views[0].booking.public_id
    page, address = browser("ada"), f"/bookings/{first}/series/change"
    assert f'name="thing-{chairs}"' in page.get(address).get_data(as_text=True)
    sent = {"csrf_token": csrf_token(page, address), "scope": "all", "date": "2026-11-04",
            "start": "15:00", "end": "17:00", "room": house.rooms["sala"], "title": "Film",
            "visibility": "private", f"thing-{chairs}": "7", "send": "all"}  # fmt: skip
    assert page.post(address, data=sent).status_code == 303
    assert [each[-6:] for each in goes_with(house)] == ["(1, 7)"] * 3
