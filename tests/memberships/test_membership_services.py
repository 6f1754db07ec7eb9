"""Applying, answering, renewing, leaving and paying, as verbs on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tierslieu.kernel.mail import Mail, ToTell
from tierslieu.kernel.site import Site
from tierslieu.kernel.texts import Texts
from tierslieu.memberships.dues.services import take_dues, withdraw_dues
from tierslieu.memberships.jobs import forget, tell_lapsing
from tierslieu.memberships.models import DuesPayment, Membership, Plan
from tierslieu.memberships.plans.queries import plan_by_public_id
from tierslieu.memberships.plans.services import PlanValues, edit_plan, values_of
from tierslieu.memberships.queries import (
    MembershipView,
    at_the_desk,
    membership_by_public_id,
    venues_of_cards,
)
from tierslieu.memberships.register.queries import applications, counts, register
from tierslieu.memberships.services import (
    admit,
    apply,
    give_card,
    leave,
    refuse_application,
    renew,
)
from tierslieu.people.models import Person
from tierslieu.people.queries import is_related

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    from tierslieu.kernel import clock

    moment = datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)


def view_of(site: Site, public_id: str, day: date = TODAY) -> MembershipView:
    with site.reading() as work:
        found = membership_by_public_id(work.session, public_id, day)
    assert found is not None
    return found


def applied(house: Any, name: str = "ada") -> str:
    with house.writing(name) as work:
        return str(apply(work, house.plan).public_id)


def admitted(house: Any, name: str = "ada") -> str:
    public_id = applied(house, name)
    with house.writing("manager") as work:
        admit(work, house.venue, public_id)
    return public_id


def mails(site: Site) -> list[str]:
    with site.reading() as work:
        return list(work.session.scalars(sa.select(Mail.subject).order_by(Mail.id)))


def test_an_application_is_for_the_season_that_runs_and_relates_her_to_the_venue(
    house: Any,
) -> None:
    view = view_of(house.site, applied(house))
    assert view.standing == "applied"
    assert (view.season.starts_on, view.season.ends_on) == (date(2026, 10, 1), date(2027, 10, 1))
    assert view.owed_cents == 1500
    with house.site.reading() as work:
        assert is_related(work.session, house.people["ada"], house.venue)
        assert [v.person.name for v in applications(work.session, house.venue, TODAY)] == ["Ada"]
        assert venues_of_cards(work.session, house.people["ada"], TODAY) == frozenset()
    assert mails(house.site) == ["You asked for: Card"]


def test_nobody_applies_twice_for_one_season(house: Any) -> None:
    applied(house)
    with pytest.raises(Conflict) as refused, house.writing("ada") as work:
        apply(work, house.plan)
    assert refused.value.code == "already_there"


def test_admitted_she_has_a_number_and_her_card_counts_in_the_whole_circuit(house: Any) -> None:
    first, second = admitted(house, "ada"), admitted(house, "bice")
    assert view_of(house.site, first).membership.card_number == "2026-00001"
    assert view_of(house.site, second).membership.card_number == "2026-00002"
    with house.site.reading() as work:
        ada = house.people["ada"]
        both = frozenset({house.venue, house.other})
        assert venues_of_cards(work.session, ada, TODAY) == both
        assert venues_of_cards(work.session, ada, date(2027, 10, 31)) == both
        assert venues_of_cards(work.session, ada, date(2027, 11, 1)) == frozenset()
        found = at_the_desk(work.session, house.other, "2026 1", TODAY)
        assert [v.person.name for v in found] == ["Ada"]
    assert "You are a member of “Alba”" in mails(house.site)


def test_two_administrators_cannot_admit_the_same_application(house: Any) -> None:
    public_id = admitted(house)
    with pytest.raises(Conflict) as refused, house.writing("manager") as work:
        admit(work, house.venue, public_id)
    assert refused.value.code == "wrong_state"


def test_a_refusal_needs_a_reason_which_she_reads_and_she_may_ask_again(house: Any) -> None:
    public_id = applied(house)
    with pytest.raises(Invalid), house.writing("manager") as work:
        refuse_application(work, house.venue, public_id, "  ")
    with house.writing("manager") as work:
        refuse_application(work, house.venue, public_id, "The form is not signed.")
    assert view_of(house.site, public_id).standing == "refused"
    with house.site.reading() as work:
        bodies = work.session.scalars(sa.select(Mail.body)).all()
    assert any("The form is not signed." in body for body in bodies)
    assert applied(house) == public_id
    assert view_of(house.site, public_id).membership.reason == ""


@pytest.mark.parametrize("who", ["desk", "rival", "ada"])
def test_who_may_not_admit_is_refused(house: Any, who: str) -> None:
    public_id = applied(house, "bice")
    with pytest.raises(Forbidden), house.writing(who) as work:
        admit(work, house.venue, public_id)
    assert view_of(house.site, public_id).standing == "applied"


def test_the_desk_admits_where_the_plan_hands_it_over_and_only_there(house: Any) -> None:
    public_id = applied(house)
    house.delegated = True
    with pytest.raises(Forbidden), house.writing("desk") as work:
        admit(work, house.venue, public_id)
    with house.writing("manager") as work:
        plan = plan_by_public_id(work.session, house.plan)
        said = values_of(plan)
        edit_plan(work, house.venue, house.plan, PlanValues(said.name, desk_may_admit=True))
    with house.writing("desk") as work:
        admit(work, house.venue, public_id)
    assert view_of(house.site, public_id).standing == "running"


def test_the_desk_applies_for_people_of_its_venue_and_for_nobody_else(house: Any) -> None:
    with house.writing("desk") as work:
        public_id = apply(work, house.plan, house.people["zoe"]).public_id
    assert view_of(house.site, public_id).person.name == "Zoe"
    with pytest.raises(NotFound), house.writing("desk") as work:
        apply(work, house.plan, house.people["bice"])
    with house.site.reading() as work:
        told = work.session.scalars(sa.select(ToTell)).all()
    assert [each.person_id for each in told] == [house.people["zoe"]]


def test_dues_are_taken_in_parts_by_whoever_is_at_the_desk(house: Any) -> None:
    public_id = admitted(house)
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash", 500)
    assert view_of(house.site, public_id).owed_cents == 1000
    with pytest.raises(Refused) as refused, house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash", 1001)
    assert refused.value.code == "too_much"
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "card")
    view = view_of(house.site, public_id)
    assert view.owed_cents == 0
    assert [(p.cents, p.method, p.taken_by_id) for p in view.payments] == [
        (500, "cash", house.people["desk"]),
        (1000, "card", house.people["desk"]),
    ]


def test_a_payment_is_taken_back_by_its_opposite_once(house: Any) -> None:
    public_id = admitted(house)
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash")
    with house.writing("desk") as work:
        withdraw_dues(work, house.venue, public_id, 1)
    view = view_of(house.site, public_id)
    assert view.owed_cents == 1500
    assert [p.cents for p in view.payments] == [1500, -1500]
    for number, error in ((1, Conflict), (2, Conflict), (3, NotFound)):
        with pytest.raises(error), house.writing("desk") as work:
            withdraw_dues(work, house.venue, public_id, number)


def test_waived_dues_are_nothing_owed_until_that_is_taken_back(house: Any) -> None:
    public_id = admitted(house)
    for verb, owed in (("free", 0), ("back", 1500)):
        with house.writing("manager") as work:
            if verb == "free":
                take_dues(work, house.venue, public_id, "free")
            else:
                withdraw_dues(work, house.venue, public_id, 1)
        assert view_of(house.site, public_id).owed_cents == owed
        with house.site.reading() as work:
            assert counts(work.session, house.venue, TODAY)["unpaid"] == (1 if owed else 0)


@pytest.mark.parametrize("who", ["rival", "ada"])
def test_dues_of_another_venue_are_nobodys_business(house: Any, who: str) -> None:
    public_id = admitted(house)
    with pytest.raises(Forbidden), house.writing(who) as work:
        take_dues(work, house.venue, public_id, "cash")
    with pytest.raises((Forbidden, NotFound)), house.writing("rival") as work:
        take_dues(work, house.other, public_id, "cash")


def test_a_plan_changed_later_owes_nobody_anything(house: Any) -> None:
    public_id = admitted(house)
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash")
    with house.writing("manager") as work:
        plan = plan_by_public_id(work.session, house.plan)
        edit_plan(
            work, house.venue, house.plan, PlanValues(plan.name, fee_cents=2000, grace_days=0)
        )
    view = view_of(house.site, public_id, date(2027, 10, 5))
    assert view.owed_cents == 0
    assert view.standing == "grace"


def test_a_plan_is_edited_by_its_managers_and_not_over_somebodys_shoulder(house: Any) -> None:
    name = Texts(en="New name")
    for who in ("desk", "rival", "ada"):
        with pytest.raises(Forbidden), house.writing(who) as work:
            edit_plan(work, house.venue, house.plan, PlanValues(name))
    with house.writing("manager") as work:
        edit_plan(work, house.venue, house.plan, PlanValues(name), version=1)
    with pytest.raises(Conflict) as refused, house.writing("manager") as work:
        edit_plan(work, house.venue, house.plan, PlanValues(name, fee_cents=1), version=1)
    assert refused.value.code == "changed_meanwhile"
    with pytest.raises(Refused) as wrong, house.writing("manager") as work:
        edit_plan(work, house.venue, house.plan, PlanValues(Texts(), season_day=31, fee_cents=-1))
    assert [reason.code for reason in wrong.value.reasons] == ["missing", "bad_season", "bad_fee"]


def test_renewing_at_the_desk_is_the_next_season_with_a_new_number(house: Any) -> None:
    public_id = admitted(house)
    with house.writing("desk") as work:
        following = renew(work, public_id).public_id
    view = view_of(house.site, following)
    assert view.standing == "coming"
    assert view.season.starts_on == date(2027, 10, 1)
    assert view.membership.card_number == "2027-00002"
    with pytest.raises(Conflict), house.writing("desk") as work:
        renew(work, public_id)


def test_renewing_by_herself_asks_for_it(house: Any) -> None:
    public_id = admitted(house)
    with pytest.raises(NotFound), house.writing("bice") as work:
        renew(work, public_id)
    with house.writing("ada") as work:
        following = renew(work, public_id).public_id
    assert view_of(house.site, following).membership.state == "applied"


def test_leaving_ends_it_at_once_and_keeps_the_number_in_the_register(house: Any) -> None:
    public_id = admitted(house)
    with pytest.raises(NotFound), house.writing("bice") as work:
        leave(work, public_id)
    with house.writing("ada") as work:
        leave(work, public_id)
    view = view_of(house.site, public_id)
    assert (view.standing, view.membership.card_number) == ("left", "2026-00001")
    with house.site.reading() as work:
        assert venues_of_cards(work.session, house.people["ada"], TODAY) == frozenset()


def test_a_card_for_a_while_is_free_and_has_no_grace(house: Any) -> None:
    with house.writing("manager") as work:
        public_id = give_card(
            work, house.plan, house.people["zoe"], TODAY + timedelta(days=6)
        ).public_id
    view = view_of(house.site, public_id)
    assert (view.standing, view.owed_cents) == ("running", 0)
    assert view_of(house.site, public_id, TODAY + timedelta(days=7)).standing == "lapsed"
    with pytest.raises(Invalid), house.writing("manager") as work:
        give_card(work, house.plan, house.people["zoe"], TODAY - timedelta(days=1))


def test_the_register_finds_by_name_and_card_and_counts(house: Any) -> None:
    admitted(house, "ada")
    admitted(house, "bice")
    with house.site.reading() as work:
        found = register(work.session, house.venue, TODAY, show="members")
        assert [view.person.name for view in found.rows] == ["Ada", "Bice"]
        for text in ("ic", "2026-2", "2026 00002"):
            page = register(work.session, house.venue, TODAY, show="all", text=text)
            assert [view.person.name for view in page.rows] == ["Bice"], text
        assert register(work.session, house.other, TODAY, show="all").count == 0
        told = counts(work.session, house.venue, TODAY)
    assert told == {
        "members": 2, "unpaid": 2, "grace": 0, "lapsed": 0, "ended": 0, "all": 2,
    }  # fmt: skip


def test_whose_season_ends_soon_is_told_once_unless_she_renewed(house: Any) -> None:
    for name in ("ada", "bice"):
        admitted(house, name)
    with house.site.writing() as work:
        for membership in work.session.scalars(sa.select(Membership)):
            membership.season_ends_on = TODAY + timedelta(days=10)
            membership.counts_until = TODAY + timedelta(days=41)
        work.session.flush()
        bice = work.session.scalars(
            sa.select(Membership).where(Membership.person_id == house.people["bice"])
        ).one()
        renew(work, bice.public_id)
    for _ in range(2):
        with house.site.writing() as work:
            tell_lapsing(work)
    assert [each for each in mails(house.site) if "ends soon" in each] == [
        "Your card ends soon: Card"
    ]


def test_her_data_has_her_cards_and_nobody_elses(house: Any) -> None:
    public_id = admitted(house, "ada")
    admitted(house, "bice")
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash")
    with house.site.reading() as work:
        parts = work.hooks.gather(hookspecs.person_data, work=work, person_id=house.people["ada"])
    ours = {str(part.title): part.rows for part in parts}
    assert [row["card_number"] for row in ours["Memberships"]] == ["2026-00001"]
    assert ours["Memberships"][0]["kept_in_the_register_until"] == date(2037, 12, 31)
    assert [row["cents"] for row in ours["Dues paid"]] == [1500]


def test_erased_the_register_keeps_number_and_dues_until_the_law_lets_go(house: Any) -> None:
    public_id = admitted(house)
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash")
        withdraw_dues(work, house.venue, public_id, 1)
    with house.site.writing() as work:
        work.hooks.tell(hookspecs.person_erased, work=work, person_id=house.people["ada"])
        person = work.session.get_one(Person, house.people["ada"])
        person.name, person.erased_at = "", work.now
    view = view_of(house.site, public_id)
    assert (view.standing, view.membership.card_number) == ("left", "2026-00001")
    with house.site.writing() as work:
        forget(work)
        assert work.session.scalar(sa.select(sa.func.count(Membership.id))) == 1
        work.session.execute(
            sa.update(Membership).values(
                season_starts_on=date(2014, 10, 1),
                season_ends_on=date(2015, 10, 1),
                counts_until=date(2015, 10, 1),
            )
        )
        forget(work)
        assert work.session.scalar(sa.select(sa.func.count(Membership.id))) == 0
        assert work.session.scalar(sa.select(sa.func.count(DuesPayment.id))) == 0


def test_every_act_is_in_the_journal_of_its_venue(house: Any) -> None:
    public_id = admitted(house)
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash")
    with house.site.reading() as work:
        entries = work.session.execute(
            sa.select(AuditEntry.verb, AuditEntry.venue_id).where(
                AuditEntry.subject == f"membership:{public_id}"
            )
        ).all()
        assert (
            work.session.scalar(sa.select(Plan.next_card).where(Plan.public_id == house.plan)) == 2
        )
    assert [tuple(entry) for entry in entries] == [
        ("membership.applied", house.venue),
        ("membership.admitted", house.venue),
        ("dues.taken", house.venue),
    ]


def test_two_admitted_at_the_same_moment_have_two_numbers(house: Any) -> None:
    applications_ = [applied(house, name) for name in ("ada", "bice", "rival", "desk")]
    start = threading.Barrier(len(applications_))

    def answer(public_id: str) -> str | None:
        start.wait()
        with house.writing("manager") as work:
            return admit(work, house.venue, public_id).card_number

    with ThreadPoolExecutor(len(applications_)) as pool:
        numbers = sorted(str(number) for number in pool.map(answer, applications_))
    assert numbers == [f"2026-0000{n}" for n in range(1, 5)]
