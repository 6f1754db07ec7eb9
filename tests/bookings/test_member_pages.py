"""The pages on which a member books, looks, moves and cancels; without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking, Tariff
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Claim

At = Callable[..., Span]
Browser = Callable[..., Any]
WISH = {
    "title": "Sewing", "date": "2026-11-04", "start": "15:00", "end": "16:00", "n": "10",
    "visibility": "private", "who": "me", "note": "", "layout": "",
}  # fmt: skip


def fields(answer: Any) -> dict[str, str]:
    """The hidden fields of a page's form, as a browser would send them."""
    found = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", answer.text)
    pairs = {}
    for each in found:
        name, value = re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)
        if name:
            pairs[name[1]] = unescape(value[1]) if value else ""
    return pairs


def sent(client: Any, address: str, **written: str) -> dict[str, str]:
    return fields(client.get(address)) | WISH | written


def count(house: Any) -> int:
    with house.site.reading() as work:
        return int(work.session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0)


def made(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, **({"title": "Sewing"} | more))
        return book(work, new).public_id


# -- book ----------------------------------------------------------------------------------------


def test_a_member_books_and_gets_her_reference(house: Any, browser: Browser) -> None:
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    answer = client.post(address, data=sent(client, address))
    assert answer.status_code == 303
    shown = client.get(answer.location)
    assert shown.status_code == 200
    assert "Sewing" in shown.text
    assert "Confirmed" in shown.text
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(Booking.reference)).one() in shown.text


def test_a_double_click_books_once(house: Any, browser: Browser) -> None:
    client, address = browser("ada"), f"/book/{house.rooms['studio']}"
    data = sent(client, address)
    first, second = client.post(address, data=data), client.post(address, data=data)
    assert first.location == second.location
    assert count(house) == 1


def test_another_wish_from_the_same_page_is_another_booking(house: Any, browser: Browser) -> None:
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    data = sent(client, address)
    client.post(address, data=data)
    client.post(address, data=data | {"start": "16:00", "end": "17:00"})
    assert count(house) == 2


def test_a_refusal_keeps_everything_and_offers_buttons(
    house: Any, browser: Browser, at: At
) -> None:
    made(house, "bice", "sala", at("2026-11-04 15:00", "17:00"))
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    data = sent(client, address, note="The key is with Rina", layout="board")
    answer = client.post(address, data=data)
    assert answer.status_code == 409
    for kept in ('value="Sewing"', 'value="2026-11-04"', 'value="15:00"', "The key is with Rina"):
        assert kept in answer.text
    assert "Taken" in answer.text
    assert re.search(r'<button[^>]*name="use"', answer.text)
    assert count(house) == 1


def test_pressing_a_choice_fills_the_form_and_sends_nothing(
    house: Any, browser: Browser, at: At
) -> None:
    made(house, "bice", "sala", at("2026-11-04 15:00", "17:00"))
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    data = sent(client, address)
    choices = re.findall(r'name="use" value="([^"]+)"', client.post(address, data=data).text)
    answer = client.post(address, data=data | {"use": unescape(choices[0])})
    assert answer.status_code == 200
    chosen = parse_qs(unescape(choices[0]))
    assert f'value="{chosen["start"][0]}"' in answer.text
    assert 'value="Sewing"' in answer.text
    assert count(house) == 1
    filled = fields(answer) | WISH | {name: value[0] for name, value in chosen.items()}
    assert client.post(address, data=filled).status_code == 303


