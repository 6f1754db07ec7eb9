"""The kilns of a venue: what is fired when, and the way to fire one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

import tierslieu.toolkit as tl
from kiln import queries, services

bp = Blueprint(
    "kiln",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/kiln/static",
)
say = tl.sentences("kiln")


@bp.get("/venues/<slug>/kilns")
@tl.allow(tl.PUBLIC)
def kilns(slug: str) -> str:
    """The kilns of a venue, and what is coming."""
    return _page(slug, {}, None)


@bp.post("/venues/<slug>/kilns")
@tl.allow("kiln.fire")
def fire(slug: str) -> tuple[str, int] | Response:
    """Fire one of them."""
    written = request.form.to_dict()
    try:
        with tl.writing() as work:
            venue = queries.venue_of(work.session, slug)
            kiln = queries.kiln_of(work.session, written.get("kiln", ""))
            zone = ZoneInfo(venue.zone)
            start = tl.moment(written.get("starts_at", ""), zone, "starts_at")
            hours = _number(written, "hours")
            span = tl.Span(start, start + timedelta(hours=hours))
            services.fire(work, kiln, span, _number(written, "degrees"))
    except tl.Refusal as refusal:
        return _page(slug, written, refusal), refusal.status
    tl.flash_message(say("The kiln is yours"))
    return redirect(f"/venues/{slug}/kilns")


def _number(written: dict[str, str], field: str) -> int:
    text = written.get(field, "")
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2000:
        raise tl.Invalid("bad_number", say("Write a number."), field)
    return int(text)


def _page(slug: str, written: dict[str, str], refusal: tl.Refusal | None) -> str:
    with tl.reading() as work:
        venue = queries.venue_of(work.session, slug)
        coming = queries.firings(work.session, work.now, work.now + timedelta(days=60))
        values: dict[str, Any] = {
            "venue": venue,
            "kilns": [kiln for kiln, _ in queries.kilns(work.session, venue.id)],
            "coming": work.session.execute(coming).all(),
            "may_fire": work.actor.may("kiln.fire", venue=venue.id),
        }
        reasons = refusal.reasons if refusal is not None else ()
        return tl.page("kiln/kilns.html", written=written, reasons=reasons, **values)
