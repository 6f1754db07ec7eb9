"""A day or a week of the whole network: the rooms of every venue, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for

from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.timeline import posters, queries
from tierslieu.bookings.views import bp
from tierslieu.kernel.span import local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network
from tierslieu.venues.words import FEATURES, ROOM_KINDS
from tierslieu.web.pages import page
from tierslieu.web.requests import allow, current_locale, reading


@dataclass(frozen=True)
class Filter:
    """Which rooms are shown; empty: all."""

    kind: str = ""
    feature: str = ""
    venue: str = ""

    def lets_in(self, case: RoomCase) -> bool:
        """Whether a room is shown."""
        return (
            self.kind in ("", case.kind)
            and (not self.feature or self.feature in case.features)
            and self.venue in ("", case.venue_slug)
        )

    @property
    def fields(self) -> dict[str, Any]:
        """As the address says it."""
        return {name: value for name, value in vars(self).items() if value}


def _asked() -> Filter:
    args = request.args
    return Filter(args.get("kind", ""), args.get("feature", ""), args.get("venue", ""))


@bp.get("/admin/timeline")
@allow("network.edit")
def network_timeline() -> str:
    """All rooms of all venues on a day, by venue, of one kind or with one thing."""
    with reading() as work:
        work.require("network.edit")
        return page("bookings/network_timeline.html", desk=None, **_drawn(work))


@bp.get("/admin/timeline/board")
@allow("network.edit")
def network_board() -> Response:
    """The day alone, asked again and again: 304 while nothing changed."""
    with reading() as work:
        work.require("network.edit")
        day = posters.asked_day(work, network(work.session).zone)
        etag = _tag(work, day)
        if etag in request.if_none_match:
            response = Response(status=304)
        else:
            body = page("bookings/_network_timeline.html", **_drawn(work))
            response = Response(body, mimetype="text/html")
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _tag(work: Work, day: date) -> str:
    zone = ZoneInfo(network(work.session).zone)
    return queries.network_tag(work.session, day, zone, f"{current_locale()}|{_asked().fields}")


@bp.get("/admin/timeline/week")
@allow("network.edit")
def network_week() -> str:
    """The week of all venues, a line for each; of one venue, a line for each room."""
    with reading() as work:
        work.require("network.edit")
        zone = ZoneInfo(network(work.session).zone)
        day, asked = posters.asked_day(work, zone.key), _asked()
        everything = queries.all_cases(work.session, day)
        cases = [case for case in everything if asked.lets_in(case)]
        of_one = bool(asked.venue)
        known = queries.read_network_week(work.session, cases, day, zone, work.now, whole=of_one)
        return page(
            "bookings/network_week.html",
            desk=None,
            days=queries.days_of_week(day),
            week=queries.week_of(known) if of_one else None,
            lines=[] if of_one else queries.lines_of(work.session, known),
            week_url=lambda other, venue=asked.venue: url_for(
                "bookings.network_week", day=other.isoformat(), **asked.fields | {"venue": venue}
            ),
            **_about(work, day, zone, asked, everything),
        )


def _drawn(work: Work) -> dict[str, Any]:
    zone = ZoneInfo(network(work.session).zone)
    day, asked = posters.asked_day(work, zone.key), _asked()
    everything = queries.all_cases(work.session, day)
    cases = [case for case in everything if asked.lets_in(case)]
    known = queries.read_network(work.session, cases, day, zone, work.now)
    return {
        "drawn": queries.day_of(known),
        "etag": _tag(work, day),
        "board_url": url_for("bookings.network_board", day=day.isoformat(), **asked.fields),
        **_about(work, day, zone, asked, everything),
    }


def _about(
    work: Work, day: date, zone: ZoneInfo, asked: Filter, everything: Sequence[RoomCase]
) -> dict[str, Any]:
    """What both views say: the day, and which rooms there are to choose from."""
    return {
        "day": day,
        "today": local_date(work.now, zone),
        "zone": zone.key,
        "asked": asked,
        "kinds": {
            key: words for key, words in ROOM_KINDS.items()
            if any(case.kind == key for case in everything)
        },
        "features": {
            key: words for key, (_, words) in FEATURES.items()
            if any(key in case.features for case in everything)
        },
        "venues": dict(sorted({(c.venue_slug, c.venue_name) for c in everything},
                              key=lambda pair: pair[1])),
        "day_url": lambda other: url_for(
            "bookings.network_timeline", day=other.isoformat(), **asked.fields
        ),
    }  # fmt: skip
