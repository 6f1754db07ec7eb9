"""What the contract promises of ``/api/v1/bookings``, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tierslieu.bookings.models import Booking
from tierslieu.kernel.site import Site
from tierslieu.resources.models import Occupancy


def test_a_booking_is_made_and_read_back(api: Any) -> None:
    made = api.book()

    assert made.status_code == 201
    body = made.json
    assert body["state"] == "confirmed"
    assert (body["starts_at"], body["timezone"]) == ("2031-05-06T16:00:00Z", "Europe/Rome")
    assert len(body["id"]) == 16
    assert len(body["reference"]) == 8
    assert not set(body["reference"]) & set("0O1IL")
    read = api.call("GET", f"/bookings/{body['id']}")
    assert read.json == body
    assert read.headers["ETag"] == f'"{body["version"]}"'


def test_a_reference_that_is_drawn_twice_is_drawn_again(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = api.book().json["reference"]
    drawn = iter([taken, taken, "ABCDEFGH"])
    monkeypatch.setattr("tierslieu.bookings.services.new_reference", lambda: next(drawn))

    other = api.book("20:00", "21:00")

    assert other.status_code == 201
    assert other.json["reference"] == "ABCDEFGH"


def test_two_for_one_slot_are_one_booking_and_one_conflict_that_says_when(api: Any) -> None:
    assert api.book().status_code == 201

    refused = api.book("19:00", "21:00", token=api.other_token)

    assert refused.status_code == 409
    assert refused.mimetype == "application/problem+json"
    reason = refused.json["reasons"][0]
    assert (refused.json["code"], reason["field"]) == ("taken", "starts_at")
    assert "18:00–20:00" in reason["message"]
    assert "Repair" not in refused.get_data(as_text=True)
    assert "Teresa" not in refused.get_data(as_text=True)
    assert reason["nearest"], "the nearest free times are offered"
    offered = reason["nearest"][0]
    again = (
        api.book(token=api.other_token)
        if not offered
        else api.call(
            "POST",
            "/bookings",
            token=api.other_token,
            json={
                "room_id": api.room,
                "title": "Coro",
                **{k: offered[k] for k in ("starts_at", "ends_at")},
            },
        )
    )
    assert again.status_code == 201, "what is offered can be had"


def test_a_rule_and_a_conflict_together_are_422_with_both(api: Any) -> None:
    api.book()

    refused = api.book("19:10", "21:10")

    assert refused.status_code == 422
    assert {reason["code"] for reason in refused.json["reasons"]} >= {"taken", "off_step"}


@pytest.mark.parametrize(
    ("said", "change", "code"),
    [
        ("the end before the start", {"ends_at": "2031-05-06T17:00"}, "bad_span"),
        ("nothing between", {"ends_at": "2031-05-06T18:00"}, "bad_span"),
        ("seconds", {"starts_at": "2031-05-06T18:00:01"}, "seconds"),
        ("the hour that the spring night skips", {"starts_at": "2031-03-30T02:30",
                                                  "ends_at": "2031-03-30T05:00"}, "time_skipped"),
        ("the hour the autumn night doubles", {"starts_at": "2031-10-26T02:30",
                                               "ends_at": "2031-10-26T05:00"}, "time_ambiguous"),
        ("a number for a time", {"starts_at": 1935900000}, "invalid"),
        ("the year 9999", {"starts_at": "9999-05-06T18:00", "ends_at": "9999-05-06T20:00"}, ""),
        ("an unknown field", {"owner": "me"}, "unknown_field"),
        ("a state of one's own", {"state": "confirmed"}, "unknown_field"),
        ("a price of one's own", {"price_cents": 0}, "unknown_field"),
        ("an empty title", {"title": "   "}, "missing"),
        ("nobody coming", {"attendance": 0}, "invalid"),
        ("too many people", {"attendance": 41}, "over_capacity"),
        ("a visibility that is none", {"visibility": "secret"}, "invalid"),
        ("somebody else's organisation", {"organisation_id": "aaaaaaaaaaaaaaaa"},
         "unknown_organisation"),
        ("broken characters", {"title": "\ud800"}, "invalid"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_422_and_says_which_field(
    api: Any, said: str, change: dict[str, Any], code: str
) -> None:
    refused = api.book(**change)

    assert refused.status_code == 422, said
    codes = {reason["code"] for reason in refused.json["reasons"]}
    assert not code or code in codes, said


@pytest.mark.parametrize(
    ("said", "body", "status"),
    [
        ("not JSON", b"{", 400),
        ("nested a hundred thousand times", b"[" * 100_000, 400),
        ("an array", b"[]", 422),
        ("not UTF-8", b"\xff\xfe", 400),
        ("not a number", b'{"attendance": NaN}', 400),
    ],
)
def test_a_body_that_is_none_is_answered_plainly(
    api: Any, said: str, body: bytes, status: int
) -> None:
    answer = api.call("POST", "/bookings", data=body, content_type="application/json")

    assert answer.status_code == status, said
    assert answer.mimetype == "application/problem+json"


def test_text_plain_is_not_json(api: Any) -> None:
    answer = api.call("POST", "/bookings", data=b"{}", content_type="text/plain")

    assert answer.status_code == 415


def test_an_offset_says_which_of_the_two_hours_is_meant(api: Any) -> None:
    made = api.book(starts_at="2031-10-26T02:30+01:00", ends_at="2031-10-26T05:00+01:00")

    assert made.status_code == 201
    assert made.json["starts_at"] == "2031-10-26T01:30:00Z"


class TestIdempotencyKey:
    def test_the_same_twice_is_one_booking(self, api: Any, site: Site) -> None:
        first = api.book(headers={"Idempotency-Key": "k-1"})
        second = api.book(headers={"Idempotency-Key": "k-1"})

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json == second.json
        with site.reading() as work:
            assert work.session.query(Booking).count() == 1

    def test_the_same_key_for_something_else_is_refused(self, api: Any) -> None:
        api.book(headers={"Idempotency-Key": "k-1"})
        other = api.book("21:00", "22:00", headers={"Idempotency-Key": "k-1"})

        assert other.status_code == 422
        assert other.json["code"] == "key_reused"

    def test_a_refusal_is_judged_afresh(self, api: Any) -> None:
        taken = api.book(token=api.other_token).json
        refused = api.book(headers={"Idempotency-Key": "k-1"})
        api.call("DELETE", f"/bookings/{taken['id']}", token=api.other_token)
        again = api.book(headers={"Idempotency-Key": "k-1"})

        assert (refused.status_code, again.status_code) == (409, 201)

    def test_two_callers_may_use_the_same_key(self, api: Any) -> None:
        api.book(headers={"Idempotency-Key": "k-1"})
        other = api.book(
            "21:00", "22:00", headers={"Idempotency-Key": "k-1"}, token=api.other_token
        )

        assert other.status_code == 201


class TestChanging:
    def test_a_move_keeps_what_is_not_sent(self, api: Any) -> None:
        made = api.book().json
        moved = api.call("PATCH", f"/bookings/{made['id']}", json={"starts_at": "2031-05-06T19:00"})

        assert moved.status_code == 200
        assert (moved.json["starts_at"], moved.json["ends_at"]) == (
            "2031-05-06T17:00:00Z",
            "2031-05-06T19:00:00Z",
        )
        assert moved.json["title"] == made["title"]
        assert moved.json["version"] == made["version"] + 1

    def test_an_old_version_is_a_conflict(self, api: Any) -> None:
        made = api.book().json
        path = f"/bookings/{made['id']}"
        api.call("PATCH", path, json={"title": "Coro"}, headers={"If-Match": '"1"'})
        late = api.call("PATCH", path, json={"title": "Ballo"}, headers={"If-Match": '"1"'})

        assert (late.status_code, late.json["code"]) == (409, "changed_meanwhile")

    def test_a_move_onto_somebody_elses_time_leaves_the_old_one(self, api: Any, site: Site) -> None:
        made = api.book().json
        api.book("20:00", "22:00", token=api.other_token)
        path = f"/bookings/{made['id']}"
        refused = api.call("PATCH", path, json={"starts_at": "2031-05-06T19:00"})

        assert refused.status_code == 409
        assert api.call("GET", path).json == made
        with site.reading() as work:
            assert work.session.query(Occupancy).count() == 2

    def test_a_booking_may_be_shifted_onto_its_own_time(self, api: Any) -> None:
        made = api.book().json
        path = f"/bookings/{made['id']}"

        assert api.call("PATCH", path, json={"starts_at": "2031-05-06T18:30"}).status_code == 200

    def test_cancelling_twice_answers_the_same(self, api: Any) -> None:
        made = api.book().json
        first = api.call("DELETE", f"/bookings/{made['id']}")
        second = api.call("DELETE", f"/bookings/{made['id']}")

        assert (first.status_code, second.status_code) == (200, 200)
        assert first.json == second.json
        assert first.json["state"] == "cancelled"
        assert api.book(token=api.other_token).status_code == 201, "the time is free at once"


class TestWhoMay:
    def test_somebody_elses_booking_is_the_same_404_as_none(self, api: Any) -> None:
        made = api.book().json
        for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
            kwargs = {"json": body} if body else {}
            there = api.call(method, f"/bookings/{made['id']}", token=api.other_token, **kwargs)
            absent = api.call(method, "/bookings/aaaaaaaaaaaaaaaa", token=api.other_token, **kwargs)
            assert (there.status_code, absent.status_code) == (404, 404)
            assert there.json == absent.json

    def test_in_lists_it_is_a_busy_span_without_title(self, api: Any) -> None:
        api.book()
        listed = api.call(
            "GET",
            f"/bookings?room_id={api.room}&starts_after=2031-05-01T00:00&ends_before=2031-06-01T00:00",
            token=api.other_token,
        ).json

        assert listed["items"] == [
            {
                "room_id": api.room,
                "starts_at": "2031-05-06T16:00:00Z",
                "ends_at": "2031-05-06T18:00:00Z",
                "timezone": "Europe/Rome",
                "title": None,
            }
        ]

    def test_in_the_calendar_of_all_rooms_too(self, api: Any) -> None:
        mine = api.book().json
        days = "/calendar?starts_after=2031-05-06T00:00&ends_before=2031-05-07T00:00"
        span = {"starts_at": "2031-05-06T16:00:00Z", "ends_at": "2031-05-06T18:00:00Z"}
        whole = span | {"id": mine["id"], "state": "confirmed", "title": "Repair café"}

        for token, shown in ((api.token, whole), (api.other_token, span | {"title": None})):
            [room] = api.call("GET", days + "&venue=gattaglio", token=token).json["items"]
            assert (room["room_id"], room["timezone"]) == (api.room, "Europe/Rome")
            assert room["bookings"] == [shown]
        api.call("PATCH", f"/bookings/{mine['id']}", json={"visibility": "public"})
        [room] = api.call("GET", days, token=api.other_token).json["items"]
        assert room["bookings"] == [span | {"title": "Repair café"}], "a public one has its title"
        assert api.call("GET", days + "&venue=nowhere").status_code == 404
        too_long = api.call("GET", days.replace("05-07", "07-07")).json
        assert too_long["reasons"][0]["code"] == "too_long"

    @pytest.mark.parametrize("token", ["", "null", "tlp_nothing", "tlp_" + "a" * 52])
    def test_a_token_that_is_none_is_401(self, api: Any, token: str) -> None:
        answer = api.client.get("/api/v1/bookings", headers={"Authorization": f"Bearer {token}"})

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_a_token_in_the_address_is_not_heard(self, api: Any) -> None:
        answer = api.client.get(f"/api/v1/bookings?access_token={api.token}")

        assert answer.status_code in (401, 422)

    def test_the_manager_approves_what_the_policy_asks(self, api: Any, site: Site) -> None:
        _ask_first(site)
        made = api.book().json
        assert made["state"] == "requested"
        path = f"/bookings/{made['id']}/approve"

        assert api.call("POST", path).status_code == 403, "not by herself"
        there = api.call("POST", path, token=api.other_token)
        absent = api.call("POST", "/bookings/aaaaaaaaaaaaaaaa/approve", token=api.other_token)
        assert (there.status_code, there.json) == (absent.status_code, absent.json)
        approved = api.call("POST", path, token=api.manager_token)
        again = api.call("POST", path, token=api.manager_token)

        assert (approved.status_code, approved.json["state"]) == (200, "confirmed")
        assert (again.status_code, again.json["code"]) == (409, "wrong_state")

    def test_requests_compete_and_the_second_approval_is_a_conflict(
        self, api: Any, site: Site
    ) -> None:
        _ask_first(site)
        mine, hers = api.book().json, api.book(token=api.other_token).json
        first = api.call("POST", f"/bookings/{hers['id']}/approve", token=api.manager_token)
        second = api.call("POST", f"/bookings/{mine['id']}/approve", token=api.manager_token)
        declined = api.call(
            "POST",
            f"/bookings/{mine['id']}/decline",
            token=api.manager_token,
            json={"reason": "It was given to the choir."},
        )

        assert (first.status_code, second.status_code) == (200, 409)
        assert (declined.status_code, declined.json["state"]) == (200, "declined")


def _ask_first(site: Site) -> None:
    from sqlalchemy.orm.attributes import flag_modified

    from tierslieu.bookings.models import Policy

    with site.writing() as work:
        policy = work.session.query(Policy).one()
        policy.rules["approval"] = "asked"
        flag_modified(policy, "rules")


def test_lists_are_paged_by_a_cursor_in_order(api: Any) -> None:
    for hour in range(8, 18):
        assert api.book(f"{hour:02d}:00", f"{hour + 1:02d}:00").status_code == 201
    path = (
        f"/bookings?room_id={api.room}&starts_after=2031-05-06T00:00&ends_before=2031-05-07T00:00"
    )
    seen, cursor = [], ""
    while cursor is not None:
        page = api.call("GET", f"{path}&limit=3" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [item["starts_at"] for item in page["items"]]
        cursor = page["next"]

    assert seen == sorted(seen)
    assert len(set(seen)) == 10


def test_a_trial_keeps_nothing(api: Any, site: Site) -> None:
    tried = api.book(dry_run=True)

    assert tried.status_code == 200
    assert tried.json["state"] == "confirmed"
    with site.reading() as work:
        assert work.session.query(Booking).count() == 0


def test_refusals_are_in_the_language_asked_for(api: Any) -> None:
    english = api.book(attendance=41, headers={"Accept-Language": "en"}).json
    italian = api.book(attendance=41, headers={"Accept-Language": "it"}).json

    assert "40" in english["detail"]
    assert english["detail"] != italian["detail"]


class TestAvailability:
    path = "/availability?starts_at=2031-05-06T18:00&ends_at=2031-05-06T20:00"

    def test_a_free_room_is_found_and_a_taken_one_is_not(self, api: Any) -> None:
        before = api.client.get(f"/api/v1{self.path}").json["items"]
        api.book()
        after = api.client.get(f"/api/v1{self.path}").json["items"]

        assert [room["id"] for room in before] in ([api.room], [])
        assert after == []

    def test_explained_each_room_says_why_and_when_instead(self, api: Any) -> None:
        api.book()
        rooms = api.call("GET", f"{self.path}&explain=1&capacity=50&features=piano").json["items"]

        codes = {reason["code"] for reason in rooms[0]["reasons"]}
        assert codes == {"taken", "over_capacity", "lacks_feature"}
        taken = next(r for r in rooms[0]["reasons"] if r["code"] == "taken")
        assert taken["nearest"]
