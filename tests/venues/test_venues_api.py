"""The API of venues and rooms."""

from __future__ import annotations

from typing import Any

from tierslieu.venues.places.services import publish
from tierslieu.venues.rooms.rules import RoomValues
from tierslieu.venues.rooms.services import add_room

API = "/api/v1"


def test_venues_come_by_slug_a_page_at_a_time(client: Any, town: Any) -> None:
    first = client.get(f"{API}/venues?limit=1").get_json()
    assert [item["slug"] for item in first["items"]] == ["gattaglio"]
    second = client.get(f"{API}/venues?limit=1&cursor={first['next']}").get_json()
    assert [item["slug"] for item in second["items"]] == ["orologio"]
    assert second["next"] is None


def test_a_venue_says_in_the_readers_language_what_it_is(client: Any, town: Any) -> None:
    answer = client.get(f"{API}/venues/orologio", headers={"Accept-Language": "en"})
    assert answer.headers["ETag"] == '"1"'
    found = answer.get_json()
    assert (found["kind"], found["kind_label"]) == ("social_centre", "Social centre")
    assert found["timezone"] == "Europe/Rome"
    assert found["position"] is None


def test_a_room_is_found_by_id_and_by_slugs(client: Any, town: Any) -> None:
    by_id = client.get(f"{API}/rooms/{town.saletta_id}").get_json()
    by_slug = client.get(f"{API}/rooms/orologio.saletta").get_json()
    assert by_id == by_slug
    assert (by_id["id"], by_id["slug"]) == (town.saletta_id, "orologio.saletta")
    assert (by_id["capacity"], by_id["layouts"]) == (28, {"board": 14, "theatre": 28})
    assert by_id["accessibility"]["step_free"] is True
    assert by_id["accessibility"]["lift"] is None
    assert (by_id["venue"], by_id["timezone"]) == ("orologio", "Europe/Rome")


def test_rooms_of_a_venue_by_id_a_page_at_a_time(client: Any, town: Any) -> None:
    with town.site.writing() as work:
        for slug in ("a", "b"):
            add_room(work, town.orologio, RoomValues(slug, slug))
        add_room(work, town.gattaglio, RoomValues("c", "c"))
    seen, cursor = [], ""
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        found = client.get(f"{API}/rooms?venue=orologio&limit=2{more}").get_json()
        seen += [item["slug"] for item in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert sorted(seen) == ["orologio.a", "orologio.b", "orologio.saletta"]
    assert len(client.get(f"{API}/rooms").get_json()["items"]) == 4


def test_what_is_hidden_does_not_exist(client: Any, town: Any) -> None:
    with town.site.writing() as work:
        publish(work, town.orologio, False)
    for path in ("venues/orologio", f"rooms/{town.saletta_id}", "rooms?venue=orologio"):
        assert client.get(f"{API}/{path}").status_code == 404
    assert client.get(f"{API}/rooms").get_json()["items"] == []


def test_a_question_that_no_database_can_be_asked_is_not_understood(client: Any) -> None:
    assert client.get(f"{API}/rooms?cursor=%00").status_code == 400


def test_a_question_that_makes_no_sense_is_refused_with_its_field(client: Any, town: Any) -> None:
    for query, field in (
        ("limit=201", "limit"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("colour=red", "colour"),
        ("venue=No%20Slug", "venue"),
    ):
        answer = client.get(f"{API}/rooms?{query}")
        assert answer.status_code == 422
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["reasons"][0]["field"] == field
    assert client.get(f"{API}/venues/%00").status_code == 404


def test_the_document_describes_them(client: Any) -> None:
    paths = client.get("/api/openapi.json").get_json()["paths"]
    for path in ("/venues", "/venues/{slug}", "/rooms", "/rooms/{room_id}"):
        operation = paths[f"{API}{path}"]["get"]
        assert "200" in operation["responses"]
        assert operation["summary"]
