"""Loans from the asking to the bringing back, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import calendar_entries, csrf_token, sign_in
from tierslieu_lending import jobs, people, queries, services, stock
from tierslieu_lending.models import Loan
from tierslieu_lending.tests.builders import Place, days


def test_a_thing_goes_out_and_comes_back_with_its_deposit(site: tl.Site, mailbox: Any) -> None:
    place = Place(site, deposit_cents=2_000)

    loan = place.reserve(place.ada)
    place.out(loan, deposit_cents=2_000, signed="Ada")
    place.back(loan, condition="worn", note="A foot is loose", kept_cents=500)

    done = place.loan(loan)
    assert (done.state, done.deposit_taken_cents, done.deposit_back_cents) == (
        "returned", 2_000, 1_500,
    )  # fmt: skip
    assert place.loan(loan).signed == "Ada"
    subjects = [mail.subject for mail in mailbox.to("ada@example.org")]
    assert subjects == ["Kept for you: Ladder", "Back: Ladder"]
    with site.reading() as work:
        item = queries.loan_by_id(work, loan).item
        assert item.condition == "worn"


def test_what_somebody_has_nobody_else_gets_at_that_time(site: tl.Site) -> None:
    place = Place(site)
    place.reserve(place.ada, 1, 3)

    with pytest.raises(tl.Conflict) as refused:
        place.reserve(place.bice, 2, 4)

    assert [each.code for each in refused.value.reasons] == ["taken"]
    # From the very moment at which it comes back it can go out again.
    assert place.loan(place.reserve(place.bice, 3, 5)).state == "reserved"


def test_the_second_gets_the_other_item(site: tl.Site) -> None:
    place = Place(site, items=2)

    first, second = place.reserve(place.ada), place.reserve(place.bice)

    assert place.loan(first).item_id != place.loan(second).item_id


def test_what_comes_back_early_is_free_at_once(site: tl.Site) -> None:
    place = Place(site)
    loan = place.reserve(place.ada, 1, 6)
    place.out(loan)

    place.back(loan)

    assert place.loan(place.reserve(place.bice, 1, 6)).state == "reserved"


def test_it_goes_out_before_its_time_only_if_nobody_has_it_then(site: tl.Site) -> None:
    place = Place(site)
    place.reserve(place.bice, 1, 2)
    later = place.reserve(place.ada, 3, 5)

    with pytest.raises(tl.Conflict):
        place.out(later)

    assert place.loan(later).state == "reserved"


def test_a_loan_is_made_longer_unless_it_is_promised(site: tl.Site) -> None:
    place = Place(site)
    loan = place.reserve(place.ada, 1, 3)
    place.out(loan)
    before = place.loan(loan).due_at

    with place.work(place.ada) as work:
        services.renew(work, queries.loan_by_id(work, loan))

    assert place.loan(loan).due_at > before
    with place.work(place.ada) as work, pytest.raises(tl.Refused):
        services.renew(work, queries.loan_by_id(work, loan))


def test_a_loan_that_is_promised_to_another_is_not_made_longer(site: tl.Site) -> None:
    place = Place(site)
    loan = place.reserve(place.ada, 1, 3)
    place.reserve(place.bice, 3, 5)
    place.out(loan)

    with place.work(place.ada) as work, pytest.raises(tl.Conflict):
        services.renew(work, queries.loan_by_id(work, loan))


def test_only_her_own_loan_is_cancelled_by_a_member(site: tl.Site) -> None:
    place = Place(site)
    loan = place.reserve(place.ada)

    with place.work(place.bice) as work, pytest.raises(tl.NotFound):
        services.cancel(work, queries.loan_by_id(work, loan))
    with place.work(place.ada) as work:
        services.cancel(work, queries.loan_by_id(work, loan))

    assert place.loan(loan).state == "cancelled"
    assert place.loan(place.reserve(place.bice)).state == "reserved"


def test_a_member_hands_nothing_over(site: tl.Site) -> None:
    place = Place(site)
    loan = place.reserve(place.ada)

    with place.work(place.ada) as work, pytest.raises(tl.Forbidden):
        services.hand_out(work, queries.loan_by_id(work, loan), services.HandedOver())


def test_what_is_for_members_is_not_lent_to_others(site: tl.Site) -> None:
    place = Place(site, items=2, audience="members")

    assert place.loan(place.reserve(place.ada)).state == "reserved"
    with pytest.raises(tl.Refused) as refused:
        place.reserve(place.bice)
    assert [each.code for each in refused.value.reasons] == ["members_only"]


def test_what_is_out_of_use_is_not_promised(site: tl.Site) -> None:
    place = Place(site)
    with place.work(place.desk) as work:
        thing = place.thing(work)
        [item] = queries.items_of(work.session, thing.id)
        stock.put_item(work, thing, item, "retired", "good", "")

    with pytest.raises(tl.Conflict):
        place.reserve(place.ada)


def test_who_is_late_is_asked_once_a_step(site: tl.Site, mailbox: Any, stopped_clock: Any) -> None:
    place = Place(site)
    loan = place.reserve(place.ada, 1, 3)
    place.out(loan)
    with site.reading() as work:
        stopped_clock.move(seconds=(place.loan(loan).due_at - work.now).total_seconds() - 30 * 3600)
    for hours in (0, 12, 12, 12, 24, 24, 24):
        stopped_clock.move(hours=hours)
        for _ in range(2):
            with site.writing() as work:
                jobs.remind(work)

    subjects = [mail.subject for mail in mailbox.to("ada@example.org")]
    assert subjects.count("Due soon: Ladder") == 1
    assert subjects.count("Please bring it back: Ladder") == 2


def test_somebody_takes_her_loans_with_her_or_leaves_none_behind(site: tl.Site) -> None:
    place = Place(site, items=2)
    loan, kept = place.reserve(place.ada), place.reserve(place.ada, 5, 6)
    place.out(loan, signed="Ada Lovelace")
    with site.reading() as work:
        [part, *_] = people.exported(work, place.ada.person_id)
        assert [row["number"] for row in part.rows] == ["SC-1", "SC-1"]

    with site.writing() as work:
        people.forget(work, place.ada.person_id)

    assert (place.loan(loan).person_id, place.loan(loan).signed) == (None, "")
    assert place.loan(kept).state == "cancelled"
    with site.reading() as work:
        assert not work.session.scalar(
            sa.select(sa.func.count()).select_from(Loan).where(Loan.person_id.is_not(None))
        )


def test_each_writing_is_in_the_journal(site: tl.Site) -> None:
    place = Place(site)
    loan = place.reserve(place.ada)
    place.out(loan)
    place.back(loan)

    entries = tl.Model.metadata.tables["audit_entry"]
    with site.reading() as work:
        verbs = set(work.session.scalars(sa.select(entries.c.verb)))
    assert {
        "lending.thing_saved", "lending.items_added", "lending.reserved", "lending.handed_over",
        "lending.taken_back",
    } <= verbs  # fmt: skip


def test_the_desk_lends_to_somebody_without_a_mail_address(site: tl.Site) -> None:
    from tierslieu.people.services import register_person

    place = Place(site)
    with place.work(place.desk) as work:
        rina = register_person(work, place.venue.id, "Rina", phone="0522 1")
        span = days(work, 0, 2)
        now = tl.Span(work.now, span.ends_at)
        loan = services.reserve(work, place.thing(work), now, person_id=rina.id)

    place.out(loan.public_id)

    assert place.loan(loan.public_id).state == "out"


def test_pages_and_programmes_do_the_same(site: tl.Site, app: Any, client: Any) -> None:
    place = Place(site, items=2)
    sign_in(client, "ada@example.org")
    address = f"/lending/{place.thing_id}"
    with site.reading() as work:
        span = days(work, 1, 3)
    written = {"starts_at": tl.iso(span.starts_at), "ends_at": tl.iso(span.ends_at)}
    token = csrf_token(client, address)
    answer = client.post(address, data=written | {"csrf_token": token})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]

    page = client.get("/me/loans").get_data(as_text=True)
    assert "SC-1" in page
    listed = client.get("/api/v1/lending/loans").get_json()["items"]
    assert [(each["number"], each["state"]) for each in listed] == [("SC-1", "reserved")]
    things = client.get("/api/v1/lending/things").get_json()["items"]
    assert [(each["items"], each["category"]) for each in things] == [(2, "other")]
    assert "Ada" not in str(things)
    openapi = client.get("/api/openapi.json").get_json()["paths"]
    assert "/api/v1/lending/things/{public_id}/loans" in openapi


def test_the_desk_does_it_on_its_pages(site: tl.Site, app: Any, client: Any) -> None:
    place = Place(site, deposit_cents=2_000, checks=("Two feet",))
    loan = place.reserve(place.ada)
    sign_in(client, "desk@example.org")
    here = f"/manage/gattaglio/lending/loans/{loan}"
    for verb, data in (
        ("out", {"deposit": "20", "condition": "good", "signed": "Ada"}),
        ("back", {"deposit_kept": "5,50", "condition": "damaged", "note": "A rung is broken"}),
    ):
        data["csrf_token"] = csrf_token(client, here)
        answer = client.post(f"{here}/{verb}", data=data)
        assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]

    done = place.loan(loan)
    assert (done.state, done.deposit_back_cents, done.condition_back) == (
        "returned", 1_450, "damaged",
    )  # fmt: skip
    for page in ("", "/things", "/things/new", f"/things/{place.thing_id}", "/new"):
        assert client.get(f"/manage/gattaglio/lending{page}").status_code == 200, page


def test_at_a_venue_where_it_is_off_nothing_of_it_shows(
    site: tl.Site, app: Any, client: Any
) -> None:
    place = Place(site)
    assert "Scala" in client.get("/lending").get_data(as_text=True) or "Ladder" in client.get(
        "/lending"
    ).get_data(as_text=True)
    with site.writing() as work:
        rows = tl.Model.metadata.tables["plugin_venue"]
        said = {"plugin": "lending", "venue_id": place.venue.id, "state": "off"}
        work.session.execute(sa.insert(rows).values(**said, changed_at=work.now))
    site.plugins.switches.stale()

    assert place.thing_id not in client.get("/lending").get_data(as_text=True)
    assert client.get(f"/lending/{place.thing_id}").status_code == 404
    assert client.get("/api/v1/lending/things").get_json()["items"] == []


def test_a_loan_stands_in_her_own_calendar(site: tl.Site, app: Any, client: Any) -> None:
    place = Place(site)
    place.reserve(place.ada)
    with site.reading() as work:
        span = days(work, 0, 9)
        question = tl.CalendarQuestion(
            span.starts_at, span.ends_at, "titles", person_id=place.ada.person_id
        )
        from tierslieu_lending import additions

        [entry] = additions.dated(work, question)
    assert entry.venue_id == place.venue.id
    assert calendar_entries is not None
