"""The calendars themselves: for programmes, for scripts, and as a page to read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for

import tierslieu.toolkit as tl
from tierslieu_ical import queries, rules, services
from tierslieu_ical.addresses import public_address, webcal
from tierslieu_ical.feeds.busy import free_busy
from tierslieu_ical.feeds.queries import reader
from tierslieu_ical.feeds.reading import Shown, by_day, occurrences
from tierslieu_ical.feeds.rules import choices, query
from tierslieu_ical.feeds.showing import (
    Calendar,
    of_network,
    of_reader,
    of_venue,
    text_of,
    whole,
)
from tierslieu_ical.uses import hand_on, uses_of
from tierslieu_ical.zones import vtimezone

bp = Blueprint("ical_feeds", __name__, template_folder="../templates")
msg = tl.sentences("tierslieu_ical")

PRIVATE = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
GONE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
SHARED = {"Cache-Control": "public, max-age=300", "Referrer-Policy": "no-referrer"}
#: Days that JSON and the page show, if nothing else is asked, and at most.
DAYS = {"json": 31, "html": 7}
MOST_DAYS = 366
FORMS = "<any(ics, json, html):form>"


@bp.get(f"/feeds/<token>.{FORMS}")
@tl.allow(tl.PUBLIC)
def feed(token: str, form: str) -> Response:
    """A secret calendar, for whoever holds its address."""
    site = tl.current_site()
    with site.reading() as work:
        whose = reader(work.session, token)
        if whose is not None:
            shown = of_reader(work, whose, choices(request.args.getlist))
        if whose is None or shown is None:
            # No page: it would repeat the address, and programmes go on asking for long.
            return Response("Not found\n", 404, mimetype="text/plain", headers=GONE)
        answer = _answer(work, shown, form, PRIVATE)
    if uses_of(site).see(whose.feed_id, work.now):
        answer.call_on_close(lambda: hand_on(site))
    return answer


@bp.get(f"/calendar.{FORMS}")
@tl.allow(tl.PUBLIC)
def network_calendar(form: str) -> Response:
    """What has a public title, in the whole network."""
    with tl.current_site().reading() as work:
        shown = of_network(work, choices(request.args.getlist), _language(work))
        return _answer(work, shown, form, SHARED, "network")


@bp.get(f"/venues/<slug>/calendar.{FORMS}")
@tl.allow(tl.PUBLIC)
def venue_calendar(slug: str, form: str) -> Response:
    """What everybody may know of a venue's bookings."""
    with tl.current_site().reading() as work:
        venue = queries.venue_by_slug(work.session, slug)
        if venue is None:
            raise tl.NotFound
        shown = of_venue(work, venue, None, choices(request.args.getlist), _language(work))
        return _answer(work, shown, form, SHARED, "venue", slug)


@bp.get(f"/rooms/<public_id>/calendar.{FORMS}")
@tl.allow(tl.PUBLIC)
def room_calendar(public_id: str, form: str) -> Response:
    """What everybody may know of a room's bookings."""
    with tl.current_site().reading() as work:
        found = queries.room_by_id(work.session, public_id)
        if found is None:
            raise tl.NotFound
        room, venue = found
        shown = of_venue(work, venue, room, choices(request.args.getlist), _language(work))
        return _answer(work, shown, form, SHARED, "room", public_id)


@bp.get("/bookings/<public_id>/calendar.ics")
@tl.allow("feeds.own")
def booking_calendar(public_id: str) -> Response:
    """One booking as a file for a calendar programme; it does not follow later changes."""
    with tl.reading() as work:
        found = queries.one_booking(work.session, public_id, work.actor)
    if found is None:
        raise tl.NotFound
    text, zone = found
    parts = [rules.calendar_head("Tierslieu"), vtimezone(zone), text, rules.CALENDAR_TAIL]
    return _ics("".join(parts), PRIVATE)


@bp.get("/venues/<slug>/freebusy.ics")
@tl.allow(tl.PUBLIC)
def venue_busy(slug: str) -> Response:
    """When the rooms of a venue are taken, and nothing else."""
    with tl.current_site().reading() as work:
        venue = queries.venue_by_slug(work.session, slug)
        if venue is None:
            raise tl.NotFound
        return _ics(free_busy(work, venue, None, request.args), SHARED)


