"""What everybody sees: what is on, an event, and its calendar."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, Response, request

import tierslieu.toolkit as tl
from tierslieu_events import calendars, queries, showing
from tierslieu_events.models import EventPicture
from tierslieu_events.registering.queries import mine_of, of_person
from tierslieu_events.words import CATEGORIES

bp = Blueprint(
    "events", __name__, template_folder="templates", static_folder="static",
    static_url_path="/events/static",
)  # fmt: skip
#: How far one page of what is on looks.
DAYS = 28


def asked_day(zone: ZoneInfo, now: datetime) -> date:
    """The first day that the address asks for, today at the earliest."""
    today = tl.local_date(now, zone)
    try:
        return max(today, date.fromisoformat(request.args.get("date", "")))
    except ValueError:
        return today


@bp.get("/events")
@tl.allow(tl.PUBLIC)
def whats_on() -> str:
    """What is on, by day; of a venue and a category when the address says so."""
    with tl.reading() as work:
        return tl.page("events/whats_on.html", **_what_is_on(work))


def _what_is_on(work: tl.Work) -> dict[str, Any]:
    zone = ZoneInfo(tl.network(work.session).zone)
    first = asked_day(zone, work.now)
    since = max(work.now, tl.at_wall(first, 0, zone))
    category = request.args.get("category", "")
    venue = work.session.scalar(
        sa.select(tl.Venue).where(tl.Venue.slug == request.args.get("venue", ""))
    )
    until = tl.at_wall(first + timedelta(days=DAYS), 0, zone)
    views = queries.coming(
        work, since, until, venue_id=venue.id if venue else None,
        category=category if category in CATEGORIES else "",
    )  # fmt: skip
    pictures = queries.pictures_of(work, {view.event.id for view in views})
    return {
        "days": showing.by_day(views, work.now),
        "first": first,
        "before": first - timedelta(days=DAYS),
        "after": first + timedelta(days=DAYS),
        "today": tl.local_date(work.now, zone),
        "category": category,
        "chosen": venue,
        "venues": showing.venues_with_events(work),
        "categories": CATEGORIES,
        "pictures": pictures,
        "cards": [showing.card(work, view) for view in views],
    }


@bp.get("/events/<event_id>")
@tl.allow(tl.PUBLIC)
def event(event_id: str) -> str:
    """An event: what, when, where, for whom, and how to take part."""
    with tl.reading() as work:
        found, venue = queries.event_for(work, event_id)
        views = queries.dates_of(work, found)
        ahead = [view for view in views if view.date.ends_at > work.now]
        return tl.page(
            "events/event.html",
            event=found,
            venue=venue,
            ahead=ahead,
            past=[view for view in views if view.date.ends_at <= work.now],
            mine=mine_of(work, [view.date.id for view in ahead]),
            organiser=queries.organiser_name(work, found, venue),
            picture=queries.pictures_of(work, [found.id]).get(found.id),
            price=tl.Money(found.price_cents, tl.network(work.session).currency),
            data=showing.json_ld(work, found, venue, ahead),
            may_edit=work.actor.may("events.edit", venue=venue.id),
            **showing.words(found),
        )


@bp.get("/events/<event_id>/calendar.ics")
@tl.allow(tl.PUBLIC)
@tl.without_cookie
def calendar(event_id: str) -> Response:
    """All dates of an event, for a calendar."""
    with tl.reading() as work:
        found, _ = queries.event_for(work, event_id)
        content = calendars.calendar_of(work, queries.dates_of(work, found), work.locale)
    return as_file(content, "text/calendar; charset=utf-8", f"{event_id}.ics")


@bp.get("/events/pictures/<picture_id>.webp")
@tl.allow(tl.PUBLIC)
@tl.without_cookie
def picture(picture_id: str) -> Response:
    """The picture of an event; another picture has another address."""
    with tl.reading() as work:
        asked = sa.select(EventPicture).where(EventPicture.public_id == picture_id)
        found = work.session.scalar(asked)
        if found is None:
            raise tl.NotFound
        content = found.data
    answer = Response(content, mimetype="image/webp")
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


@bp.get("/events/mine")
@tl.allow(tl.SIGNED_IN)
def mine() -> str:
    """What one registered for."""
    with tl.reading() as work:
        person = work.actor.person_id
        found = of_person(work, person) if person is not None else []
        ahead = [e for e in found if e.view.date.ends_at > work.now]
        past = [e for e in reversed(found) if e.view.date.ends_at <= work.now and e.row.came]
        return tl.page("events/mine.html", ahead=ahead, past=past, now=work.now)


def as_file(content: bytes, kind: str, name: str) -> Response:
    """A file that a browser may keep for itself, and must ask about each time."""
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(content).hexdigest()[:32])
    answer.make_conditional(request)
    return answer
