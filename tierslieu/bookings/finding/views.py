"""Finding: the matrix, and why not."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import request, url_for

from tierslieu.bookings.finding import words
from tierslieu.bookings.finding.asked import Asked, read
from tierslieu.bookings.finding.queries import Matrix, matrix
from tierslieu.bookings.finding.why import why_not
from tierslieu.bookings.member.when import in_fields
from tierslieu.bookings.search.views import WANTED
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.languages import say
from tierslieu.kernel.span import local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.places.queries import search_places
from tierslieu.venues.queries import network
from tierslieu.venues.words import ACCESSES, FEATURES
from tierslieu.web.pages import page
from tierslieu.web.requests import PUBLIC, allow, current_locale, reading

#: So many rooms stand side by side.
SIDE: Final = 8
#: What an address may say; everything else is not kept in links.
NAMES: Final = (
    "n", "minutes", "days", "part", "after", "before", "from", "until", "where", "access", "q",
)  # fmt: skip


@bp.get("/find")
@allow(PUBLIC)
def find() -> Any:
    """Any of many days: a matrix of days and rooms, with near misses below."""
    skip = _skip()
    with reading() as work:
        asked = _asked(work)
        found = None if asked.wrong else matrix(work, asked.question, skip=skip, limit=SIDE)
        sentence = _sentence(work, asked)
    shown = page(
        "bookings/find.html",
        asked=asked,
        wanted=asked.question.wanted,
        v=asked.written,
        **sentence,
        **words.choices(current_locale()),
        **_drawn(found, asked, skip),
    )
    return shown, 422 if asked.wrong else 200


@bp.get("/find/why")
@allow(PUBLIC)
def find_why() -> Any:
    """Why a room has no time on a day: what booking would say, and the nearest choices."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        raise NotFound from None
    with reading() as work:
        asked = _asked(work)
        if asked.wrong or not 2000 <= day.year <= 2199:
            raise NotFound
        found = why_not(work, asked.question, request.args.get("room", ""), day)
    return page(
        "bookings/find_why.html",
        found=found,
        reasons=in_fields(found.reasons, found.case.zone),
        zone=found.case.zone.key,
        back_url=_address("bookings.find"),
        book_url=words.book_url(found.case, found.span, asked.question.wish.people),
        base_url=url_for("bookings.book", room=found.case.public_id),
    )


def _asked(work: Work) -> Asked:
    zone = ZoneInfo(network(work.session).zone)
    features = [key for key in request.args.getlist("features") if key in FEATURES]
    args = {name: value for name, value in request.args.items() if name in NAMES}
    return read(args, features, local_date(work.now, zone))


def _skip() -> int:
    text = request.args.get("skip", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _drawn(found: Matrix | None, asked: Asked, skip: int) -> dict[str, Any]:
    if found is None:
        return {"rooms": [], "lines": [], "total": 0, "steady": [], "nears": []}
    drawn = words.drawn(found, asked, current_locale(), lambda **more: _address(
        "bookings.find_why", **more))  # fmt: skip
    more = skip + SIDE < found.total
    return drawn | {
        "first": skip + 1,
        "next_url": _address("bookings.find", skip=skip + SIDE) if more else None,
        "previous_url": _address("bookings.find", skip=max(0, skip - SIDE)) if skip else None,
    }


def _sentence(work: Work, asked: Asked) -> dict[str, Any]:
    locale, wanted = current_locale(), asked.question.wanted
    return {
        "places": [(value, say(label, locale)) for value, label in search_places(work.session)],
        "accesses": [(value, say(label, locale)) for value, label in ACCESSES],
        "today": local_date(work.now, ZoneInfo(network(work.session).zone)).isoformat(),
        "first_day": asked.written.get("from") or wanted.first.isoformat(),
        "last_day": asked.written.get("until") or wanted.last.isoformat(),
        "things": [
            {"value": key, "label": say(FEATURES[key][1], locale),
             "checked": key in asked.question.wish.features}
            for key in WANTED
        ],
    }  # fmt: skip


def _address(endpoint: str, **more: Any) -> str:
    """Another page of the same wish."""
    kept: dict[str, Any] = {
        name: values
        for name, values in request.args.to_dict(flat=False).items()
        if name in NAMES or name == "features"
    }
    return url_for(endpoint, **(kept | more))
