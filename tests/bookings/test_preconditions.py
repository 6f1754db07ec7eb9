"""What somebody must have before booking: trainings, documents, age, no debts, a sponsor."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.answers.services import approve
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.preconditions.models import Qualification, Sponsorship
from tierslieu.bookings.preconditions.services import (
    Grant,
    NeedValues,
    declare,
    grant,
    put_need,
    retire_need,
    revoke,
)
from tierslieu.bookings.series.deadlines import pass_deadlines
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.sponsors.services import answer_at_desk
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Refused
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.memberships.plans.services import PlanValues, add_plan
from tierslieu.memberships.services import admit, apply
from tierslieu.people.services import export, relate
from tierslieu.testing import csrf_token

At = Callable[..., Span]
WHEN = "2026-11-04 15:00", "16:00"


def need(house: Any, kind: str, *rooms: str, how: str = "", **more: Any) -> str:
    ids = tuple(house.ids[room] for room in rooms)
    values = NeedValues(kind, Texts(en=f"The {kind}"), Texts(en=how), ids, **more)
    with house.writing("manager") as work:
        relate(work, house.people["ada"], house.venue)
        return str(put_need(work, house.venue, values).public_id)


def note(house: Any, public_id: str, **more: Any) -> str:
    with house.writing("manager") as work:
        new = Grant(public_id, **({"person_id": house.people["ada"]} | more))
        return str(grant(work, house.venue, new).public_id)


def tried(house: Any, span: Span, who: str = "ada", room: str = "sala", **more: Any) -> list[str]:
    """The codes that refuse; none when it was booked."""
    try:
        with house.writing(who) as work:
            book(work, NewBooking(house.rooms[room], span, "Sewing", **more))
    except Refused as refused:
        return [reason.code for reason in refused.reasons]
    return []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("training", "training_missing"),
        ("document", "document_missing"),
        ("adult", "not_adult"),
        ("sponsor", "sponsor_needed"),
    ],
)
def test_whoever_lacks_it_does_not_book_and_whoever_has_it_does(
    house: Any, at: At, kind: str, code: str
) -> None:
    public_id = need(house, kind, "sala")
    assert tried(house, at(*WHEN)) == [code]
    assert tried(house, at(*WHEN), room="tidy") == [], "only where it is asked for"
    note(house, public_id)
    assert tried(house, at(*WHEN)) == []


def test_the_refusal_says_how_to_come_by_it_and_which_rooms_do_without(house: Any, at: At) -> None:
    need(house, "training", "sala", how="Every first Monday at six.")
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book(work, NewBooking(house.rooms["sala"], at(*WHEN), "Sewing"))
    reason = refused.value.reasons[0]
    assert "Every first Monday" in str(reason.message)
    assert house.rooms["tidy"] in [choice.values["room_id"] for choice in reason.nearest]


@pytest.mark.parametrize(
    ("days", "booked"),
    [
        ({"until_on": date(2026, 11, 4)}, True),
        ({"until_on": date(2026, 11, 3)}, False),
        ({"from_on": date(2026, 11, 5)}, False),
    ],
    ids=["its last day is the day", "over the day before", "begins later"],
)
def test_it_must_count_on_the_day_of_the_booking(
    house: Any, at: At, days: dict[str, date], booked: bool
) -> None:
    note(house, need(house, "document"), **days)
    assert (tried(house, at(*WHEN)) == []) == booked


def test_what_an_organisation_has_serves_whoever_books_for_it(house: Any, at: At) -> None:
    public_id = need(house, "training")
    note(house, public_id, organisation_id=house.body)
    assert tried(house, at(*WHEN)) == ["training_missing"]
    assert tried(house, at(*WHEN), organisation_id=house.body) == []


def test_what_is_taken_back_or_no_longer_asked_for_counts_no_more(house: Any, at: At) -> None:
    public_id = need(house, "training")
    held = note(house, public_id)
    with pytest.raises(NotFound), house.writing("rival") as work:
        revoke(work, house.elsewhere, held, {house.people["ada"]})
    with house.writing("manager") as work:
        revoke(work, house.venue, held, {house.people["ada"]})
    assert tried(house, at(*WHEN)) == ["training_missing"]
    with house.writing("manager") as work:
        retire_need(work, house.venue, public_id)
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Qualification)) == 1
    assert tried(house, at(*WHEN)) == []


def test_whoever_owes_does_not_book_until_it_is_settled(house: Any, at: At) -> None:
    public_id = need(house, "no_debt")
    with pytest.raises(Invalid):
        note(house, public_id)
    owes = note(house, public_id, note="The broken lamp, 30 €")
    assert tried(house, at(*WHEN)) == ["owes"]
    with house.writing("manager") as work:
        revoke(work, house.venue, owes, {house.people["ada"]})
    assert tried(house, at(*WHEN)) == []


def card(house: Any, who: str, fee: int = 0) -> str:
    with house.writing("admin") as work:
        relate(work, house.people[who], house.venue)
        plan = add_plan(work, house.venue, PlanValues(Texts(en=f"Card {who}"), fee_cents=fee))
        applied = apply(work, plan.public_id, house.people[who])
        return str(admit(work, house.venue, applied.public_id).card_number)


def test_open_dues_of_the_card_are_a_debt(house: Any, at: At) -> None:
    need(house, "no_debt")
    card(house, "ada", fee=1500)
    card(house, "bice")
    assert tried(house, at(*WHEN)) == ["owes"]
    assert tried(house, at(*WHEN), who="bice") == []


def test_she_declares_where_that_is_enough_and_reads_what_is_noted(house: Any, at: At) -> None:
    strict, easy = need(house, "adult", "tidy"), need(house, "adult", "sala", may_declare=True)
    with pytest.raises(NotFound), house.writing("ada") as work:
        declare(work, strict)
    with house.writing("ada") as work:
        declare(work, easy)
    assert tried(house, at(*WHEN)) == []
    assert tried(house, at(*WHEN), room="tidy") == ["not_adult"]
    with house.reading("ada") as work:
        titles = [part["title"] for part in export(work, house.people["ada"])["more"]]
    assert "Trainings, documents and the like" in titles


# -- sponsors --------------------------------------------------------------------------------------


def sponsored(house: Any, span: Span, written: str) -> str:
    with house.writing("ada") as work:
        made = book(work, NewBooking(house.rooms["sala"], span, "Sewing", sponsor=written))
        return str(made.public_id)


def state(house: Any) -> str:
    with house.site.reading() as work:
        return str(work.session.scalars(sa.select(Booking.state)).one())


def link(house: Any) -> str:
    with house.site.reading() as work:
        bodies = work.session.scalars(sa.select(Mail.body).order_by(Mail.id)).all()
    return [found for body in bodies for found in re.findall(r"/sponsor/[\w-]+", body)][-1]


@pytest.mark.parametrize(("said", "after"), [("yes", "confirmed"), ("no", "declined")])
def test_a_booking_waits_until_the_sponsor_answers(
    house: Any, browser: Any, at: At, said: str, after: str
) -> None:
    need(house, "sponsor")
    sponsored(house, at(*WHEN), card(house, "bice"))
    assert state(house) == "requested"
    client, address = browser(), link(house)
    page = client.get(address)
    assert "Ada" in page.text
    token = csrf_token(client, address)
    client.post(address, data={"csrf_token": token, "answer": said})
    assert state(house) == after
    client.post(address, data={"csrf_token": token, "answer": "no" if said == "yes" else "yes"})
    assert state(house) == after, "the first answer counts"


def test_nothing_is_confirmed_before_the_sponsor_answered(house: Any, at: At) -> None:
    need(house, "sponsor")
    asked = sponsored(house, at(*WHEN), card(house, "bice"))
    with pytest.raises(Conflict) as refused, house.writing("manager") as work:
        approve(work, asked)
    assert [reason.code for reason in refused.value.reasons] == ["sponsor_waits"]
    with house.writing("manager") as work:
        answer_at_desk(work, asked, yes=True)
    assert state(house) == "confirmed"


def test_at_the_deadline_a_booking_whose_sponsor_is_silent_expires(house: Any, at: At) -> None:
    need(house, "sponsor")
    asked = sponsored(house, at(*WHEN), card(house, "bice"))
    with house.writing("manager") as work:
        row = work.session.scalars(
            sa.select(Policy).where(Policy.room_id == house.ids["sala"])
        ).one()
        row.rules = row.rules | {"deadline_outcome": "confirm"}
        work.session.execute(sa.update(Booking).values(answer_by=work.now))
    with house.site.writing() as work:
        assert pass_deadlines(work) == 1
    assert state(house) == "expired", asked


def test_nobody_vouches_for_herself_and_an_address_tells_nothing(house: Any, at: At) -> None:
    need(house, "sponsor")
    own = card(house, "ada")
    assert tried(house, at(*WHEN), sponsor=own) == ["own_sponsor"]
    assert tried(house, at(*WHEN), sponsor="no card") == ["unknown_sponsor"]
    assert tried(house, at(*WHEN), sponsor="nobody@example.org") == []
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(Sponsorship.person_id)).one() is None
    assert state(house) == "requested"


# -- pages -----------------------------------------------------------------------------------------


def test_the_manager_asks_the_desk_notes_and_she_reads_it(house: Any, browser: Any, at: At) -> None:
    desk, page = browser("manager"), "/manage/alba/preconditions"
    answer = desk.post(page, data={"csrf_token": csrf_token(desk, page), "kind": "training",
                                   "label_en": "Wood workshop", "label_it": "Legno",
                                   "rooms": house.rooms["sala"], "version": "0"})  # fmt: skip
    assert answer.status_code == 303
    assert "Wood workshop" in desk.get(page).text
    with house.writing("manager") as work:
        relate(work, house.people["ada"], house.venue)
        from tierslieu.people.models import Person

        ada = work.session.get_one(Person, house.people["ada"]).public_id
    person = f"/manage/alba/people/{ada}"
    shown = desk.get(person).text
    wanted = re.search(r'<option[^>]*value="(\w+)"[^>]*>Wood workshop', shown)
    assert wanted
    desk.post(f"{person}/qualifications", data={"csrf_token": csrf_token(desk, person),
              "need": wanted[1], "whose": "", "until_on": "2027-11-01"})  # fmt: skip
    assert "counts" in desk.get(person).text
    assert "Wood workshop" in browser("ada").get("/me").text
    assert tried(house, at(*WHEN)) == []
    assert browser("rival").get(page).status_code == 404


def test_another_room_is_one_press_away(house: Any, browser: Any) -> None:
    need(house, "training", "sala")
    client, page = browser("ada"), f"/book/{house.rooms['sala']}"
    shown = client.get(f"{page}?title=Sewing&date=2026-11-04&start=15:00&end=16:00").text
    assert f"room_id={house.rooms['tidy']}" in shown
    data = {"csrf_token": csrf_token(client, page), "title": "Sewing", "date": "2026-11-04",
            "start": "15:00", "end": "16:00", "use": f"room_id={house.rooms['tidy']}"}  # fmt: skip
    answer = client.post(page, data=data)
    assert answer.status_code == 200
    assert "Book Tidy" in answer.text
    assert "Sewing" in answer.text
