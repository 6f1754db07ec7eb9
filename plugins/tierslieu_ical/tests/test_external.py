"""A calendar elsewhere keeps a room busy: what it takes, what it leaves, how it is managed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

import tierslieu.toolkit as tl
from tierslieu.testing import a_room, a_venue, an_account, csrf_token, sign_in
from tierslieu_ical.intake.external import jobs, queries, services
from tierslieu_ical.intake.external.models import Busy, External
from tierslieu_ical.intake.external.rules import next_try, parts, ports_of
from tierslieu_ical.tests.elsewhere import Elsewhere, answering, calendar, elsewhere

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = datetime(2026, 12, 9, tzinfo=UTC)


def at(start: int, end: int) -> tl.Span:
    return tl.Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end))


def event(uid: str, start: int, end: int, **more: str) -> str:
    lines = [f"{name}:{value}" for name, value in more.items()]
    span = at(start, end)
    return "\n".join([
        f"UID:{uid}", f"DTSTART:{span.starts_at:%Y%m%dT%H%M%SZ}",
        f"DTEND:{span.ends_at:%Y%m%dT%H%M%SZ}", "SUMMARY:Class 3B", *lines])  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "foreign", "free", "collides"),
    [
        ([at(9, 11)], [], [[at(9, 11)]], [False]),
        ([at(9, 11)], [at(8, 9), at(11, 12)], [[at(9, 11)]], [False]),
        ([at(9, 12)], [at(10, 11)], [[at(9, 10), at(11, 12)]], [True]),
        ([at(9, 10)], [at(8, 12)], [[]], [True]),
        ([at(9, 11), at(10, 12)], [], [[at(9, 11)], [at(11, 12)]], [False, False]),
        ([at(9, 11), at(9, 11)], [at(10, 13)], [[at(9, 10)], []], [True, True]),
    ],
)
def test_what_is_free_of_it(wanted: Any, foreign: Any, free: Any, collides: Any) -> None:
    found = parts(wanted, foreign)
    assert [list(part.free) for part in found] == free
    assert [part.collides for part in found] == collides


def test_after_failures_it_is_asked_less_often() -> None:
    pauses = [(next_try(NOW, 60, n) - NOW).total_seconds() / 3600 for n in (0, 1, 2, 4, 9, 10**6)]
    assert pauses == [1, 2, 4, 16, 24, 24]
    assert ports_of("443, 8443 x 0 99999") == {443, 8443}
    assert ports_of("none") == {80, 443}


class Scene:
    """A room with a booking from 10 to 11, and a school's calendar for it."""

    def __init__(self, site: tl.Site, there: Elsewhere) -> None:
        self.site, self.there = site, there
        with site.writing() as work:
            venue = a_venue(work)
            self.room = a_room(work, venue)
            an_account(work, "ada@example.org", role="venue_manager", venue=venue)
            an_account(work, "desk@example.org", role="venue_desk", venue=venue)
            wish = tl.NewBooking(self.room.public_id, at(10, 11), "Repair café")
            self.booking = tl.book(work, wish)
            row = External(venue_id=venue.id, room_id=self.room.id, name="School",
                           address=there.address("/a.ics"), created_at=work.now,
                           next_at=work.now)  # fmt: skip
            work.session.add(row)
            work.session.flush()
            self.id = row.id

    def says(self, *events: str, **headers: str) -> None:
        self.there.says["/a.ics"] = answering(200, calendar(*events), **headers)

    def refresh(self) -> External:
        heard = jobs.ask(self.site, self.id, self.there.net())
        with self.site.writing() as work:
            jobs.take_in(work, heard, self.id)
            return work.session.get_one(External, self.id)

    def held(self) -> list[tuple[int, tl.Span]]:
        """What the calendar holds of the room: claims and spans."""
        with self.site.reading() as work:
            found = tl.busy_spans(work.session, [self.room.id], at(0, 24), work.now)
            return [(b.claim_id, b.span) for b in found[self.room.id] if b.kind == "external"]

    def spans(self) -> list[tl.Span]:
        return [span for _, span in self.held()]


@pytest.fixture
def scene(site: tl.Site) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=False), elsewhere() as there:
        yield Scene(site, there)


