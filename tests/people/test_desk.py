"""People at a venue's desk: who is found, who is not, and what another venue may know."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tierslieu.kernel.mail import ToTell
from tierslieu.kernel.texts import Texts
from tierslieu.memberships.models import Membership, Plan
from tierslieu.people.desk.queries import found_elsewhere, found_here
from tierslieu.people.desk.services import edit_person, register_person, relate, use_here
from tierslieu.people.models import Person, PersonVenue
from tierslieu.people.roles.services import Role

DESK, OTHER = "desk@town.example", "other@town.example"


@pytest.fixture
def desks(town):
    """A desk at Orologio and one at Gattaglio; Rina is known at Gattaglio, by card and phone."""
    town.account(DESK, Role("venue_desk", venue=town.orologio))
    town.account(OTHER, Role("venue_desk", venue=town.gattaglio))
    with town.site.writing() as work:
        rina = register_person(
            work, town.gattaglio, "Rina Montanari", "rina@town.example", "0522 123456"
        )
        plan = Plan(venue_id=town.gattaglio, name=Texts(en="Card"))
        work.session.add(plan)
        work.session.flush()
        work.session.add(
            Membership(
                plan_id=plan.id,
                person_id=rina.id,
                state="admitted",
                card_number="2026-00042",
                season_starts_on=date(2026, 1, 1),
                season_ends_on=date(2027, 1, 1),
                counts_until=date(2027, 2, 1),
                applied_at=work.now,
            )
        )
    return rina


def test_registering_needs_a_name_and_nothing_else(town, desks, browser):
    desk = browser()
    desk.sign_in(DESK)
    answer = desk.send("/manage/orologio/people", name="  Àlda   Bianchi ")
    assert answer.status_code == 302
    page = desk.get(answer.headers["Location"]).get_data(as_text=True)
    bar = page.split('class="desk-bar"')[1].split("</nav>")[0]
    assert 'href="/manage/orologio/people"' in bar
    assert "Alda" not in page
    assert "Àlda" in page
    assert "Àlda" in desk.get("/manage/orologio/people?text=ÀLDA").get_data(as_text=True)


def test_complaint_12_people_without_an_address_and_families_with_one(town, desks):
    """An address is nobody's key: a name is enough, and a family may have one address."""
    with town.site.writing() as work:
        alone = register_person(work, town.orologio, "Nonna Ebe")
        mother = register_person(work, town.orologio, "Mother", "family@town.example")
        son = register_person(work, town.orologio, "Son", "family@town.example")
        assert alone.email is None
        assert mother.email == son.email == "family@town.example"
        assert len({alone.id, mother.id, son.id}) == 3


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": ""}, "name_missing"),
        ({"name": "X", "email": "nonsense"}, "bad_email"),
        ({"name": "X", "phone": "call me"}, "bad_phone"),
        ({"name": "X\u202e"}, None),
    ],
    ids=["no name", "no address", "no number", "bidi is stripped"],
)
def test_what_is_written_is_checked(town, desks, values, code):
    filled = {"name": "X", "email": "", "phone": ""} | values
    if code is None:
        with town.site.writing() as work:
            assert register_person(work, town.orologio, **filled).name == "X"
        return
    with pytest.raises(Refused) as refused, town.site.writing() as work:
        register_person(work, town.orologio, **filled)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-00042", True),
        ("rina@town.example", True),
        ("RINA@town.example", True),
        ("0522 123456", True),
        ("0522/123456", True),
        ("Rina Montanari", False),
        ("Rina", False),
        ("rina@town", False),
        ("2026", False),
        ("%", False),
        ("", False),
    ],
)
def test_somebody_of_another_venue_is_found_only_by_what_she_shows_or_says_exactly(
    town, desks, text, found
):
    with town.site.reading() as work:
        rows = found_elsewhere(work.session, town.orologio, text)
        assert [row.name for row in rows] == (["Rina Montanari"] if found else [])
        if found:
            assert rows[0].card_until == date(2026, 12, 31)
            assert not hasattr(rows[0], "phone")
        assert found_here(work.session, town.orologio, text or "Rina") == []


