"""What becomes of each booking inside a closure or a mode, and the one message that says it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.touched import FIRST, LAST, WHY, limited, titles, venue_of
from tierslieu.bookings.handling.models import Handling
from tierslieu.bookings.handling.offers import offers
from tierslieu.bookings.handling.queries import handled, to_handle
from tierslieu.bookings.handling.services import Decision, handle
from tierslieu.bookings.models import Booking
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Invalid, Refused
from tierslieu.kernel.mail import Mail, ToTell
from tierslieu.kernel.span import Span
from tierslieu.people.services import register_person
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room
from tierslieu.venues.modes.rules import Mode
from tierslieu.venues.modes.services import set_mode
from tierslieu.venues.opening.services import close


def test_each_fate_and_one_message_to_each(house: Any, taken: Any) -> None:
    with house.writing("manager") as work:
        set_mode(work, house.venue, Mode("", "closed", FIRST, LAST, reason=WHY))
        venue = venue_of(work, house)
        work.session.execute(sa.delete(Mail))
        found = to_handle(work.session, venue, work.now)
        assert titles(found) == ["Choir", "Tea", "Chess"]
    with house.writing("manager") as work:
        both = [taken["choir"], taken["tea"]]
        assert handle(work, house.venue, both, Decision("cancel", "Closed by order.")) == 2
    with house.writing("manager") as work:
        venue = venue_of(work, house)
        touch = to_handle(work.session, venue, work.now)[0]
        offer = offers(work, touch.view, touch.cause.ends_at)[0]
        assert not Span(touch.span.starts_at, touch.span.ends_at).overlaps(offer.span)
        places = {taken["chess"]: offer.key}
        handle(work, house.venue, [taken["chess"]], Decision("move", "Closed.", places=places))
        assert to_handle(work.session, venue, work.now) == []
    with house.reading("manager") as work:
        mails = {mail.to_address: mail for mail in work.session.scalars(sa.select(Mail))}
        states = dict(work.session.execute(sa.select(Booking.public_id, Booking.state)).all())
        claim = work.session.scalar(sa.select(Claim).where(Claim.label == "Chess"))

        assert len(work.session.scalars(sa.select(Mail)).all()) == 2
        assert mails["ada@example.org"].body.count("Closed by order.") == 1
        assert "Choir" in mails["ada@example.org"].body
        assert "Tea" in mails["ada@example.org"].body
        assert "Free instead" in mails["ada@example.org"].body
        assert "It was:" in mails["bice@example.org"].body
        assert states[taken["choir"]] == states[taken["tea"]] == "cancelled"
        assert claim is not None
        assert claim.starts_at == offer.span.starts_at
        verbs = work.session.scalars(sa.select(AuditEntry.verb)).all()
        assert verbs.count("closure.handled") == 2


def test_what_is_kept_says_why_and_is_no_longer_to_be_handled(house: Any, taken: Any) -> None:
    with house.writing("manager") as work:
        set_mode(work, house.venue, limited(people=12))
        with pytest.raises(Invalid):
            handle(work, house.venue, [taken["choir"]], Decision("keep"))
        handle(work, house.venue, [taken["choir"]], Decision("keep", "Windows stay open."))
        venue = venue_of(work, house)
        assert titles(to_handle(work.session, venue, work.now)) == ["Chess"]
        kept = work.session.scalar(sa.select(Booking).filter_by(public_id=taken["choir"]))
        assert kept is not None
        assert (kept.state, kept.override_reason) == ("confirmed", "Windows stay open.")


def test_without_email_it_is_to_be_told_by_voice(house: Any, at: Any) -> None:
    span = at("2026-11-10 15:00", "17:00")
    with house.writing("manager") as work:
        rina = register_person(work, house.venue, "Rina", phone="0522 000000")
        new = NewBooking(house.rooms["sala"], span, "Cards", person_id=rina.id)
        made = book(work, new)
        work.session.execute(sa.delete(ToTell))
        close(work, house.venue, span.widened(timedelta(hours=1), timedelta(0)), WHY)
        handle(work, house.venue, [made.public_id], Decision("cancel", "Flood."))
        told = work.session.scalars(sa.select(ToTell)).all()
        assert [entry.person_id for entry in told] == [rina.id]
        assert "Flood." in told[0].text


def test_an_offer_that_is_taken_meanwhile_changes_nothing(house: Any, taken: Any) -> None:
    with house.writing("manager") as work:
        set_mode(work, house.venue, Mode("", "closed", FIRST, LAST))
    gone = {taken["tea"]: "nowhere/2026-11-20T10:00:00Z/2026-11-20T11:00:00Z"}
    with pytest.raises(Conflict), house.writing("manager") as work:
        handle(work, house.venue, [taken["choir"], taken["tea"]], Decision("move", places=gone))
    with house.reading("manager") as work:
        venue = venue_of(work, house)
        assert titles(to_handle(work.session, venue, work.now)) == ["Choir", "Tea", "Chess"]
        assert handled(work.session, house.venue, "mode:x") == []


def test_held_online_the_room_is_left_and_the_link_is_told(house: Any, taken: Any) -> None:
    with house.writing("manager") as work:
        set_mode(work, house.venue, Mode("", "closed", FIRST, LAST))
        work.session.execute(sa.delete(Mail))
        with pytest.raises(Invalid):
            handle(work, house.venue, [taken["tea"]], Decision("online"))
        link = "https://meet.example/tea"
        handle(work, house.venue, [taken["tea"]], Decision("online", "Closed.", link))
        venue = venue_of(work, house)
        assert titles(to_handle(work.session, venue, work.now)) == ["Choir", "Chess"]
        row = work.session.scalar(sa.select(Handling))
        tea = work.session.scalar(sa.select(Booking).filter_by(public_id=taken["tea"]))
        mail = work.session.scalars(sa.select(Mail)).one()
        assert row is not None
        assert tea is not None
        assert (row.act, tea.state) == ("online", "confirmed")
        assert link in tea.note
        assert link in mail.body


def test_too_many_are_offered_fewer_another_room_and_the_week_after(house: Any, at: Any) -> None:
    with house.writing("manager") as work:
        rooms = {house.ids["kept"]: 15}
        set_mode(work, house.venue, limited(people=6, rooms=rooms))
        kept = work.session.get_one(Room, house.ids["kept"])
        kept.capacity = 30
    day = at("2026-11-12 15:00", "17:00")
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book(work, NewBooking(house.rooms["sala"], day, "Choir", attendance=13))
    nearest = [dict(choice.values) for choice in refused.value.reasons[0].nearest]

    assert nearest == [
        {"attendance": "6"},
        {"room": house.rooms["kept"]},
        {"starts_at": "2026-11-19T14:00:00Z", "ends_at": "2026-11-19T16:00:00Z"},
    ]