def test_it_takes_what_is_free_and_lists_what_collides(scene: Scene) -> None:
    scene.says(event("a", 9, 12), event("b", 14, 16), event("c", 18, 19, TRANSP="TRANSPARENT"))
    row = scene.refresh()

    assert (row.problem, row.unread, row.failures) == ("", 0, 0)
    assert scene.spans() == [at(9, 10), at(11, 12), at(14, 16)]
    with scene.site.reading() as work:
        booking = work.session.get_one(tl.Booking, scene.booking.id)
        assert (booking.state, booking.version) == ("confirmed", scene.booking.version)
        [hit] = queries.collisions(work.session, scene.room.venue_id, work.now)
        assert (hit.span, [each.label for each in hit.others]) == (at(9, 12), ["Repair café"])
        [label] = set(work.session.scalars(sa.select(tl.Claim.label).where(
            tl.Claim.kind == "external")))  # fmt: skip
        assert label == "Occupato (calendario esterno)"

    # The booking goes: at the next look the calendar has its time, by the same claims.
    before = {claim for claim, _ in scene.held()}
    with scene.site.writing() as work:
        tl.release(work, [scene.booking.id])
    scene.refresh()
    assert scene.spans() == [at(9, 12), at(14, 16)]
    assert {claim for claim, _ in scene.held()} == before


def test_each_refresh_replaces_what_it_said_before(scene: Scene) -> None:
    scene.says(event("a", 13, 14), event("b", 14, 16))
    scene.refresh()
    [(a, _), (b, _)] = scene.held()
    scene.says(event("b", 13, 15), event("new", 15, 16))
    scene.refresh()

    assert scene.spans() == [at(13, 15), at(15, 16)]
    assert scene.held()[0][0] == b
    with scene.site.reading() as work:
        assert work.session.get(tl.Claim, a) is None
        assert work.session.scalar(sa.select(sa.func.count(Busy.id))) == 2


def test_when_it_cannot_be_read_its_last_word_stands(scene: Scene) -> None:
    scene.says(event("a", 13, 14), ETag='"1"')
    scene.refresh()
    scene.there.says["/a.ics"] = answering(304)
    assert scene.refresh().problem == ""
    assert scene.there.asked[-1][1]["If-None-Match"] == '"1"'

    for body, problem in ((b"<html>", "no_calendar"), (b"x" * 5_000_000, "too_large")):
        scene.there.says["/a.ics"] = answering(200, body)
        assert scene.refresh().problem == problem
    scene.there.says.clear()
    row = scene.refresh()
    assert (row.problem, row.failures) == ("gone", 3)
    assert row.next_at == NOW + timedelta(hours=8)
    assert row.read_at is not None
    assert scene.spans() == [at(13, 14)]


def test_the_real_net_does_not_ask_this_machine(scene: Scene) -> None:
    with scene.site.writing() as work:
        work.session.get_one(External, scene.id).address = "http://localhost/a.ics"
    heard = jobs.ask(scene.site, scene.id)
    assert heard is not None
    assert heard.problem == "forbidden_host"
    assert not scene.there.asked


def test_a_manager_adds_looks_and_removes(scene: Scene, client: Any) -> None:
    scene.says(event("a", 9, 12))
    with scene.site.writing() as work:
        services.note_problem(work, work.session.get_one(External, scene.id), "certificate")
    scene.refresh()
    sign_in(client, "ada@example.org")
    page = "/manage/gattaglio/calendars"
    shown = client.get(page).get_data(as_text=True)
    assert "1 busy time collides" in shown
    assert "Repair café" in shown
    assert scene.there.address("/a.ics") not in shown
    assert "1 time that somebody has" in client.get("/manage/gattaglio").get_data(as_text=True)

    token = csrf_token(client, page)

    def post(to: str, /, **data: str) -> Any:
        return client.post(to, data=data | {"csrf_token": token})

    sent = {"room": scene.room.public_id, "name": "Choir"}
    refused = post(page, **sent, address="https://me:pw@choir.example/a.ics")
    assert refused.status_code == 422
    assert "name and password" in refused.get_data(as_text=True)
    assert post(page, **sent, address="webcal://choir.example/a.ics").status_code == 303
    with scene.site.reading() as work:
        [choir] = work.session.scalars(sa.select(External).where(External.name == "Choir"))
        school = work.session.get_one(External, scene.id).public_id
    settings = f"/manage/gattaglio/rooms/{scene.room.public_id}"
    assert client.get(settings).status_code in {200, 404}
    assert post(f"{page}/{choir.public_id}/read").status_code == 303
    assert post(f"{page}/{school}/remove").status_code == 303
    assert scene.spans() == []
    with scene.site.reading() as work:
        assert jobs.ask(scene.site, scene.id) is None
        assert queries.due(work.session, NOW + timedelta(days=1), tl.Places()) == [choir.id]

    client.get("/sign-out")
    other = client.application.test_client()
    sign_in(other, "desk@example.org")
    assert other.get(page).status_code == 403
