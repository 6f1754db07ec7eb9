"""What a group declares counts once the venue has confirmed it, where the season says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.seasons import asking, privacy, services
from tierslieu.bookings.seasons.asking import ApplicationSaid
from tierslieu.bookings.seasons.confirming import answer_declared
from tierslieu.bookings.seasons.models import SeasonApplication
from tierslieu.bookings.seasons.queries import application_at, round_at
from tierslieu.bookings.seasons.services import RoundSaid, SlotsSaid
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from tierslieu.kernel.texts import Texts
from tierslieu.testing import csrf_token

SAID = RoundSaid(
    Texts(en="Winter"), date(2026, 12, 1), date(2027, 1, 31), date(2026, 11, 1),
    date(2026, 11, 20), {"district": 10, "young": 7, "years": 2},
    # What is looked up, or gives nothing, is not to be confirmed.
    ("district", "years", "size", "free"),
)  # fmt: skip
SAYS = {"district": True, "young": True, "years": 3}


@pytest.fixture
def winter(house: Any) -> str:
    """A round in which the district and the years are to be confirmed, open."""
    with house.writing("manager") as work:
        row = services.put_round(work, house.venue, SAID)
        assert row.to_confirm == ["district", "years"]
        slots = SlotsSaid((house.rooms["sala"],), (0, 1), 880, 1110, 120)
        services.add_slots(work, house.venue, row.public_id, slots)
        services.open_round(work, house.venue, row.public_id)
        return str(row.public_id)


def says(house: Any, winter: str, answers: Any = SAYS, public_id: str | None = None) -> str:
    """Ada's choir applies, or changes what it says."""
    windows = tuple((day, 0, 1440) for day in range(6))
    said = ApplicationSaid("Choir", 8, 1, (house.rooms["sala"],), windows, answers=answers)
    with house.writing("ada") as work:
        row = round_at(work.session, house.venue, winter)
        before = application_at(work.session, public_id)[0].row if public_id else None
        return str(asking.put_application(work, row, said, before).public_id)


def answers(house: Any, public_id: str, *said: Any, who: str = "manager") -> None:
    with house.writing(who) as work:
        applied, row, _ = application_at(work.session, public_id)
        answer_declared(work, row, applied.row, *said)


def score(house: Any, public_id: str) -> int:
    with house.site.reading() as work:
        return int(application_at(work.session, public_id)[0].row.score)


def run(house: Any, winter: str) -> None:
    with house.writing("manager") as work:
        if round_at(work.session, house.venue, winter).state == "open":
            services.turn(work, house.venue, winter, "close")
    with house.writing("manager") as work:
        services.run(work, house.venue, winter)


def test_only_what_is_confirmed_counts(house: Any, winter: str) -> None:
    choir = says(house, winter)
    assert score(house, choir) == 7, "the word is enough for young people alone"
    answers(house, choir, "years", True, "")
    assert score(house, choir) == 13
    with pytest.raises(Refused):
        answers(house, choir, "district", False, " ")
    answers(house, choir, "district", False, "The choir meets in Rivalta.")
    assert score(house, choir) == 13
    answers(house, choir, "district", True, "They have moved here.")
    assert score(house, choir) == 23
    verbs = ("seasons.confirm", "seasons.decline")
    with house.site.reading() as work:
        asked = sa.select(AuditEntry.verb).where(AuditEntry.verb.in_(verbs))
        assert sorted(work.session.scalars(asked)) == [verbs[0], *verbs]


def test_no_timetable_before_everything_declared_has_its_answer(house: Any, winter: str) -> None:
    choir = says(house, winter)
    with pytest.raises(Conflict, match="unanswered"):
        run(house, winter)
    answers(house, choir, "years", True, "")
    with pytest.raises(Conflict, match="unanswered"):
        run(house, winter)
    answers(house, choir, "district", False, "The choir meets in Rivalta.")
    run(house, winter)
    answers(house, choir, "district", True, "They have moved here.")
    with house.writing("manager") as work:
        services.publish(work, house.venue, winter)
    with pytest.raises(Conflict, match="wrong_state"):
        answers(house, choir, "district", True, "Too late.")


