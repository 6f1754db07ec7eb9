"""Pages of chains: an approver answers, a manager says who does, refusals have their reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.chains.models import RefusalReason
from tierslieu.bookings.chains.queries import chain_row, steps_of
from tierslieu.bookings.chains.rules import Step
from tierslieu.bookings.chains.services import put_chain
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.people.models import Account, Person
from tierslieu.testing import a_token, csrf_token

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
At = Callable[..., Span]
CHAIN = "/manage/alba/answers"


@pytest.fixture
def asked(house: Any, at: At) -> str:
    """Ada's request for the studio, which two answer: the manager, then Bice by name."""
    with house.site.writing() as work:
        bice = Step("persons", persons=(house.people["bice"],), deadline_hours=24)
        steps = [Step("venue_manager", deadline_hours=48), bice]
        put_chain(work, house.venue, house.ids["studio"], steps)
    with house.writing("ada") as work:
        new = NewBooking(house.rooms["studio"], at("2026-11-12 15:00", "17:00"), "Sewing")
        return book(work, new).public_id


def posted(client: Any, address: str, page: str, **data: str) -> Any:
    return client.post(address, data=data | {"csrf_token": csrf_token(client, page)})


def state(house: Any, public_id: str) -> str:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        return view.booking.state


def test_whoever_asked_reads_where_her_request_is(house: Any, browser: Any, asked: str) -> None:
    ada = browser("ada")
    page = ada.get(f"/bookings/{asked}").get_data(as_text=True)
    assert "Step 1 of 2: the venue&#39;s managers, answer by Wed" in page
    assert "Manager" not in page.split("<main")[1].split("h-ladder")[1].split("</section>")[0]


def test_two_answer_one_after_the_other_on_their_page(house: Any, browser: Any, asked: str) -> None:
    manager, bice, address = browser("manager"), browser("bice"), f"/answers/{asked}"
    assert bice.get(address).status_code == 404
    assert "Sewing" in manager.get("/me").get_data(as_text=True)
    assert "Approve" in manager.get(address).get_data(as_text=True)
    posted(manager, f"{address}/approve", address)
    assert state(house, asked) == "requested"
    assert "It is not your turn" in manager.get(address).get_data(as_text=True)
    page = bice.get("/answers").get_data(as_text=True)
    assert f"/answers/{asked}" in page
    shown = bice.get(address).get_data(as_text=True)
    assert "Manager: yes" in shown
    assert "It touches nobody." in shown
    posted(bice, f"{address}/approve", address)
    assert state(house, asked) == "confirmed"


def test_a_refusal_takes_its_reason_from_the_list(house: Any, browser: Any, asked: str) -> None:
    manager, address = browser("manager"), f"/answers/{asked}"
    posted(manager, f"{CHAIN}/reasons", CHAIN, text_en="The hall is kept for the school.",
           text_it="La sala serve alla scuola.")  # fmt: skip
    assert posted(manager, f"{CHAIN}/reasons", CHAIN).status_code == 422
    with house.site.writing() as work:
        work.session.get_one(Person, house.people["ada"]).locale = "it"
        reason = work.session.scalars(sa.select(RefusalReason)).one().public_id
    answer = posted(manager, f"{address}/decline", address, listed=reason, reason="Try Friday.")
    assert answer.status_code == 303
    with house.site.reading() as work:
        view = booking_view(work.session, asked)
        assert view is not None
        assert view.booking.reason == "La sala serve alla scuola.\nTry Friday."
    posted(manager, f"{CHAIN}/reasons/{reason}/remove", CHAIN)
    assert "for the school" not in manager.get(CHAIN).get_data(as_text=True)


