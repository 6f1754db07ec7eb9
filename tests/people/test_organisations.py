"""Organisations: proposed, accepted, and who may act for them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Forbidden, NotFound
from tierslieu.people.models import Organisation
from tierslieu.people.organisations.services import (
    accept,
    add_person,
    create_organisation,
    edit_organisation,
    invite,
    propose,
    refuse_organisation,
    remove_person,
)
from tierslieu.people.roles.services import Role

ADMIN, ANN, BOB = (f"{who}@town.example" for who in ("admin", "ann", "bob"))


@pytest.fixture
def choir(town):
    """Ann proposes her choir."""
    town.account(ADMIN, Role("network_admin"))
    town.account(ANN)
    town.account(BOB)
    with town.site.writing(town.actor(ANN)) as work:
        return propose(work, "Choir", "committee", function="president")


def test_a_proposed_one_cannot_be_acted_for_until_the_network_accepts(town, choir):
    assert town.actor(ANN).organisations == frozenset()
    with pytest.raises(Forbidden), town.site.writing(town.actor(ANN)) as work:
        accept(work, choir.public_id)
    with town.site.writing(town.actor(ADMIN)) as work:
        accept(work, choir.public_id)
    ann = town.actor(ANN)
    assert ann.organisations == {choir.id}
    assert ann.may("organisations.edit", organisation=choir.id)
    assert not ann.may("organisations.edit")
    assert "taken in" in town.mails(ANN)[-1].subject
    with pytest.raises(Conflict), town.site.writing(town.actor(ADMIN)) as work:
        refuse_organisation(work, choir.public_id)


def test_turned_down_with_its_reason(town, choir):
    with town.site.writing(town.actor(ADMIN)) as work:
        refuse_organisation(work, choir.public_id, "It is there twice.")
    assert "It is there twice." in town.mails(ANN)[-1].body
    assert town.actor(ANN).organisations == frozenset()


def test_an_invitation_counts_when_it_is_taken_up_by_whom_it_was_for(town, choir, browser):
    with town.site.writing(town.actor(ADMIN)) as work:
        accept(work, choir.public_id)
    with town.site.writing(town.actor(ANN)) as work:
        invite(work, choir.public_id, BOB, "tenor")
        invite(work, choir.public_id, "nobody@town.example")
    assert not town.mails("nobody@town.example")
    assert town.actor(BOB).organisations == frozenset()
    link = town.link(BOB)
    stranger = browser()
    stranger.sign_in(ADMIN)
    assert stranger.get(link).status_code == 404
    bob = browser()
    bob.sign_in(BOB)
    assert bob.send(link).status_code == 302
    assert town.actor(BOB).organisations == {choir.id}
    assert not town.actor(BOB).may("organisations.edit", organisation=choir.id)


def test_somebody_of_another_organisation_sees_and_changes_nothing(town, choir, browser):
    with town.site.writing(town.actor(ADMIN)) as work:
        accept(work, choir.public_id)
    with town.site.writing() as work:
        other = create_organisation(work, "Bocce club")
        add_person(work, other.id, town.person_id(BOB))
    facts = {"name": "Ours now", "kind": "committee"}
    with pytest.raises(NotFound), town.site.writing(town.actor(BOB)) as work:
        edit_organisation(work, choir.public_id, 1, **facts)
    with pytest.raises(NotFound), town.site.writing(town.actor(BOB)) as work:
        invite(work, choir.public_id, BOB)
    with pytest.raises(NotFound), town.site.writing(town.actor(BOB)) as work:
        remove_person(work, choir.public_id, town.public_id(ANN))
    bob = browser()
    bob.sign_in(BOB)
    assert bob.get(f"/me/organisations/{choir.public_id}").status_code in (403, 404)


def test_whoever_leaves_acts_for_it_no_longer_and_it_stays(town, choir, browser):
    with town.site.writing(town.actor(ADMIN)) as work:
        accept(work, choir.public_id)
    ann = browser()
    ann.sign_in(ANN)
    path = f"/me/organisations/{choir.public_id}/remove"
    page = "/me/organisations"
    assert ann.send(path, form_at=page, person=town.public_id(ANN)).status_code == 302
    actor = town.actor(ANN)
    assert actor.organisations == frozenset()
    assert not actor.may("organisations.edit", organisation=choir.id)
    with town.site.reading() as work:
        assert work.session.scalar(sa.select(Organisation.state)) == "accepted"


def test_the_pages_propose_answer_and_change(town, choir, browser):
    admin = browser()
    admin.sign_in(ADMIN)
    assert "Choir" in admin.get("/admin/organisations").get_data(as_text=True)
    path = f"/admin/organisations/{choir.public_id}/answer"
    assert admin.send(path, form_at="/admin/organisations", verb="accept").status_code == 302
    again = admin.send(path, form_at="/admin/organisations", verb="accept")
    assert again.status_code == 409

    ann = browser()
    ann.sign_in(ANN)
    page = f"/me/organisations/{choir.public_id}"
    facts = {"name": "The Choir", "kind": "association", "version": "2"}
    assert ann.send(page, **facts).status_code == 302
    assert ann.send(page, **facts).status_code == 409, "somebody changed it meanwhile"
    assert ann.send("/me/organisations", name="", kind="association").status_code == 422
    assert ann.send("/me/organisations", name="Bees", kind="association").status_code == 302
