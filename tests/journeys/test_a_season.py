"""The yearly timetable of one centre with forty applications, from the call to the bookings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.app import create_site
from tierslieu.bookings.models import Booking
from tierslieu.bookings.seasons.models import SeasonApplication, SeasonRound
from tierslieu.bookings.seasons.queries import Timetable, timetable
from tierslieu.bookings.seasons.rules import candidates, clash
from tierslieu.bookings.seasons.services import score
from tierslieu.config import load
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.outbox import Job
from tierslieu.people.models import Person
from tierslieu.venues.models import Room

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SEASONS = "/manage/gattaglio/seasons"
#: Far enough that no other story meets its bookings.
FIRST, LAST = 420, 440


@pytest.fixture
def site(served: Any) -> Iterator[Any]:
    """The town's own site, to write what forty groups would write."""
    opened = create_site(load({}, served.town.folder, secret_key="for tests only"))
    yield opened
    opened.db.dispose()


def test_a_manager_makes_the_timetable_of_forty_groups(enter: Any, served: Any, site: Any) -> None:
    town = served.town
    page = enter("manager", SEASONS)
    round_id = make_the_round(page, town)
    applied_without_a_script(enter, town)
    thirty_nine_others(site, round_id)

    page.goto(f"{SEASONS}/{round_id}")
    page.get_by_role("button", name="Take no more applications").click()
    page.get_by_role("button", name="Propose a timetable").click()
    page.get_by_text("nobody is told, nothing is booked").first.wait_for()
    week = page.locator("section[aria-labelledby=week]").inner_text()
    fates = page.locator("section[aria-labelledby=asked] tbody tr")
    said = fates.evaluate_all("rows => rows.map(row => row.cells[6].textContent.trim())")
    assert len(said) == 40
    assert all(said), "every group reads what became of it"
    page.get_by_role("button", name="Make it again").click()
    page.get_by_text("nobody is told, nothing is booked").first.wait_for()
    assert page.locator("section[aria-labelledby=week]").inner_text() == week
    stable(site, round_id)

    name = moved_by_keyboard(page, site, round_id)
    page.goto(f"{SEASONS}/{round_id}")
    page.get_by_role("button", name="Make it again").click()
    page.get_by_text("nobody is told, nothing is booked").first.wait_for()
    assert page.locator("section[aria-labelledby=week]").get_by_text("by hand").count() == 1
    page.get_by_role("button", name="Publish the timetable").click()
    page.get_by_role("button", name="Book all times").click()
    page.get_by_role("button", name="Try again what is missing").wait_for()
    all_booked(site)
    page.reload()
    assert "Booked" in page.locator("section[aria-labelledby=asked]").inner_text()
    booked(site, round_id)

    everybody = enter("", "/venues/gattaglio/season")
    assert everybody.get_by_role("heading", name="The timetable", exact=True).is_visible()
    assert everybody.get_by_text(name).first.is_visible()


def make_the_round(page: Any, town: Any) -> str:
    page.locator("input[name=name_en]").fill("The long winter")
    for field, days in (("starts_on", FIRST), ("ends_on", LAST), ("apply_from", 0),
                        ("apply_until", 9)):  # fmt: skip
        page.fill(f"input[name={field}]", town.date(days))
    for criterion, points in (("member", 20), ("district", 10), ("years", 2), ("size", 5)):
        page.fill(f"input[name=c_{criterion}]", str(points))
    page.get_by_role("button", name="Make the season").click()
    for room in ("levante", "ponente", "corte", "studio"):
        page.locator(f"input[name=rooms][value='{town.rooms[room]}']").check()
    page.get_by_role("button", name="Offer these times").click()
    page.get_by_text("60 times more a week.").wait_for()
    page.get_by_role("link", name="Back to the season").click()
    page.get_by_role("button", name="Open it for applications").click()
    page.get_by_text("People can apply now").wait_for()
    return str(page.url.rpartition("/")[2])


def applied_without_a_script(enter: Any, town: Any) -> None:
    page = enter("elsa", "/venues/gattaglio/season", javascript=False)
    page.get_by_role("link", name="Apply for the season").click()
    page.fill("input[name=title]", "Elsa's dancers")
    page.fill("input[name=size]", "18")
    page.select_option("select[name=room1]", town.rooms["levante"])
    page.select_option("select[name=day1]", "1")
    page.get_by_role("button", name="Send the application").click()
    page.get_by_role("link", name="From what time, and until when?").wait_for()
    assert page.input_value("input[name=title]") == "Elsa's dancers"
    page.fill("input[name=from1]", "17:00")
    page.fill("input[name=until1]", "23:00")
    page.get_by_label("We are at home in this district").check()
    page.get_by_role("button", name="Send the application").click()
    page.get_by_role("heading", name="15 points").wait_for()


