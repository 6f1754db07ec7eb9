"""How events are shown: by day, as cards, and as search engines read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events.models import Event
from tierslieu_events.queries import DateView, organiser_name
from tierslieu_events.words import AUDIENCES, CATEGORIES, MODES, REMOTE, SIDES


def by_day(views: Iterable[DateView], now: datetime) -> list[tuple[date, list[DateView]]]:
    """Dates by the day on which they begin there; what is running counts as today's."""
    days: dict[date, list[DateView]] = {}
    for view in views:
        starts = max(view.date.starts_at, now)
        days.setdefault(tl.local_date(starts, view.zone), []).append(view)
    return sorted(days.items())


def words(event: Event) -> dict[str, Any]:
    """The sentences for what an event is, for its pages."""
    return {
        "kind": CATEGORIES.get(event.category, CATEGORIES["other"]),
        "audience": AUDIENCES.get(event.audience, AUDIENCES["everybody"]),
        "modes": MODES,
        "sides": SIDES,
        "prose": tl.prose,
    }


def card(work: tl.Work, view: DateView) -> dict[str, Any]:
    """What a list says of a date."""
    return {"date": view.date, "event": view.event, "venue": view.venue, "room": view.room}


def venues_with_events(work: tl.Work) -> list[tl.Venue]:
    """Venues that have published events, by name."""
    asked = (
        sa.select(tl.Venue)
        .where(
            tl.Venue.published,
            tl.Venue.archived_at.is_(None),
            tl.Venue.id.in_(sa.select(Event.venue_id).where(Event.state == "published")),
            tl.places(work).condition(tl.Venue.id),
        )
        .order_by(tl.Venue.name)
    )
    return list(work.session.scalars(asked))


def json_ld(work: tl.Work, event: Event, venue: tl.Venue, views: Iterable[DateView]) -> str:
    """What schema.org calls these dates, as a script that only data is in."""
    found = [_json_date(work, event, venue, view) for view in views]
    text = json.dumps(found, ensure_ascii=False, sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


_ATTENDANCE = {
    "room": "https://schema.org/OfflineEventAttendanceMode",
    "remote": "https://schema.org/OnlineEventAttendanceMode",
    "hybrid": "https://schema.org/MixedEventAttendanceMode",
}


def _json_date(work: tl.Work, event: Event, venue: tl.Venue, view: DateView) -> dict[str, Any]:
    base = work.site.config.base_url
    url = f"{base}/events/{event.public_id}"
    gone = view.date.state == "cancelled" or event.state == "cancelled"
    network = tl.network(work.session)
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title.best(work.locale, network.locale)[1],
        "description": event.description.best(work.locale, network.locale)[1],
        "url": url,
        "startDate": view.date.starts_at.astimezone(view.zone).isoformat(),
        "endDate": view.date.ends_at.astimezone(view.zone).isoformat(),
        "eventAttendanceMode": _ATTENDANCE[view.date.mode],
        "eventStatus": f"https://schema.org/Event{'Cancelled' if gone else 'Scheduled'}",
        "isAccessibleForFree": event.price_cents == 0,
        "organizer": {"@type": "Organization", "name": organiser_name(work, event, venue)},
        "offers": {
            "@type": "Offer",
            "price": f"{event.price_cents / 100:.2f}",
            "priceCurrency": network.currency,
            "url": url,
        },
        "location": _locations(view, url),
    }
    features = [
        name
        for name, on in (("captions", event.captions), ("signLanguageInterpretation",
                         event.sign_language))
        if on
    ]  # fmt: skip
    if features:
        said["accessibilityFeature"] = features
    return said


def _locations(view: DateView, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if view.date.mode != REMOTE and view.room is not None:
        address = {
            "@type": "PostalAddress",
            "streetAddress": view.venue.street or "",
            "addressLocality": view.venue.town or "",
        }
        name = f"{view.venue.name}, {view.room.name}"
        found.append({"@type": "Place", "name": name, "address": address})
    if view.date.mode != "room":
        found.append({"@type": "VirtualLocation", "url": url})
    return found
