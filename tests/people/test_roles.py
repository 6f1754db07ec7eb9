"""Who may give which role to whom, and who must stay; as verbs and as pages."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tierslieu.people.desk.services import relate
from tierslieu.people.models import RoleGrant
from tierslieu.people.roles.services import Role, grant_role, reinstate, suspend, withdraw_role

ADMIN, MANAGER, DESK, ANN = (f"{who}@town.example" for who in ("admin", "manager", "desk", "ann"))
NETWORK = Role("network_admin")


@pytest.fixture
def people(town):
    """An admin of the network, a manager and a desk of Orologio, and Ann."""
    town.account(ADMIN, NETWORK)
    town.account(MANAGER, Role("venue_manager", venue=town.orologio))
    town.account(DESK, Role("venue_desk", venue=town.orologio))
    town.account(ANN)
    return {email: town.person_id(email) for email in (ADMIN, MANAGER, DESK, ANN)}


def roles_of(town, person_id):
    with town.site.reading() as work:
        question = sa.select(RoleGrant.role, RoleGrant.venue_id)
        return set(map(tuple, work.session.execute(question.filter_by(person_id=person_id))))


@pytest.mark.parametrize(
    ("who", "role", "venue", "allowed"),
    [
        (ADMIN, "network_admin", None, True),
        (ADMIN, "venue_manager", "orologio", True),
        (ADMIN, "venue_desk", "gattaglio", True),
        (MANAGER, "venue_desk", "orologio", True),
        (MANAGER, "venue_desk", "gattaglio", False),
        (MANAGER, "venue_manager", "orologio", False),
        (MANAGER, "network_admin", None, False),
        (DESK, "venue_desk", "orologio", False),
        (ANN, "venue_desk", "orologio", False),
    ],
)
def test_a_role_is_given_only_by_who_stands_above_it_in_its_place(
    town, people, who, role, venue, allowed
):
    wanted = Role(role, venue=getattr(town, venue) if venue else None)
    town.account("bob@town.example")
    bob = town.person_id("bob@town.example")
    actor = town.actor(who)
    if allowed:
        with town.site.writing(actor) as work:
            grant_role(work, bob, wanted)
        assert roles_of(town, bob) == {(role, wanted.venue)}
        assert role in {grant.role for grant in town.actor("bob@town.example").grants}
    else:
        with pytest.raises(Forbidden), town.site.writing(actor) as work:
            grant_role(work, bob, wanted)
        assert roles_of(town, bob) == set()


@pytest.mark.parametrize("who", [ADMIN, MANAGER, DESK, ANN])
def test_nobody_gives_herself_a_role(town, people, who):
    for role in (NETWORK, Role("venue_manager", venue=town.gattaglio)):
        with pytest.raises(Forbidden), town.site.writing(town.actor(who)) as work:
            grant_role(work, people[who], role)


def test_the_last_network_admin_and_the_last_manager_stay(town, people):
    with pytest.raises(Conflict) as refused, town.site.writing() as work:
        withdraw_role(work, people[ADMIN], NETWORK)
    assert refused.value.code == "last_one"
    manager = Role("venue_manager", venue=town.orologio)
    with pytest.raises(Conflict), town.site.writing(town.actor(ADMIN)) as work:
        withdraw_role(work, people[MANAGER], manager)
    with pytest.raises(Conflict), town.site.writing() as work:
        suspend(work, people[ADMIN])

    with town.site.writing() as work:
        grant_role(work, people[ANN], manager)
    with town.site.writing(town.actor(ADMIN)) as work:
        withdraw_role(work, people[MANAGER], manager)
    assert roles_of(town, people[MANAGER]) == set()


def test_a_suspended_or_bygone_holder_does_not_count_as_another_one(town, people):
    with town.site.writing() as work:
        grant_role(work, people[ANN], NETWORK, ends_on=work.now.date().replace(year=2020))
    with pytest.raises(Conflict), town.site.writing() as work:
        withdraw_role(work, people[ADMIN], NETWORK)
    with town.site.writing() as work:
        grant_role(work, people[ANN], NETWORK)
        suspend(work, people[ANN])
    with pytest.raises(Conflict), town.site.writing() as work:
        withdraw_role(work, people[ADMIN], NETWORK)


def test_a_role_in_the_wrong_scope_is_refused(town, people):
    wrong = (Role("network_admin", venue=town.orologio), Role("venue_desk"), Role("member"))
    for role in wrong:
        with pytest.raises((Invalid, Forbidden)), town.site.writing() as work:
            grant_role(work, people[ANN], role)
    with pytest.raises(NotFound), town.site.writing() as work:
        withdraw_role(work, people[ANN], Role("venue_desk", venue=town.orologio))


def test_giving_and_taking_is_in_the_journal_without_names(town, people):
    with town.site.writing(town.actor(ADMIN)) as work:
        grant_role(work, people[ANN], Role("venue_desk", venue=town.orologio))
    with town.site.writing(town.actor(ADMIN)) as work:
        withdraw_role(work, people[ANN], Role("venue_desk", venue=town.orologio))
    with town.site.reading() as work:
        lines = work.session.scalars(
            sa.select(AuditEntry).filter_by(about_person_id=people[ANN]).order_by(AuditEntry.id)
        ).all()
    verbs = [line.verb for line in lines]
    assert verbs[-2:] == ["role.granted", "role.withdrawn"]
    assert lines[-1].actor_person_id == people[ADMIN]
    assert lines[-1].venue_id == town.orologio
    assert "ann" not in str([(line.subject, line.detail) for line in lines]).lower()


def test_a_suspended_account_sees_and_takes_its_own_data_and_nothing_more(town, people, browser):
    ann = browser()
    ann.sign_in(ANN)
    with town.site.writing(town.actor(ADMIN)) as work:
        suspend(work, people[ANN])
    assert ann.get("/me").status_code == 302, "her sessions ended"
    ann.sign_in(ANN)
    assert ann.get("/me/privacy/export").status_code == 200
    assert ann.get("/me/tokens").status_code == 403
    assert ann.send("/me/profile", name="X", locale="en", version="1").status_code == 403
    actor = town.actor(ANN)
    assert not actor.may("bookings.create", own=True) or "anonymous" in actor.roles
    with town.site.writing(town.actor(ADMIN)) as work:
        reinstate(work, people[ANN])
    assert ann.get("/me/tokens").status_code == 200


def test_the_page_of_the_network_gives_and_takes_roles(town, people, browser):
    admin = browser()
    admin.sign_in(ADMIN)
    page = f"/admin/people/{town.public_id(ANN)}"
    given = admin.send(f"{page}/grant", form_at=page, role="venue_manager", venue="gattaglio")
    assert given.status_code == 302
    assert roles_of(town, people[ANN]) == {("venue_manager", town.gattaglio)}
    last = admin.send(f"{page}/withdraw", form_at=page, role="venue_manager", venue="gattaglio")
    assert last.status_code == 409
    assert "last manager" in last.get_data(as_text=True)
    own = f"/admin/people/{town.public_id(ADMIN)}"
    refusals = sa.select(sa.func.count()).filter(AuditEntry.verb == "access.refused")
    with town.site.reading() as work:
        assert work.session.scalar(refusals) == 0
    assert (
        admin.send(f"{own}/grant", form_at=own, role="network_admin", venue="").status_code == 403
    )
    with town.site.reading() as work:
        assert work.session.scalar(refusals) == 1, "who tried it is in the journal"
    assert "Ann" in admin.get("/admin/people?text=ann").get_data(as_text=True).title()


@pytest.mark.parametrize("who", [MANAGER, DESK, ANN])
def test_pages_of_the_network_are_for_its_admins(town, people, browser, who):
    one = browser()
    one.sign_in(who)
    for path in ("/admin/people", "/admin/organisations", "/admin/audit"):
        assert one.get(path).status_code in (403, 404)
    path = f"/admin/people/{town.public_id(ADMIN)}"
    assert one.get(path).status_code in (403, 404)


def test_a_manager_puts_somebody_at_the_desk_and_takes_her_off(town, people, browser):
    manager = browser()
    manager.sign_in(MANAGER)
    ann = town.public_id(ANN)
    page = f"/manage/orologio/people/{ann}"
    assert manager.get(page).status_code == 404, "not known here yet"
    with town.site.writing() as work:
        relate(work, people[ANN], town.orologio)
    assert manager.send(f"{page}/desk", form_at=page, verb="grant").status_code == 302
    assert roles_of(town, people[ANN]) == {("venue_desk", town.orologio)}
    assert manager.send(f"{page}/desk", form_at=page, verb="withdraw").status_code == 302
    assert roles_of(town, people[ANN]) == set()

    desk = browser()
    desk.sign_in(DESK)
    assert desk.send(f"{page}/desk", form_at=page, verb="grant").status_code == 403
    own = f"/manage/orologio/people/{town.public_id(MANAGER)}"
    with town.site.writing() as work:
        relate(work, people[MANAGER], town.orologio)
    assert manager.send(f"{own}/desk", form_at=own, verb="grant").status_code == 403
