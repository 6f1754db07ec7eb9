"""Waiting for a taken room, the offer taken without signing in; an answer in two steps by phone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.app import create_site
from tierslieu.bookings.chains.rules import Step
from tierslieu.bookings.chains.services import put_chain
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.offers import tell_offer
from tierslieu.config import load
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.people.models import Person
from tierslieu.venues.models import Room

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def site(served: Any) -> Any:
    """The town's own database, beside the server."""
    made = create_site(load({}, served.town.folder, secret_key="for tests only"))
    yield made
    made.db.dispose()


def booked(served: Any, site: Any, who: str, room: str, day: int, title: str) -> str:
    start = served.town.day(day, 15)
    with site.writing() as work:
        person = work.session.scalars(
            sa.select(Person).where(Person.public_id == served.town.people[who])
        ).one()
        span = Span(start, start + timedelta(hours=2))
        new = NewBooking(served.town.rooms[room], span, title, person_id=person.id)
        return book(work, new).public_id


def reach(page: Any, text: str) -> None:
    """Press Tab until what has the focus begins with a text; it can be seen all the way."""
    for _ in range(150):
        page.keyboard.press("Tab")
        at = page.evaluate("journeys.focus()")
        if at["tag"] != "BODY":
            assert at["seen"], f"the focus is out of sight on {at}"
            if at["text"].startswith(text):
                return
    raise AssertionError(f"never reached {text}")


def test_wait_by_keyboard_and_take_the_offer_without_signing_in(
    enter: Any, served: Any, site: Any
) -> None:
    first = booked(served, site, "ada", "lisiere", 26, "Choir")
    day = served.town.date(26)
    room = served.town.rooms["lisiere"]
    page = enter("carla", f"/book/{room}?date={day}&start=15:00&end=17:00&n=5&title=Sewing")
    reach(page, "Wait for this time")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/waiting")
    assert "You are next." in page.locator("main").inner_text()
    assert "Awaiting approval" not in page.locator("main").inner_text()

    other = enter("ada", f"/bookings/{first}/cancel")
    other.get_by_role("button", name="Cancel the booking").click()
    other.get_by_text("Cancelled: the time is free again.").first.wait_for()
    with site.writing() as work:
        # After ten in the evening the mail waits for the morning; the story does not.
        for entry in work.session.scalars(
            sa.select(WaitingEntry).where(WaitingEntry.state == "offered")
        ):
            tell_offer(work, entry)
    with site.reading() as work:
        bodies = work.session.scalars(
            sa.select(Mail.body).where(Mail.to_address == "carla@demo.example")
        ).all()
    link = re.findall(r"(/offers/\S+)", " ".join(bodies))[-1]

    mail = enter("", link, width=390, height=844)
    assert mail.evaluate("document.documentElement.scrollWidth <= innerWidth")
    mail.get_by_role("button", name="Take the offer").click()
    mail.get_by_text("It is yours: your booking is confirmed.").first.wait_for()
    assert "Sewing" in mail.locator("main").inner_text()


def test_two_answer_on_their_phones_and_whoever_asked_reads_how_far_it_is(
    enter: Any, served: Any, site: Any
) -> None:
    with site.writing() as work:
        room = work.session.scalars(
            sa.select(Room).where(Room.public_id == served.town.rooms["salone"])
        ).one()
        elsa = work.session.scalars(
            sa.select(Person).where(Person.public_id == served.town.people["elsa"])
        ).one()
        named = Step("persons", persons=(elsa.id,), deadline_hours=48)
        put_chain(work, room.venue_id, room.id, [Step("venue_manager", deadline_hours=48), named])
    start = served.town.date(27)
    asker = enter("dina", f"/book/{served.town.rooms['salone']}?date={start}&start=15:00&end=17:00")
    asker.get_by_label("What is it called").fill("Puppets")
    asker.get_by_role("button", name="Ask for this room").click()
    asker.wait_for_url("**/bookings/*")
    assert "Step 1 of 2" in asker.locator("main").inner_text()
    asked = asker.url.rsplit("/", 1)[1]

    for who, said in (("manager", "others still have to answer"), ("elsa", "Approved")):
        phone = enter(who, f"/answers/{asked}", width=390, height=844)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        phone.get_by_role("button", name="Approve").click()
        phone.get_by_text(said).first.wait_for()
    asker.reload()
    assert "Confirmed" in asker.locator("main").inner_text()
