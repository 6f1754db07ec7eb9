"""Public pages of places: the front door, the list with its map, one venue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from tierslieu.kernel.span import local_date
from tierslieu.venues.blueprint import bp
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.modes.rules import mode_on
from tierslieu.venues.opening.queries import coming, facts_ahead, week_shown
from tierslieu.venues.photos.pictures import sources
from tierslieu.venues.photos.queries import first_photos, photos_of
from tierslieu.venues.places.queries import (
    Listed,
    kinds,
    listed,
    search_places,
    sections,
    venue_by_slug,
    venues,
)
from tierslieu.venues.queries import network
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.venues.rules import open_now
from tierslieu.venues.words import (
    ACCESSES,
    POSITIONS,
    SECTION_TITLES,
    capacity_words,
    room_facts,
)
from tierslieu.web.pages import page
from tierslieu.web.requests import (
    PUBLIC,
    allow,
    current_actor,
    current_site,
    reading,
)
from tierslieu.web.sharing import shared


def map_values() -> dict[str, Any]:
    """What the street map needs besides the places."""
    return {
        "tiles": current_site().config.tile_url,
        "leaflet_js": url_for("web.leaflet", path="leaflet.js"),
        "leaflet_css": url_for("web.leaflet", path="leaflet.css"),
    }


def first_wish(now: datetime, zone: str) -> dict[str, Any]:
    """What the sentence on the front door asks until somebody changes it: next Saturday evening."""
    today = local_date(now, ZoneInfo(zone))
    day = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
    return {
        "n": 12,
        "date": day.isoformat(),
        "day": day,
        "start": "18:00",
        "end": "22:00",
        "where": "",
        "access": "step_free",
        "today": today.isoformat(),
    }


@bp.get("/")
@allow(PUBLIC)
@shared
def home() -> str:
    """The front door: the sentence, the week, the board, the places."""
    with reading() as work:
        here = network(work.session)
        shown = listed(work.session, venues(work.session), work.now)
        return page(
            "venues/home.html",
            listed=shown,
            open_count=sum(item.open for item in shown),
            now=work.now,
            wish=first_wish(work.now, here.zone),
            search_places=search_places(work.session),
            accesses=ACCESSES,
            map=map_values(),
        )


@bp.get("/venues", endpoint="venues")
@allow(PUBLIC)
@shared
def venue_list() -> str:
    """All venues, by what one needs."""
    asked = {name: request.args.get(name, "")[:80] for name in ("open", "area", "kind", "access")}
    with reading() as work:
        every = listed(work.session, venues(work.session), work.now)
        return page(
            "venues/venues.html",
            listed=[item for item in every if _fits(item, asked)],
            total=len(every),
            asked=asked,
            areas=sorted({item.venue.area for item in every if item.venue.area}),
            kinds=kinds(work.session),
            now=work.now,
            map=map_values(),
        )


def _fits(item: Listed, asked: dict[str, str]) -> bool:
    return (
        (not asked["open"] or item.open)
        and (not asked["access"] or item.step_free)
        and asked["area"] in ("", item.venue.area)
        and asked["kind"] in ("", item.venue.kind)
    )


@bp.get("/venues/<slug>", endpoint="venue")
@allow(PUBLIC)
@shared
def venue_page(slug: str) -> str:
    """One venue: open now, its rooms, its week, what is written about it."""
    with reading() as work:
        venue = venue_by_slug(work.session, slug, hidden=True)
        if not venue.published or venue.archived_at:
            venue = venue_by_slug(work.session, slug, hidden=_manages(venue))
        rooms = rooms_of(work.session, venue.id)
        photos = photos_of(work.session, venue.id)
        first = first_photos(work.session, [room.id for room in rooms])
        return page(
            "venues/venue.html",
            venue=venue,
            kind=kinds(work.session).get(venue.kind),
            texts=sections(work.session, venue.id),
            section_titles=SECTION_TITLES,
            rooms=[room_card(room) for room in rooms],
            photos=[sources(photo) for photo in photos],
            face=next((sources(p) for p in [*photos, *first.values()]), None),
            position=POSITIONS[venue.position],
            **_opening(work, venue),
        )


def room_card(room: Room) -> dict[str, Any]:
    """A room as its venue's list shows it; who knows when it is free adds that."""
    return {"row": room, "capacity": capacity_words(room), "facts": room_facts(room)}


def _manages(venue: Venue) -> bool:
    return current_actor().may("venues.edit", venue=venue.id)


def _opening(work: Any, venue: Venue) -> dict[str, Any]:
    zone = ZoneInfo(venue.zone)
    today = local_date(work.now, zone)
    facts = facts_ahead(work.session, venue, work.now)
    return {
        "state": open_now(facts, work.now, zone),
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "week": week_shown(facts, today),
        "coming": coming(facts, today, zone),
        "has_hours": bool(facts.periods),
        "mode": mode_on(facts.modes, today),
    }