WRONG = {
    "no title": ({"title": " "}, "title"),
    "no day": ({"date": ""}, "date"),
    "no such day": ({"date": "2026-11-31"}, "date"),
    "no such time": ({"start": "25:00"}, "start"),
    "ends before it begins": ({"start": "16:00", "end": "15:00"}, "end"),
    "nobody comes": ({"n": "0"}, "n"),
    "many, in words": ({"n": "many"}, "n"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_at_its_field(
    house: Any, browser: Browser, case: tuple[dict[str, str], str]
) -> None:
    written, field = case
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    answer = client.post(address, data=sent(client, address, **written))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert count(house) == 0


def test_a_time_that_the_clock_skips_offers_the_next_one(house: Any, browser: Browser) -> None:
    client, address = browser("ada"), f"/book/{house.rooms['night']}"
    night = {"date": "2027-03-28", "start": "02:30", "end": "04:00"}
    answer = client.post(address, data=sent(client, address, **night))
    assert answer.status_code == 422
    assert "does not exist" in answer.text


def test_a_time_that_comes_twice_can_be_chosen_either_way(house: Any, browser: Browser) -> None:
    client, address = browser("ada"), f"/book/{house.rooms['night']}"
    night = {"date": "2027-10-31", "start": "02:30", "end": "04:00"}
    answer = client.post(address, data=sent(client, address, **night))
    assert answer.status_code == 422
    folds = set(re.findall(r"start_fold=([01])", unescape(answer.text)))
    assert folds == {"0", "1"}
    again = client.post(address, data=sent(client, address, **night, start_fold="1"))
    assert again.status_code == 303
    with house.site.reading() as work:
        claim = work.session.scalars(sa.select(Claim)).one()
        assert f"{claim.starts_at:%H:%M}" == "01:30"


def test_somebody_unknown_signs_in_and_finds_what_she_wrote(house: Any, browser: Browser) -> None:
    client, address = browser(), f"/book/{house.rooms['sala']}"
    answer = client.post(address, data=sent(client, address, note="Two lines", layout="board"))
    assert answer.status_code == 303
    assert urlsplit(answer.location).path == "/sign-in"
    back = parse_qs(urlsplit(answer.location).query)["next"][0]
    page = browser("ada").get(back)
    for kept in ('value="Sewing"', 'value="2026-11-04"', 'value="15:00"', "Two lines"):
        assert kept in page.text
    assert re.search(r'<option[^>]*selected[^>]*value="board"', page.text)
    assert count(house) == 0


def test_the_page_is_filled_in_by_its_address_or_with_the_next_free_time(
    house: Any, browser: Browser
) -> None:
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    shown = client.get(f"{address}?date=2026-11-04&start=17:40")
    assert 'value="17:40"' in shown.text
    assert 'value="18:30"' in shown.text, "an hour, but not beyond closing"
    shown = client.get(address)
    assert 'value="2026-11-02"' in shown.text
    assert 'value="12:00"' in shown.text, "two hours of notice from ten o'clock"


def test_a_piece_of_the_page_says_what_would_be_answered(
    house: Any, browser: Browser, at: At
) -> None:
    with house.site.writing() as work:
        work.session.add(Tariff(room_id=house.ids["sala"], hour_cents=500))
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    data = sent(client, address)
    good = client.post(f"{address}/check", data=data)
    assert good.status_code == 200
    assert "<html" not in good.text
    assert "€5" in good.text
    bad = client.post(f"{address}/check", data=data | {"start": "14:30"})
    assert 'name="use"' in bad.text
    assert count(house) == 0


def test_one_books_for_a_body_one_acts_for_and_for_no_other(house: Any, browser: Browser) -> None:
    client, address = browser("ada"), f"/book/{house.rooms['sala']}"
    assert "Ago e filo" in client.get(address).text
    data = sent(client, address, who=house.body_id)
    assert client.post(address, data=data).status_code == 303
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(Booking.organisation_id)).one() == house.body
    other = browser("bice")
    assert "Ago e filo" not in other.get(address).text
    answer = other.post(
        address, data=sent(other, address, who=house.body_id, start="16:00", end="17:00")
    )
    assert answer.status_code == 422
    assert count(house) == 1


def test_a_room_that_is_not_there_is_not_found(house: Any, browser: Browser) -> None:
    for address in ("/book/nowhere", "/rules/nowhere", "/bookings/nothing", "/book/alba.nothing"):
        assert browser("ada").get(address).status_code == 404, address
    assert browser("ada").get("/book/alba.sala").status_code == 200


# -- look, move, cancel --------------------------------------------------------------------------


def test_nobody_else_finds_a_booking(house: Any, browser: Browser, at: At) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    pages = ("", "/code.svg", "/move", "/cancel")
    for who in ("bice", "rival"):
        client = browser(who)
        for page in pages:
            assert client.get(f"/bookings/{public_id}{page}").status_code == 404, (who, page)
    client = browser("ada")
    for page in pages:
        assert client.get(f"/bookings/{public_id}{page}").status_code == 200, page
    assert browser().get(f"/bookings/{public_id}").status_code == 302


def test_the_code_for_the_door_is_a_picture(house: Any, browser: Browser, at: At) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    answer = browser("ada").get(f"/bookings/{public_id}/code.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.text.startswith("<svg")


def test_a_booking_is_moved(house: Any, browser: Browser, at: At) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client, address = browser("ada"), f"/bookings/{public_id}/move"
    data = sent(client, address, date="2026-11-05", title="Knitting", room=house.rooms["sala"])
    answer = client.post(address, data=data)
    assert answer.status_code == 303, answer.text
    with house.site.reading() as work:
        claim = work.session.scalars(sa.select(Claim)).one()
        assert (claim.label, f"{claim.starts_at:%d %H:%M}") == ("Knitting", "05 14:00")


def test_a_move_that_is_refused_keeps_what_was_written(
    house: Any, browser: Browser, at: At
) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    made(house, "bice", "sala", at("2026-11-05 15:00", "16:00"))
    client, address = browser("ada"), f"/bookings/{public_id}/move"
    data = sent(client, address, date="2026-11-05", title="Knitting", room=house.rooms["sala"])
    answer = client.post(address, data=data)
    assert answer.status_code == 409
    assert 'value="Knitting"' in answer.text
    assert 'name="use"' in answer.text


def test_two_people_at_one_booking_see_both_versions(house: Any, browser: Browser, at: At) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client, address = browser("ada"), f"/bookings/{public_id}/move"
    old = sent(client, address, title="Knitting", room=house.rooms["sala"])
    client.post(address, data=old | {"title": "Weaving"})
    answer = client.post(address, data=old)
    assert answer.status_code == 409
    assert "Weaving" in answer.text
    assert "Knitting" in answer.text
    again = client.post(address, data=old | fields(answer))
    assert again.status_code == 303


def test_a_booking_is_cancelled_after_its_consequences_are_said(
    house: Any, browser: Browser, at: At
) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client, address = browser("ada"), f"/bookings/{public_id}/cancel"
    shown = client.get(address)
    assert "free for others at once" in shown.text
    assert client.post(address, data=fields(shown) | {"reason": "Ill"}).status_code == 303
    assert "Cancelled" in client.get(f"/bookings/{public_id}").text


def test_too_late_to_cancel_says_so_and_offers_no_button(
    house: Any, browser: Browser, at: At
) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-03 09:00", "10:00"))
    shown = browser("ada").get(f"/bookings/{public_id}/cancel")
    assert "Cancelling is possible until" in shown.text
    assert "Cancel the booking</span></button>" not in shown.text


def test_my_page_lists_what_is_next_with_what_can_be_done(
    house: Any, browser: Browser, at: At
) -> None:
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    made(house, "ada", "studio", at("2026-11-05 15:00", "16:00"), title="Choir")
    made(house, "bice", "sala", at("2026-11-05 15:00", "16:00"), title="Secret")
    client = browser("ada")
    for address in ("/me", "/me/bookings"):
        shown = client.get(address).text
        assert shown.index("Sewing") < shown.index("Choir")
        assert f"/bookings/{public_id}/move" in shown
        assert f"/bookings/{public_id}/cancel" in shown
        assert "Awaiting approval" in shown
        assert "Secret" not in shown
    again = re.search(r'href="(/book/[^"]*title=Sewing[^"]*)"', client.get("/me/bookings").text)
    assert again
    assert "date=2026-11-11" in again[1]
    assert client.get("/me/bookings?past=1").status_code == 200


# -- what others see -----------------------------------------------------------------------------


def test_the_board_shows_public_things_and_members_theirs(
    house: Any, browser: Browser, at: At
) -> None:
    made(
        house, "ada", "sala", at("2026-11-04 15:00", "16:00"), title="For all", visibility="public"
    )
    made(
        house, "ada", "sala", at("2026-11-04 16:00", "17:00"), title="For few", visibility="members"
    )
    made(house, "ada", "sala", at("2026-11-04 17:00", "18:00"), title="Private")
    made(
        house, "ada", "studio", at("2026-11-04 15:00", "16:00"), title="Asked", visibility="public"
    )
    room = house.rooms["sala"]
    for address in ("/", "/whats-on", "/venues/alba", f"/rooms/{room}?week=2026-11-02"):
        shown = browser().get(address).text
        assert "For all" in shown, address
        for hidden in ("For few", "Private", "Asked", "Ada"):
            assert hidden not in shown, (address, hidden)
    for who in ("ada", "manager"):
        shown = browser(who).get(f"/rooms/{room}?week=2026-11-02").text
        assert "Private" in shown, who


def test_every_free_cell_of_the_week_is_a_link_that_books(house: Any, browser: Browser) -> None:
    client = browser("ada")
    shown = client.get(f"/rooms/{house.rooms['sala']}?week=2026-11-02").text
    links = re.findall(r'href="(/book/[^"]*start=14:40[^"]*|/book/[^"]*start=14%3A40[^"]*)"', shown)
    assert links
    assert 'name="use"' not in client.get(unescape(links[-1])).text


def test_the_rules_say_where_each_comes_from(house: Any, browser: Browser) -> None:
    shown = browser().get(f"/rules/{house.rooms['sala']}").text
    assert "said for this room" in shown
    assert "as it comes" in shown
    assert "at most 60 days ahead" in shown


def test_her_data_holds_her_bookings_and_erasing_takes_her_words(
    house: Any, at: At, browser: Browser
) -> None:
    from tierslieu.bookings.member import privacy

    made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"), title="Private", note="Knock twice")
    with house.site.reading() as work:
        parts = list(privacy.data(work, house.people["ada"]))
        assert parts[0].rows[0]["title"] == "Private"
    with house.site.writing() as work:
        privacy.erase(work, house.people["ada"])
    with house.site.reading() as work:
        found = work.session.execute(
            sa.select(Claim.label, Booking.note, Booking.state).join(
                Booking, Booking.id == Claim.id
            )
        ).one()
        assert tuple(found) == ("", "", "cancelled")


def test_the_calendar_file_of_a_booking_is_hers_alone(house: Any, browser: Browser, at: At) -> None:
    house.site.plugins.enable(house.site, "ical")
    public_id = made(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    client = browser("ada")
    link = re.search(r'href="(/bookings/[^"]*\.ics)"', client.get(f"/bookings/{public_id}").text)
    assert link
    answer = client.get(link[1])
    assert answer.mimetype == "text/calendar"
    assert "SUMMARY:Sewing" in answer.text
    assert browser("bice").get(link[1]).status_code == 404
