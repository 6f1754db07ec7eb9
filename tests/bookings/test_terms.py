"""Terms of use: written, published, accepted with a booking; never altering what was booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.cart.services import add
from tierslieu.bookings.models import Booking
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.rules.demands import TermsFacts, in_force
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.terms.models import Terms, TermsAcceptance
from tierslieu.bookings.terms.services import publish, withdraw, write
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Refused
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.people.services import export
from tierslieu.testing import a_token, csrf_token

At = Callable[..., Span]
TODAY = date(2026, 11, 2)


def published(house: Any, scope: Scope, kind: str = "house", day: date = TODAY) -> str:
    with house.writing("admin") as work:
        title, text = Texts(it="Regole", en="House rules"), Texts(it="Pulire.", en="Clean up.")
        draft = write(work, scope, kind, title, text)
        return str(publish(work, draft.public_id, day).public_id)


def wish(house: Any, span: Span, *accepting: str, room: str = "sala") -> NewBooking:
    return NewBooking(house.rooms[room], span, "Sewing", accept_terms=accepting)


@pytest.mark.parametrize(
    ("versions", "asked"),
    [
        ([(1, 0, False)], [1]),
        ([(1, -9, False), (2, 0, False)], [2]),
        ([(1, -9, False), (2, 3, False)], [1]),
        ([(1, -9, False), (2, 0, True)], []),
        ([(1, -9, True), (2, 0, False)], [2]),
    ],
    ids=["one", "the newest", "the next has not begun", "the newest is withdrawn", "mended"],
)
def test_in_force_is_the_newest_version_whose_day_has_come(
    versions: list[tuple[int, int, bool]], asked: list[int]
) -> None:
    facts = [
        TermsFacts(n, str(n), (1, 0), "house", n, Texts(en="x"), TODAY + timedelta(days), gone)
        for n, days, gone in versions
    ]
    assert [each.number for each in in_force(facts, TODAY)] == asked


def test_whoever_books_accepts_once_and_again_when_a_version_is_new(house: Any, at: At) -> None:
    venue = Scope(house.venue)
    terms = published(house, venue)
    first, second = at("2026-11-04 10:00", "11:00"), at("2026-11-04 15:00", "16:00")
    with house.writing("ada") as work, pytest.raises(Refused) as refused:
        book(work, wish(house, first))
    reason = refused.value.reasons[0]
    assert reason.code == "terms_not_accepted"
    assert reason.nearest[0].values == {"accept_terms": terms}
    with house.writing("ada") as work:
        made = book(work, wish(house, first, terms))
        kept = work.session.scalars(sa.select(TermsAcceptance)).one()
        assert (kept.person_id, kept.booking_id) == (house.people["ada"], made.id)
    with house.writing("ada") as work:
        book(work, wish(house, second))
    newer = published(house, venue)
    third = at("2026-11-05 10:00", "11:00")
    with house.writing("ada") as work, pytest.raises(Refused, match="terms_not_accepted"):
        book(work, wish(house, third, terms))
    with house.writing("ada") as work:
        book(work, wish(house, third, newer))
        states = set(work.session.scalars(sa.select(Booking.state)))
    assert states == {"confirmed"}, "what was booked before stands"


def test_terms_of_network_venue_and_room_are_asked_together(house: Any, at: At) -> None:
    scopes = (Scope(), Scope(house.venue), Scope(house.venue, house.ids["sala"]))
    ids = [published(house, scope, "keys") for scope in scopes]
    span = at("2026-11-04 10:00", "11:00")
    with house.writing("ada") as work, pytest.raises(Refused) as refused:
        book(work, wish(house, span, ids[0]))
    assert len(refused.value.reasons) == 2
    with house.writing("ada") as work:
        book(work, wish(house, span, *ids))
    with house.writing("ada") as work:
        book(work, wish(house, at("2026-11-05 10:00", "11:00"), room="tidy"))


def test_a_clerk_ticks_for_her_and_it_is_written_who_did(house: Any, at: At) -> None:
    terms = published(house, Scope(house.venue))
    with house.writing("manager") as work:
        new = NewBooking(house.rooms["sala"], at("2026-11-04 10:00", "11:00"), "Sewing",
                         person_id=house.people["bice"], accept_terms=(terms,))  # fmt: skip
        book(work, new)
        kept = work.session.scalars(sa.select(TermsAcceptance)).one()
        assert (kept.person_id, kept.recorded_by_id) == (
            house.people["bice"],
            house.people["manager"],
        )
    with house.reading("bice") as work:
        parts = {part["title"]: part for part in export(work, house.people["bice"])["more"]}
    assert parts["Terms you accepted"]["rows"][0]["recorded_by_the_desk"]


def test_a_published_version_is_never_changed(house: Any) -> None:
    terms = published(house, Scope(house.venue))
    with house.writing("manager") as work:
        draft = write(work, Scope(house.venue), "house", Texts(en="Other"), Texts(en="New."))
        assert draft.public_id != terms
        assert draft.number == 2
    with house.writing("manager") as work, pytest.raises(Conflict):
        publish(work, terms, TODAY)
    with house.writing("manager") as work, pytest.raises(Invalid):
        publish(work, draft.public_id, TODAY - timedelta(1))
    with house.writing("rival") as work, pytest.raises(NotFound):
        withdraw(work, terms)
    with house.writing("manager") as work:
        withdraw(work, terms)
        assert sorted(work.session.scalars(sa.select(Terms.number))) == [1, 2]


def test_the_api_says_which_version_and_takes_it(house: Any, client: Any, at: At) -> None:
    terms = published(house, Scope(house.venue))
    with house.site.writing() as work:
        from tierslieu.people.models import Account

        account = work.session.scalar(sa.select(Account).where(Account.email == "ada@example.org"))
        bearer = {"Authorization": f"Bearer {a_token(work, account)}"}
    wanted = {"room_id": house.rooms["sala"], "title": "Sewing",
              "starts_at": "2026-11-04T10:00", "ends_at": "2026-11-04T11:00"}  # fmt: skip
    answer = client.post("/api/v1/bookings", json=wanted, headers=bearer)
    assert answer.status_code == 422
    assert answer.json["reasons"][0]["code"] == "terms_not_accepted"
    assert answer.json["reasons"][0]["nearest"][0]["accept_terms"] == terms
    answer = client.post(
        "/api/v1/bookings", json=wanted | {"accept_terms": [terms]}, headers=bearer
    )
    assert answer.status_code == 201


def test_the_page_asks_by_a_checkbox_and_lets_read(house: Any, browser: Any) -> None:
    terms = published(house, Scope(house.venue), day=TODAY + timedelta(1))
    client, page = browser("ada"), f"/book/{house.rooms['sala']}"
    assert "accept_terms" not in client.get(page).text, "its day has not come"
    with clock.frozen(clock.now() + timedelta(days=1)):
        shown = client.get(page).text
        assert f'value="{terms}"' in shown
        assert "Clean up." in client.get(f"/terms/{terms}").text
        data = {"title": "Sewing", "date": "2026-11-05", "start": "15:00", "end": "16:00",
                "visibility": "private", "who": "me", "nonce": "abc",
                "csrf_token": csrf_token(client, page)}  # fmt: skip
        refused = client.post(page, data=data)
        assert refused.status_code == 422
        assert "Sewing" in refused.text
        assert client.post(page, data=data | {"accept_terms": terms}).status_code == 303


def test_the_list_asks_for_the_terms_of_all_its_lines_once(
    house: Any, browser: Any, at: At
) -> None:
    terms = published(house, Scope(house.venue))
    with house.writing("ada") as work:
        for hour in (15, 17):
            add(work, wish(house, at(f"2026-11-05 {hour}:00", f"{hour + 1}:00")))
    client = browser("ada")
    shown = client.get("/cart").text
    assert shown.count(f'value="{terms}"') == 1
    assert "cannot be had" not in shown, "what is to be accepted stands beside the button"
    data = {"what": "all", "csrf_token": csrf_token(client, "/cart")}
    refused = client.post("/cart/send", data=data)
    assert refused.status_code == 422
    assert "terms-error" in refused.text
    assert client.post("/cart/send", data=data | {"accept_terms": terms}).status_code == 303
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(TermsAcceptance.recorded_by_id)).all() == [
            house.people["ada"]
        ]
        assert len(work.session.scalars(sa.select(Booking.id)).all()) == 2


def test_a_manager_writes_looks_and_publishes(house: Any, browser: Any) -> None:
    client, page = browser("manager"), "/manage/alba/terms/privacy"
    token = csrf_token(client, page)
    answer = client.post(page, data={"csrf_token": token, "title_it": "Dati", "text_it": "Pochi.",
                                     "version": "0"})  # fmt: skip
    assert answer.status_code == 303
    with house.site.reading() as work:
        draft = work.session.scalars(sa.select(Terms.public_id)).one()
    assert browser("ada").get(f"/terms/{draft}").status_code == 404, "a draft is nobody else's"
    assert "Pochi." in client.get(f"/terms/{draft}").text
    answer = client.post(page, data={"csrf_token": token, "verb": "publish", "terms": draft,
                                     "valid_from": "2026-11-02"})  # fmt: skip
    assert answer.status_code == 303
    assert "In force" in client.get("/manage/alba/terms").text
    assert browser("rival").get("/manage/alba/terms").status_code == 404
    assert browser("").get(f"/terms/{draft}").status_code == 200
