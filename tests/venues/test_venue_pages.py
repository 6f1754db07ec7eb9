"""Pages of places: what anybody sees, and what a manager writes."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.rules import Taking
from tierslieu.resources.services import new_claim, take
from tierslieu.venues.models import Closure, LocalHoliday, OpeningPeriod, Room, Venue
from tierslieu.venues.opening.queries import outside_hours
from tierslieu.venues.places import services as places
from tierslieu.venues.queries import network
from tierslieu.venues.rules import weekly_from

PUBLIC = (
    "/",
    "/venues",
    "/venues/orologio",
    "/venues?open=now&kind=social_centre&access=step_free",
)
DESK = (
    "/manage/orologio/settings",
    "/manage/orologio/settings/facts",
    "/manage/orologio/settings/texts",
    "/manage/orologio/rooms",
    "/manage/orologio/rooms/new",
    "/manage/orologio/settings/hours",
    "/manage/orologio/settings/hours/week",
    "/manage/orologio/settings/closures",
    "/manage/orologio/settings/photos",
)
ADMIN = ("/admin/", "/admin/network", "/admin/venues")


@pytest.mark.parametrize("language", ["it", "fr", "en"])
def test_every_page_is_there_in_every_language(browser: Any, town: Any, language: str) -> None:
    head = {"Accept-Language": language}
    admin = browser("admin")
    admin.client.set_cookie("language", language)
    rooms = (f"/rooms/{town.saletta_id}", "/rooms/orologio.saletta")
    edits = (f"/manage/orologio/rooms/{town.saletta_id}",)
    for path in (*PUBLIC, *rooms):
        answer = browser().get(path, headers=head)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}"' in answer.get_data(as_text=True)
    for path in (*DESK, *edits, *ADMIN):
        assert admin.get(path).status_code == 200, path


def test_the_title_is_the_heading_and_the_last_crumb(browser: Any) -> None:
    for path in ("/venues", "/venues/orologio", "/rooms/orologio.saletta"):
        text = browser().get(path).get_data(as_text=True)
        heading = re.search(r"<h1[^>]*>([^<]+)</h1>", text)
        crumb = re.search(r'<span aria-current="page">([^<]+)</span></li></ol>', text)
        title = re.search(r"<title>([^<]+)</title>", text)
        assert heading is not None
        assert crumb is not None
        assert title is not None
        assert heading[1] == crumb[1]
        assert heading[1] in title[1]
        assert text.count("<h1") == 1


def test_what_people_wrote_cannot_become_script(browser: Any, town: Any) -> None:
    evil = (
        "**bold** <script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    )
    with town.site.writing() as work:
        places.write_section(work, town.orologio, "history", Texts(it=evil))
        venue = work.session.get_one(Venue, town.orologio)
        venue.lede = Texts(it='"><script>alert(2)</script>')
    text = (
        browser().get("/venues/orologio", headers={"Accept-Language": "en"}).get_data(as_text=True)
    )
    assert "<strong>bold</strong>" in text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert 'href="javascript' not in text
    assert '<div lang="it">' in text


def test_a_venue_not_shown_yet_is_seen_only_by_who_manages_it(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    sent = manager.post("/manage/orologio/settings/shown", page="/manage/orologio/settings", on="")
    assert sent.status_code == 302
    for path in ("/venues/orologio", f"/rooms/{town.saletta_id}"):
        assert browser().get(path).status_code == 404
        assert browser("gattaglio").get(path).status_code == 404
        assert manager.get(path).status_code == 200
    assert "Orologio" not in browser().get("/venues").get_data(as_text=True)


def test_who_may_not_is_sent_away(browser: Any, town: Any) -> None:
    stranger, nobody, anonymous = browser("gattaglio"), browser("nobody"), browser()
    for path in (*DESK, f"/manage/orologio/rooms/{town.saletta_id}"):
        assert stranger.get(path).status_code == 403, path
        assert nobody.get(path).status_code == 403, path
        assert anonymous.get(path).status_code in (302, 303), path
    for path in ADMIN:
        assert stranger.get(path).status_code == 403, path
        assert anonymous.get(path).status_code in (302, 303), path


def test_another_venues_manager_cannot_write_either(browser: Any, town: Any) -> None:
    stranger = browser("gattaglio")
    own = "/manage/gattaglio/settings"
    for path, values in (
        ("/manage/orologio/settings/facts", {"name": "Mine"}),
        ("/manage/orologio/settings/shown", {"on": ""}),
        ("/manage/orologio/settings/archived", {"on": "1"}),
        (f"/manage/orologio/rooms/{town.saletta_id}", {"name": "Mine"}),
        (f"/manage/orologio/rooms/{town.saletta_id}/use", {"on": ""}),
        ("/manage/orologio/settings/hours/week", {}),
        ("/manage/orologio/settings/closures", {}),
    ):
        assert stranger.post(path, page=own, **values).status_code == 403, path
    mixed = f"/manage/gattaglio/rooms/{town.saletta_id}"
    assert stranger.get(mixed).status_code == 404
    assert stranger.post(mixed, page=own, name="Mine").status_code == 404
    assert (
        stranger.get(f"/manage/gattaglio/settings/hours?room={town.saletta_id}").status_code == 404
    )


def test_a_manager_changes_the_facts_and_everybody_sees_them(browser: Any, town: Any) -> None:
    path = "/manage/orologio/settings/facts"
    manager = browser("orologio")
    typed = manager.fields(path) | {"phone": "0522 123456", "lede_en": "The house with the clock"}
    assert manager.post(path, **typed).status_code == 302
    text = browser().get("/venues/orologio").get_data(as_text=True)
    assert "0522 123456" in text
    with town.site.reading() as work:
        venue = work.session.get_one(Venue, town.orologio)
        assert (venue.street, venue.lede["en"]) == ("via Massenet", "The house with the clock")


def test_two_managers_at_one_page_lose_nothing(browser: Any, town: Any) -> None:
    path = "/manage/orologio/settings/facts"
    first, second = browser("orologio"), browser("admin")
    mine = first.fields(path) | {"phone": "0522 111111"}
    theirs = second.fields(path) | {"phone": "0522 222222"}
    assert second.post(path, **theirs).status_code == 302
    refused = first.post(path, **mine)
    text = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert 'value="0522 111111"' in text
    assert 'href="#version"' not in text
    assert "<ins>0522 111111</ins>" in text
    assert "<ins>0522 222222</ins>" in text
    again = first.typed_in(text)
    assert first.post(path, **again).status_code == 302
    assert "0522 111111" in browser().get("/venues/orologio").get_data(as_text=True)


def test_a_wrong_field_is_said_beside_it_and_what_was_typed_stays(browser: Any) -> None:
    path = "/manage/orologio/settings/facts"
    manager = browser("orologio")
    typed = manager.fields(path) | {"website": "not an address", "street": "via Nuova 3"}
    refused = manager.post(path, **typed)
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'href="#website"' in text
    assert 'value="via Nuova 3"' in text
    assert 'value="not an address"' in text


@pytest.mark.parametrize("number", ["nan", "inf", "-1e999", "1e309", "forty", "٤٤"])
def test_a_position_that_is_no_number_is_refused(browser: Any, number: str) -> None:
    path = "/manage/orologio/settings/facts"
    manager = browser("orologio")
    typed = manager.fields(path) | {"latitude": number, "longitude": "10.6"}
    refused = manager.post(path, **typed)
    assert refused.status_code in (302, 422)
    assert (refused.status_code == 302) == (number == "٤٤")


def test_texts_come_back_as_they_were_written(browser: Any, town: Any) -> None:
    path = "/manage/orologio/settings/texts"
    manager = browser("orologio")
    body = "Prima riga\n\n- uno\n- due & tre"
    assert manager.post(path, **(manager.fields(path) | {"history_it": body})).status_code == 302
    assert manager.fields(path)["history_it"].replace("\r\n", "\n") == body
    assert "<li>due &amp; tre</li>" in browser().get("/venues/orologio").get_data(as_text=True)


def test_a_room_is_added_changed_and_taken_out_of_use(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    new = "/manage/orologio/rooms/new"
    typed = manager.fields(new) | {
        "name": "Sala prove",
        "layout_theatre": "40",
        "features": ["projector", "piano"],
        "hearing_loop": "no",
    }
    assert manager.post(new, **typed).status_code == 302
    page = browser().get("/rooms/orologio.sala-prove").get_data(as_text=True)
    assert "<b" not in page or "Sala prove" in page
    with town.site.reading() as work:
        room = work.session.scalars(sa.select(Room).where(Room.slug == "sala-prove")).one()
        assert (room.capacity, room.features) == (40, ["projector", "piano"])
        assert (room.hearing_loop, room.step_free) == (False, None)
    edit = f"/manage/orologio/rooms/{room.public_id}"
    assert manager.post(edit, **(manager.fields(edit) | {"capacity": "35"})).status_code == 302
    use = f"{edit}/use"
    assert manager.post(use, page="/manage/orologio/rooms", on="").status_code == 302
    with town.site.reading() as work:
        again = work.session.get_one(Room, room.id)
        assert (again.capacity, again.retired_at is None) == (35, False)


def test_a_form_that_does_not_know_a_feature_keeps_it(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    edit = f"/manage/orologio/rooms/{town.saletta_id}"
    assert manager.post(edit, **(manager.fields(edit) | {"door_cm": "90"})).status_code == 302
    with town.site.reading() as work:
        room = work.session.get_one(Room, town.saletta)
        assert (room.features, room.door_cm) == (["wifi", "ghost_lamp"], 90)
        assert room.layouts == {"board": 14, "theatre": 28}


def test_the_hours_editor_gives_back_what_it_was_given(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    with town.site.reading() as work:
        week = work.session.scalars(sa.select(OpeningPeriod)).one()
    path = f"/manage/orologio/settings/hours/week?week={week.id}"
    assert manager.post(path, **manager.fields(path)).status_code == 302
    with town.site.reading() as work:
        again = work.session.get_one(OpeningPeriod, week.id)
        assert weekly_from(again.weekly) == weekly_from(week.weekly)


def test_the_hours_editor_takes_odd_minutes_midnight_and_more_rows(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    path = "/manage/orologio/settings/hours/week"
    more = manager.post(path, **(manager.fields(path) | {"opens-0": "14:41", "add": "0"}))
    assert more.status_code == 200
    text = more.get_data(as_text=True)
    assert 'value="14:41"' in text
    assert text.count('name="opens-0"') == 2
    with town.site.reading() as work:
        assert work.session.scalar(sa.select(sa.func.count(OpeningPeriod.id))) == 1
    typed = manager.fields(path) | {
        "opens-0": ["14:41", "09:00"],
        "closes-0": ["00:00", "13:07"],
        "name": "Summer",
        "valid_from": "2027-06-01",
        "valid_until": "2027-08-31",
    }
    assert manager.post(path, **typed).status_code == 302
    with town.site.reading() as work:
        week = work.session.scalars(sa.select(OpeningPeriod).where(OpeningPeriod.name != "")).one()
        assert week.weekly == {"0": [[540, 787], [881, 1440]]}


def test_mondays_hours_are_copied_by_a_button(browser: Any) -> None:
    manager = browser("orologio")
    path = "/manage/orologio/settings/hours/week"
    typed = manager.fields(path) | {"opens-0": "09:00", "closes-0": "12:00", "copy": "workdays"}
    text = manager.post(path, **typed).get_data(as_text=True)
    assert text.count('value="09:00"') == 5


WRONG_HOURS = {
    "no closing": ({"opens-2": "09:00"}, "2"),
    "backwards": ({"opens-2": "13:00", "closes-2": "09:00"}, "2"),
    "not a time": ({"opens-2": "soon", "closes-2": "late"}, "2"),
    "overlapping": ({"opens-2": ["09:00", "10:00"], "closes-2": ["12:00", "11:00"]}, "2"),
}


@pytest.mark.parametrize("name", WRONG_HOURS)
def test_hours_that_make_no_sense_are_said_at_their_day(browser: Any, name: str) -> None:
    manager = browser("orologio")
    path = "/manage/orologio/settings/hours/week"
    wrong, day = WRONG_HOURS[name]
    refused = manager.post(path, **(manager.fields(path) | wrong))
    assert refused.status_code == 422
    assert f'id="day-{day}-error"' in refused.get_data(as_text=True)


def test_a_single_day_and_a_rooms_own_week(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    page = "/manage/orologio/settings/hours"
    sent = manager.post(
        f"{page}/day", page=page, day="2027-12-25", **{"opens-day": "10:00", "closes-day": "12:00"}
    )
    assert sent.status_code == 302
    assert "10:00–12:00" in manager.get(page).get_data(as_text=True)
    empty = manager.post(f"{page}/day", page=page, day="2027-12-26")
    assert empty.status_code == 422
    room = f"{page}/week?room={town.saletta_id}"
    typed = manager.fields(room) | {"opens-1": "08:00", "closes-1": "09:00"}
    assert manager.post(room, **typed).status_code == 302
    with town.site.reading() as work:
        week = work.session.scalars(
            sa.select(OpeningPeriod).where(OpeningPeriod.room_id == town.saletta)
        ).one()
        assert week.weekly == {"1": [[480, 540]]}


def test_closing_shows_first_whom_it_touches(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    path = "/manage/orologio/settings/closures"
    typed = {"first": "2027-07-01", "last": "2027-07-31", "reason_it": "Ferie", "room": ""}
    shown = manager.post(path, **typed)
    assert shown.status_code == 200
    assert 'name="known" value="nobody"' in shown.get_data(as_text=True)
    with town.site.reading() as work:
        assert work.session.scalar(sa.select(sa.func.count(Closure.id))) == 0
    assert manager.post(path, **typed, known="nobody").status_code == 302
    with town.site.reading() as work:
        closure = work.session.scalars(sa.select(Closure)).one()
        assert closure.starts_at.isoformat() == "2027-06-30T22:00:00+00:00"
        assert closure.ends_at.isoformat() == "2027-07-31T22:00:00+00:00"
    ended = manager.post(f"{path}/{closure.public_id}/end", page=path)
    assert ended.status_code == 302


def test_a_closure_turned_round_is_refused(browser: Any) -> None:
    manager = browser("orologio")
    path = "/manage/orologio/settings/closures"
    refused = manager.post(path, first="2027-07-31", last="2027-07-01", room="")
    assert refused.status_code == 422
    assert 'value="2027-07-31"' in refused.get_data(as_text=True)


def test_a_network_admin_sets_up_the_network(browser: Any, town: Any) -> None:
    admin = browser("admin")
    path = "/admin/network"
    typed = admin.fields(path) | {"name": "La rete", "banner_it": "Domani si aggiusta"}
    assert admin.post(path, **typed).status_code == 302
    front = html.unescape(browser().get("/").get_data(as_text=True))
    assert "La rete" in front
    assert "Domani si aggiusta" in front
    kept = admin.post(f"{path}/kinds", page=path, key="house", label_it="Casa di quartiere")
    assert kept.status_code == 302
    used = admin.post(f"{path}/kinds", page=path, remove="social_centre")
    assert used.status_code == 409
    day = admin.post(f"{path}/holidays", page=path, day="24", month="11", name_it="San Prospero")
    assert day.status_code == 302
    wrong = admin.post(f"{path}/holidays", page=path, day="30", month="2", name_it="Mai")
    assert wrong.status_code == 422
    with town.site.reading() as work:
        assert network(work.session).version == 2
        assert work.session.scalar(sa.select(sa.func.count(LocalHoliday.id))) == 1


def test_a_new_venue_is_hidden_until_it_is_shown(browser: Any, town: Any) -> None:
    admin = browser("admin")
    sent = admin.post(
        "/admin/venues", name="Casa dell'Èsule", kind="social_centre", street="", town="", slug=""
    )
    assert sent.status_code == 302
    assert sent.headers["Location"].endswith("/manage/casa-dell-esule/settings")
    assert browser().get("/venues/casa-dell-esule").status_code == 404
    hub = "/manage/casa-dell-esule/settings"
    assert admin.post(f"{hub}/shown", page=hub, on="1").status_code == 302
    assert browser().get("/venues/casa-dell-esule").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/venues/%00",
        "/venues/nowhere",
        "/rooms/%F0%9F%92%A9",
        "/rooms/a.b.c",
        "/venues/" + "x" * 300,
    ],
)
def test_what_is_not_there_is_not_found(browser: Any, path: str) -> None:
    assert browser().get(path).status_code == 404


def test_shorter_hours_tell_first_who_stays_outside(browser: Any, town: Any) -> None:
    with town.site.writing() as work:
        day = (work.now + timedelta(days=(8 - work.now.weekday()) % 7 or 7)).replace(
            hour=9, minute=0, second=0
        )
        span = Span(day, day + timedelta(hours=1))
        # Whatever day it is when this runs, a holiday is none here.
        work.session.get_one(Venue, town.orologio).closed_on_holidays = False
        claim = new_claim(work, venue_id=town.orologio, kind="booking", span=span, label="Prove")
        take(work, [Taking(claim.id, [town.saletta], span)])
        week = work.session.scalars(sa.select(OpeningPeriod)).one()
    manager = browser("orologio")
    path = f"/manage/orologio/settings/hours/week?week={week.id}"
    typed = manager.fields(path) | {"opens-1": "15:00", "closes-1": "18:00"}
    shown = manager.post(path, **typed)
    text = shown.get_data(as_text=True)
    assert shown.status_code == 409
    assert "Prove" in text
    assert f'name="known" value="{claim.public_id}"' in text
    with town.site.reading() as work:
        assert work.session.get_one(OpeningPeriod, week.id).weekly == week.weekly
    assert manager.post(path, **typed, known=claim.public_id).status_code == 302
    with town.site.reading() as work:
        assert work.session.get_one(OpeningPeriod, week.id).weekly["1"] == [[900, 1080]]
        assert outside_hours(work.session, town.orologio, work.now).keys() == {claim.id}
