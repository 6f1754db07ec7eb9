"""The sentence search."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import request, url_for

from tierslieu.bookings.search.asked import Sentence, read
from tierslieu.bookings.search.queries import Results
from tierslieu.bookings.search.queries import search as find
from tierslieu.bookings.search.words import hit, miss
from tierslieu.bookings.views import bp
from tierslieu.kernel.languages import say, weekday_words
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.places.queries import search_places
from tierslieu.venues.queries import network
from tierslieu.venues.words import ACCESSES, FEATURES
from tierslieu.web.pages import page
from tierslieu.web.requests import PUBLIC, allow, current_locale, reading

#: What may be asked for besides people and time.
WANTED: Final = (
    "projector", "wifi", "kitchen", "sound", "stage", "piano", "computers", "whiteboard", "outdoor",
)  # fmt: skip
SATURDAY: Final = 5
#: So many free rooms are shown at first.
SHOWN: Final = 12


@bp.get("/search")
@allow(PUBLIC)
def search() -> Any:
    """Free rooms for a sentence, near misses with their reasons, the sentence again on top."""
    with reading() as work:
        zone = ZoneInfo(network(work.session).zone)
        features = [key for key in request.args.getlist("features") if key in FEATURES]
        asked = read(request.args.to_dict(), features, zone)
        results = find(work, asked, asked.span) if asked.span else Results([], [])
        values = _sentence(work, asked, zone)
    shown = page(
        "bookings/search.html",
        **values,
        **_shown(asked, results),
        asked=asked,
        zone=zone.key,
        orders=_orders(asked),
        any_url=_any_day(asked),
    )
    return shown, 422 if asked.wrong else 200


def _shown(asked: Sentence, results: Results) -> dict[str, Any]:
    """The free rooms (the first ones, or with ``?all=1`` all) and the near misses, as drawn."""
    locale, span = current_locale(), asked.span
    if span is None:
        return {"hits": [], "nears": [], "total": 0, "all_url": None}
    free = results.free if request.args.get("all") == "1" else results.free[:SHOWN]
    plain = _address(without="access")
    return {
        "hits": [hit(found, asked, span, locale) for found in free],
        "nears": [miss(found, asked, plain, locale) for found in results.near],
        "total": len(results.free),
        "all_url": _address(all="1") if len(free) < len(results.free) else None,
    }


def _sentence(work: Work, asked: Sentence, zone: ZoneInfo) -> dict[str, Any]:
    """The values of the sentence's fields and their choices."""
    locale = current_locale()
    today = local_date(work.now, zone)
    saturday = today + timedelta(days=(SATURDAY - today.weekday()) % 7 or 7)
    usual = {"n": "12", "date": saturday.isoformat(), "start": "18:00", "end": "22:00"}
    written = usual | dict(asked.written)
    day = asked.day or (None if asked.asked else saturday)
    places = [(value, say(words, locale)) for value, words in search_places(work.session)]
    if asked.point:
        places.insert(1, (asked.where, say(msg("near me"), locale)))
    return {
        "v": {
            **{name: written.get(name, "") for name in ("n", "date", "start", "end", "q")},
            "where": asked.where,
            "access": written.get("access", ""),
            "weekday": weekday_words(day.isoweekday(), locale) if day else "",
        },
        "places": places,
        "accesses": [(value, say(words, locale)) for value, words in ACCESSES],
        "wanted": [
            {"value": key, "label": say(FEATURES[key][1], locale),
             "checked": key in asked.wish.features}
            for key in WANTED
        ],
        "today": today.isoformat(),
    }  # fmt: skip


def _orders(asked: Sentence) -> list[dict[str, Any]]:
    """The ways to order; by distance only when it is known from where."""
    words = {"fit": msg("best fit"), "near": msg("nearest"), "price": msg("least expensive")}
    return [
        {"label": label, "url": _address(order=order), "current": order == asked.order}
        for order, label in words.items()
        if order != "near" or asked.point
    ]


def _any_day(asked: Sentence) -> str:
    """The same wish when the day does not matter."""
    kept = {name: asked.written.get(name, "") for name in ("n", "where", "access", "q")}
    told: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return url_for("bookings.find", **told, features=sorted(asked.wish.features))


def _address(without: str = "", **changed: str) -> str:
    """The address of this search with something else in it."""
    args: dict[str, Any] = request.args.to_dict(flat=False)
    args.pop(without, None)
    return url_for("bookings.search", **(args | changed))