def test_a_manager_says_who_answers_and_reads_it_in_words(house: Any, browser: Any) -> None:
    manager = browser("manager")
    page = manager.get(CHAIN).get_data(as_text=True)
    assert "Whoever may approve at the venue answers." in page
    said = {
        "version": "0", "role_1": "venue_desk", "mode_1": "any", "deadline_hours_1": "48",
        "outcome_1": "next", "substitute_1": "venue_manager", "substitute_after_hours_1": "12",
        "role_2": "persons", "mode_2": "all", "persons_2": "bice@example.org, ada@example.org",
        "outcome_2": "decline", "deadline_hours_2": "24", "label_2_en": "The council's office",
    }  # fmt: skip
    assert posted(manager, CHAIN, CHAIN, **said).status_code == 303
    with house.site.reading() as work:
        row = chain_row(work.session, house.venue, None)
        assert row is not None
        steps = steps_of(work.session, row.id)
    assert [step.role for step in steps] == ["venue_desk", "persons"]
    assert set(steps[1].persons) == {house.people["bice"], house.people["ada"]}
    page = manager.get(CHAIN).get_data(as_text=True)
    assert "First the desk, within 2 days; if nobody answers, the next step is asked." in page
    assert "bice@example.org" in page
    stale = posted(manager, CHAIN, CHAIN, **said)
    assert stale.status_code == 409
    unknown = posted(manager, CHAIN, CHAIN, **(said | {"persons_2": "nobody@example.org"}))
    assert unknown.status_code == 422
    assert "Nobody has an account" in unknown.get_data(as_text=True)
    posted(manager, CHAIN, CHAIN, version=str(row.id), nothing="1")
    assert "Whoever may approve" in manager.get(CHAIN).get_data(as_text=True)
    assert browser("rival").get(CHAIN).status_code == 404
    assert browser("admin").get("/admin/answers").status_code == 200


def test_the_page_shows_a_long_chain_whole_and_one_step_more(house: Any, browser: Any) -> None:
    manager = browser("manager")
    with house.site.writing() as work:
        put_chain(work, house.venue, None, [Step("venue_desk")] * 5)
    page = manager.get(CHAIN).get_data(as_text=True)
    assert 'name="role_6"' in page
    with house.site.reading() as work:
        row = chain_row(work.session, house.venue, None)
        assert row is not None
    said = {f"role_{n}": "venue_desk" for n in range(1, 7)}
    assert posted(manager, CHAIN, CHAIN, version=str(row.id), **said).status_code == 303
    with house.site.reading() as work:
        row = chain_row(work.session, house.venue, None)
        assert row is not None
        assert len(steps_of(work.session, row.id)) == 6
    assert 'name="role_7"' not in manager.get(CHAIN).get_data(as_text=True)


def test_the_api_goes_one_step_on(house: Any, client: Any, asked: str) -> None:
    tokens = {}
    with house.site.writing() as work:
        for name in ("manager", "bice"):
            account = work.session.scalars(
                sa.select(Account).where(Account.person_id == house.people[name])
            ).one()
            tokens[name] = {"Authorization": f"Bearer {a_token(work, account)}"}
    address = f"/api/v1/bookings/{asked}/approve"
    assert client.post(address, headers=tokens["bice"]).status_code == 404
    first = client.post(address, headers=tokens["manager"])
    assert (first.status_code, first.json["state"]) == (200, "requested")
    assert [step["state"] for step in first.json["steps"]] == ["done", "now"]
    again = client.post(address, headers=tokens["manager"])
    assert (again.status_code, again.json["code"]) == (409, "not_your_turn")
    last = client.post(address, headers=tokens["bice"])
    assert (last.status_code, last.json["state"]) == (200, "confirmed")
    assert "steps" not in last.json


def test_the_api_declines_by_a_reason_of_the_list(house: Any, client: Any, asked: str) -> None:
    with house.site.writing() as work:
        account = work.session.scalars(
            sa.select(Account).where(Account.person_id == house.people["manager"])
        ).one()
        token = {"Authorization": f"Bearer {a_token(work, account)}"}
        row = RefusalReason(venue_id=house.venue, text=Texts(en="Kept for the school."), rank=1)
        work.session.add(row)
        work.session.flush()
        reason = row.public_id
    address = f"/api/v1/bookings/{asked}/decline"
    wrong = client.post(address, headers=token, json={"reason_id": "nothing"})
    assert wrong.status_code == 422
    assert "reason_id" in wrong.text
    said = {"reason_id": reason, "reason": "Try Friday."}
    assert client.post(address, headers=token, json=said).json["state"] == "declined"
    with house.site.reading() as work:
        view = booking_view(work.session, asked)
        assert view is not None
        assert view.booking.reason == "Kept for the school.\nTry Friday."


def test_who_is_away_is_stood_in_for(house: Any, browser: Any) -> None:
    manager = browser("manager")
    assert posted(manager, "/answers/away", "/answers", until="2020-01-01").status_code == 422
    assert posted(manager, "/answers/away", "/answers", until="2026-11-20").status_code == 303
    assert 'value="2026-11-20"' in manager.get("/answers").get_data(as_text=True)
