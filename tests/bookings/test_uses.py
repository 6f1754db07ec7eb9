"""Quotas and uses on their pages, and what a booking of that room meets afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.policies.services import put_policy
from tierslieu.bookings.purposes.services import put_purpose
from tierslieu.bookings.quotas.models import QuotaRow
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel.errors import Forbidden, Invalid, Refused
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.people.models import Person
from tierslieu.people.services import relate
from tierslieu.testing import a_token, csrf_token
from tierslieu.venues.models import Venue
from tierslieu.venues.opening.services import close, put_exception, put_week
from tierslieu.venues.rules import Interval

At = Callable[..., Span]
Browser = Callable[..., Any]
QUOTAS, USES, RULES = "/manage/alba/rules/quotas", "/manage/alba/rules/uses", "/manage/alba/rules"


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def sent_by(client: Any, address: str, fields: dict[str, Any]) -> Any:
    """Send a form with the token of a page on which there is one."""
    page = QUOTAS if address.startswith("/manage") else address
    return client.post(address, data=fields | {"csrf_token": csrf_token(client, page)})


def policy(house: Any, room: str | None = None, audience: str = "everyone", **rules: Any) -> None:
    scope = Scope(house.venue, house.ids[room] if room else None)
    with house.writing("manager") as work:
        put_policy(work, scope, audience, rules)


def uses(house: Any) -> None:
    with house.writing("manager") as work:
        for name, public in (("Party", False), ("Course", True), ("Concert", True)):
            put_purpose(work, house.venue, Texts(en=name), public=public)


def test_a_manager_sets_a_quota_and_reads_who_has_used_most(
    house: Any, at: At, browser: Browser
) -> None:
    with house.writing("ada") as work:
        span = at("2026-11-04 15:00", "18:00")
        book(work, NewBooking(house.rooms["sala"], span, "Coro", organisation_id=house.body))
    client = browser("manager")
    assert "None: everybody may have as much" in text_of(client.get(QUOTAS))
    sent = {
        "amount": "10", "measure": "hours", "per": "month", "whose": "either",
        "audience": "everyone", "over": "venue", "season_month": "9", "season_day": "1",
    }  # fmt: skip
    assert sent_by(client, QUOTAS, sent).status_code == 302
    shown = text_of(client.get(QUOTAS))
    assert "At most 10 hours a month." in shown
    assert "“Ago e filo” has used 3 hours of 10 hours." in shown
    with house.reading("manager") as work:
        quota = work.session.scalars(sa.select(QuotaRow)).one()
    page = client.get(f"{QUOTAS}?edit={quota.public_id}")
    assert 'value="10"' in page.text
    changed = sent | {"quota": quota.public_id, "version": "1", "amount": "4", "weekdays": ["5"],
                      "start": "18:00"}  # fmt: skip
    assert sent_by(client, QUOTAS, changed).status_code == 302
    assert "Only these days count: Saturday. Only 18:00–24:00 counts." in text_of(
        client.get(QUOTAS)
    )
    assert sent_by(client, QUOTAS, changed).status_code == 409
    wrong = sent_by(client, QUOTAS, sent | {"amount": "", "start": "x"})
    assert wrong.status_code == 422
    assert "things to mend" in text_of(wrong)
    rules = text_of(browser("ada").get(f"/rules/{house.rooms['sala']}"))
    assert "At most 4 hours a month." in rules
    assert "Used: 0 minutes of 4 hours." in rules or "Used:" in rules
    gone = sent_by(client, f"{QUOTAS}/remove", {"quota": quota.public_id})
    assert gone.status_code == 302
    assert "None: everybody may have as much" in text_of(client.get(QUOTAS))


def test_uses_are_named_offered_on_the_page_and_refused_with_others(
    house: Any, at: At, browser: Browser
) -> None:
    client = browser("manager")
    for name, public in (("Party", ""), ("Course", "y")):
        sent = {"label_en": name, "label_it": f"{name}-it"} | ({"public": "y"} if public else {})
        assert sent_by(client, USES, sent).status_code == 302
    assert sent_by(client, USES, {"label_en": ""}).status_code == 422
    shown = text_of(client.get(USES))
    assert "Party" in shown
    assert "Private" in shown
    room = house.rooms["sala"]
    sent = {"allowed_purposes": "set", "allowed_purposes_l": ["course", "party"],
            "weekend_purposes": "set", "weekend_purposes_l": ["party"],
            "asks_for": "set", "asks_for_l": ["alcohol"], "season_opens": "none",
            "approval": "none", "version": "1", "room": room, "sure": "1"}  # fmt: skip
    saved = sent_by(client, f"{RULES}?room={room}", sent)
    assert saved.status_code == 302, text_of(saved)
    page = browser("ada").get(f"/book/{room}")
    assert all(words in page.text for words in ("What it is for", "Course", "Alcohol is served"))
    ada = browser("ada")
    wish = {"title": "Birthday", "date": "2026-11-04", "start": "15:00", "end": "17:00",
            "visibility": "private", "who": "me", "n": "10"}  # fmt: skip
    answer = sent_by(ada, f"/book/{room}", wish)
    assert answer.status_code == 422
    assert "Say what the room is for." in text_of(answer)
    chosen = sent_by(ada, f"/book/{room}", wish | {"use": "purpose=party"})
    assert "Only on Saturday and Sunday: Party." in text_of(chosen)
    assert "Sat 7 Nov" in text_of(chosen) or "7 November" in text_of(chosen)
    done = sent_by(ada, f"/book/{room}", wish | {"purpose": "course", "declared": ["alcohol"]})
    assert done.status_code == 303
    with house.reading("manager") as work:
        made = work.session.scalars(sa.select(Booking)).one()
    assert (made.state, made.purpose, made.declared) == ("requested", "course", ["alcohol"])
    assert "alcohol" in text_of(client.get("/manage/alba/requests"))
    record = text_of(client.get(f"/manage/alba/bookings/{made.public_id}"))
    assert "What it is for Course" in record
    assert "Declared alcohol" in record


def test_the_api_takes_uses_and_what_is_declared(house: Any, at: At, app: Any, site: Any) -> None:
    uses(house)
    policy(house, "sala", purpose_required=True, approval="none", asks_for=["open_fire"],
           notice_add="none")  # fmt: skip
    with site.writing() as work:
        from tierslieu.people.models import Account

        account = work.session.scalars(
            sa.select(Account).where(Account.person_id == house.people["ada"])
        ).one()
        bearer = {"Authorization": f"Bearer {a_token(work, account)}"}
    client = app.test_client()
    wish = {"room_id": house.rooms["sala"], "starts_at": "2026-11-04T15:00",
            "ends_at": "2026-11-04T16:00", "title": "Coro"}  # fmt: skip
    refused = client.post("/api/v1/bookings", json=wish, headers=bearer)
    assert refused.status_code == 422
    (reason,) = refused.json["reasons"]
    assert (reason["code"], reason["field"]) == ("purpose_needed", "purpose")
    assert [each["purpose"] for each in reason["nearest"]] == ["party", "course", "concert"]
    made = client.post("/api/v1/bookings", headers=bearer,
                       json=wish | {"purpose": "course", "declared": ["open_fire"]})  # fmt: skip
    assert made.status_code == 201
    assert (made.json["state"], made.json["declared"]) == ("requested", ["open_fire"])
    wrong = client.post("/api/v1/bookings", json=wish | {"declared": ["war"]}, headers=bearer)
    assert wrong.status_code == 422


def test_another_use_is_judged_again(house: Any, at: At) -> None:
    uses(house)
    policy(house, "sala", allowed_purposes=["course", "party"], weekend_purposes=["party"],
           approval="none", step_minutes=10)  # fmt: skip
    with house.writing("ada") as work:
        span = at("2026-11-04 15:00", "16:00")
        made = book(work, NewBooking(house.rooms["sala"], span, "Yoga", purpose="course")).public_id
    for purpose, code in (("concert", "purpose_not_allowed"), ("party", "weekend_only")):
        with pytest.raises(Refused) as caught, house.writing("ada") as work:
            change(work, made, Edit(purpose=purpose))
        assert caught.value.code == code
    with house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-07 15:00", "16:00"), purpose="party"))


def test_residents_are_let_in_before_others(house: Any, at: At, browser: Browser) -> None:
    policy(house, "sala", horizon_days=10, approval="none", step_minutes=10)
    policy(house, "sala", "residents", horizon_days=30)
    span = at("2026-11-20 15:00", "16:00")
    with pytest.raises(Refused) as caught, house.writing("bice") as work:
        book(work, NewBooking(house.rooms["sala"], span, "Yoga"))
    assert caught.value.code == "too_far"
    assert "it is open already for: residents." in str(caught.value.reasons[0].message)
    with house.writing("manager") as work:
        relate(work, house.people["bice"], house.venue)
        public_id = work.session.get_one(Person, house.people["bice"]).public_id
    desk = browser("manager")
    address = f"/manage/alba/people/{public_id}"
    assert sent_by(desk, f"{address}/resident", {"resident": "1"}).status_code == 302
    assert "She lives nearby" in text_of(desk.get(address))
    with house.writing("bice") as work:
        book(work, NewBooking(house.rooms["sala"], span, "Yoga"))


def test_who_may_name_uses(house: Any) -> None:
    for who, venue in (("rival", house.venue), ("manager", None)):
        with pytest.raises(Forbidden), house.writing(who) as work:
            put_purpose(work, venue, Texts(en="Party"))
    with pytest.raises(Invalid), house.writing("manager") as work:
        put_purpose(work, house.venue, Texts())


def test_the_three_notices_hold_at_every_door(house: Any, at: At, browser: Browser) -> None:
    """Adding, changing, cancelling: in the verbs, which pages and API both use."""
    policy(house, "sala", notice_add="1d", notice_change="2d", notice_cancel="3d",
           approval="none", step_minutes=10)  # fmt: skip
    room = house.rooms["sala"]
    with pytest.raises(Refused) as caught, house.writing("ada") as work:
        book(work, NewBooking(room, at("2026-11-02 15:00", "16:00"), "Yoga"))
    assert caught.value.code == "too_soon"
    with house.writing("ada") as work:
        made = book(work, NewBooking(room, at("2026-11-03 15:00", "16:00"), "Yoga")).public_id
    for act in (
        lambda work: change(work, made, Edit(span=at("2026-11-06 15:00", "16:00"))),
        lambda work: change(work, made, Edit(title="Other")),
    ):
        with pytest.raises(Refused) as caught, house.writing("ada") as work:
            act(work)
        assert caught.value.code == "too_late_to_change"
    with pytest.raises(Refused) as caught, house.writing("ada") as work:
        cancel(work, made)
    assert caught.value.code == "too_late_to_cancel"
    with house.writing("manager") as work:
        cancel(work, made, "Rain")


def test_complaint_10_holidays_and_closures_are_one_tested_place(
    house: Any, at: At, browser: Browser
) -> None:
    """A holiday, a closed day, a closure and the hours of the week, asked at every door: search,
    page, API and move all read `venues.rules`, so none can be booked anywhere."""
    with house.writing("ada") as work:
        room = NewBooking(house.rooms["sala"], at("2026-11-04 15:00", "16:00"), "Yoga")
        made = book(work, room).public_id
    with house.writing("manager") as work:
        venue = work.session.get_one(Venue, house.venue)
        venue.closed_on_holidays = True
        put_exception(work, house.venue, at("2026-11-05 15:00", "16:00").starts_at.date(), [])
        close(work, house.venue, at("2026-11-06 00:00", "23:00"), Texts(en="Works"))
    client = browser("ada")
    for day, code in (
        ("2026-12-08", "closed"),
        ("2026-11-05", "closed"),
        ("2026-11-06", "closure"),
        ("2026-11-08", "closed"),
    ):
        span = at(f"{day} 15:00", "16:00")
        with pytest.raises(Refused) as caught, house.writing("ada") as work:
            book(work, NewBooking(house.rooms["sala"], span, "Yoga"))
        assert code in [reason.code for reason in caught.value.reasons]
        nearest = [c.values["starts_at"][:10] for r in caught.value.reasons for c in r.nearest]
        assert not {"2026-12-08", "2026-11-05", "2026-11-06", "2026-11-08"} & set(nearest)
        with pytest.raises(Refused), house.writing("ada") as work:
            change(work, made, Edit(span=span))
        query = {"starts_at": f"{day}T15:00", "ends_at": f"{day}T16:00", "explain": "1"}
        items = client.get("/api/v1/availability", query_string=query).json["items"]
        sala = next(item for item in items if item["id"] == house.rooms["sala"])
        assert code in [reason["code"] for reason in sala["reasons"]]
        page = client.get(f"/book/{house.rooms['sala']}?date={day}&start=15:00&end=16:00")
        assert "It can be had" not in page.text


def test_of_several_weeks_the_heaviest_then_the_shortest_counts_and_weight_is_set_on_a_page(
    house: Any, at: At, browser: Browser
) -> None:
    days = {day: [Interval(600, 720)] for day in range(7)}
    with house.writing("manager") as work:
        put_week(work, house.venue, days, valid_from=date(2026, 11, 1),
                 valid_until=date(2026, 11, 30), name="November")  # fmt: skip
    assert _open_at(browser, "2026-11-04T10:00", house)
    assert not _open_at(browser, "2026-11-04T15:00", house)
    with house.writing("manager") as work:
        always = {day: [Interval(900, 1080)] for day in range(7)}
        put_week(work, house.venue, always, priority=5, name="Heavier")
    assert not _open_at(browser, "2026-11-04T10:00", house)
    assert _open_at(browser, "2026-11-04T15:00", house)
    page = browser("manager").get("/manage/alba/settings/hours/week")
    assert 'name="priority"' in page.text


def _open_at(browser: Browser, start: str, house: Any) -> bool:
    ends = start[:11] + f"{int(start[11:13]) + 1}:00"
    query = {"starts_at": start, "ends_at": ends, "explain": "1"}
    items = browser("ada").get("/api/v1/availability", query_string=query).json["items"]
    sala = next(item for item in items if item["id"] == house.rooms["sala"])
    return not [r for r in sala["reasons"] if r["code"] in ("closed", "outside_hours")]


def test_whoever_answers_reads_who_comes_first(house: Any, at: At, browser: Browser) -> None:
    span = at("2026-11-04 15:00", "16:00")
    for who, body in (("bice", None), ("ada", house.body)):
        with house.writing(who) as work:
            book(work, NewBooking(house.rooms["studio"], span, who.title(), organisation_id=body))
    desk = browser("manager")
    shown = text_of(desk.get("/manage/alba/requests"))
    assert "number 1 of 2, by when it was asked" in shown
    policy(house, "studio", approval="asked", step_minutes=10, request_order="organisations")
    shown = text_of(desk.get("/manage/alba/requests"))
    assert "Ago e filo, Ada" in shown
    assert shown.index("number 1 of 2, organisations first") > shown.index("Ago e filo, Ada")
    assert "number 2 of 2, organisations first" in shown
    assert shown.index("number 1 of 2") < shown.index("number 2 of 2")
    today = text_of(desk.get("/manage/alba"))
    assert today.index("number 1 of 2") < today.index("number 2 of 2")


def test_a_move_to_a_room_that_asks_what_for_has_the_field_and_the_choices(
    house: Any, at: At, browser: Browser
) -> None:
    uses(house)
    policy(house, "tidy", purpose_required=True, allowed_purposes=["course", "party"])
    with house.writing("ada") as work:
        span = at("2026-11-06 15:00", "16:00")
        made = book(work, NewBooking(house.rooms["sala"], span, "Yoga")).public_id
    client, address = browser("manager"), f"/bookings/{made}/move"
    wish = {
        "date": "2026-11-06", "start": "15:00", "end": "16:00", "title": "Yoga",
        "room": house.rooms["tidy"], "visibility": "private", "purpose": "",
    }  # fmt: skip
    refused = sent_by(client, address, wish)
    assert refused.status_code == 422
    assert "Say what the room is for." in text_of(refused)
    chosen = sent_by(client, address, wish | {"use": "purpose=course"})
    assert re.search(r'<option[^>]* selected[^>]*>Course|value="course" selected', chosen.text)
    assert sent_by(client, address, wish | {"purpose": "course"}).status_code == 303
    with house.site.reading() as work:
        row = work.session.scalars(sa.select(Booking).where(Booking.public_id == made)).one()
        assert (row.room_id, row.purpose) == (house.ids["tidy"], "course")


def test_who_has_as_much_as_she_may_is_offered_rooms_without_that_rule(house: Any, at: At) -> None:
    policy(house, "sala", max_open_bookings=1, fewest_people=5)
    policy(house, "tidy", fewest_people=9)
    with house.writing("ada") as work:
        book(work, NewBooking(house.rooms["sala"], at("2026-11-05 15:00", "16:00"), "Coro"))
    wish = NewBooking(house.rooms["sala"], at("2026-11-06 15:00", "16:00"), "Coro", attendance=2)
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book(work, wish)
    named = {
        reason.code: {choice.values["room_id"] for choice in reason.nearest}
        for reason in refused.value.reasons
    }
    assert house.rooms["tidy"] in named["too_many_open"]
    assert house.rooms["tidy"] not in named["too_few"]
    assert house.rooms["studio"] in named["too_few"]
