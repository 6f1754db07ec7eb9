"""Taking one's data away, and being erased without a trace."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from tierslieu.kernel.db import metadata
from tierslieu.kernel.errors import Conflict, Forbidden
from tierslieu.people.desk.services import relate
from tierslieu.people.models import Account, Erasure, Person
from tierslieu.people.organisations.services import add_person, create_organisation
from tierslieu.people.privacy.services import erase, erase_again
from tierslieu.people.roles.services import Role
from tierslieu.people.tokens.services import create_token

PASSWORD = "four words in a row"
MARK = "zyxmarker"
ANN = f"{MARK}@town.example"


@pytest.fixture
def ann(town, browser):
    """Ann, whose name is a marker, with a row in every table that can have one."""
    town.account("admin@town.example", Role("network_admin"))
    person_id = town.account(ANN, Role("venue_desk", venue=town.orologio), name=f"Ann {MARK}")
    with town.site.writing() as work:
        relate(work, person_id, town.gattaglio)
        body = create_organisation(work, "Choir")
        add_person(work, body.id, person_id, "singer")
        account = work.session.scalars(sa.select(Account).filter_by(person_id=person_id)).one()
        create_token(work, "script", ["bookings:read"], account_id=account.id)
    one = browser()
    one.client.environ_base["HTTP_USER_AGENT"] = "A browser"
    one.sign_in(ANN)
    browser().send("/reset", email=ANN)
    one.send("/me/email", email=f"new{MARK}@town.example", password=PASSWORD)
    one.send("/me/profile", name=f"Anna {MARK}", phone="0522 777777", locale="en", version="1")
    town.work_off()
    browser().send("/reset", email=ANN)
    return one


def everywhere(site) -> str:
    """Every value of every table as one text."""
    with site.reading() as work:
        rows = [work.session.execute(sa.select(table)).all() for table in metadata.sorted_tables]
        return str(rows)


def test_the_file_of_a_person_holds_her_rows_and_nobody_elses(town, ann):
    answer = ann.get("/me/privacy/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    data = json.loads(answer.data)
    assert data["person"]["name"] == f"Anna {MARK}"
    assert data["account"]["email"] == ANN
    assert [token["name"] for token in data["tokens"]] == ["script"]
    assert data["organisations"][0]["function"] == "singer"
    assert {venue["venue"] for venue in data["venues"]} >= {"Gattaglio"}
    assert data["roles"][0]["role"] == "venue_desk"
    text = answer.get_data(as_text=True)
    assert "admin@town.example" not in text
    assert "argon2" not in text
    assert "token_hash" not in text


def test_erased_one_is_found_nowhere(town, ann):
    assert MARK in everywhere(town.site)
    assert ann.send("/me/privacy/erase", form_at="/me/privacy", password="no").status_code == 422
    answer = ann.send("/me/privacy/erase", form_at="/me/privacy", password=PASSWORD)
    assert answer.status_code == 302
    assert ann.get("/me").status_code == 302
    left = everywhere(town.site)
    assert MARK not in left
    assert "777777" not in left
    town.work_off()
    assert MARK not in everywhere(town.site)
    assert ann.sign_in(ANN).status_code == 422


def test_the_journal_stays_and_says_erased_person(town, ann, browser):
    ann.send("/me/privacy/erase", form_at="/me/privacy", password=PASSWORD)
    admin = browser()
    admin.sign_in("admin@town.example")
    text = admin.get("/admin/audit").get_data(as_text=True)
    assert "erased person" in text
    assert "erased a person" in text
    assert MARK not in text


def test_a_token_of_an_erased_person_opens_nothing(town, ann):
    with town.site.writing() as work:
        account = work.session.scalars(sa.select(Account).filter_by(email=ANN)).one()
        _, secret = create_token(work, "x", ["people:read"], account_id=account.id)
    headers = {"Authorization": f"Bearer {secret}"}
    assert ann.get("/api/v1/me", headers=headers).status_code == 200
    with town.site.writing() as work:
        erase(work, town.person_id(ANN))
    assert ann.get("/api/v1/me", headers=headers).status_code == 401


def test_the_last_admin_cannot_be_erased_nor_erase_herself(town, ann, browser):
    admin = browser()
    admin.sign_in("admin@town.example")
    answer = admin.send("/me/privacy/erase", form_at="/me/privacy", password=PASSWORD)
    assert answer.status_code == 409
    with pytest.raises(Conflict), town.site.writing() as work:
        erase(work, town.person_id("admin@town.example"))


def test_only_the_network_erases_others(town, ann):
    town.account("bob@town.example", Role("venue_manager", venue=town.orologio))
    with (
        pytest.raises(Forbidden),
        town.site.writing(town.actor("bob@town.example")) as work,
    ):
        erase(work, town.person_id(ANN))


def test_a_restored_backup_erases_again_whom_it_still_knew(town, ann):
    with town.site.writing() as work:
        person = work.session.get_one(Person, town.person_id(ANN))
        work.session.add(Erasure(public_id=person.public_id, erased_at=work.now))
    with town.site.writing() as work:
        assert erase_again(work) == 1
    assert MARK not in everywhere(town.site)
    with town.site.writing() as work:
        assert erase_again(work) == 0
