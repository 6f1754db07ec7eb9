"""Pages: my addresses; feeds and public calendars for calendar programmes; QR codes."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, redirect, request, url_for
from markupsafe import Markup

import tierslieu.toolkit as tl
from tierslieu_ical import queries, rules, services
from tierslieu_ical.addresses import public_address, public_base, secret_address, webcal
from tierslieu_ical.dated import dated_texts, own_question, places_question
from tierslieu_ical.uses import hand_on, uses_of
from tierslieu_ical.zones import vtimezone

bp = Blueprint("ical", __name__, template_folder="templates")
msg = tl.sentences("tierslieu_ical")

PRIVATE = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
GONE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
SHARED = {"Cache-Control": "public, max-age=300", "Referrer-Policy": "no-referrer"}


@bp.get("/feeds")
@tl.allow("feeds.own")
def feeds() -> str:
    """The addresses a person has made."""
    with tl.reading() as work:
        mine = queries.feeds_of(work.session, tl.current_actor().person_id or 0)
    return tl.page("ical/feeds.html", feeds=mine, base=public_base(tl.current_site()))


@bp.post("/feeds")
@tl.allow("feeds.own")
def feed_new() -> str:
    """Make an address and show it, this once."""
    with tl.writing() as work:
        _, token = services.new_feed(work)
    return _shown(token)


@bp.post("/feeds/<public_id>/renew")
@tl.allow("feeds.own")
def feed_renew(public_id: str) -> str:
    """Put a new address in the place of one, and show it, this once."""
    with tl.writing() as work:
        _, token = services.renew_feed(work, public_id)
    return _shown(token)


@bp.post("/feeds/<public_id>/stop")
@tl.allow("feeds.own")
def feed_stop(public_id: str) -> Response:
    """Stop an address."""
    with tl.writing() as work:
        services.stop_feed(work, public_id)
    tl.flash_message(msg("This address no longer opens anything."))
    return redirect(url_for("ical.feeds"))  # type: ignore[return-value]


def _shown(token: str) -> str:
    address = secret_address(tl.current_site(), token)
    code = Markup(qr(address))  # noqa: S704 - drawn by us, the address is only dots in it
    return tl.page("ical/address.html", address=address, webcal=webcal(address), qr=code)


@bp.get("/feeds/<token>.ics")
@tl.allow(tl.PUBLIC)
def feed(token: str) -> Response:
    """One person's feed, for whoever holds its address."""
    site = tl.current_site()
    with site.reading() as work:
        whose = queries.reader(work.session, token)
        if whose is None:
            # No page: it would repeat the address, and programmes go on asking for long.
            return Response("Not found\n", 404, mimetype="text/plain", headers=GONE)
        back, places = tl.setting(work, "days_back"), tl.places(work)
        entries = queries.own_entries(whose.person_id, work.now, back, places)
        name = msg("Bookings of %(name)s", name=whose.name)
        theirs = queries.acts_for(work, whose.person_id)
        asked = own_question(work, back, whose.person_id, theirs, places)
        answer = _calendar(work, entries, asked, name, whose.locale, PRIVATE)
    if uses_of(site).see(whose.feed_id, work.now):
        answer.call_on_close(lambda: hand_on(site))
    return answer


@bp.get("/venues/<slug>/calendar.ics")
@tl.allow(tl.PUBLIC)
def venue_calendar(slug: str) -> Response:
    """What everybody may know of a venue's bookings."""
    with tl.current_site().reading() as work:
        venue = queries.venue_by_slug(work.session, slug)
        if venue is None:
            raise tl.NotFound
        back = tl.setting(work, "days_back", venue_id=venue.id)
        entries = queries.venue_entries(venue.id, work.now, back)
        asked = places_question(work, back, venue.id)
        return _public(work, entries, asked, venue.name, venue.id)


@bp.get("/rooms/<public_id>/calendar.ics")
@tl.allow(tl.PUBLIC)
def room_calendar(public_id: str) -> Response:
    """What everybody may know of a room's bookings."""
    with tl.current_site().reading() as work:
        found = queries.room_by_id(work.session, public_id)
        if found is None:
            raise tl.NotFound
        room, venue = found
        back = tl.setting(work, "days_back", venue_id=venue.id, room_id=room.id)
        entries = queries.room_entries(room.id, work.now, back)
        asked = places_question(work, back, venue.id, room.id)
        return _public(work, entries, asked, f"{room.name}, {venue.name}", venue.id)


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
    answer = Response("".join(parts), content_type="text/calendar; charset=utf-8")
    answer.headers.update(PRIVATE)
    return answer


@bp.get("/feeds/<kind>/<key>.svg")
@tl.allow(tl.PUBLIC)
def picture(kind: str, key: str) -> Response:
    """The QR code of a public calendar."""
    with tl.current_site().reading() as work:
        if not _has_calendar(work, kind, key):
            raise tl.NotFound
    code = qr(webcal(public_address(tl.current_site(), kind, key)))
    return Response(
        code, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
    )


def qr(address: str) -> str:
    """A QR code as SVG, dark on light whatever the page's colours."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out,
        kind="svg",
        border=3,
        light="#fff",
        dark="#000",
        xmldecl=False,
        omitsize=True,
        svgclass="qr",
    )
    return out.getvalue().decode()


def _has_calendar(work: tl.Work, kind: str, key: str) -> bool:
    """Whether everybody may read the calendar of a venue or room."""
    if kind == "venue":
        venue = queries.venue_by_slug(work.session, key)
    else:
        found = queries.room_by_id(work.session, key) if kind == "room" else None
        venue = found[1] if found else None
    return venue is not None and tl.is_on(work, venue.id)


def _public(
    work: tl.Work, entries: queries.Entries, asked: tl.CalendarQuestion, name: str, venue_id: int
) -> Response:
    untitled = tl.setting(work, "titles", venue_id=venue_id) == "never"
    return _calendar(work, entries, asked, name, _language(work), SHARED, untitled=untitled)


def _language(work: tl.Work) -> str:
    asked = request.args.get("lang", "")
    return asked if asked in {"it", "fr", "en"} else tl.network(work.session).locale


def _calendar(
    work: tl.Work,
    entries: queries.Entries,
    asked: tl.CalendarQuestion,
    name: tl.Message | str,
    locale: str,
    headers: dict[str, str],
    *,
    untitled: bool = False,
) -> Response:
    """The calendar, or 304 when the reader has it already."""
    title = tl.say(name, locale)
    dated, more = dated_texts(work, asked, locale)
    made_with = [
        services.recipe(work),
        *(["untitled"] if untitled else []),
        *([dated] if dated else []),
    ]
    tag = queries.etag(work.session, entries, locale, title, *made_with)
    if request.if_none_match.contains(tag):
        answer = Response(status=304)
        del answer.headers["Content-Type"]
    else:
        text, zones = queries.texts(work.session, entries)
        text = rules.untitled(text) if untitled else text
        busy = rules.escaped(tl.say(msg("Busy"), locale))
        parts = [rules.calendar_head(title), *map(vtimezone, sorted({*zones, *more}))]
        parts += [text.replace(rules.BUSY, busy), dated, rules.CALENDAR_TAIL]
        answer = Response("".join(parts), content_type="text/calendar; charset=utf-8")
    answer.headers.update(headers)
    answer.set_etag(tag)
    return answer
