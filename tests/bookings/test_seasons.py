"""A season from the call to the bookings, on both databases; its pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.seasons import asking, booking, placing, privacy, services
from tierslieu.bookings.seasons.asking import ApplicationSaid
from tierslieu.bookings.seasons.models import SeasonApplication, SeasonPlacement
from tierslieu.bookings.seasons.queries import (
    Timetable,
    application_at,
    booked_of,
    round_at,
    timetable,
)
from tierslieu.bookings.seasons.services import RoundSaid, SlotsSaid
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Refused
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.texts import Texts
from tierslieu.people.models import Account
from tierslieu.testing import a_token, csrf_token

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SAID = RoundSaid(
    Texts(en="Winter"), date(2026, 12, 1), date(2027, 1, 31), date(2026, 11, 1),
    date(2026, 11, 20), {"district": 10, "years": 2, "size": 5},
)  # fmt: skip
ANY_DAY = tuple((day, 0, 1440) for day in range(6))


@pytest.fixture
def winter(house: Any) -> str:
    """A round of the sala: two hours on Mondays and Tuesdays in the afternoon, open."""
    with house.writing("manager") as work:
        row = services.put_round(work, house.venue, SAID)
        slots = SlotsSaid((house.rooms["sala"],), (0, 1), 880, 1110, 120)
        assert services.add_slots(work, house.venue, row.public_id, slots) == 2
        services.open_round(work, house.venue, row.public_id)
        return str(row.public_id)


def applies(house: Any, who: str, winter: str, title: str, **more: Any) -> str:
    values: dict[str, Any] = {"size": 8, "times": 1, "rooms": (house.rooms["sala"],)}
    said = ApplicationSaid(title, **(values | {"windows": ANY_DAY} | more))
    with house.writing(who) as work:
        row = round_at(work.session, house.venue, winter)
        return str(asking.put_application(work, row, said).public_id)


def proposed(house: Any, winter: str) -> Timetable:
    with house.writing("manager") as work:
        if round_at(work.session, house.venue, winter).state == "open":
            services.turn(work, house.venue, winter, "close")
        return services.run(work, house.venue, winter)


def by_title(found: Timetable) -> dict[str, list[int]]:
    """Weekdays that each group has."""
    return {f.wish.title: [slot.weekday for slot, _ in f.got] for f in found.fates}


def by_hand(house: Any, public_id: str, act: Any, *args: Any) -> None:
    with house.writing("manager") as work:
        applied, row, _ = application_at(work.session, public_id)
        act(work, row, applied.row, *args)


def count(house: Any, model: Any, *where: Any) -> int:
    with house.site.reading() as work:
        found = work.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))
        return int(found or 0)


def test_points_decide_and_the_same_again_gives_the_same(house: Any, winter: str) -> None:
    applies(house, "bice", winter, "Chess")
    applies(house, "ada", winter, "Choir", answers={"district": True}, size=16)
    applies(house, "ada", winter, "Yoga", answers={"years": 9})
    first = proposed(house, winter)
    assert by_title(first) == {"Choir": [0], "Yoga": [1], "Chess": []}
    assert [fate.wish.score for fate in first.fates] == [15, 10, 0]
    assert [m.code for m in first.fates[-1].missed] == ["held", "held"]
    again = proposed(house, winter)
    assert by_title(again) == by_title(first)
    assert again.placed == first.placed
    assert count(house, Mail, Mail.about.like("season%")) == 0


def test_what_is_done_by_hand_stays_with_its_reason(house: Any, winter: str) -> None:
    applies(house, "ada", winter, "Choir", answers={"district": True})
    chess = applies(house, "bice", winter, "Chess", windows=((0, 0, 1440),))
    found = proposed(house, winter)
    assert by_title(found) == {"Choir": [0], "Chess": []}
    monday = found.slot_ids[found.slots[0].id]
    with pytest.raises(Refused):
        by_hand(house, chess, placing.place, monday, "")
    by_hand(house, chess, placing.place, monday, "The clock hangs there.")
    found = proposed(house, winter)
    assert by_title(found) == {"Choir": [1], "Chess": [0]}
    by_hand(house, chess, placing.take_away, monday, "The clock is broken.")
    found = proposed(house, winter)
    assert by_title(found) == {"Choir": [0], "Chess": []}
    assert [m.code for m in found.fates[1].missed] == ["removed"]
    by_hand(house, chess, placing.leave_to_method)
    assert count(house, SeasonPlacement, SeasonPlacement.made_by == "hand") == 0
    assert count(house, AuditEntry, AuditEntry.verb == "seasons.place") == 1


def test_moving_gives_up_the_old_time_and_never_pushes_what_a_hand_placed(
    house: Any, winter: str
) -> None:
    choir = applies(house, "ada", winter, "Choir", answers={"district": True})
    chess = applies(house, "bice", winter, "Chess")
    found = proposed(house, winter)
    monday, tuesday = (found.slot_ids[slot.id] for slot in found.slots)
    with pytest.raises(Refused, match="enough"):
        by_hand(house, choir, placing.place, tuesday, "They asked.")
    by_hand(house, choir, placing.place, tuesday, "They asked.", monday)
    assert by_title(proposed(house, winter)) == {"Choir": [1], "Chess": [0]}
    with pytest.raises(Conflict, match="by_hand"):
        by_hand(house, chess, placing.place, tuesday, "Why not.", monday)


def test_published_once_everybody_is_told_once_and_the_times_become_series(
    house: Any, winter: str, at: Any
) -> None:
    applies(house, "ada", winter, "Choir", answers={"district": True}, organisation_id=house.body)
    chess = applies(house, "bice", winter, "Chess", windows=((0, 0, 1440),))
    proposed(house, winter)
    with house.writing("manager") as work:
        taken = at("2026-12-14 15:00", "16:00")
        book(work, NewBooking(house.rooms["sala"], taken, "Funeral", kind="blocked"))
        services.publish(work, house.venue, winter)
    with pytest.raises(Conflict), house.writing("manager") as work:
        services.publish(work, house.venue, winter)
    drain(house.site)
    assert count(house, Mail, Mail.about.like("season_application%")) == 2
    assert count(house, Mail, Mail.body.contains("It went to “Choir” with 10 points.")) == 1

    for _ in range(2):
        with house.writing("manager") as work:
            booking.book_round(work, house.venue, winter)
        drain(house.site)
    with house.site.reading() as work:
        found = timetable(work.session, round_at(work.session, house.venue, winter))
        [one] = booked_of(work.session, found.placements).values()
        skipped = [row.local_start[:10] for row in one.skipped]
        rows = work.session.scalars(sa.select(Booking).where(Booking.kind == "seasonal")).all()
    assert "2026-12-14" in skipped
    assert len(rows) + len(skipped) == 8
    assert {(r.organisation_id, r.state, r.local_start[11:]) for r in rows} == {
        (house.body, "confirmed", "14:40")
    }
    assert count(house, Mail, Mail.about.like("season_application%")) == 3
    assert chess


def test_one_can_apply_and_change_only_while_it_is_open(house: Any, winter: str) -> None:
    mine = applies(house, "ada", winter, "Choir")
    with house.writing("ada") as work:
        applied, row, _ = application_at(work.session, mine)
        said = ApplicationSaid("Choirs", 9, 1, (house.rooms["sala"],), ANY_DAY)
        asking.put_application(work, row, said, applied.row)
    with pytest.raises(Refused) as refused:
        applies(house, "ada", winter, " ", size=0, rooms=(), windows=())
    assert {reason.field for reason in refused.value.reasons} == {"title", "size", "room1", "day1"}
    with pytest.raises(Forbidden):
        applies(house, "bice", winter, "Not hers", organisation_id=house.body)
    with clock.frozen(NOW + timedelta(days=19)), pytest.raises(Conflict):
        applies(house, "ada", winter, "Too late")
    with house.writing("ada") as work:
        applied, row, _ = application_at(work.session, mine)
        asking.withdraw(work, row, applied.row)
    assert proposed(house, winter).fates == []
    with pytest.raises(Conflict):
        applies(house, "ada", winter, "After it closed")


def test_criteria_stay_as_they_were_published(house: Any, winter: str) -> None:
    from dataclasses import replace

    with house.writing("manager") as work, pytest.raises(Conflict, match="criteria_published"):
        services.put_round(work, house.venue, replace(SAID, criteria={"district": 99}), winter)
    with house.writing("rival") as work, pytest.raises(Forbidden):
        services.run(work, house.venue, winter)


def test_points_by_hand_need_a_reason_and_count(house: Any, winter: str) -> None:
    chess = applies(house, "bice", winter, "Chess")
    applies(house, "ada", winter, "Choir", answers={"district": True})
    with pytest.raises(Refused):
        by_hand(house, chess, services.give_points, 50, "")
    by_hand(house, chess, services.give_points, 50, "They swept the hall.")
    assert [f.wish.title for f in proposed(house, winter).fates] == ["Chess", "Choir"]


def test_who_is_erased_asks_for_nothing_any_more(house: Any, winter: str) -> None:
    applies(house, "bice", winter, "Chess", needs="Bice has a bad knee.")
    proposed(house, winter)
    with house.site.writing() as work:
        [part] = privacy.data(work, house.people["bice"])
        assert part.rows[0]["needs"] == "Bice has a bad knee."
        privacy.erase(work, house.people["bice"])
    with house.site.reading() as work:
        row = work.session.scalar(sa.select(SeasonApplication))
        assert row is not None
        assert (row.person_id, row.state, row.needs) == (None, "withdrawn", "")
    assert count(house, SeasonPlacement) == 0


# -- pages ---------------------------------------------------------------------------------------

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DESK = "/manage/alba/seasons"


def posted(client: Any, address: str, page: str, **data: Any) -> Any:
    return client.post(address, data=data | {"csrf_token": csrf_token(client, page)})


@on_sqlite
def test_a_manager_makes_a_round_and_a_member_applies(house: Any, browser: Any) -> None:
    manager, ada = browser("manager"), browser("ada")
    days = {"starts_on": "2026-12-01", "ends_on": "2027-06-30", "apply_from": "2026-11-01",
            "apply_until": "2026-11-20", "c_district": "10"}  # fmt: skip
    wrong = posted(manager, DESK, DESK, name_en="", **days)
    assert wrong.status_code == 422
    assert "Give the season a name" in wrong.get_data(as_text=True)
    made = posted(manager, DESK, DESK, name_en="Winter", **days)
    times = made.headers["Location"]
    here = times.removesuffix("/times")
    assert ada.get("/venues/alba/season").status_code == 404
    refused = posted(manager, f"{here}/open", here)
    assert refused.status_code == 303
    assert "Say first which times" in manager.get(here).get_data(as_text=True)
    slots = {"rooms": house.rooms["sala"], "weekdays": "0", "start": "15:00", "end": "17:00",
             "minutes": "120"}  # fmt: skip
    assert posted(manager, times, times, **slots).status_code == 303
    posted(manager, f"{here}/open", here)

    assert "Apply for the season" in ada.get("/venues/alba").get_data(as_text=True)
    form = "/venues/alba/season/apply"
    half = {"title": "Coro", "size": "12", "times": "1", "room1": house.rooms["sala"],
            "day1": "0", "prefers": "time", "who": house.body_id, "a_district": "y"}  # fmt: skip
    answer = posted(ada, form, form, **half)
    assert answer.status_code == 422
    assert 'value="Coro"' in answer.get_data(as_text=True)
    mine = posted(ada, form, form, **half, from1="14:00", until1="18:00").headers["Location"]
    shown = ada.get(mine).get_data(as_text=True)
    assert "10 points" in shown
    assert "10, the group&#39;s own word" in shown
    assert 'value="14:00"' in ada.get(f"{mine}/change").get_data(as_text=True)
    assert browser("bice").get(mine).status_code == 404
    for verb in ("close", "run"):
        posted(manager, f"{here}/{verb}", here)
    assert "It has its time." in manager.get(here).get_data(as_text=True)
    assert "It has its time." not in ada.get(mine).get_data(as_text=True)
    posted(manager, f"{here}/publish", here)
    assert "Monday 15:00–17:00, Sala" in ada.get(mine).get_data(as_text=True)
    assert "Coro" in browser().get("/venues/alba/season").get_data(as_text=True)


@on_sqlite
def test_what_is_refused_by_hand_is_said_where_it_was_written(
    house: Any, browser: Any, winter: str
) -> None:
    choir = applies(house, "ada", winter, "Choir")
    found = proposed(house, winter)
    manager, address = browser("manager"), f"/manage/alba/season-applications/{choir}"
    tuesday = found.slot_ids[found.slots[1].id]
    answer = posted(manager, f"{address}/place", address, slot=tuesday, reason="They asked.")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "say which one is given up for it" in text
    assert 'value="They asked."' in text
    assert browser("rival").get(address).status_code == 404


def test_a_script_reads_the_season_applies_and_reads_its_fate(
    house: Any, winter: str, browser: Any
) -> None:
    ada, anyone = browser("ada"), browser()
    address = "/api/v1/venues/alba/season"
    shown = anyone.get(address).json
    assert (shown["id"], shown["state"], shown["takes_applications"]) == (winter, "open", True)
    assert [each["key"] for each in shown["criteria"]] == ["district", "years", "size"]
    assert [(s["weekday"], s["starts"], s["ends"], s["group"]) for s in shown["slots"]] == [
        ("mo", "14:40", "16:40", None), ("tu", "14:40", "16:40", None),
    ]  # fmt: skip
    wish = {
        "title": "Choir", "size": 20, "times": 1, "rooms": [house.rooms["sala"]],
        "windows": [{"weekday": "mo", "starts": "14:00", "ends": "18:00"}],
        "answers": {"district": True, "years": 3},
    }  # fmt: skip
    # Cookies may read; a script writes with its token.
    with house.site.writing() as work:
        token = a_token(
            work,
            work.session.scalars(
                sa.select(Account).where(Account.email == "ada@example.org")
            ).one(),
            "bookings:write",
        )
    mine = {"Authorization": f"Bearer {token}"}
    assert anyone.post(f"{address}/applications", json=wish).status_code == 401
    for wrong, code in (
        ({"rooms": ["nowhere"]}, "no_such_room"),
        ({"windows": [{"weekday": "mo", "starts": "18:00", "ends": "14:00"}]}, "bad_hours"),
        ({"score": 99}, "unknown_field"),
    ):
        refused = anyone.post(f"{address}/applications", json=wish | wrong, headers=mine)
        assert (refused.status_code, refused.json["reasons"][0]["code"]) == (422, code)
    made = anyone.post(f"{address}/applications", json=wish, headers=mine)
    assert made.status_code == 201
    assert (made.json["points"], made.json["score"], made.json["got"]) == (
        {"district": 10, "years": 6, "size": 5}, 21, None,
    )  # fmt: skip
    proposed(house, winter)
    with house.writing("manager") as work:
        services.publish(work, house.venue, winter)
    [fate] = ada.get(f"{address}/applications").json["items"]
    assert [(got["weekday"], got["starts"]) for got in fate["got"]] == [("mo", "14:40")]
    assert [slot["group"] for slot in anyone.get(address).json["slots"]] == ["Choir", None]
    gone = anyone.delete(f"/api/v1/season-applications/{fate['id']}", headers=mine)
    assert (gone.status_code, gone.json["code"]) == (409, "wrong_state")
    late = anyone.post(f"{address}/applications", json=wish, headers=mine)
    assert (late.status_code, late.json["code"]) == (409, "not_open")
