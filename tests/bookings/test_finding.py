"""Finding: the matrix on its page and in the API, near misses, and why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest

from tests.bookings.kits import desks
from tierslieu.bookings.finding.asked import read
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.span import Span

At = Callable[..., Span]
Browser = Callable[..., Any]
#: Wednesday and Thursday afternoons of two weeks; alba is open then from 14:40 to 18:30.
WISH = "n=12&minutes=120&days=weekdays&part=afternoon&from=2026-11-04&until=2026-11-06"
FIND, API = f"/find?{WISH}", "/api/v1/availability/matrix"
ASKED = {"from": "2026-11-04", "until": "2026-11-06", "minutes": "120", "window": "13:00-19:00"}


def made(house: Any, who: str, room: str, span: Span) -> None:
    with house.writing(who) as work:
        book(work, NewBooking(room=house.rooms[room], span=span, title="Sewing"))


def table(page: Any) -> dict[str, list[str]]:
    """Day → what each room says; the rooms are the row ``Day``."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page.text, re.DOTALL)
    found = {}
    for row in rows:
        cells = [
            re.sub(r"<span class=\"vh\">.*?</span>|<small>.*?</small>|<[^>]*>", "", cell).strip()
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        found[unescape(cells[0])] = [unescape(cell) for cell in cells[1:]]
    return found


def link(page: Any, text: str) -> str:
    """The address of the first link whose words, also the hidden ones, hold a text."""
    for href, words in re.findall(r'<a href="([^"]*)">(.*?)</a>', page.text, re.DOTALL):
        if text in re.sub(r"<[^>]*>", "", unescape(words)):
            return unescape(href)
    raise AssertionError(text)


# -- what is read --------------------------------------------------------------------------------


def test_what_is_not_said_is_as_usual() -> None:
    asked = read({}, [], date(2026, 11, 2))
    wanted = asked.question.wanted
    assert (wanted.first, wanted.last) == (date(2026, 11, 2), date(2026, 12, 2))
    assert (wanted.minutes, wanted.opens, wanted.closes) == (120, 1080, 1440)
    assert wanted.weekdays == frozenset(range(5))
    assert not asked.wrong


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"from": "soon"}, "from"),
        ({"from": "2027-02-01", "until": "2027-01-01"}, "until"),
        ({"from": "2027-01-01", "until": "2027-06-01"}, "until"),
        ({"from": "9999-01-01"}, "from"),
        ({"n": "many"}, "n"),
        ({"after": "25:00"}, "after"),
        ({"after": "18:00", "before": "19:00"}, "before"),
    ],
    ids=["no day", "backwards", "half a year", "far away", "no number", "no time", "too few hours"],
)
def test_what_cannot_be_read_is_said_and_kept(
    browser: Browser, house: Any, said: dict[str, str], field: str
) -> None:
    asked = read(said, [], date(2026, 11, 2))
    assert set(asked.wrong) == {field}
    page = browser().get("/find", query_string=said)
    assert page.status_code == 422
    assert all(f'value="{value}"' in page.text for value in said.values())


def test_hours_of_ones_own_may_end_past_midnight() -> None:
    asked = read({"after": "22:00", "before": "02:00"}, [], date(2026, 11, 2))
    assert (asked.question.wanted.opens, asked.question.wanted.closes) == (1320, 1560)


# -- the matrix ----------------------------------------------------------------------------------


def test_every_day_says_the_first_time_of_every_room(house: Any, browser: Browser, at: At) -> None:
    made(house, "bice", "sala", at("2026-11-05 15:00", "17:00"))
    made(house, "bice", "tidy", at("2026-11-05 15:00", "18:00"))
    shown = table(browser("ada").get(FIND))
    assert shown["Day"] == ["Sala", "Night", "Kept", "Tidy"]
    assert shown["Wednesday 4 November"] == ["14:40", "13:00", "14:40", "14:40"]
    assert shown["Thursday 5 November"][0] == "taken"
    assert shown["Thursday 5 November"][3] == "taken"
    assert shown["Friday 6 November"][0] == "14:40"


