"""Accounts as a browser meets them: opening, confirming, signing in and out, getting back in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tierslieu.kernel import clock
from tierslieu.kernel.outbox import Job
from tierslieu.people.accounts.services import ask_reset
from tierslieu.people.jobs import purge
from tierslieu.people.models import Account, AccountToken, Person, SignIn

PASSWORD = "four words in a row"
ANN = "ann@town.example"


def count(site, table):
    with site.reading() as work:
        return work.session.scalar(sa.select(sa.func.count()).select_from(table))


def register(browser, email=ANN, name="Ann Rossi", password=PASSWORD):
    return browser.send("/register", email=email, name=name, password=password, again=password)


def test_registering_sends_a_link_that_opens_the_account_by_one_press(town, browser):
    ann = browser()
    assert register(ann).headers["Location"] == "/register/sent"
    assert ann.sign_in(ANN).status_code == 422, "not before it is confirmed"

    link = town.link(ANN)
    assert ann.get(link).status_code == 200
    assert count(town.site, SignIn) == 0
    with town.site.reading() as work:
        assert work.session.scalar(sa.select(Account.confirmed_at)) is None, "not pressed yet"

    assert ann.send(link).headers["Location"] == "/sign-in"
    assert ann.sign_in(ANN).headers["Location"] == "/me"
    assert ann.send(link, form_at="/reset").status_code == 422, "a link opens once"


def test_signing_in_before_confirming_sends_the_link_again(town, browser):
    ann = browser()
    register(ann)
    first = town.link(ANN)
    said = ann.sign_in(ANN).get_data(as_text=True)
    assert "mailed you the link again" in said
    assert town.link(ANN) != first
    assert ann.get(first).status_code == 422, "the older link is closed"
    assert ann.get(town.link(ANN)).status_code == 200


def test_registering_an_address_twice_gives_the_same_answer_and_only_the_mail_differs(
    town, browser
):
    town.account(ANN)
    new, taken = register(browser(), "new@town.example"), register(browser(), ANN)
    assert new.status_code == taken.status_code == 302
    assert new.headers["Location"] == taken.headers["Location"]
    assert "already" in town.mails(ANN)[-1].subject
    assert "Confirm" in town.mails("new@town.example")[-1].subject
    assert count(town.site, Account) == 2


def test_whoever_reads_the_mail_decides_which_registration_counts(town, browser):
    register(browser(), password="the password of somebody else")
    register(browser(), password=PASSWORD, name="Ann Herself")
    browser().send(town.link(ANN))
    assert browser().sign_in(ANN, "the password of somebody else").status_code == 422
    assert browser().sign_in(ANN).status_code == 302
    with town.site.reading() as work:
        assert work.session.scalar(sa.select(Person.name)) == "Ann Herself"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": ANN}, "password"),
        ({"again": "four words in a raw"}, "again"),
        ({"email": "not an address"}, "email"),
        ({"email": "a@b.it\nBcc: c@d.it"}, "email"),
        ({"name": " "}, "name"),
        ({"name": "x" * 200}, "name"),
    ],
    ids=[
        *("too short", "own address", "not the same", "no address", "two lines"),
        *("no name", "long name"),
    ],
)
def test_a_refused_registration_names_the_field_and_opens_nothing(town, browser, values, field):
    filled = {"email": ANN, "name": "Ann", "password": PASSWORD, "again": PASSWORD} | values
    if "password" in values:
        filled["again"] = values["password"]
    answer = browser().send("/register", **filled)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.get_data(as_text=True)
    assert count(town.site, Account) == 0


def test_wrong_password_unknown_and_suspended_unknown_are_one_answer(town, browser):
    town.account(ANN)

    def said(email, password):
        page = browser().sign_in(email, password)
        text = page.get_data(as_text=True).replace(email, "")
        return page.status_code, [line for line in text.splitlines() if "csrf" not in line]

    assert said(ANN, "wrong password") == said("bob@town.example", "wrong password")
    assert said("no address", "wrong password")[0] == 422


def test_signing_in_gives_a_new_session_and_an_old_cookie_is_worth_nothing(town, browser):
    town.account(ANN)
    ann = browser()
    ann.get("/sign-in")
    ann.sign_in(ANN)
    first = ann.client.get_cookie("tierslieu").value
    ann.send("/sign-out", form_at="/me/profile")
    assert ann.get("/me").status_code == 302
    ann.client.set_cookie("tierslieu", first)
    assert ann.get("/me").status_code == 302, "the stolen cookie died with the session"
    assert count(town.site, SignIn) == 0


def test_a_session_planted_before_signing_in_does_not_survive_it(town, browser):
    town.account(ANN)
    town.account("eve@town.example")
    eve = browser()
    eve.sign_in("eve@town.example")
    planted = eve.client.get_cookie("tierslieu").value
    ann = browser()
    ann.client.set_cookie("tierslieu", planted)
    ann.send("/sign-out", form_at="/me/profile")
    ann.sign_in(ANN)
    assert ann.client.get_cookie("tierslieu").value != planted
    eve.client.set_cookie("tierslieu", planted)
    assert eve.get("/me").status_code == 302


def test_signing_out_everywhere_ends_all_but_this_one(town, browser):
    town.account(ANN)
    here, there = browser(), browser()
    here.sign_in(ANN)
    there.sign_in(ANN)
    here.send("/me/sessions/end", form_at="/me/sessions")
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 302


def test_somebody_elses_session_cannot_be_ended(town, browser):
    town.account(ANN)
    town.account("bob@town.example")
    ann, bob = browser(), browser()
    ann.sign_in(ANN)
    bob.sign_in("bob@town.example")
    with town.site.reading() as work:
        anns = work.session.scalar(
            sa.select(SignIn.token_hash)
            .join(Account, Account.id == SignIn.account_id)
            .where(Account.email == ANN)
        )
    assert bob.send("/me/sessions/end", form_at="/me/sessions", session=anns).status_code == 404
    assert ann.get("/me").status_code == 200


def test_choosing_a_new_password_by_mail_ends_every_session(town, browser):
    town.account(ANN)
    ann = browser()
    ann.sign_in(ANN)
    browser().send("/reset", email=ANN)
    town.work_off()
    link = town.link(ANN)
    other = "another four words in a row"
    assert ann.send(link, password=other, again=other).status_code == 302
    assert ann.get("/me").status_code == 302
    assert browser().sign_in(ANN).status_code == 422
    assert browser().sign_in(ANN, other).status_code == 302
    assert browser().get(link).status_code == 422, "used once"


def test_asking_for_a_new_password_answers_and_writes_the_same_for_anybody(town, browser):
    town.account(ANN)
    known = browser().send("/reset", email=ANN)
    unknown = browser().send("/reset", email="nobody@town.example")
    assert known.headers["Location"] == unknown.headers["Location"]
    with town.site.reading() as work:
        rows = work.session.scalars(sa.select(Job).where(Job.name == "people.send_reset")).all()
        assert len(rows) == 2
        assert "nobody" not in str([row.payload for row in rows])
    town.work_off()
    assert not town.mails("nobody@town.example")


def test_a_reset_link_is_over_after_two_hours(town, browser):
    town.account(ANN)
    with town.site.writing() as work:
        ask_reset(work, ANN)
    town.work_off()
    link = town.link(ANN)
    assert browser().get(link).status_code == 200
    with clock.frozen(clock.now() + timedelta(hours=3)):
        assert browser().get(link).status_code == 422


def test_changing_the_password_asks_for_the_present_one_and_ends_the_others(town, browser):
    town.account(ANN)
    here, there = browser(), browser()
    here.sign_in(ANN)
    there.sign_in(ANN)
    new = "another four words in a row"
    wrong = here.send("/me/password", current="wrong", password=new, again=new)
    assert wrong.status_code == 422
    assert here.send("/me/password", current=PASSWORD, password=new, again=new).status_code == 302
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 302


def test_another_address_counts_only_after_its_link_and_both_are_told(town, browser):
    town.account(ANN)
    ann = browser()
    ann.sign_in(ANN)
    assert ann.send("/me/email", email="ann@new.example", password=PASSWORD).status_code == 302
    assert browser().sign_in("ann@new.example").status_code == 422
    assert "Another address" in town.mails(ANN)[-1].subject
    browser().send(town.link("ann@new.example"))
    assert browser().sign_in("ann@new.example").status_code == 302
    assert "changed" in town.mails(ANN)[-1].subject
    assert "changed" in town.mails("ann@new.example")[-1].subject


def test_an_address_that_somebody_has_answers_the_same_as_a_free_one(town, browser):
    town.account(ANN)
    town.account("bob@town.example")
    ann = browser()
    ann.sign_in(ANN)
    assert ann.send("/me/email", email="bob@town.example", password=PASSWORD).status_code == 302
    assert "already" in town.mails("bob@town.example")[-1].subject
    with town.site.reading() as work:
        tokens = sa.select(AccountToken).where(AccountToken.purpose == "email")
        assert work.session.scalars(tokens).first() is None


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/venues", "/venues"),
        ("https://evil.example/", "/me"),
        ("//evil.example", "/me"),
        ("/\\evil.example", "/me"),
        ("javascript:alert(1)", "/me"),
        ("/venues\r\nSet-Cookie: x=1", "/me"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(town, browser, wanted, led):
    town.account(ANN)
    assert browser().sign_in(ANN, next=wanted).headers["Location"] == led


def test_choosing_a_language_stays_on_this_site_and_takes_only_ours(town, browser):
    one = browser()
    assert one.get("/language/fr?next=//evil.example").headers["Location"] == "/"
    assert one.get("/language/xx").status_code == 404
    assert 'lang="fr"' in one.get("/sign-in").get_data(as_text=True)


def test_a_browser_not_seen_before_is_told_by_mail_and_a_known_one_is_not(town, browser):
    town.account(ANN)

    def sign_in(agent):
        one = browser()
        one.client.environ_base["HTTP_USER_AGENT"] = agent
        one.sign_in(ANN)
        return [mail.subject for mail in town.mails(ANN)]

    assert sign_in("Phone") == []
    assert sign_in("Phone") == []
    assert sign_in("Laptop") == ["New sign-in to your account"]
    assert sign_in("Laptop") == ["New sign-in to your account"]


def test_forms_without_their_token_are_refused(town, browser):
    town.account(ANN)
    one = browser()
    for path in ("/sign-in", "/register", "/reset", "/sign-out", "/language"):
        assert one.client.post(path, data={"email": ANN, "password": PASSWORD}).status_code == 400


def test_accounts_never_confirmed_are_forgotten_after_two_weeks(town, browser):
    town.account("bob@town.example")
    register(browser())
    with clock.frozen(clock.now() + timedelta(days=13)), town.site.writing() as work:
        purge(work)
    assert count(town.site, Account) == 2
    with clock.frozen(clock.now() + timedelta(days=15)), town.site.writing() as work:
        purge(work)
    assert count(town.site, Account) == 1
    assert count(town.site, Person) == 1
