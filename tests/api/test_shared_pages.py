"""Pages that are kept for everybody: never a moment older than what they show, never personal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.testing import a_room, a_venue, an_account, sign_in
from tierslieu.venues.models import Venue


@pytest.fixture
def room(site: Site) -> str:
    with site.writing() as work:
        an_account(work, "member@demo.example")
        return str(a_room(work, a_venue(work), name="Lisière").public_id)


def a_public_booking(site: Site, room: str) -> str:
    with site.writing() as work:
        start = (work.now + timedelta(hours=2)).replace(minute=0, second=0)
        span = Span(start, start + timedelta(hours=1))
        member = an_account(work, "choir@demo.example").person_id
        new = NewBooking(room, span, "Coro", visibility="public", person_id=member)
        return str(book(work, new).public_id)


def test_who_has_the_page_already_is_answered_without_it(site: Site, app: Any, room: str) -> None:
    client = app.test_client()
    first = client.get("/")

    second = client.get("/", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, second.status_code) == (200, 304)
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert {"Cookie", "Accept-Language"} <= set(first.headers["Vary"].split(", "))


@pytest.mark.parametrize("path", ["/venues/gattaglio", "/whats-on"])
def test_a_booking_and_its_end_are_seen_at_once(site: Site, app: Any, room: str, path: str) -> None:
    client = app.test_client()
    assert "Coro" not in client.get(path).text

    public_id = a_public_booking(site, room)
    assert "Coro" in client.get(path).text

    with site.writing() as work:
        cancel(work, public_id)
    assert "Coro" not in client.get(path).text


def test_a_change_of_the_place_is_seen_at_once(site: Site, app: Any, room: str) -> None:
    client = app.test_client()
    assert "Gattaglio" in client.get("/venues").text

    with site.writing() as work:
        work.session.query(Venue).filter_by(slug="gattaglio").one().name = "Orologio"

    assert "Orologio" in client.get("/venues").text


def test_whoever_brings_a_cookie_has_a_page_of_her_own(site: Site, app: Any, room: str) -> None:
    unknown, member = app.test_client(), app.test_client()
    sign_in(member, "member@demo.example")

    hers = member.get(f"/rooms/{room}")
    theirs = unknown.get(f"/rooms/{room}")

    assert hers.headers["Cache-Control"] == "private, no-store"
    assert "/sign-out" in hers.text
    assert "/sign-out" not in theirs.text
    again = member.get(f"/rooms/{room}", headers={"If-None-Match": theirs.headers["ETag"]})
    assert again.status_code == 200


def test_languages_are_kept_apart(site: Site, app: Any, room: str) -> None:
    client = app.test_client()
    italian = client.get("/venues", headers={"Accept-Language": "it"})
    english = client.get("/venues", headers={"Accept-Language": "en"})

    assert 'lang="it"' in italian.text
    assert 'lang="en"' in english.text
    assert italian.headers["ETag"] != english.headers["ETag"]
