"""Booking for somebody at the desk: places and things go with it, and it repeats."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.kits import desks, things
from tierslieu.bookings.accessories.queries import wishes
from tierslieu.bookings.models import Booking
from tierslieu.people.models import Person
from tierslieu.testing import csrf_token

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
DESK = "/manage/alba/book"
WISH = {
    "title": "Baptism", "date": "2026-11-04", "start": "15:00", "end": "16:00",
    "kind": "normal", "organisation": "", "visibility": "private", "n": "",
    "person": "new", "name": "Elda Ferri",
}  # fmt: skip


def press(client: Any, **fields: str) -> Any:
    return client.post(DESK, data=WISH | {"csrf_token": csrf_token(client, DESK)} | fields)


def test_places_and_things_are_shown_once_and_go_with_it(house: Any, browser: Any) -> None:
    manager, room = browser("manager"), desks(house)
    projector, _ = things(house)
    shown = press(manager, room=room)
    assert shown.status_code == 200
    assert 'name="places"' in shown.text
    made = press(manager, room=room, kit=room, places="2")
    assert made.status_code == 302
    sala = house.rooms["sala"]
    assert f'name="thing-{projector}"' in press(manager, room=sala).text
    made = press(manager, room=sala, kit=sala, **{f"thing-{projector}": "1"})
    assert made.status_code == 302
    with house.site.reading() as work:
        first, second = work.session.scalars(sa.select(Booking).order_by(Booking.id)).all()
        assert first.places == 2
        assert wishes(work.session, second) == ((projector, 1),)


def test_it_repeats_once_every_date_was_seen(house: Any, browser: Any) -> None:
    manager = browser("manager")
    weekly = {"room": house.rooms["sala"], "repeat": "weekly", "times": "3"}
    shown = press(manager, **weekly)
    assert shown.status_code == 200
    assert "3 dates are free" in shown.text
    with house.site.reading() as work:
        assert (
            work.session.scalars(sa.select(Person.name).where(Person.name == "Elda Ferri")).all()
            == []
        )
    assert press(manager, **weekly, edit="1").status_code == 200
    assert press(manager, **weekly, send="all").status_code == 302
    with house.site.reading() as work:
        elda = sa.select(Person.id).where(Person.name == "Elda Ferri").scalar_subquery()
        mine = sa.select(Booking.state).where(Booking.booked_for_id == elda)
        assert work.session.scalars(mine).all() == ["confirmed"] * 3
