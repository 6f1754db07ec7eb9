"""The first complaints of domain.md: two at one second, and a list in which nothing can be done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import guards
from tierslieu.kernel.span import Span, iso
from tierslieu.people.models import Account
from tierslieu.testing import a_token

At = Callable[..., Span]
Browser = Callable[..., Any]
ROUNDS = 4


@pytest.fixture
def bearers(house: Any) -> list[dict[str, str]]:
    with house.site.writing() as work:
        accounts = [
            work.session.scalars(sa.select(Account).where(Account.person_id == house.people[who]))
            for who in ("ada", "bice")
        ]
        return [{"Authorization": f"Bearer {a_token(work, found.one())}"} for found in accounts]


def at_once(app: Any, bearers: list[dict[str, str]], wish: dict[str, str]) -> list[Any]:
    """Two people send the same wish at the same moment, each over HTTP."""
    start = Barrier(len(bearers))

    def send(bearer: dict[str, str]) -> Any:
        client = app.test_client()
        start.wait(10)
        return client.post("/api/v1/bookings", json=wish, headers=bearer)

    with ThreadPoolExecutor(len(bearers)) as people:
        return list(people.map(send, bearers))


def confirmed(house: Any, span: Span) -> int:
    """How many bookings of the room are confirmed for one time."""
    from tierslieu.resources.models import Claim

    with house.site.reading() as work:
        question = (
            sa.select(sa.func.count())
            .select_from(Booking)
            .join(Claim, Claim.id == Booking.id)
            .where(Booking.state == "confirmed", Booking.room_id == house.ids["sala"])
            .where(Claim.starts_at == span.starts_at)
        )
        return int(work.session.scalar(question) or 0)


def test_complaint_01_two_at_the_same_second_are_not_both_confirmed(
    house: Any, app: Any, bearers: list[dict[str, str]], at: At
) -> None:
    for number in range(ROUNDS):
        span = at(f"2026-11-{9 + number:02} 15:00", "16:00")
        wish = {"room_id": house.rooms["sala"], "title": "Choir",
                "starts_at": iso(span.starts_at), "ends_at": iso(span.ends_at)}  # fmt: skip
        answers = at_once(app, bearers, wish)
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert refused.json["reasons"][0]["code"] == "taken"
        assert refused.json["reasons"][0]["nearest"], "whoever was slower is offered other times"
        assert confirmed(house, span) == 1


@contextmanager
def unguarded(house: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the database refuses an overlap nor does the engine look before it writes."""
    from tierslieu.resources import services

    db = house.site.db
    with db.writer.begin() as connection:
        if db.is_sqlite:
            for name in ("occupancy_no_overlap", "occupancy_no_overlap_update"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap")
    monkeypatch.setattr(services, "colliding", lambda *_a, **_k: [], raising=False)
    try:
        yield
    finally:
        with db.writer.begin() as connection:
            connection.execute(sa.text("DELETE FROM occupancy"))
            guards.install(connection)


def test_complaint_01_without_the_guard_both_would_be_confirmed(
    house: Any,
    app: Any,
    bearers: list[dict[str, str]],
    at: At,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: this test can see two who are both confirmed."""
    span = at("2026-11-09 15:00", "16:00")
    wish = {"room_id": house.rooms["sala"], "title": "Choir",
            "starts_at": iso(span.starts_at), "ends_at": iso(span.ends_at)}  # fmt: skip
    with unguarded(house, monkeypatch):
        answers = at_once(app, bearers, wish)
        assert [answer.status_code for answer in answers] == [201, 201]
        assert confirmed(house, span) == 2


def test_complaint_03_my_bookings_has_its_actions_beside(
    house: Any, browser: Browser, at: At
) -> None:
    with house.writing("ada") as work:
        new = NewBooking(house.rooms["sala"], at("2026-11-09 15:00", "16:00"), "Choir")
        made = book(work, new).public_id
    client = browser("ada")
    text = client.get("/me/bookings").text
    entry = next(part for part in text.split("<li") if f"/bookings/{made}" in part)
    for act in ("move", "cancel"):
        link = re.search(rf'href="(/bookings/{made}/{act})"', entry)
        assert link, f"{act} stands beside the booking"
        page = client.get(link[1])
        assert page.status_code == 200
        assert "<form" in page.text
    told = client.get(f"/bookings/{made}/cancel").text
    assert "Cancel until 24 hours before." in told, "the rule is shown next to the button"
