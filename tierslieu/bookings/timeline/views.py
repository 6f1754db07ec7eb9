"""The calendar of a venue: day, week and list on one page; moving by a request of its own."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, jsonify, request, url_for

from tierslieu.bookings.changes.services import Edit
from tierslieu.bookings.desk.gate import booking_at, desk_of
from tierslieu.bookings.member.when import fields_of_span
from tierslieu.bookings.preemption.queries import where_permitted
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.rules import MOVES
from tierslieu.bookings.timeline import network as _network  # noqa: F401
from tierslieu.bookings.timeline import posters, queries
from tierslieu.bookings.timeline.services import drag
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Forbidden, Invalid, NotFound, Refusal
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span, iso, local_date, utc
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.web.errors import problem
from tierslieu.web.pages import desk, page
from tierslieu.web.requests import allow, current_locale, reading, writing


@bp.get("/manage/<slug>/timeline")
@allow("timeline.read")
def timeline(slug: str) -> str:
    """All rooms of a day, the week, and the same as a list."""
    with reading() as work:
        venue = desk_of(work, slug, "timeline.read")
        day = posters.asked_day(work, venue.zone)
        known = queries.read(work.session, venue, day, work.now, week=True)
        if request.args.get("view") == "print":
            return posters.day_poster(venue, known)
        return page(
            "bookings/timeline.html",
            **desk(venue),
            **_drawn(work, venue, known),
            week=queries.week_of(known),
            etag=queries.tag(work.session, venue, day, current_locale()),
        )


def _drawn(work: Work, venue: Venue, known: queries.Known) -> dict[str, Any]:
    may_move = work.actor.may("bookings.change", venue=venue.id)
    preempting = where_permitted(work, known.cases)
    return {
        "venue": venue,
        "day": known.day,
        "today": local_date(work.now, known.zone),
        "now": work.now,
        "drawn": queries.day_of(
            known,
            free=work.actor.may("bookings.on_behalf", venue=venue.id),
            off=_off(work, venue, known),
        ),
        "lines": queries.list_of(known),
        "one_hour": timedelta(hours=1),
        "movable": lambda view: (
            may_move and view.booking.state in MOVES["change"] and not view.is_over(work.now)
        ),
        "take_over": lambda view: (
            _take_over_url(view)
            if view.booking.room_id in preempting
            and view.booking.state in MOVES["preempt"]
            and view.span.starts_at > work.now
            else ""
        ),
        "one_day": timedelta(days=1),
        "may": lambda permission: work.actor.may(permission, venue=venue.id),
    }


def _off(work: Work, venue: Venue, known: queries.Known) -> dict[str, Message]:
    """How it is called what plugins hold that are off here."""
    owners = {row.owner for row in known.claims}
    said = {owner: work.site.plugins.held_by(owner, venue.id) for owner in owners}
    return {owner: words for owner, words in said.items() if words is not None}


def _take_over_url(view: BookingView) -> str:
    fields: dict[str, Any] = fields_of_span(view.span, ZoneInfo(view.zone))
    return url_for("bookings.take_over", room=view.room_public_id, **fields)


@bp.get("/manage/<slug>/timeline/board")
@allow("timeline.read")
def timeline_board(slug: str) -> Response:
    """The day alone, asked again and again: 304 while nothing changed."""
    with reading() as work:
        venue = desk_of(work, slug, "timeline.read")
        day = posters.asked_day(work, venue.zone)
        etag = queries.tag(work.session, venue, day, current_locale())
        if etag in request.if_none_match:
            response = Response(status=304)
        else:
            known = queries.read(work.session, venue, day, work.now, week=False)
            body = page("bookings/board.html", **_drawn(work, venue, known), etag=etag)
            response = Response(body, mimetype="text/html")
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.patch("/manage/<slug>/timeline/<public_id>")
@allow("bookings.change")
def timeline_move(slug: str, public_id: str) -> Response:
    """Move or stretch one booking; a refusal says why and nothing has changed."""
    try:
        with writing() as work:
            venue = desk_of(work, slug, "bookings.change")
            booking_at(work, venue, public_id)
            drag(work, venue.id, public_id, _edit(request.get_json(silent=True)))
            view = booking_view(work.session, public_id)
    except Refusal as refusal:
        return _refused(refusal, slug, public_id)
    except NotFound as error:
        return problem(404, "not_found", error.message)
    except Forbidden as error:
        return problem(403, "forbidden", error.message)
    return jsonify(_state(view)) if view is not None else problem(404, "not_found")


def _refused(refusal: Refusal, slug: str, public_id: str) -> Response:
    """Why not; when somebody else was quicker, also what there is now."""
    said = refusal.reasons[0].message if refusal.reasons else ""
    answer = problem(refusal.status, refusal.code, said, refusal.reasons)
    if refusal.code == "changed_meanwhile":
        with reading() as work:
            view = booking_at(work, desk_of(work, slug, "bookings.change"), public_id)
            answer.set_data(json.dumps({**(answer.get_json() or {}), "current": _state(view)}))
    return answer


def _state(view: BookingView) -> dict[str, Any]:
    """Where a booking is, for the script."""
    words = current_app.jinja_env.filters["clock_time"]
    when = f"{words(view.claim.starts_at, view.zone)}–{words(view.claim.ends_at, view.zone)}"
    return {
        "version": view.booking.version,
        "when": when,
        "starts_at": iso(view.span.starts_at),
        "ends_at": iso(view.span.ends_at),
        "room_id": view.room_public_id,
    }


def _edit(body: Any) -> Edit:
    """What the script asks for; raises Invalid for what it would never send."""
    if not isinstance(body, dict):
        raise Invalid("bad_request", msg("This cannot be read."))
    start, end = _moment(body, "starts_at"), _moment(body, "ends_at")
    tag = request.headers.get("If-Match", "").strip().strip('"')
    version = int(tag) if tag.isascii() and tag.isdigit() else body.get("version")
    if start >= end:
        raise Invalid("bad_span", msg("The end must be after the start."), "ends_at")
    if not isinstance(version, int) or not isinstance(body.get("room_id"), str):
        raise Invalid("bad_request", msg("This cannot be read."))
    return Edit(span=Span(start, end), room=body["room_id"], version=version)


def _moment(body: dict[str, Any], name: str) -> datetime:
    try:
        read = datetime.fromisoformat(str(body.get(name, "")))
        if read.tzinfo is None or read.second or read.microsecond:
            raise ValueError(name)
        return utc(read, name)
    except ValueError:
        raise Invalid("bad_time", msg("This is not a date and a time."), name) from None
