"""The desk: today, answers, one booking, and booking for somebody else; without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.desk.board import door
from tierslieu.bookings.models import Booking
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.mail import Mail, ToTell
from tierslieu.kernel.span import Span
from tierslieu.people.models import Person
from tierslieu.people.services import register_person
from tierslieu.testing import an_account, sign_in

At = Callable[..., Span]
Browser = Callable[..., Any]
DESK = "/manage/alba"


def made(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, **({"title": "Sewing"} | more))
        return book(work, new).public_id


def booking(house: Any, public_id: str) -> Booking:
    with house.site.reading() as work:
        return work.session.scalars(sa.select(Booking).where(Booking.public_id == public_id)).one()


def token(client: Any) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(DESK).text)
    return found[1] if found else ""


def press(client: Any, address: str, **fields: Any) -> Any:
    return client.post(address, data={"csrf_token": token(client)} | fields)


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def at_desk(house: Any, app: Any) -> Any:
    """A browser of somebody at the desk, who manages nothing."""
    with house.site.writing() as work:
        from tierslieu.venues.models import Venue

        an_account(work, "desk@example.org", role="venue_desk",
                   venue=work.session.get(Venue, house.venue))  # fmt: skip
    client = app.test_client()
    sign_in(client, "desk@example.org")
    return client


# -- now and next ---------------------------------------------------------------------------------


class _Going:
    def __init__(self, start: int, end: int, state: str = "confirmed", has_left: bool = False):
        day = datetime(2026, 11, 2, tzinfo=UTC)
        self.span = Span(day + timedelta(hours=start), day + timedelta(hours=end))
        self.state, self.has_left = state, has_left


def _open(start: int, end: int) -> Span:
    return _Going(start, end).span


@pytest.mark.parametrize(
    ("hour", "bookings", "state"),
    [
        (10, [], "free"),
        (10, [_Going(9, 11)], "busy"),
        (10, [_Going(9, 11, "checked_in")], "here"),
        (10, [_Going(9, 11, "checked_in", has_left=True)], "free"),
        (10, [_Going(9, 11, "no_show")], "free"),
        (11, [_Going(9, 11, "checked_in")], "free"),
        (20, [], "shut"),
        (20, [_Going(19, 21, "checked_in")], "here"),
    ],
    ids=["free", "booked and nobody in", "people are in", "they left", "nobody came",
         "its end is over", "closed", "people are in after hours"],
)  # fmt: skip
def test_a_door_shows_what_is_in_the_room(hour: int, bookings: list[Any], state: str) -> None:
    now = datetime(2026, 11, 2, hour, tzinfo=UTC)
    assert door(now, [_open(8, 18)], bookings).state == state


def test_a_free_room_is_free_until_the_next_booking_or_the_closing() -> None:
    now = datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert door(now, [_open(8, 18)], [_Going(12, 13)]).changes_at == now + timedelta(hours=2)
    assert door(now, [_open(8, 18)], []).changes_at == now + timedelta(hours=8)


# -- today ----------------------------------------------------------------------------------------


def test_today_shows_a_request_with_whom_it_would_hurt(
    house: Any, browser: Browser, at: At
) -> None:
    made(house, "ada", "studio", at("2026-11-04 15:00", "16:00"), title="Choir")
    made(house, "bice", "studio", at("2026-11-04 15:30", "16:30"), title="Chess", attendance=7)
    shown = words(browser("manager").get(DESK))
    assert "2 requests" in shown
    assert "“Chess” (7 people) asks for it too" in shown
    assert "Approve" in shown


def test_somebody_from_elsewhere_finds_no_desk(house: Any, browser: Browser) -> None:
    for name in ("ada", "rival"):
        answer = browser(name).get(DESK)
        assert answer.status_code in (403, 404), name
    assert browser("").get(DESK).status_code == 302


def test_the_desk_sees_requests_and_cannot_answer_them(house: Any, at_desk: Any, at: At) -> None:
    asked = made(house, "ada", "studio", at("2026-11-04 15:00", "16:00"), title="Choir")
    shown = words(at_desk.get(DESK))
    assert "Choir" in shown
    assert "Approve" not in shown
    answer = press(at_desk, f"{DESK}/bookings/{asked}/approve", version="1")
    assert answer.status_code == 403
    assert booking(house, asked).state == "requested"


def test_approving_offers_to_decline_those_who_lost(house: Any, browser: Browser, at: At) -> None:
    first = made(house, "ada", "studio", at("2026-11-04 15:00", "16:00"), title="Choir")
    other = made(house, "bice", "studio", at("2026-11-04 15:30", "16:30"), title="Chess")
    client = browser("manager")
    answer = press(client, f"{DESK}/bookings/{first}/approve", version="1")
    assert answer.location.endswith("/others")
    assert booking(house, other).state == "requested"
    assert "Now taken" in words(client.get(DESK))
    press(client, answer.location, booking=other, reason="The choir was first.")
    assert booking(house, other).state == "declined"
    assert booking(house, other).reason == "The choir was first."


def test_an_old_page_cannot_approve(house: Any, browser: Browser, at: At) -> None:
    asked = made(house, "ada", "studio", at("2026-11-04 15:00", "16:00"))
    client = browser("manager")
    answer = press(client, f"{DESK}/bookings/{asked}/approve", version="7")
    assert "Somebody changed this booking" in words(client.get(answer.location))
    assert booking(house, asked).state == "requested"


def test_a_proposal_declines_and_tells_the_address_that_books_it(
    house: Any, browser: Browser, at: At
) -> None:
    asked = made(house, "ada", "studio", at("2026-11-04 15:00", "16:00"))
    client = browser("manager")
    page = client.get(f"{DESK}/bookings/{asked}/propose")
    offered = re.findall(r'name="proposal" value="([^"]+)"', page.text)
    assert any(key.startswith(house.rooms["sala"]) for key in offered)
    press(client, f"{DESK}/bookings/{asked}/propose", proposal=offered[0], version="1")
    answered = booking(house, asked)
    assert answered.state == "declined"
    assert "http://localhost/book/" in answered.reason


@pytest.mark.parametrize(
    ("verb", "state", "undo", "back"),
    [("check-in", "checked_in", "undo-check-in", "confirmed"),
     ("miss", "no_show", "undo-miss", "checked_in")],
)  # fmt: skip
def test_who_came_and_who_did_not_is_noted_and_taken_back(
    house: Any, at_desk: Any, at: At, verb: str, state: str, undo: str, back: str
) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-02 15:00", "16:00"))
    with clock.frozen(datetime(2026, 11, 2, 14, 5, tzinfo=UTC)):
        press(at_desk, f"{DESK}/bookings/{made_id}/attend/{verb}")
        assert booking(house, made_id).state == state
        press(at_desk, f"{DESK}/bookings/{made_id}/attend/{undo}")
        assert booking(house, made_id).state == back


def test_who_has_no_mail_is_told_by_voice_and_ticked(house: Any, at_desk: Any, at: At) -> None:
    with house.site.writing() as work:
        person = register_person(work, house.venue, "Elda", phone="+39 0522 123456").id
    asked = made(house, "manager", "sala", at("2026-11-04 15:00", "16:00"), person_id=person)
    assert booking(house, asked).booked_for_id == person
    shown = at_desk.get(DESK)
    assert "Elda" in words(shown)
    tick = re.search(r'action="([^"]+/told/[^"]+)"', shown.text)
    assert tick is not None
    press(at_desk, tick[1])
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(ToTell.told_at)).one() is not None


# -- one booking ----------------------------------------------------------------------------------


def _form(client: Any, address: str) -> dict[str, str]:
    page = client.get(address).text
    part = page[page.index('id="change"') :]
    found = {
        n: unescape(v)
        for n, v in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', part)
    }
    for name in ("room", "visibility"):
        chosen = re.search(rf'name="{name}".*?<option selected value="([^"]+)"', part, re.DOTALL)
        found[name] = chosen[1] if chosen else ""
    return found | {"note": ""}


def test_the_desk_mends_a_word_without_moving_anything(
    house: Any, browser: Browser, at: At
) -> None:
    span = at("2026-11-04 15:00", "16:00")
    made_id = made(house, "ada", "sala", span)
    client = browser("manager")
    form = _form(client, f"{DESK}/bookings/{made_id}")
    answer = client.post(f"{DESK}/bookings/{made_id}", data=form | {"title": "Knitting"})
    assert answer.status_code == 302
    with house.site.reading() as work:
        from tierslieu.bookings.queries import booking_view

        view = booking_view(work.session, made_id)
        assert view is not None
        assert (view.claim.label, view.span) == ("Knitting", span)


def test_two_versions_are_shown_and_what_was_typed_stays(
    house: Any, browser: Browser, at: At
) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client = browser("manager")
    form = _form(client, f"{DESK}/bookings/{made_id}")
    client.post(f"{DESK}/bookings/{made_id}", data=form | {"title": "Knitting"})
    answer = client.post(f"{DESK}/bookings/{made_id}", data=form | {"title": "Lace"})
    assert answer.status_code == 409
    assert "<ins>Lace</ins>" in answer.text
    assert "<ins>Knitting</ins>" in answer.text
    again = form | {"title": "Lace", "version": "2"}
    assert client.post(f"{DESK}/bookings/{made_id}", data=again).status_code == 302


def test_a_booking_of_another_venue_is_not_there(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "manager", "sala", at("2026-11-04 15:00", "16:00"))
    assert browser("rival").get(f"/manage/borgo/bookings/{made_id}").status_code == 404
    assert browser("rival").get(f"{DESK}/bookings/{made_id}").status_code == 404


def test_cancelling_at_the_desk_tells_why(house: Any, browser: Browser, at: At) -> None:
    made_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    press(browser("manager"), f"{DESK}/bookings/{made_id}/cancel", reason="The boiler", version="1")
    assert booking(house, made_id).state == "cancelled"
    with house.site.reading() as work:
        assert any("The boiler" in body for body in work.session.scalars(sa.select(Mail.body)))


# -- for somebody else ----------------------------------------------------------------------------

WISH = {
    "title": "Baptism", "date": "2026-11-04", "start": "15:00", "end": "16:00", "n": "",
    "visibility": "private", "note": "", "kind": "normal", "organisation": "", "find": "",
}  # fmt: skip


def test_somebody_is_registered_and_booked_for_in_one_go(house: Any, at_desk: Any) -> None:
    answer = press(at_desk, f"{DESK}/book", **WISH, room=house.rooms["sala"], person="new",
                   name="Elda Ferri")  # fmt: skip
    assert answer.status_code == 302
    found = booking(house, answer.location.rsplit("/", 1)[1])
    with house.site.reading() as work:
        person = work.session.get_one(Person, found.booked_for_id)
    assert (person.name, found.state) == ("Elda Ferri", "confirmed")


def test_complaint_12_without_an_address_or_with_one_for_two_the_desk_acts_for_them(
    house: Any, at_desk: Any
) -> None:
    """A person is not her login: Elda has no e-mail, mother and son have one between them."""
    who = {"Elda Ferri": "", "Anna Levi": "levi@example.org", "Bruno Levi": "levi@example.org"}
    public = {}
    for name, email in who.items():
        answer = press(at_desk, f"{DESK}/people", name=name, email=email)
        assert answer.status_code == 302, words(answer)
        public[name] = answer.location.rsplit("/", 1)[1]
    assert len(set(public.values())) == 3, "an address does not make two of them one"

    for n, name in enumerate(who):
        wish = WISH | {"start": f"{9 + n:02}:00", "end": f"{10 + n:02}:00"}
        answer = press(at_desk, f"{DESK}/book", **wish, room=house.rooms["sala"],
                       person=public[name])  # fmt: skip
        assert answer.status_code == 302, words(answer)
        address = answer.location
        made_id = address.rsplit("/", 1)[1]
        if name == "Bruno Levi":
            press(at_desk, f"{address}/cancel", reason="He rang")
        with house.site.reading() as work:
            person = work.session.get_one(Person, booking(house, made_id).booked_for_id)
        assert person.name == name

    with house.site.reading() as work:
        mails = work.session.execute(
            sa.select(Person.name, sa.func.count(Mail.id))
            .join(Mail, Mail.person_id == Person.id)
            .where(Mail.to_address == "levi@example.org")
            .group_by(Person.name)
        )
        assert dict(mails.all()) == {"Anna Levi": 1, "Bruno Levi": 2}
        told = work.session.execute(
            sa.select(Person.name).join(ToTell, ToTell.person_id == Person.id).distinct()
        )
        assert told.all() == [("Elda Ferri",)]
    assert "Elda Ferri" in words(at_desk.get(DESK)), "the desk tells her by voice"


def test_the_venue_keeps_a_room_for_nobody(house: Any, browser: Browser) -> None:
    answer = press(browser("manager"), f"{DESK}/book", **(WISH | {"kind": "blocked"}),
                   room=house.rooms["studio"], person="house")  # fmt: skip
    found = booking(house, answer.location.rsplit("/", 1)[1])
    assert (found.kind, found.booked_for_id, found.state) == ("blocked", None, "confirmed")


def test_without_a_person_the_desk_asks_for_whom_and_keeps_the_rest(
    house: Any, at_desk: Any
) -> None:
    answer = press(at_desk, f"{DESK}/book", **WISH, room=house.rooms["sala"])
    assert answer.status_code == 422
    assert "For whom?" in answer.text
    assert 'value="Baptism"' in answer.text


def test_a_refusal_at_the_desk_offers_other_times_and_a_manager_may_pass_it(
    house: Any, browser: Browser
) -> None:
    client, late = browser("manager"), WISH | {"start": "21:00", "end": "22:00"}
    fields = late | {"room": house.rooms["sala"], "person": "new", "name": "Elda"}
    refused = press(client, f"{DESK}/book", **fields)
    assert refused.status_code == 422
    assert 'name="use"' in refused.text
    passed = press(client, f"{DESK}/book", **fields, override="The choir asked the mayor")
    assert passed.status_code == 302


def test_finding_keeps_what_was_typed_and_books_nothing(house: Any, at_desk: Any) -> None:
    with house.site.writing() as work:
        register_person(work, house.venue, "Elda Ferri")
    answer = press(at_desk, f"{DESK}/book", **(WISH | {"find": "ferri"}), find_now="1")
    assert answer.status_code == 200
    assert "Elda Ferri" in answer.text
    assert 'value="Baptism"' in answer.text
    with house.site.reading() as work:
        assert not work.session.scalar(sa.select(sa.func.count()).select_from(Booking))


def test_a_member_cannot_book_for_others_nor_keep_rooms(house: Any, at: At) -> None:
    from tierslieu.kernel.errors import Forbidden

    span = at("2026-11-04 15:00", "16:00")
    for more in ({"person_id": house.people["bice"]}, {"kind": "blocked"}):
        with pytest.raises(Forbidden), house.writing("ada") as work:
            book(work, NewBooking(room=house.rooms["sala"], span=span, title="No", **more))
