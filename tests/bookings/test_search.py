"""The sentence search: what is read, what is answered, what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Tariff
from tierslieu.bookings.search.asked import point_of, read
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.span import Span, iso
from tierslieu.venues.models import Venue

At = Callable[..., Span]
Browser = Callable[..., Any]
ROME = ZoneInfo("Europe/Rome")
ASKED = {"n": "12", "date": "2026-11-04", "start": "15:00", "end": "17:00"}
ADDRESS = "/search?n=12&date=2026-11-04&start=15:00&end=17:00"


def made(house: Any, who: str, room: str, span: Span) -> None:
    with house.writing(who) as work:
        book(work, NewBooking(room=house.rooms[room], span=span, title="Sewing"))


def hits(page: Any) -> list[str]:
    """Names of the free rooms, in their order."""
    return re.findall(r'class="hit-body"><h3><a href="[^"]*">([^<]*)</a>', page.text)


def nears(page: Any) -> dict[str, str]:
    """Rooms that nearly fit: name → why."""
    found = re.findall(
        r'class="near">.*?<a href="[^"]*">([^<]*)</a>.*?<p class="why">.*?<span>(.*?)</span>',
        page.text,
        re.DOTALL,
    )
    return {name.split(",")[0]: unescape(why) for name, why in found}


# -- what is read --------------------------------------------------------------------------------


def test_a_sentence_is_read_on_the_clock_of_the_place() -> None:
    asked = read(ASKED | {"access": "step_free,lift,charm"}, ["wifi"], ROME)
    assert asked.span is not None
    assert iso(asked.span.starts_at) == "2026-11-04T14:00:00Z"
    assert (asked.wish.people, asked.wish.features) == (12, {"wifi"})
    assert asked.wish.access == {"step_free", "lift"}
    assert not asked.wrong


def test_past_midnight_is_the_next_day() -> None:
    asked = read(ASKED | {"start": "22:00", "end": "01:00"}, [], ROME)
    assert asked.span is not None
    assert asked.span.minutes == 180


WRONG = {
    "no day": ({"date": ""}, {"date"}),
    "not a day": ({"date": "tomorrow"}, {"date"}),
    "not a time": ({"start": "25:61"}, {"start"}),
    "words for a number": ({"n": "a dozen"}, {"n"}),
    "nobody": ({"n": "0"}, {"n"}),
    "ends before it begins": ({"start": "17:00", "end": "15:00"}, {"end"}),
    "skipped by the clock": (
        {"date": "2027-03-28", "start": "02:30", "end": "04:00"}, {"start"},
    ),
    "three things": ({"date": "", "start": "", "end": ""}, {"date", "start", "end"}),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_is_said_and_kept(case: tuple[dict[str, str], set[str]]) -> None:
    changed, fields = case
    asked = read(ASKED | changed, [], ROME)
    assert set(asked.wrong) == fields
    assert asked.span is None
    assert asked.written == ASKED | changed


def test_nothing_asked_is_nothing_wrong() -> None:
    asked = read({}, [], ROME)
    assert (asked.wrong, asked.span, asked.asked) == ({}, None, False)


@pytest.mark.parametrize(
    ("where", "point"),
    [("near:44.7,10.6", (44.7, 10.6)), ("near:91,0", None), ("near:x", None), ("44.7,10.6", None)],
)
def test_a_point_is_latitude_and_longitude(where: str, point: tuple[float, float] | None) -> None:
    assert point_of(where) == point


# -- what is answered ----------------------------------------------------------------------------


def test_free_rooms_come_with_the_nearest_fit_first(house: Any, browser: Browser) -> None:
    for who in ("", "ada"):
        page = browser(who).get(ADDRESS)
        assert page.status_code == 200
        assert hits(page)[:1] == ["Sala"], "28 people fit twelve better than 60 do"
        assert "Night" in hits(page)
        assert "Studio" not in hits(page)


def test_a_room_that_is_taken_is_nearly_free_at_another_time(
    house: Any, browser: Browser, at: At
) -> None:
    made(house, "bice", "sala", at("2026-11-04 16:00", "18:00"))
    page = browser("ada").get(ADDRESS)
    assert "Sala" not in hits(page)
    assert nears(page)["Sala"].startswith("Taken Wednesday 4 November, 16:00–18:00")
    link = re.search(rf'href="(/book/{house.rooms["sala"]}[^"]*)"', page.text)
    assert link
    shown = browser("ada").get(unescape(link[1]))
    assert 'name="use"' not in shown.text
    assert "It can be had" in shown.text


def test_why_a_room_misses_is_said(house: Any, browser: Browser) -> None:
    client = browser("ada")
    assert nears(client.get(ADDRESS))["Studio"] == "The room takes 10 people."
    page = client.get(ADDRESS.replace("n=12", "n=8") + "&access=step_free")
    assert hits(page) == ["Sala"]
    why = nears(page)
    assert why["Studio"] == "There are steps on the way in."
    assert why["Night"] == "It is not known whether the way in is without steps."
    assert "It has no wi-fi" in nears(client.get(f"{ADDRESS}&features=wifi"))["Night"]


def test_requests_are_counted_and_do_not_take_a_room(house: Any, browser: Browser, at: At) -> None:
    for who in ("ada", "bice"):
        made(house, who, "studio", at("2026-11-04 15:00", "16:00"))
    page = browser("ada").get(ADDRESS.replace("n=12", "n=8"))
    assert "Studio" in hits(page)
    assert "asked for by 2" in page.text
    assert "Ask for this room" in page.text


def test_the_place_narrows_the_search(house: Any, browser: Browser) -> None:
    client = browser()
    assert "Night" not in hits(client.get(f"{ADDRESS}&where=alba"))
    assert hits(client.get(f"{ADDRESS}&where=borgo")) == ["Night"]
    assert "Night" not in hits(client.get(f"{ADDRESS}&where=area:Orologio"))
    nowhere = client.get(f"{ADDRESS}&where=atlantis")
    assert hits(nowhere) == []
    assert "No room comes near" in nowhere.text
    assert hits(client.get(f"{ADDRESS}&q=night")) == ["Night"]


def test_what_is_not_published_is_not_found(house: Any, browser: Browser) -> None:
    with house.site.writing() as work:
        work.session.execute(
            sa.update(Venue).where(Venue.id == house.elsewhere).values(published=False)
        )
    page = browser("ada").get(ADDRESS)
    assert "Night" not in page.text
    assert browser("ada").get(f"/book/{house.rooms['night']}").status_code == 404


def test_rooms_are_ordered_by_what_they_cost_and_how_far_they_are(
    house: Any, browser: Browser
) -> None:
    with house.site.writing() as work:
        work.session.add(Tariff(room_id=house.ids["sala"], hour_cents=500))
        for venue, latitude in ((house.venue, 44.70), (house.elsewhere, 44.90)):
            work.session.execute(
                sa.update(Venue).where(Venue.id == venue).values(latitude=latitude, longitude=10.6)
            )
    client = browser()
    assert hits(client.get(f"{ADDRESS}&order=price"))[-1] == "Sala"
    assert "€10" in client.get(ADDRESS).text
    near = hits(client.get(f"{ADDRESS}&where=near:44.9,10.6&order=near"))
    assert near[0] == "Night"


def test_the_sentence_stays_as_it_was_written(house: Any, browser: Browser) -> None:
    page = browser().get(f"{ADDRESS}&access=step_free&where=alba")
    for kept in ('value="12"', 'value="2026-11-04"', 'value="15:00"', 'value="17:00"'):
        assert kept in page.text
    assert re.search(r'value="alba" selected', page.text)
    assert re.search(r'value="step_free" selected', page.text)
    wrong = browser().get("/search?n=many&date=2026-11-04&start=15:00&end=17:00")
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text
    assert 'value="2026-11-04"' in wrong.text
    assert 'href="#s-n"' in wrong.text


def test_an_empty_search_is_the_sentence_alone(house: Any, browser: Browser) -> None:
    page = browser().get("/search")
    assert page.status_code == 200
    assert hits(page) == []
    assert 'name="start"' in page.text


def test_one_press_from_a_result_books_what_was_asked(house: Any, browser: Browser) -> None:
    client = browser("ada")
    page = client.get(ADDRESS)
    link = re.search(rf'href="(/book/{house.rooms["sala"]}[^"]*)"', page.text)
    assert link
    shown = client.get(unescape(link[1])).text
    for kept in ('value="2026-11-04"', 'value="15:00"', 'value="17:00"', 'value="12"'):
        assert kept in shown