@bp.get("/rooms/<public_id>/freebusy.ics")
@tl.allow(tl.PUBLIC)
def room_busy(public_id: str) -> Response:
    """When a room is taken, and nothing else."""
    with tl.current_site().reading() as work:
        found = queries.room_by_id(work.session, public_id)
        if found is None:
            raise tl.NotFound
        return _ics(free_busy(work, found[1], found[0], request.args), SHARED)


def _language(work: tl.Work) -> str:
    asked = request.args.get("lang", "")
    return asked if asked in {"it", "fr", "en"} else tl.network(work.session).locale


def _answer(
    work: tl.Work,
    shown: Calendar,
    form: str,
    headers: dict[str, str],
    kind: str = "",
    key: str = "",
) -> Response:
    """The calendar in one of its forms, or 304 when the reader has it already."""
    asked = "" if form == "ics" else f"{form} {work.now.date()} {sorted(request.args.items())}"
    made_with = " ".join(filter(None, [services.recipe(work), asked]))
    # The page has the reader's own menu around it, so nobody keeps it.
    has = request.if_none_match.contains if form != "html" else lambda _tag: False
    text = text_of(work, shown, made_with, has)
    if has(text.tag):
        answer = Response(status=304)
        del answer.headers["Content-Type"]
    elif form == "ics":
        answer = _ics(whole(shown, text), {})
    elif form == "json":
        answer = jsonify(_as_json(shown, text.body, work.now.date()))
    else:
        return _as_page(work, shown, text.body, headers, kind, key)
    answer.headers.update(headers)
    answer.set_etag(text.tag)
    return answer


def _ics(text: str, headers: dict[str, str]) -> Response:
    answer = Response(text, content_type="text/calendar; charset=utf-8")
    answer.headers.update(headers)
    return answer


def _window(form: str, today: date) -> tuple[date, date]:
    """The days that are asked for. Raises Invalid for what is no day or no number."""
    try:
        first = date.fromisoformat(request.args.get("from") or today.isoformat())
        days = int(request.args.get("days") or DAYS[form])
        return first, first + timedelta(days=max(1, min(days, MOST_DAYS)) - 1)
    except (ValueError, OverflowError):
        raise tl.Invalid(
            "not_a_day", msg("Give the first day as 2026-11-24, and a number of days.")
        ) from None


def _other_days(first: date) -> str:
    """The same page from another day on."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "from"]
    return "?" + urlencode([*kept, ("from", first.isoformat())])


def _as_json(shown: Calendar, body: str, today: date) -> dict[str, Any]:
    first, last = _window("json", today)
    return {
        "name": tl.say(shown.name, shown.locale),
        "from": first.isoformat(),
        "until": last.isoformat(),
        "items": [_as_item(each) for each in occurrences(body, first, last)],
    }


def _as_item(each: Shown) -> dict[str, Any]:
    return {
        "uid": each.uid,
        "title": each.title,
        "starts_at": rules.rfc3339(each.starts_at),
        "ends_at": rules.rfc3339(each.ends_at),
        "timezone": each.zone,
        "all_day": each.all_day,
        "location": each.location,
        "description": each.description,
        "status": each.status,
        "repeats": each.repeats,
        "url": each.url,
    }


def _as_page(
    work: tl.Work, shown: Calendar, body: str, headers: dict[str, str], kind: str, key: str
) -> Response:
    first, last = _window("html", work.now.date())
    found = occurrences(body, first, last)
    address = public_address(work.site, kind, key, query(shown.choices)) if kind else ""
    page = tl.page(
        "ical/calendar.html",
        name=shown.name,
        days=by_day(found),
        first=first,
        last=last,
        before=_other_days(first - timedelta(days=(last - first).days + 1)),
        after=_other_days(last + timedelta(days=1)),
        address=address,
        webcal=webcal(address) if address else "",
        choose_url=url_for("ical.choose", of=f"{kind}:{key}" if key else kind),
    )
    answer = Response(page, content_type="text/html; charset=utf-8")
    answer.headers["Referrer-Policy"] = "no-referrer"
    if headers is PRIVATE:
        answer.headers.update(PRIVATE)
    return answer
