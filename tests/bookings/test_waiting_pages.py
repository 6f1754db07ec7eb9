"""The waiting list on its pages and in the API; what is refused leads to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.bookings.waiting.models import WaitingEntry, WaitingLink
from tierslieu.bookings.waiting.services import join
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.people.models import Account
from tierslieu.people.privacy.services import erase
from tierslieu.testing import a_token, csrf_token

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
At = Callable[..., Span]
WHEN = {"date": "2026-11-12", "start": "15:00", "end": "17:00", "n": "5", "title": "Sewing"}


@pytest.fixture
def taken(house: Any, at: At) -> str:
    """A booking of Ada's in the way."""
    with house.writing("ada") as work:
        new = NewBooking(house.rooms["sala"], at("2026-11-12 15:00", "17:00"), "Cards")
        return book(work, new).public_id


def waits(house: Any, who: str, at: At) -> str:
    with house.writing(who) as work:
        new = NewBooking(house.rooms["sala"], at("2026-11-12 15:00", "17:00"), f"{who} waits")
        return join(work, new).public_id


def gives_up(house: Any, booking: str) -> None:
    with house.writing("ada") as work:
        cancel(work, booking)


def posted(client: Any, address: str, page: str, **data: str) -> Any:
    return client.post(address, data=data | {"csrf_token": csrf_token(client, page)})


def bearer(house: Any, who: str, *scopes: str) -> dict[str, str]:
    with house.site.writing() as work:
        account = work.session.scalars(
            sa.select(Account).where(Account.person_id == house.people[who])
        ).one()
        return {"Authorization": f"Bearer {a_token(work, account, *scopes)}"}


def test_a_refusal_for_what_is_taken_offers_to_wait_and_says_how_many_do(
    house: Any, at: At, browser: Any, taken: str
) -> None:
    waits(house, "rival", at)
    bice, room = browser("bice"), house.rooms["sala"]
    page = bice.get(f"/book/{room}", query_string=WHEN).get_data(as_text=True)
    assert "Wait for this time" in page
    assert "One waits for it already." in page
    answer = posted(bice, f"/book/{room}/wait", f"/book/{room}", **WHEN, visibility="private",
                    who="me")  # fmt: skip
    assert answer.headers["Location"] == "/me/waiting"
    shown = bice.get("/me/waiting").get_data(as_text=True)
    assert "One is before you." in shown
    assert "Awaiting approval" not in shown
    assert "On the waiting list" in shown
    assert "Sewing" in bice.get("/me").get_data(as_text=True)


def test_an_offer_is_answered_by_its_link_without_signing_in(
    house: Any, at: At, browser: Any, taken: str
) -> None:
    waits(house, "bice", at)
    gives_up(house, taken)
    with house.site.reading() as work:
        bodies = " ".join(work.session.scalars(sa.select(Mail.body)))
    link = re.findall(r"http://localhost(/offers/\S+)", bodies)[0]
    nobody = browser()
    page = nobody.get(link).get_data(as_text=True)
    assert "Take the offer" in page
    posted(nobody, f"{link}/accept", link)
    assert "confirmed" in nobody.get(link).get_data(as_text=True)
    assert nobody.get("/offers/tlo_guess").status_code == 404
    with house.site.writing() as work:
        work.session.execute(sa.update(WaitingLink).values(revoked_at=work.now))
    assert nobody.get(link).status_code == 404


def test_an_offer_is_answered_on_the_booking_page(
    house: Any, at: At, browser: Any, taken: str
) -> None:
    waits(house, "bice", at)
    gives_up(house, taken)
    bice = browser("bice")
    listed = bice.get("/me/waiting").get_data(as_text=True)
    address = re.findall(r'href="(/bookings/[a-z0-9]{16})"', listed)[0]
    assert "Offered from the waiting list" in bice.get(address).get_data(as_text=True)
    posted(bice, f"{address}/refuse", address)
    assert "Cancelled" in bice.get(address).get_data(as_text=True)


def test_a_manager_sees_the_lines_and_changes_the_order(
    house: Any, at: At, browser: Any, taken: str
) -> None:
    waits(house, "bice", at)
    last = waits(house, "rival", at)
    manager, address = browser("manager"), "/manage/alba/waiting"
    page = manager.get(address).get_data(as_text=True)
    assert page.index("1. Bice") < page.index("2. Rival")
    order = f"{address}/{last}/order"
    assert posted(manager, order, address, place="1").status_code == 422
    posted(manager, order, address, place="1", reason="The school has no other evening.")
    page = manager.get(address).get_data(as_text=True)
    assert page.index("1. Rival") < page.index("2. Bice")
    assert "The school has no other evening." in page
    posted(manager, f"{address}/{last}/leave", address)
    assert "Rival" not in manager.get(address).get_data(as_text=True).split("<main")[1]


def test_the_api_joins_lists_accepts_and_leaves(
    house: Any, at: At, client: Any, taken: str
) -> None:
    wish = {"room_id": house.rooms["sala"], "starts_at": "2026-11-12T15:00",
            "ends_at": "2026-11-12T17:00", "title": "Sewing"}  # fmt: skip
    mine = bearer(house, "bice", "waiting:write", "bookings:read", "bookings:write")
    made = client.post("/api/v1/waiting", json=wish, headers=mine)
    assert (made.status_code, made.json["state"], made.json["place"]) == (201, "waiting", 1)
    again = client.post("/api/v1/waiting", json=wish, headers=mine)
    assert (again.status_code, again.json["code"]) == (409, "already_waiting")
    only_bookings = bearer(house, "bice", "bookings:write")
    assert client.post("/api/v1/waiting", json=wish, headers=only_bookings).status_code == 403
    gives_up(house, taken)
    listed = client.get("/api/v1/waiting", headers=mine).json["items"]
    assert [each["state"] for each in listed] == ["offered"]
    booking = listed[0]["booking_id"]
    shown = client.get(f"/api/v1/bookings/{booking}", headers=mine).json
    assert shown["state"] == "held"
    others = bearer(house, "rival", "bookings:read", "bookings:write")
    answer = client.post(f"/api/v1/bookings/{booking}/accept", headers=others)
    assert answer.status_code == 404
    taken_up = client.post(f"/api/v1/bookings/{booking}/accept", headers=mine)
    assert (taken_up.status_code, taken_up.json["state"]) == (200, "confirmed")
    left = client.delete(f"/api/v1/waiting/{made.json['id']}", headers=mine)
    assert (left.status_code, left.json["state"]) == (200, "accepted")


def test_who_is_erased_waits_for_nothing_and_no_word_of_hers_stays(
    house: Any, at: At, taken: str
) -> None:
    waits(house, "bice", at)
    with house.site.writing() as work:
        parts = [
            part
            for part in work.hooks.gather(_person_data(), work=work, person_id=house.people["bice"])
            if str(part.title) == "Waiting lists"
        ]
        assert [row["title"] for row in parts[0].rows] == ["bice waits"]
        erase(work, house.people["bice"])
    gives_up(house, taken)
    with house.site.reading() as work:
        entry = work.session.scalars(sa.select(WaitingEntry)).one()
        assert (entry.state, entry.title, entry.person_id) == ("left", "", None)


def _person_data() -> Any:
    from tierslieu import hookspecs

    return hookspecs.person_data
