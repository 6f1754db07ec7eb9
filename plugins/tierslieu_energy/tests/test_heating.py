"""Heating: when it is charged, and that it stands in the price wherever that is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import a_room, a_token, a_venue, an_account, check_plugin, sign_in
from tierslieu_energy.rules import charged, is_cold

MONTHS = {
    "inside a winter": (1, 10, 4, True),
    "its first month": (10, 10, 4, True),
    "its last month": (4, 10, 4, True),
    "after it": (5, 10, 4, False),
    "before it": (9, 10, 4, False),
    "within one year": (2, 1, 3, True),
    "beside one year's": (12, 1, 3, False),
    "one month alone": (7, 7, 7, True),
}


@pytest.mark.parametrize("case", MONTHS.values(), ids=MONTHS)
def test_which_months_are_cold(case: tuple[int, int, int, bool]) -> None:
    month, first, last, cold = case
    assert is_cold(month, first, last) is cold


CHARGED = {
    "an hour and a half": ("2031-01-10T17:00", 90, 450),
    "half a cent is a whole one": ("2031-01-10T17:00", 1, 5),
    "summer": ("2031-07-10T17:00", 90, 0),
    "October by the venue's clock alone": ("2031-09-30T22:30", 60, 300),
    "May by the venue's clock alone": ("2031-04-30T22:30", 60, 0),
}


@pytest.mark.parametrize("case", CHARGED.values(), ids=CHARGED)
def test_how_much_is_charged(case: tuple[str, int, int]) -> None:
    start = datetime.fromisoformat(case[0]).replace(tzinfo=UTC)
    span = tl.Span(start, start + timedelta(minutes=case[1]))
    assert charged(span, "Europe/Rome", 300, 10, 4) == case[2]


def test_it_keeps_the_contract() -> None:
    check_plugin("energy")


class House:
    """A room in which heating costs three an hour all the year, and a member who books it."""

    def __init__(self, site: tl.Site, app: Any) -> None:
        self.site, self.app = site, app
        with site.writing() as work:
            venue = a_venue(work)
            room = a_room(work, venue)
            self.venue_id, self.room_id, self.room = venue.id, room.id, room.public_id
            ada = an_account(work, "ada@example.org")
            self.token = a_token(work, ada)
            start = work.now.replace(hour=15, minute=0, second=0, microsecond=0)
        self.start = start + timedelta(days=3)
        self.put(None, hour_cents=200, first_month="1", last_month="12")
        self.put(venue.id, hour_cents=300)

    def put(self, venue_id: int | None, **values: Any) -> None:
        """Write rows of the platform's, as the page of settings does."""
        table = tl.Model.metadata.tables["plugin_setting"]
        scope = {"scope": "network", "scope_id": 0}
        if venue_id is not None:
            scope = {"scope": "venue", "scope_id": venue_id}
        with self.site.writing() as work:
            for name, value in values.items():
                row = {"plugin": "energy", "name": name, "value": value, "changed_at": work.now}
                work.session.execute(sa.insert(table).values(**row, **scope))
        self.site.plugins.switches.stale()

    def api(self, method: str, path: str, **more: Any) -> Any:
        head = {"Authorization": f"Bearer {self.token}"}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=head, **more)

    def wish(self, hours: int, **more: Any) -> dict[str, Any]:
        start = self.start + timedelta(hours=more.pop("after", 0))
        span = {"starts_at": tl.iso(start), "ends_at": tl.iso(start + timedelta(hours=hours))}
        return span | {"room_id": self.room, "title": "Coro"} | more


@pytest.fixture
def house(site: tl.Site, app: Any) -> House:
    return House(site, app)


def test_it_is_a_line_of_the_price_everywhere_and_stays_with_the_booking(house: House) -> None:
    asked = house.wish(2)
    span = {name: asked[name] for name in ("starts_at", "ends_at")}
    free = house.api("GET", "/availability", query_string=span).json["items"]
    assert [each["price_cents"] for each in free] == [600]

    trial = house.api("POST", "/bookings", json=asked | {"dry_run": True})
    assert (trial.status_code, trial.json["price_cents"]) == (200, 600)
    made = house.api("POST", "/bookings", json=asked)
    lines = [{"code": "energy.heating", "label": "Heating", "cents": 600}]
    assert (made.status_code, made.json["price_cents"]) == (201, 600)
    assert made.json["price_lines"] == lines

    # What is set later concerns what is booked later, and what is moved.
    house.site.plugins.disable(house.site, "energy")
    kept = house.api("GET", f"/bookings/{made.json['id']}").json
    assert (kept["price_cents"], kept["price_lines"]) == (600, lines)
    other = house.api("POST", "/bookings", json=house.wish(1, after=4)).json
    assert other["price_cents"] == 0
    assert "price_lines" not in other


def test_pages_show_the_line_in_the_readers_language(house: House, client: Any) -> None:
    made = house.api("POST", "/bookings", json=house.wish(2)).json
    sign_in(client, "ada@example.org")
    day = (house.start + timedelta(days=1)).date()
    form = f"/book/{house.room}?date={day}&start=15:00&end=16:00&n=3"
    assert "<li>Heating: " in client.get(form).text
    page = f"/bookings/{made['id']}"
    assert "<li>Heating: " in client.get(page).text
    client.set_cookie("language", "it")
    assert "<li>Riscaldamento: " in client.get(page).text


def test_every_date_of_a_series_has_its_own(house: House) -> None:
    made = house.api("POST", "/bookings", json=house.wish(1, rrule="FREQ=WEEKLY;COUNT=3"))
    assert made.status_code == 201, made.json
    assert [each["price_cents"] for each in made.json["bookings"]] == [300, 300, 300]