def test_use_here_makes_the_relation_and_tells_her(town, desks):
    with town.site.writing(town.actor(DESK)) as work:
        use_here(work, town.orologio, "2026-00042", desks.public_id)
    with town.site.reading() as work:
        assert [p.id for p in found_here(work.session, town.orologio, "rina")] == [desks.id]
    assert "Orologio" in town.mails("rina@town.example")[-1].subject


def test_use_here_of_somebody_without_address_is_to_be_told_by_voice(town, desks):
    with town.site.writing() as work:
        alda = register_person(work, town.gattaglio, "Alda", phone="0522 999999")
    with town.site.writing(town.actor(DESK)) as work:
        use_here(work, town.orologio, "0522 999999", alda.public_id)
    with town.site.reading() as work:
        told = work.session.scalars(sa.select(ToTell)).one()
    assert (told.person_id, told.venue_id) == (alda.id, town.orologio)


def test_an_id_alone_does_not_bring_anybody_here(town, desks):
    for text in ("", "Rina", "0522 000000"):
        with pytest.raises(NotFound), town.site.writing(town.actor(DESK)) as work:
            use_here(work, town.orologio, text, desks.public_id)
    with town.site.reading() as work:
        assert work.session.get(PersonVenue, (desks.id, town.orologio)) is None


def test_a_venue_sees_and_changes_nobody_of_another(town, desks, browser):
    desk = browser()
    desk.sign_in(DESK)
    page = f"/manage/orologio/people/{desks.public_id}"
    nobody = desk.get("/manage/orologio/people/aaaaaaaaaaaaaaaa")
    assert desk.get(page).status_code == nobody.status_code == 404
    elsewhere = f"/manage/gattaglio/people/{desks.public_id}"
    assert desk.get(elsewhere).status_code == 404
    assert desk.get("/manage/gattaglio/people").status_code == 404
    assert desk.get("/manage/gattaglio/journal").status_code in (403, 404)
    form = "/manage/orologio/people"
    assert desk.send(elsewhere, form_at=form, name="Hacked", version="1").status_code == 404
    assert desk.send(page, form_at=form, name="Hacked", version="1").status_code == 404
    assert desk.send("/manage/gattaglio/people", form_at=form, name="X").status_code == 404
    text = desk.get("/manage/orologio/people?text=rina").get_data(as_text=True)
    assert "Montanari" not in text
    with pytest.raises(Forbidden), town.site.writing(town.actor(DESK)) as work:
        register_person(work, town.gattaglio, "X")


def test_members_have_no_desk(town, desks, browser):
    town.account("ann@town.example")
    ann = browser()
    ann.sign_in("ann@town.example")
    assert ann.get("/manage/orologio/people").status_code in (403, 404)
    assert browser().get("/manage/orologio/people").status_code == 302


def test_two_clerks_at_one_person_do_not_overwrite_each_other(town, desks):
    facts = {"name": "Rina M.", "email": "rina@town.example", "phone": "0522 123456"}
    with town.site.writing(town.actor(OTHER)) as work:
        edit_person(work, town.gattaglio, desks.public_id, 1, **facts)
    with pytest.raises(Conflict) as refused, town.site.writing(town.actor(OTHER)) as work:
        edit_person(work, town.gattaglio, desks.public_id, 1, **facts)
    assert refused.value.code == "changed_meanwhile"


def test_the_desk_does_not_change_the_address_somebody_signs_in_with(town, desks):
    person_id = town.account("ann@town.example", name="Ann")
    with town.site.writing() as work:
        relate(work, person_id, town.orologio)
        public_id = work.session.get_one(Person, person_id).public_id
    with pytest.raises(Invalid), town.site.writing(town.actor(DESK)) as work:
        edit_person(
            work, town.orologio, public_id, 1, name="Ann", email="eve@town.example", phone=""
        )
