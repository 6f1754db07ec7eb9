"""What a manager does: dates with rooms, publishing, calling off; and what others see of it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import (
    a_room,
    a_token,
    a_venue,
    an_account,
    check_plugin,
    csrf_token,
    sign_in,
)
from tierslieu_events import privacy, services
from tierslieu_events.models import EventDate, Registration
from tierslieu_events.queries import coming, event_for
from tierslieu_events.registering.services import Asked, register
from tierslieu_events.services import NewDate

from .builders import (
    a_person,
    an_event,
    as_nobody,
    as_system,
    joins,
    noon,
    taken,
    the_date,
)


def test_it_keeps_the_contract() -> None:
    check_plugin("events")


def test_a_date_takes_its_room_like_every_booking(work: tl.Work) -> None:
    event = an_event(work)
    view = the_date(work, event)
    booking = work.session.get_one(tl.Booking, view.date.booking_id)
    claim = work.session.get_one(tl.Claim, booking.id)
    assert (booking.state, claim.visibility, claim.label) == (
        "confirmed", "public", "Serata del quartiere",
    )  # fmt: skip
    again = NewDate(view.span, "room", view.room.public_id)
    with pytest.raises(tl.Conflict):
        services.add_dates(as_system(work), event, [again])


def test_a_draft_is_seen_by_nobody_and_its_booking_is_private(work: tl.Work) -> None:
    event = an_event(work, published=False)
    claim = work.session.get_one(tl.Claim, the_date(work, event).date.booking_id)
    assert claim.visibility == "private"
    assert coming(work, work.now, work.now + timedelta(days=99)) == []
    with pytest.raises(tl.NotFound):
        event_for(as_nobody(work), event.public_id)


def test_more_people_than_fit_are_refused(work: tl.Work) -> None:
    with pytest.raises(tl.Refused):
        an_event(work, in_room=31)


def test_all_dates_or_none(work: tl.Work) -> None:
    event = an_event(work)
    view = the_date(work, event)
    later = NewDate(view.span.shifted(timedelta(days=1)), "room", view.room.public_id)
    taken_already = NewDate(view.span, "room", view.room.public_id)
    with pytest.raises(tl.Conflict), work.savepoint():
        services.add_dates(as_system(work), event, [later, taken_already])
    assert work.session.scalar(sa.select(sa.func.count(EventDate.id))) == 1


def test_calling_off_frees_the_room_and_tells_each_once(work: tl.Work, mailbox: Any) -> None:
    event = an_event(work, in_room=1)
    ada, bea = a_person(work, "ada"), a_person(work, "bea")
    joins(work, event, ada)
    joins(work, event, bea, wait=True)
    joins(work, event, bea, "remote")
    view = the_date(work, event)
    booking_id = view.date.booking_id
    services.call_off(as_system(work), view, "The speaker is ill.")
    assert work.session.get_one(tl.Booking, booking_id).state == "cancelled"
    states = set(work.session.scalars(sa.select(Registration.state)))
    assert (states, taken(work, event)) == ({"cancelled"}, 0)


def test_a_date_goes_where_its_booking_goes(work: tl.Work) -> None:
    event = an_event(work)
    joins(work, event, a_person(work, "ada"))
    view = the_date(work, event)
    booking = work.session.get_one(tl.Booking, view.date.booking_id)
    later = view.span.shifted(timedelta(hours=3))
    tl.change_booking(as_system(work), booking.public_id, tl.BookingEdit(span=later))
    moved = the_date(work, event)
    assert (moved.span, moved.date.revision) == (later, 1)
    tl.cancel(as_system(work), booking.public_id, "The roof leaks")
    lost = the_date(work, event)
    assert lost.lacks_room
    assert lost.open_sides == ("remote",)


def test_fewer_places_than_are_taken_are_refused_and_more_are_offered(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    joins(work, event, a_person(work, "ada"))
    row = joins(work, event, a_person(work, "bea"), wait=True)
    with pytest.raises(tl.Refused):
        services.set_capacity(as_system(work), the_date(work, event), "room", 0)
    services.set_capacity(as_system(work), the_date(work, event), "room", 2)
    work.session.refresh(row)
    assert row.state == "offered"


def test_what_is_kept_of_a_person_is_given_and_forgotten(work: tl.Work) -> None:
    event = an_event(work, in_room=1)
    ada, bea = a_person(work, "ada"), a_person(work, "bea")
    row = joins(work, event, ada)
    nxt = joins(work, event, bea, wait=True)
    [part] = privacy.exported(work, ada)
    assert part.rows[0]["side"] == "room"
    privacy.erase(as_system(work), ada)
    work.session.refresh(row)
    work.session.refresh(nxt)
    assert (row.person_id, row.who, row.state, nxt.state) == (None, None, "cancelled", "offered")
    guest = register(
        work, the_date(work, event), Asked("remote", name="B", email="bea@example.org")
    )
    privacy.forget_before(work, work.now + timedelta(days=99))
    work.session.refresh(guest)
    assert (guest.name, guest.email, guest.who) == ("", None, None)


def test_the_page_is_read_by_people_search_engines_and_calendars(
    site: tl.Site, client: Any
) -> None:
    with site.writing() as work:
        event = an_event(work, description=tl.Texts(en="</script><b>Hello</b>"), captions=True)
        public_id, start = event.public_id, the_date(work, event).date.starts_at
    page = client.get(f"/events/{public_id}").get_data(as_text=True)
    assert "Evening of the quarter" in page
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    [said] = json.loads(data)
    assert said["eventAttendanceMode"].endswith("/MixedEventAttendanceMode")
    assert said["description"] == "</script><b>Hello</b>"
    assert "Evening of the quarter" in client.get("/events").get_data(as_text=True)
    answer = client.get(f"/events/{public_id}/calendar.ics")
    [entry] = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert (entry.start, str(entry["summary"])) == (start, "Evening of the quarter")
    again = client.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_guest_registers_confirms_and_gives_up_by_links(
    site: tl.Site, client: Any, mailbox: Any
) -> None:
    with site.writing() as work:
        date_id = the_date(work, an_event(work)).date.public_id
    address = f"/events/dates/{date_id}/register"
    wish = {"side": "room", "seats": "1", "name": "Gina Gatti", "email": "Gina@Example.org",
            "fallback": "ask", "csrf_token": csrf_token(client, address)}  # fmt: skip
    assert client.post(address, data=wish).headers["Location"].endswith("/sent")
    [mail] = mailbox.to("gina@example.org")
    [link] = re.findall(r"/events/r/\S+", mail.body)
    assert client.get(link[:-2] + "xx").status_code == 404
    token = csrf_token(client, link)
    client.post(link, data={"act": "confirm", "csrf_token": token})
    assert "Your code for the door" in mailbox.to("gina@example.org")[-1].body
    assert "BEGIN:VCALENDAR" in (mailbox.to("gina@example.org")[-1].calendar or "")
    client.post(link, data={"act": "give_up", "csrf_token": token})
    assert mailbox.to("gina@example.org")[-1].calendar_method == "CANCEL"
    with site.reading() as work:
        assert set(work.session.scalars(sa.select(Registration.state))) == {"cancelled"}


def test_a_manager_makes_dates_and_publishes_and_the_desk_lets_in(
    site: tl.Site, app: Any, stopped_clock: Any
) -> None:
    with site.writing() as work:
        venue = a_venue(work)
        room = a_room(work, venue, capacity=30)
        an_account(work, "mara@example.org", role="venue_manager", venue=venue)
        an_account(work, "dino@example.org", role="venue_desk", venue=venue)
        day, room_id = noon(work).date().isoformat(), room.public_id
    client = app.test_client()
    sign_in(client, "mara@example.org")
    token = csrf_token(client, "/manage/gattaglio/events/new")
    facts = {"title_en": "Soup together", "category": "food", "audience": "everybody",
             "price": "5,50", "most_seats": "4", "members_days": "0", "guests": "y",
             "organiser_email": "mara@example.org", "csrf_token": token}  # fmt: skip
    assert (
        client.post("/manage/gattaglio/events/new", data=facts | {"price": "x"}).status_code == 422
    )
    address = client.post("/manage/gattaglio/events/new", data=facts).headers["Location"]
    date = {"day": day, "start": "12:00", "end": "14:00", "weeks": "1", "mode": "room",
            "room": room_id, "in_room": "2", "csrf_token": token}  # fmt: skip
    assert client.post(f"{address}/dates", data=date).status_code == 302
    refused = client.post(f"{address}/dates", data=date)
    assert refused.status_code == 422
    assert client.post(f"{address}/publish", data={"csrf_token": token}).status_code == 302
    assert "5.50" in app.test_client().get(f"/events/{address.rpartition('/')[2]}").get_data(True)
    with site.reading() as work:
        dates = list(work.session.scalars(sa.select(EventDate).order_by(EventDate.starts_at)))
    assert len(dates) == 2

    door = f"/manage/gattaglio/events/dates/{dates[0].public_id}"
    desk = app.test_client()
    sign_in(desk, "dino@example.org")
    token = csrf_token(desk, door)
    seen = {"side": "room", "seats": "2", "name": "Nonna Rina", "fallback": "ask"}
    assert desk.post(f"{door}/register", data=seen | {"csrf_token": token}).status_code == 302
    assert desk.get(address).status_code == 403
    with site.reading() as work:
        code = work.session.scalar(sa.select(Registration.code))
    in_time = {"code": str(code).lower(), "csrf_token": token}
    assert desk.post(f"{door}/code", data=in_time).status_code == 422
    stopped_clock.set(dates[0].starts_at)
    sign_in(desk, "dino@example.org")
    token = csrf_token(desk, door)
    wrong = desk.post(f"{door}/code", data={"code": "NOSUCH", "csrf_token": token})
    assert wrong.status_code == 422
    assert desk.post(f"{door}/code", data=in_time | {"csrf_token": token}).status_code == 302
    assert "2 of 2 came" in desk.get(door).get_data(as_text=True)


def test_the_api_registers_once_for_a_key_and_gives_up(site: tl.Site, app: Any) -> None:
    with site.writing() as work:
        event = an_event(work, in_room=1)
        date_id, event_id = the_date(work, event).date.public_id, event.public_id
        account = an_account(work, "ada@example.org")
        token = a_token(work, account, "events.join", "events.read_own")
        other = a_token(work, an_account(work, "bea@example.org"), "events.join", "events:read")
    client = app.test_client()

    def sent(method: str, address: str, bearer: str = token, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"} | more.pop("headers", {})
        return client.open(f"/api/v1{address}", method=method, headers=headers, **more)

    address = f"/events/dates/{date_id}/registrations"
    key = {"Idempotency-Key": "one"}
    first = sent("POST", address, json={"side": "room"}, headers=key)
    assert (first.status_code, first.json["state"]) == (201, "registered")
    assert sent("POST", address, json={"side": "room"}, headers=key).json == first.json
    full = sent("POST", address, other, json={"side": "room"})
    assert (full.status_code, full.json["code"]) == (409, "full")
    waits = sent("POST", address, other, json={"side": "room", "wait": True})
    assert waits.json["state"] == "waiting"
    mine = f"/events/registrations/{first.json['id']}"
    assert sent("DELETE", mine, other).status_code == 404
    assert sent("DELETE", mine).json["state"] == "cancelled"
    assert sent("GET", "/events/registrations", other).json["items"][0]["state"] == "offered"
    taken_up = sent("POST", f"/events/registrations/{waits.json['id']}/accept", other, json={})
    assert taken_up.json["state"] == "registered"
    listed = client.get("/api/v1/events").json["items"]
    assert [each["id"] for each in listed] == [event_id]
    assert listed[0]["dates"][0]["sides"][0] == {"side": "room", "capacity": 1, "free": 0}


def test_where_it_is_off_nothing_of_it_shows(site: tl.Site, client: Any) -> None:
    with site.writing() as work:
        event = an_event(work)
        public_id, venue_id = event.public_id, event.venue_id
    with site.writing() as work:
        switched = tl.Model.metadata.tables["plugin_venue"]
        work.session.execute(
            sa.insert(switched).values(
                venue_id=venue_id, plugin="events", state="off", changed_at=work.now
            )
        )
    site.plugins.switches.stale()
    assert client.get(f"/events/{public_id}").status_code == 404
    assert "Evening" not in client.get("/events").get_data(as_text=True)
    assert "Evening" not in client.get("/search/names?q=evening").get_data(as_text=True)
