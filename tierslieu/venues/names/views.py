"""The page that looks for words."""

from __future__ import annotations

from flask import request

from tierslieu.venues.blueprint import bp
from tierslieu.venues.names.queries import found
from tierslieu.web.pages import page
from tierslieu.web.requests import PUBLIC, allow, reading


@bp.get("/search/names")
@allow(PUBLIC)
def names() -> str:
    """What on this site is called so: venues, rooms, and what other features know."""
    written = request.args.get("q", "").strip()[:100]
    with reading() as work:
        results = found(work, written)
    return page("venues/names.html", written=written, results=results)