def test_a_room_of_desks_has_a_time_while_enough_of_them_are_free(
    house: Any, browser: Browser, at: At
) -> None:
    desks(house, approval="none")
    with house.writing("bice") as work:
        span = at("2026-11-05 14:40", "18:30")
        book(work, NewBooking(house.rooms["desks"], span, "Work", places=2))
    for people, expected in (("1", "14:40"), ("2", "taken")):
        page = browser("ada").get(f"{FIND.replace('n=12', 'n=' + people)}&q=desks")
        assert table(page)["Thursday 5 November"] == [expected]


def test_what_a_cell_promises_is_booked_as_it_stands(house: Any, browser: Browser) -> None:
    client = browser("ada")
    page = client.get(FIND)
    shown = client.get(link(page, "14:40–16:40, Sala, Friday 6 November")).text
    for kept in ('value="2026-11-06"', 'value="14:40"', 'value="16:40"', 'value="12"'):
        assert kept in shown
    assert "It can be had" in shown


def test_a_plugin_that_objects_takes_the_time_out(
    house: Any, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 1."""
    from tierslieu.contributions import Objection
    from tierslieu.kernel.errors import Reason
    from tierslieu.kernel.hooks import Hooks
    from tierslieu.kernel.messages import msg

    def objects(_self: Any, _spec: Any, *, work: Any, candidates: Any) -> list[Objection]:
        thursday = [c for c in candidates if c.span.starts_at.day == 5]
        return [Objection(c, Reason("quiet", msg("This is a quiet day."))) for c in thursday]

    monkeypatch.setattr(Hooks, "objections", objects)
    monkeypatch.setattr(Hooks, "implementers", lambda *_: ["quietdays"])
    shown = table(browser("ada").get(FIND))
    assert shown["Thursday 5 November"] == ["not allowed"] * 4
    assert shown["Friday 6 November"][0] == "14:40"


def test_rooms_that_lack_something_nearly_do(house: Any, browser: Browser) -> None:
    text = unescape(browser("ada").get(FIND).text)
    assert "Studio, Alba" in text
    assert "The room takes 10 people." in text


def test_an_hour_earlier_or_less_gives_more_days(house: Any, browser: Browser, at: At) -> None:
    made(house, "bice", "sala", at("2026-11-05 14:40", "16:40"))
    made(house, "bice", "sala", at("2026-11-05 11:00", "12:00"))
    text = unescape(browser("ada").get(FIND).text)
    assert "One day more, if 90 minutes are enough." in text
    evening = FIND.replace("part=afternoon", "part=evening") + "&where=alba"
    page = browser("ada").get(evening)
    assert table(page) == {}
    assert "days more, if it may be up to 2 hours earlier or later." in unescape(page.text)


def test_one_time_on_all_days_but_those_to_skip(house: Any, browser: Browser, at: At) -> None:
    made(house, "bice", "sala", at("2026-11-05 14:40", "18:30"))
    text = unescape(browser("ada").get(f"{FIND}&q=sala").text)
    assert "Free at 14:40 on all days without Thursday 5 November." in text


# -- why not -------------------------------------------------------------------------------------


def test_why_not_says_what_booking_would_say(house: Any, browser: Browser, at: At) -> None:
    made(house, "bice", "sala", at("2026-11-05 14:40", "18:30"))
    client = browser("ada")
    page = client.get(link(client.get(FIND), "taken, Sala, Thursday 5 November"))
    assert page.status_code == 200
    text = unescape(page.text)
    assert "One rule is in the way" in text
    assert "Taken Thursday 5 November, 14:40–18:30." in text
    nearest = re.search(r'class="slot" href="(/book/[^"]*)"', page.text)
    assert nearest, "the nearest choice is a link to book"
    assert "It can be had" in client.get(unescape(nearest[1])).text


def test_every_rule_in_the_way_is_named(house: Any, browser: Browser) -> None:
    page = browser("ada").get(
        f"/find/why?{WISH.replace('n=12', 'n=40')}&room={house.rooms['sala']}&day=2027-03-07"
    )
    text = unescape(page.text)
    assert re.findall(r'data-code="([^"]+)"', text) == ["over_capacity", "closed", "too_far"]


def test_a_free_day_is_no_refusal(house: Any, browser: Browser) -> None:
    page = browser().get(f"/find/why?{WISH}&room={house.rooms['sala']}&day=2026-11-05")
    assert "It can be had" in page.text


@pytest.mark.parametrize(
    "more", ["room=x&day=2026-11-05", "room={sala}&day=never", "day=2026-11-05"]
)
def test_what_there_is_not_has_no_why(house: Any, browser: Browser, more: str) -> None:
    address = f"/find/why?{WISH}&{more.format(**house.rooms)}"
    assert browser().get(address).status_code == 404


# -- the API -------------------------------------------------------------------------------------


def test_the_api_answers_with_the_same(house: Any, browser: Browser, at: At) -> None:
    made(house, "bice", "sala", at("2026-11-05 14:40", "18:30"))
    answer = browser().get(API, query_string=ASKED | {"venue": "alba", "capacity": "12"})
    assert answer.status_code == 200
    sala = next(item for item in answer.json["items"] if item["slug"] == "sala")
    assert sala["free_days"] == 2
    assert sala["first_starts_at"] == "2026-11-04T13:40:00Z"
    assert [day["why"] for day in sala["days"]] == [None, "taken", None]
    near = {(each["kind"], each["room_id"]): each for each in answer.json["near"]}
    assert near["steady", house.rooms["sala"]]["skipped"] == ["2026-11-05"]
    studio = near["room", house.rooms["studio"]]
    assert studio["reasons"][0]["nearest"][0]["attendance"] == "10"


def test_a_steady_time_is_handed_on_as_a_series_and_a_desk_as_its_places(
    house: Any, browser: Browser, at: At
) -> None:
    """Pressed, the form of booking has every date, but those on which it is taken."""
    desks(house, 3)
    made(house, "bice", "sala", at("2026-11-05 14:40", "18:30"))
    sentence = {"from": "2026-11-04", "until": "2026-11-06", "days": "any", "after": "14:40",
                "before": "18:30", "minutes": "120", "n": "2"}  # fmt: skip
    shown = unescape(browser().get("/find", query_string=sentence).text)
    link = next(
        each
        for each in re.findall(r'href="(/book/[^"]+repeat=days[^"]*)"', shown)
        if house.rooms["sala"] in each
    )
    form = browser("ada").get(link).text
    assert re.search(r'<option[^>]*value="days"[^>]*selected|selected[^>]*value="days"', form)
    days = re.search(r'name="days"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="days"', form)
    assert days
    assert "2026-11-06" in days[0]
    assert "2026-11-05" not in days[0]
    assert re.search(rf'/book/{house.rooms["desks"]}[^"]*places=2', shown)


def test_rooms_come_by_pages(house: Any, browser: Browser) -> None:
    seen, cursor = [], ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = browser().get(API, query_string=ASKED | {"limit": "2"} | more).json
        seen += [item["slug"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert sorted(seen) == ["kept", "night", "sala", "studio", "tidy"]


@pytest.mark.parametrize(
    "wrong",
    [{"until": "2026-11-03"}, {"until": "2027-11-03"}, {"window": "18:00-19:00"},
     {"until": "2026-11-31"}, {"window": "29:00-30:00"}, {"weekdays": "xx"}],
    ids=["backwards", "too many days", "too few hours", "no such day", "no such hour",
         "no weekday"],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(
    house: Any, browser: Browser, wrong: dict[str, str]
) -> None:
    answer = browser().get(API, query_string=ASKED | wrong)
    assert answer.status_code == 422
    assert answer.json["reasons"]
