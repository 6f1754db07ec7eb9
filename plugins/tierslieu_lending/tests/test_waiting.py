"""The waiting list, and what becomes of promises when a thing breaks."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import an_account, csrf_token
from tierslieu_lending import queries, services
from tierslieu_lending.models import Loan
from tierslieu_lending.tests.builders import Place, a_thing, days
from tierslieu_lending.waiting import services as waiting


def joined(place: Place, account: Any, start: int = 1, end: int = 3) -> None:
    with place.work(account) as work:
        waiting.join(work, place.thing(work), days(work, start, end))


def looked(place: Place) -> None:
    """What the job does every ten minutes."""
    with place.site.writing() as work:
        waiting.look(work)


def offered_to(place: Place, account: Any) -> list[str]:
    asked = sa.select(Loan.public_id).where(
        Loan.person_id == account.person_id, Loan.state == "offered"
    )
    with place.site.reading() as work:
        return list(work.session.scalars(asked))


def test_who_asked_first_is_offered_it_first_and_the_offer_holds(site: tl.Site) -> None:
    place = Place(site)
    with site.writing() as work:
        carla = an_account(work, "carla@example.org")
    loan = place.reserve(place.ada)
    joined(place, place.bice)
    joined(place, carla)

    with place.work(place.ada) as work:
        services.cancel(work, queries.loan_by_id(work, loan))
    looked(place)

    [offer] = offered_to(place, place.bice)
    assert offered_to(place, carla) == []
    with pytest.raises(tl.Conflict):
        place.reserve(place.ada)
    with place.work(place.bice) as work:
        waiting.answer(work, queries.loan_by_id(work, offer), yes=True)
    assert place.loan(offer).state == "reserved"


def test_an_offer_that_nobody_answers_goes_to_the_next(site: tl.Site, stopped_clock: Any) -> None:
    place = Place(site)
    with site.writing() as work:
        carla = an_account(work, "carla@example.org")
    loan = place.reserve(place.ada, 20, 22)
    joined(place, place.bice, 20, 22)
    joined(place, carla, 21, 23)
    with place.work(place.ada) as work:
        services.cancel(work, queries.loan_by_id(work, loan))
    looked(place)
    [offer] = offered_to(place, place.bice)

    stopped_clock.move(hours=25)
    looked(place)

    assert place.loan(offer).state == "expired"
    assert len(offered_to(place, carla)) == 1
    with place.work(place.bice) as work, pytest.raises(tl.Conflict):
        waiting.answer(work, queries.loan_by_id(work, offer), yes=True)


def test_nobody_waits_for_what_is_free(site: tl.Site) -> None:
    place = Place(site)

    with pytest.raises(tl.Refused) as refused:
        joined(place, place.bice)

    assert [each.code for each in refused.value.reasons] == ["free"]


def test_the_link_of_the_mail_answers_without_signing_in(
    site: tl.Site, app: Any, client: Any, mailbox: Any
) -> None:
    place = Place(site)
    loan = place.reserve(place.ada)
    joined(place, place.bice)
    with place.work(place.ada) as work:
        services.cancel(work, queries.loan_by_id(work, loan))
    looked(place)
    [mail] = [m for m in mailbox.to("bice@example.org") if m.subject.startswith("Offered")]
    found = re.search(r"/lending/offers/\S+", mail.body)
    assert found is not None
    address = found.group()

    token = csrf_token(client, address)
    client.post(f"{address}/accept", data={"csrf_token": token})

    assert [each.state for each in of(place, place.bice)] == ["reserved"]


def of(place: Place, account: Any) -> list[Loan]:
    with place.site.reading() as work:
        return [view.loan for view in queries.loans_of(work, account.person_id)]


def test_what_comes_back_damaged_is_repaired_and_the_next_gets_another(
    site: tl.Site, mailbox: Any
) -> None:
    place = Place(site, items=2)
    first = place.reserve(place.ada, 1, 3)
    other = place.reserve(place.desk, 1, 3)
    next_one = place.reserve(place.bice, 4, 6)
    assert place.loan(next_one).item_id == place.loan(first).item_id
    place.out(first)

    place.back(first, condition="damaged", note="A rung is broken")

    assert place.loan(next_one).item_id == place.loan(other).item_id
    subjects = [mail.subject for mail in mailbox.to("bice@example.org")]
    assert subjects[-1] == "Another one for you: Ladder"
    with pytest.raises(tl.Conflict):
        place.reserve(place.ada, 4, 6)


def test_where_there_is_no_other_she_is_told_what_else_is_free(site: tl.Site, mailbox: Any) -> None:
    place = Place(site)
    with site.writing() as work:
        a_thing(work, place.venue.id, name=tl.Texts(en="Step ladder"))
    first, next_one = place.reserve(place.ada, 1, 3), place.reserve(place.bice, 4, 6)
    place.out(first)

    place.back(first, condition="damaged")

    assert place.loan(next_one).state == "cancelled"
    assert "Step ladder" in mailbox.to("bice@example.org")[-1].body
