"""Members' pages: who may open what, and the two touches in which dues are taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tierslieu.memberships.dues.services import take_dues
from tierslieu.memberships.services import admit, apply

Enter = Callable[[str], Any]


def made(house: Any, name: str = "ada", *, admitted: bool = True) -> str:
    with house.writing(name) as work:
        public_id = apply(work, house.plan).public_id
    if admitted:
        with house.writing("manager") as work:
            admit(work, house.venue, public_id)
    return str(public_id)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def post(client: Any, url: str, page: str, **values: object) -> Any:
    html = client.get(page).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert token, page
    return client.post(url, data={"csrf_token": token.group(1), **values})


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        pytest.param("manager", "members", 200, id="manager: the register"),
        pytest.param("desk", "members", 200, id="desk: who owes"),
        pytest.param("rival", "members", 404, id="manager of another venue"),
        pytest.param("ada", "members", 404, id="a member"),
        pytest.param("", "members", 302, id="nobody signed in"),
        pytest.param("manager", "plans", 200, id="manager: plans"),
        pytest.param("desk", "plans", 403, id="desk: plans"),
        pytest.param("rival", "plans", 404, id="another's plans"),
        pytest.param("manager", "members/{id}", 200, id="manager: a member"),
        pytest.param("desk", "members/{id}", 200, id="desk: a member"),
        pytest.param("rival", "members/{id}", 404, id="another's member"),
        pytest.param("ada", "members/{id}", 404, id="herself, by the desk's door"),
        pytest.param("desk", "members/{id}/card", 200, id="desk: print the card"),
        pytest.param("rival", "members/{id}/card", 404, id="another's card"),
    ],
)
def test_the_desks_pages_open_for_its_own(
    house: Any, app: Any, signed_in: Enter, who: str, path: str, status: int
) -> None:
    public_id = made(house)
    client = signed_in(who) if who else app.test_client()
    answer = client.get(f"/manage/alba/{path.format(id=public_id)}")
    # Without any role the permission is held nowhere: forbidden and not there are both a no.
    assert answer.status_code == status or (who == "ada" and answer.status_code == 403)


def test_another_venues_manager_does_not_find_it_through_his_own_desk(
    house: Any, signed_in: Enter
) -> None:
    public_id = made(house)
    client = signed_in("rival")
    assert client.get(f"/manage/borgo/members/{public_id}").status_code == 404
    for verb in ("admit", "dues", "renew", "end"):
        answer = post(
            client, f"/manage/borgo/members/{public_id}/{verb}", "/manage/borgo/members",
            method="cash",
        )  # fmt: skip
        assert answer.status_code == 404, verb


def test_the_desk_takes_dues_in_two_touches_and_can_take_them_back(
    house: Any, signed_in: Enter
) -> None:
    public_id = made(house)
    client = signed_in("desk")
    page = "/manage/alba/members"
    assert "Ada" in text_of(client.get(page))
    answer = post(client, f"{page}/{public_id}/dues", page, method="cash", next=page)
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    after = client.get(page).get_data(as_text=True)
    assert "Everybody has paid." in after
    undo = re.search(r'action="([^"]+/dues/withdraw)"', after)
    assert undo
    post(client, undo.group(1), page, number=1, next=page)
    assert "Ada" in text_of(client.get(page))


def test_an_amount_that_makes_no_sense_is_shown_again_with_its_reason(
    house: Any, signed_in: Enter
) -> None:
    public_id = made(house)
    client = signed_in("desk")
    page = f"/manage/alba/members/{public_id}"
    for amount, said in (("fifteen", "Write an amount"), ("99", "is still owed"), ("", "fill")):
        answer = post(client, f"{page}/dues", page, method="cash", amount=amount)
        assert answer.status_code == 422, amount
        assert said in text_of(answer)
    assert post(client, f"{page}/dues", page, method="cash", amount="7,50").status_code == 302
    assert "7.50" in text_of(client.get(page))


def test_the_desk_does_not_admit_and_the_manager_does(house: Any, signed_in: Enter) -> None:
    public_id = made(house, admitted=False)
    page = "/manage/alba/members"
    answer = post(signed_in("desk"), f"{page}/{public_id}/admit", page)
    assert answer.status_code == 403
    manager = signed_in("manager")
    answer = post(manager, f"{page}/{public_id}/refuse", f"{page}/{public_id}", reason="")
    assert answer.status_code == 422
    answer = post(manager, f"{page}/{public_id}/admit", page, next=page)
    assert answer.status_code == 302
    assert "card number 2026-00001" in text_of(manager.get(page))


def test_somebody_applies_sees_it_waiting_and_then_her_card(house: Any, signed_in: Enter) -> None:
    client = signed_in("ada")
    assert "Become a member" in text_of(client.get("/venues/alba"))
    answer = post(client, "/venues/alba/join", "/venues/alba/join", plan=house.plan)
    assert answer.headers["Location"] == "/me"
    assert "waits for an answer" in text_of(client.get("/me"))
    with house.site.reading() as work:
        from tierslieu.memberships.queries import today_of
        from tierslieu.memberships.register.queries import applications

        waiting = applications(work.session, house.venue, today_of(work.session, work.now))
    public_id = waiting[0].membership.public_id
    assert client.get(f"/me/cards/{public_id}").status_code == 404
    with house.writing("manager") as work:
        admit(work, house.venue, public_id)
    mine = client.get("/me")
    assert "2026-00001" in text_of(mine)
    assert 'class="qr"' in mine.get_data(as_text=True)
    assert client.get(f"/me/cards/{public_id}").status_code == 200
    picture = client.get(f"/me/cards/{public_id}/qr.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert signed_in("bice").get(f"/me/cards/{public_id}").status_code == 404
    assert "counts here already" in text_of(client.get("/venues/borgo/join"))


def test_the_panel_of_a_person_at_the_desk_offers_a_card(house: Any, signed_in: Enter) -> None:
    with house.site.reading() as work:
        from tierslieu.people.models import Person

        zoe = work.session.get_one(Person, house.people["zoe"]).public_id
    client = signed_in("manager")
    assert "Give a card" in text_of(client.get(f"/manage/alba/people/{zoe}"))
    page = f"/manage/alba/people/{zoe}/card"
    answer = post(client, page, page, plan=house.plan, kind="free")
    assert answer.status_code == 302
    shown = text_of(client.get(answer.headers["Location"]))
    assert "Nothing is due." in shown
    assert "2026-00001" in shown
    again = post(client, page, page, plan=house.plan, kind="season")
    assert again.status_code == 409


def test_a_plan_is_written_and_two_who_write_at_once_see_each_other(
    house: Any, signed_in: Enter
) -> None:
    client = signed_in("manager")
    new = "/manage/alba/plans/new"
    values = {
        "name_en": "Friends", "season_day": "1", "season_month": "1", "fee": "12,50",
        "grace_days": "31", "circuit": "", "active": "y", "version": "0",
    }  # fmt: skip
    assert post(client, new, new, **values).status_code == 302
    assert "Friends" in text_of(client.get("/manage/alba/plans"))
    old = f"/manage/alba/plans/{house.plan}"
    assert post(client, old, old, **values | {"version": "1"}).status_code == 302
    answer = post(client, old, old, **values | {"version": "1", "name_en": "Others"})
    assert answer.status_code == 409
    assert "Others" in answer.get_data(as_text=True)


def test_the_register_is_the_managers_and_shows_each_state(house: Any, signed_in: Enter) -> None:
    public_id = made(house)
    made(house, "bice")
    with house.writing("desk") as work:
        take_dues(work, house.venue, public_id, "cash")
    client = signed_in("manager")
    for show, seen in (("members", "Ada"), ("unpaid", "Bice"), ("lapsed", "Nobody here")):
        assert seen in text_of(client.get(f"/manage/alba/members?show={show}")), show
    assert "Ada" not in text_of(signed_in("desk").get("/manage/alba/members?show=members"))
    assert client.get("/manage/alba/members?page=999999999999&show=nonsense").status_code == 200