def test_who_withdrew_keeps_nobody_waiting(house: Any, winter: str) -> None:
    choir = says(house, winter)
    with house.writing("ada") as work:
        applied, row, _ = application_at(work.session, choir)
        asking.withdraw(work, row, applied.row)
    run(house, winter)


def test_an_answer_that_is_changed_is_looked_at_again(house: Any, winter: str) -> None:
    choir = says(house, winter)
    answers(house, choir, "years", True, "")
    answers(house, choir, "district", True, "")
    says(house, winter, SAYS | {"years": 5}, choir)
    assert score(house, choir) == 17, "the district is as it was, five years are not three"
    with pytest.raises(Conflict, match="changed_meanwhile"):
        answers(house, choir, "years", True, "", 1)
    answers(house, choir, "years", True, "", 2)
    assert score(house, choir) == 27


def test_nobody_else_confirms_and_nothing_else_is_confirmed(house: Any, winter: str) -> None:
    choir = says(house, winter, {"district": True, "young": True})
    with pytest.raises(Forbidden):
        answers(house, choir, "district", True, "", who="ada")
    for key in ("young", "years", "size", "nothing"):
        with pytest.raises(NotFound):
            answers(house, choir, key, True, "")
    with house.writing("manager") as work, pytest.raises(Conflict, match="criteria_published"):
        services.put_round(work, house.venue, replace(SAID, to_confirm=()), winter)


def test_what_the_venue_said_is_exported_and_erased(house: Any, winter: str) -> None:
    choir = says(house, winter)
    answers(house, choir, "district", False, "Ada lives in Rivalta.")
    with house.site.writing() as work:
        [part] = privacy.data(work, house.people["ada"])
        [row] = part.rows
        assert row["confirmed"] == {"district": {"ok": False, "reason": "Ada lives in Rivalta."}}
        privacy.erase(work, house.people["ada"])
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(SeasonApplication.verdicts)).all() == [{}]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_confirmed_on_a_page_and_read_by_who_applied(
    house: Any, winter: str, browser: Any
) -> None:
    choir = says(house, winter)
    manager, ada = browser("manager"), browser("ada")
    here, mine = f"/manage/alba/season-applications/{choir}", f"/me/season/{choir}"

    def send(**form: str) -> str:
        data = form | {"csrf_token": csrf_token(manager, here), "version": "1"}
        assert manager.post(f"{here}/declared", data=data).status_code == 303
        return str(manager.get(here).get_data(as_text=True))

    season = browser().get("/venues/alba/season").get_data(as_text=True)
    assert season.count("once the venue has confirmed it") >= 2
    assert "The venue has to confirm it" in ada.get(f"{mine}/change").get_data(as_text=True)
    text = ada.get(mine).get_data(as_text=True)
    assert "Associations of the district: no points yet" in text
    assert "you have not said yet" in manager.get(here).get_data(as_text=True)
    refused = send(criterion="district", verdict="decline", reason="")
    assert "Say why: whoever applied reads it." in refused
    text = send(criterion="district", verdict="decline", reason="You meet in Rivalta.")
    assert "not confirmed: You meet in Rivalta." in text
    send(criterion="years", verdict="confirm", reason="Seen in the books.")
    text = ada.get(mine).get_data(as_text=True)
    assert "the venue did not confirm it (You meet in Rivalta.)" in text
    assert "Years here: 6, confirmed by the venue (Seen in the books.)" in text
    api = ada.get("/api/v1/venues/alba/season/applications").json
    states = {each["key"]: each["state"] for each in api["items"][0]["declared"]}
    assert states == {"district": "declined", "years": "confirmed", "young": "word"}
