"""Series over HTTP, as the contract says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.span import Span, iso
from tierslieu.testing import a_room, a_token, a_venue, an_account

Ask = Callable[..., Any]


@pytest.fixture
def town(site: Any) -> dict[str, Any]:
    """Two rooms, open at all hours; the second is Bice's in three weeks."""
    with site.writing() as work:
        venue = a_venue(work)
        rooms = [a_room(work, venue, slug).public_id for slug in ("lisiere", "studio")]
        asked = a_room(work, venue, "salone", rules={"approval": "asked"}).public_id
        ada, bice = an_account(work, "ada@x.example"), an_account(work, "bice@x.example")
        manager = an_account(work, "m@x.example", role="venue_manager", venue=venue)
        start = (work.now + timedelta(days=7)).replace(hour=10, minute=0, second=0)
        third = Span(start + timedelta(days=14), start + timedelta(days=14, hours=2))
        book(work, NewBooking(rooms[1], third, "Tombola", person_id=bice.person_id))
        tokens = {
            "ada": a_token(work, ada),
            "bice": a_token(work, bice),
            "manager": a_token(work, manager),
        }
    return {"rooms": [*rooms, asked], "start": start, "tokens": tokens}


@pytest.fixture
def ask(client: Any, town: dict[str, Any]) -> Ask:
    def send(method: str, path: str, who: str = "ada", **more: Any) -> Any:
        bearer = {"Authorization": f"Bearer {town['tokens'][who]}"}
        return client.open(f"/api/v1{path}", method=method, headers=bearer, **more)

    return send


def wish(town: dict[str, Any], room: int = 0, **more: Any) -> dict[str, Any]:
    start = town["start"]
    return {
        "room_id": town["rooms"][room], "title": "Coro", "rrule": "FREQ=WEEKLY;COUNT=4",
        "starts_at": iso(start), "ends_at": iso(start + timedelta(hours=2)),
    } | more  # fmt: skip


def test_complaint_09_skipping_conflicts_is_offered_by_the_api_as_by_the_page(
    ask: Ask, town: dict[str, Any]
) -> None:
    refused = ask("POST", "/bookings", json=wish(town, 1))
    assert refused.status_code == 409
    assert [reason["code"] for reason in refused.json["reasons"]] == ["taken"]

    made = ask("POST", "/bookings", json=wish(town, 1, skip_conflicts=True))
    assert made.status_code == 201
    assert set(made.json) == {"series_id", "bookings", "skipped"}
    assert len(made.json["bookings"]) == 3
    assert made.json["skipped"][0]["starts_at"] == iso(town["start"] + timedelta(days=14))
    assert made.json["skipped"][0]["code"] == "taken"
    assert {each["series_id"] for each in made.json["bookings"]} == {made.json["series_id"]}


def test_a_dry_run_keeps_nothing(ask: Ask, town: dict[str, Any]) -> None:
    tried = ask("POST", "/bookings", json=wish(town, dry_run=True))
    assert tried.status_code == 200
    assert len(tried.json["bookings"]) == 4
    room = {"room_id": town["rooms"][0]}
    assert ask("GET", "/bookings", query_string=room).json["items"] == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"rrule": "FREQ=WEEKLY"}, "series_too_long"),
        ({"rrule": "FREQ=SECONDLY;COUNT=3"}, "unsupported_rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=999"}, "too_many_dates"),
        ({"rrule": None, "skip_conflicts": True}, "invalid"),
        ({"accessories": [{"id": "nothing", "quantity": 1}]}, "accessory_not_here"),
    ],
    ids=["endless", "every second", "too many", "nothing to skip", "things that are not there"],
)
def test_what_cannot_be_meant_is_422(
    ask: Ask, town: dict[str, Any], more: dict[str, Any], code: str
) -> None:
    sent = {key: value for key, value in (wish(town) | more).items() if value is not None}
    answer = ask("POST", "/bookings", json=sent)
    assert (answer.status_code, answer.json["reasons"][0]["code"]) == (422, code)


def test_scopes_change_and_cancel_several_dates(ask: Ask, town: dict[str, Any]) -> None:
    made = ask("POST", "/bookings", json=wish(town)).json
    second = made["bookings"][1]
    start = town["start"] + timedelta(days=7, hours=3)
    moved = ask(
        "PATCH", f"/bookings/{second['id']}?scope=following", json={"starts_at": iso(start)}
    )
    assert moved.status_code == 200
    assert moved.json["series_id"] != made["series_id"]
    assert [each["starts_at"] for each in moved.json["bookings"]] == [
        iso(start + timedelta(days=7 * n)) for n in range(3)
    ]

    one = ask("DELETE", f"/bookings/{second['id']}?scope=this")
    assert (one.status_code, one.json["state"]) == (200, "cancelled")
    rest = ask("DELETE", f"/bookings/{made['bookings'][2]['id']}?scope=all")
    assert [each["state"] for each in rest.json["bookings"]] == ["cancelled"] * 2
    first = ask("GET", f"/bookings/{made['bookings'][0]['id']}")
    assert first.json["state"] == "confirmed"
    assert ask("DELETE", f"/bookings/{second['id']}?scope=some").status_code == 422


def test_a_series_is_approved_and_declined_by_scope(ask: Ask, town: dict[str, Any]) -> None:
    made = [ask("POST", "/bookings", json=wish(town, 2)).json for _ in range(2)]
    path = f"/bookings/{made[0]['bookings'][0]['id']}"
    assert ask("POST", f"{path}/approve?scope=all").status_code == 403
    approved = ask("POST", f"{path}/approve?scope=all", who="manager")
    assert approved.status_code == 200
    assert {each["state"] for each in approved.json["bookings"]} == {"confirmed"}
    path = f"/bookings/{made[1]['bookings'][1]['id']}"
    taken = ask("POST", f"{path}/approve?scope=all", who="manager")
    assert taken.status_code == 409
    declined = ask("POST", f"{path}/decline?scope=following", who="manager", json={"reason": "No"})
    assert [each["state"] for each in declined.json["bookings"]] == ["declined"] * 3


def test_rooms_that_are_free_on_every_date_are_found(ask: Ask, town: dict[str, Any]) -> None:
    query = {key: wish(town)[key] for key in ("starts_at", "ends_at", "rrule")}
    found = ask("GET", "/availability", query_string=query).json["items"]
    assert {room["id"] for room in found} == {town["rooms"][0], town["rooms"][2]}
    explained = ask("GET", "/availability", query_string=query | {"explain": "1"}).json["items"]
    [studio] = [room for room in explained if room["id"] == town["rooms"][1]]
    assert not studio["free"]
    assert [reason["code"] for reason in studio["reasons"]] == ["taken"]
