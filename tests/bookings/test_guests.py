"""Booking with a name and an address: confirmed, changed and cancelled by a mailed link."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.guests.jobs import forget_guests
from tierslieu.bookings.guests.models import GuestBooking, GuestLink
from tierslieu.bookings.guests.services import book_as_guest, confirm
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.preconditions.services import NeedValues, put_need
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, NotFound, Refused
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.people.models import Person
from tierslieu.people.queries import anonymous

At = Callable[..., Span]
WISH = {
    "title": "Sewing", "date": "2026-11-04", "start": "15:00", "end": "16:00", "n": "10",
    "visibility": "private", "who": "me", "note": "", "layout": "",
    "guest_name": "Rina Bassi", "email": "rina@example.org",
}  # fmt: skip


@pytest.fixture
def open_house(house: Any) -> Any:
    """The house, whose sala, studio and tidy room anybody may book."""
    with house.site.writing() as work:
        for policy in work.session.scalars(sa.select(Policy)):
            policy.rules = policy.rules | {"who_may_book": "anyone"}
    return house


def fields(answer: Any) -> dict[str, str]:
    found = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", answer.text)
    pairs = {}
    for each in found:
        name, value = re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)
        if name:
            pairs[name[1]] = unescape(value[1]) if value else ""
    return pairs


def asked(client: Any, house: Any, room: str = "sala", **written: str) -> Any:
    """The answer to the form sent without an account."""
    page = f"/book/{house.rooms[room]}"
    return client.post(f"{page}/guest", data=fields(client.get(page)) | WISH | written)


def mails(house: Any) -> list[Mail]:
    with house.site.reading() as work:
        return list(work.session.scalars(sa.select(Mail).order_by(Mail.id)))


def link(house: Any) -> str:
    """The address in the newest mail."""
    return re.findall(r"http://localhost(/g/[\w-]+)", mails(house)[-1].body)[-1]


def press(client: Any, address: str, act: str, **more: str) -> Any:
    page = client.get(address)
    return client.post(f"{address}/{act}", data={"csrf_token": fields(page)["csrf_token"], **more})


def only(house: Any, table: Any) -> Any:
    with house.site.reading() as work:
        return work.session.scalars(sa.select(table)).one()


def count(house: Any, table: Any) -> int:
    with house.site.reading() as work:
        return int(work.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def a_guest(house: Any, span: Span, room: str = "sala", email: str = "rina@example.org",
            name: str = "Rina Bassi") -> str:  # fmt: skip
    with house.site.writing(anonymous("en"), "en") as work:
        new = NewBooking(house.rooms[room], span, "Sewing")
        return str(book_as_guest(work, new, name, email).public_id)


# -- book and confirm -----------------------------------------------------------------------------


def test_a_guest_books_with_name_and_address_and_confirms_by_the_link(
    open_house: Any, browser: Any
) -> None:
    client = browser()
    answer = asked(client, open_house)
    assert answer.status_code == 303
    assert "mail" in client.get(answer.location).text
    assert only(open_house, Booking).state == "held"

    address = link(open_house)
    shown = client.get(address)
    assert "Confirm the booking" in shown.text
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert only(open_house, Booking).state == "held", "looking confirms nothing: scanners look"
    assert press(client, address, "confirm").status_code == 303
    assert only(open_house, Booking).state == "confirmed"
    assert "Your booking is confirmed" in mails(open_house)[-1].subject
    assert press(client, address, "confirm").status_code == 303, "pressed twice, confirmed once"
    assert len(mails(open_house)) == 2


def test_what_is_not_confirmed_is_free_again_after_an_hour(open_house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    a_guest(open_house, span)
    late = link(open_house).removeprefix("/g/")
    with pytest.raises(Conflict):
        a_guest(open_house, span, email="other@example.org", name="Otto")
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        a_guest(open_house, span, email="other@example.org", name="Otto")
        with (
            pytest.raises(Conflict),
            open_house.site.writing(anonymous("en"), "en") as work,
        ):
            confirm(work, late)
        with open_house.site.writing() as work:
            sweep(work)
        with open_house.site.reading() as work:
            assert set(work.session.scalars(sa.select(Booking.state))) == {"held", "expired"}


def test_where_the_venue_answers_a_confirmed_address_becomes_a_request(
    open_house: Any, at: At
) -> None:
    a_guest(open_house, at("2026-11-05 10:00", "11:00"), "studio")
    with open_house.site.writing(anonymous("en"), "en") as work:
        assert confirm(work, link(open_house).removeprefix("/g/")).state == "requested"
    assert a_guest(open_house, at("2026-11-05 10:00", "11:00"), "studio", "o@example.org", "Otto")


def test_without_the_policy_a_guest_is_asked_to_sign_in(house: Any, browser: Any, at: At) -> None:
    client = browser()
    assert "guest_name" not in client.get(f"/book/{house.rooms['sala']}").text
    assert asked(client, house).status_code == 404
    with pytest.raises(Refused, match="sign_in_needed"):
        a_guest(house, at("2026-11-04 15:00", "16:00"))
    assert count(house, Person) == 5


def test_what_a_guest_wrote_stays_when_it_is_refused(open_house: Any, browser: Any) -> None:
    answer = asked(browser(), open_house, start="08:00", email="no address")
    assert answer.status_code == 422
    for text in ("Rina Bassi", "no address", "Sewing"):
        assert text in answer.text


# -- complaint 13 ---------------------------------------------------------------------------------


def test_complaint_13_a_guest_books_twice_with_one_address_and_changes_both(
    open_house: Any, browser: Any
) -> None:
    client = browser()
    assert asked(client, open_house).status_code == 303
    first = link(open_house)
    press(client, first, "confirm")
    assert asked(client, open_house, start="17:00", end="18:00").status_code == 303
    second = link(open_house)
    press(client, second, "confirm")
    with open_house.site.reading() as work:
        people = set(work.session.scalars(sa.select(Booking.booked_for_id)))
        assert len(people) == 1, "the same address and name is the same guest"
        assert work.session.get_one(Person, people.pop()).name == "Rina Bassi"

    form = fields(client.get(f"{first}/move")) | WISH | {"room": open_house.rooms["sala"]}
    moved = client.post(f"{first}/move", data=form | {"start": "16:00", "end": "17:00"})
    assert moved.status_code == 303
    gone = press(client, second, "cancel", version="2", reason="")
    assert gone.status_code == 303
    with open_house.site.reading() as work:
        states = work.session.execute(
            sa.select(Booking.local_start, Booking.state).order_by(Booking.id)
        ).all()
    assert states == [("2026-11-04T16:00", "confirmed"), ("2026-11-04T17:00", "cancelled")]
    desk = browser("manager").get(f"/manage/alba/bookings/{_first(open_house)}").text
    assert "Rina Bassi, without account" in desk


def _first(house: Any) -> str:
    with house.site.reading() as work:
        return str(work.session.scalar(sa.select(Booking.public_id).order_by(Booking.id).limit(1)))


def test_two_of_a_family_share_an_address_and_stay_two(open_house: Any, at: At) -> None:
    for name, hour in (("Rina Bassi", 15), ("Ugo Bassi", 17)):
        a_guest(open_house, at(f"2026-11-04 {hour}:00", f"{hour + 1}:00"), name=name)
        with open_house.site.writing(anonymous("en"), "en") as work:
            confirm(work, link(open_house).removeprefix("/g/"))
    with open_house.site.reading() as work:
        found = set(work.session.scalars(sa.select(Person.name).join(GuestBooking)))
    assert found == {"Rina Bassi", "Ugo Bassi"}


# -- links -----------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What becomes of several acts by real threads: done, or the code of the refusal."""
    start, said = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        start.wait(10)
        try:
            act()
            said.append("done")
        except (Conflict, Refused) as error:
            said.append(error.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return said


@pytest.mark.parametrize("same", [True, False], ids=["of one booking", "of two bookings"])
def test_two_links_of_one_guest_confirmed_at_once_make_one_guest(
    open_house: Any, at: At, same: bool
) -> None:
    links = []
    for room in ("sala",) if same else ("sala", "tidy"):
        a_guest(open_house, at("2026-11-04 15:00", "16:00"), room)
        links.append(link(open_house).removeprefix("/g/"))

    def press_one(token: str) -> None:
        with open_house.site.writing(anonymous("en"), "en") as work:
            confirm(work, token)

    both = [lambda token=token: press_one(token) for token in (links * 2)[:2]]
    assert at_once(*both) == ["done", "done"]
    with open_house.site.reading() as work:
        rows = work.session.execute(sa.select(Booking.state, Booking.booked_for_id)).all()
        names = work.session.scalars(sa.select(Person.id).where(Person.name == "Rina Bassi")).all()
    assert {state for state, _ in rows} == {"confirmed"}
    assert {person for _, person in rows} == set(names)
    assert len(names) == 1


def test_a_guests_booking_waits_for_her_sponsor_too(open_house: Any, at: At) -> None:
    with open_house.writing("manager") as work:
        put_need(work, open_house.venue, NeedValues("sponsor", Texts(en="A sponsor")))
    with open_house.site.writing(anonymous("en"), "en") as work:
        span = at("2026-11-04 15:00", "16:00")
        new = NewBooking(open_house.rooms["sala"], span, "Sewing", sponsor="bice@example.org")
        book_as_guest(work, new, "Rina Bassi", "rina@example.org")
    with open_house.site.writing(anonymous("en"), "en") as work:
        assert confirm(work, link(open_house).removeprefix("/g/")).state == "requested"


@pytest.mark.parametrize("how", ["she", "desk", "time"])
def test_a_link_can_be_ended_and_ends(open_house: Any, browser: Any, how: str) -> None:
    client = browser()
    asked(client, open_house)
    address = link(open_house)
    press(client, address, "confirm")
    later = timedelta()
    if how == "she":
        press(client, address, "stop")
    elif how == "desk":
        desk, page = browser("manager"), f"/manage/alba/bookings/{_first(open_house)}"
        token = fields(desk.get(page))["csrf_token"]
        desk.post(f"{page}/links", data={"csrf_token": token})
    else:
        later = timedelta(days=17)
    with clock.frozen(clock.now() + later):
        for act in ("", "/cancel", "/move"):
            assert client.get(address + act).status_code == 404
    assert only(open_house, Booking).state == "confirmed"


def test_a_link_opens_one_booking_and_no_other(open_house: Any, browser: Any) -> None:
    client = browser()
    asked(client, open_house)
    press(client, link(open_house), "confirm")
    address = f"/bookings/{_first(open_house)}"
    assert client.get(address).status_code in (302, 303, 401)
    with open_house.site.reading() as work:
        kept = work.session.scalars(sa.select(GuestLink.token_hash)).all()
    assert link(open_house).removeprefix("/g/") not in kept, "only the hash is kept"


def test_links_are_mailed_again_and_the_answer_tells_nothing(open_house: Any, browser: Any) -> None:
    client = browser()
    asked(client, open_house)
    press(client, link(open_house), "confirm")
    before, answers = len(mails(open_house)), set()
    for email in ("rina@example.org", "nobody@example.org", "ada@example.org"):
        token = fields(client.get("/guests/link"))["csrf_token"]
        answer = client.post("/guests/link", data={"csrf_token": token, "email": email})
        answers.add((answer.status_code, answer.location))
    assert len(answers) == 1
    assert len(mails(open_house)) == before + 1
    assert client.get(link(open_house)).status_code == 200


def test_an_address_is_not_bombed_with_mails(open_house: Any, at: At) -> None:
    for hour in (9, 10, 11):
        a_guest(open_house, at(f"2026-11-04 {hour:02}:00", f"{hour + 1}:00"))
    with pytest.raises(Refused, match="too_many_waiting"):
        a_guest(open_house, at("2026-11-04 15:00", "16:00"))


# -- an account later ------------------------------------------------------------------------------


def test_what_a_guest_booked_is_offered_to_the_account_of_the_same_address(
    open_house: Any, browser: Any
) -> None:
    asked(browser(), open_house, email="ADA@example.org")
    address = link(open_house)
    ada = browser("ada")
    assert "Make them mine" not in ada.get("/me").text, "an address that is not proven offers none"
    press(browser(), address, "confirm")
    assert "Sewing" not in ada.get("/me/bookings").text, "offered, not done silently"
    page = ada.get("/me")
    assert "Make them mine" in page.text
    ada.post("/me/guest-bookings", data={"csrf_token": fields(page)["csrf_token"]})
    assert "Sewing" in ada.get("/me/bookings").text
    assert browser().get(address).status_code == 404, "the link of before is over"
    assert count(open_house, Person) == 5, "nothing is left of the guest"


def test_somebody_else_is_offered_nothing(open_house: Any, browser: Any) -> None:
    asked(browser(), open_house)
    press(browser(), link(open_house), "confirm")
    bice = browser("bice")
    page = bice.get("/me")
    assert "Make them mine" not in page.text
    bice.post("/me/guest-bookings", data={"csrf_token": fields(page)["csrf_token"]})
    assert "Sewing" not in bice.get("/me/bookings").text


# -- her data --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confirmed", "days", "kept"),
    [(True, 80, True), (True, 95, False), (False, 2, False)],
    ids=["while it may be asked about", "long after", "soon, if never confirmed"],
)
def test_a_guest_is_forgotten_in_time(
    open_house: Any, at: At, confirmed: bool, days: int, kept: bool
) -> None:
    a_guest(open_house, at("2026-11-04 15:00", "16:00"))
    if confirmed:
        with open_house.site.writing(anonymous("en"), "en") as work:
            confirm(work, link(open_house).removeprefix("/g/"))
    with clock.frozen(clock.now() + timedelta(days=days)), open_house.site.writing() as work:
        sweep(work)
        forget_guests(work)
        assert bool(work.session.scalars(sa.select(GuestBooking)).all()) == kept
        names = set(work.session.scalars(sa.select(Person.name)))
        assert ("Rina Bassi" in names) == kept


def test_a_link_that_is_unknown_opens_nothing(open_house: Any) -> None:
    with pytest.raises(NotFound), open_house.site.writing(anonymous("en"), "en") as work:
        confirm(work, "nothing")