def thirty_nine_others(site: Any, round_id: str) -> None:
    with site.writing() as work:
        row = work.session.scalar(sa.select(SeasonRound).where(SeasonRound.public_id == round_id))
        people = work.session.scalars(sa.select(Person.id).order_by(Person.id)).all()
        rooms = dict(work.session.execute(sa.select(Room.slug, Room.id)).all())
        ranked = [rooms[slug] for slug in ("levante", "ponente", "corte", "studio")]
        for n in range(39):
            days = [(n * 3 + k) % 5 for k in range(1 + n % 3)]
            asked = SeasonApplication(
                round_id=row.id, person_id=people[n % len(people)], title=f"Group {n:02}",
                size=5 + n * 7 % 30, times=1 + n % 2, applied_at=work.now + timedelta(seconds=n),
                rooms=ranked[n % 4 :] + ranked[: n % 4 if n % 5 else 0],
                windows=[[day, 1020, 1380 if n % 4 else 1260] for day in days],
                time_first=n % 2 == 0, two_a_day=n % 6 == 0, points_by_hand=0,
                answers={"district": n % 3 == 0, "years": n % 7},
            )  # fmt: skip
            work.session.add(asked)
            score(work, row, asked)


def stands(work: Any, round_id: str) -> Timetable:
    row = work.session.scalar(sa.select(SeasonRound).where(SeasonRound.public_id == round_id))
    return timetable(work.session, row)


def stable(site: Any, round_id: str) -> None:
    """Every unplaced one has its reasons; nobody prefers what somebody of fewer points has."""
    with site.reading() as work:
        found = stands(work, round_id)
        fates = found.fates
    held = [(slot, fate.wish) for fate in fates for slot, _ in fate.got]
    assert any(not fate.got for fate in fates), "some go without, else nothing is shown"
    for fate in fates:
        wish, own = fate.wish, [slot for slot, _ in fate.got]
        suiting = candidates(wish, found.slots, found.facts)
        assert fate.got or fate.missed or fate.unmet
        for n, wanted in enumerate(suiting):
            better = [slot for slot in own if slot in suiting[:n]]
            if wanted in own or len(better) >= wish.times or clash(wish, wanted, better):
                continue
            others = [other for slot, other in held if slot.meets(wanted) and other != wish]
            assert any(other.rank < wish.rank for other in others), (wish.title, wanted)


def moved_by_keyboard(page: Any, site: Any, round_id: str) -> str:
    """Whoever goes without is placed by hand, with a reason, without a mouse."""
    with site.reading() as work:
        found = stands(work, round_id)
        unplaced = next(f for f in found.fates if not f.got and f.missed)
        slot = found.slot_ids[unplaced.missed[0].slot.id]
    page.goto(f"/manage/gattaglio/season-applications/{unplaced.wish.public_id}")
    assert page.get_by_text("It went to “").first.is_visible()
    tab_to(page, "slot")
    for _ in range(len(found.slots)):
        if page.input_value("select[name=slot]") == slot:
            break
        page.keyboard.press("ArrowDown")
    tab_to(page, "reason")
    page.keyboard.type("They look after the garden.")
    page.keyboard.press("Enter")
    page.get_by_text("Placed by hand: it stays").wait_for()
    page.get_by_text("Placed by hand: They look after the garden.").wait_for()
    return str(unplaced.wish.title)


def tab_to(page: Any, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("journeys.focus()")["name"] == name:
            return
    raise AssertionError(f"never reached {name}")


def all_booked(site: Any) -> None:
    """Do the work at hand, and wait for what the server's own worker has begun."""
    unfinished = sa.select(Job.id).where(
        Job.name == "seasons.book", Job.state.in_(("queued", "running"))
    )
    over = time.monotonic() + 60
    while time.monotonic() < over:
        drain(site)
        with site.reading() as work:
            if work.session.execute(unfinished).first() is None:
                return
        time.sleep(0.2)
    raise AssertionError("the work was not done within a minute")


def booked(site: Any, round_id: str) -> None:
    """Each time is one series of seasonal bookings."""
    with site.reading() as work:
        found = stands(work, round_id)
        rows = [row for row in found.placements if not row.removed]
        assert rows
        assert [row.refusal for row in rows if row.series_id is None] == []
        assert len({row.series_id for row in rows}) == len(rows)
        kinds = sa.select(Booking.kind).where(
            Booking.series_id.in_([row.series_id for row in rows])
        )
        assert set(work.session.scalars(kinds)) == {"seasonal"}
