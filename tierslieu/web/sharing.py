"""Pages that are the same for everybody who brings no cookie: made once, told apart by a tag.

The tag is made of everything that may change such a page: the facts, the last entry of the journal
(every change of a booking writes one), the plugins, the language and the minute. An entry that is
committed late leaves a page at most a minute behind, and no page is what a booking is decided by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, current_app, request

from tierslieu.kernel.clock import now
from tierslieu.web.requests import current_locale, current_site, reading

F = TypeVar("F", bound=Callable[..., Any])

#: So many pages are kept by one process; the oldest go first.
KEPT = 200


def shared(view: F) -> F:
    """Keep what the view shows to somebody unknown, and answer 304 to whoever has it already."""

    @wraps(view)
    def shown(*args: Any, **values: Any) -> Any:
        if request.method != "GET" or "Cookie" in request.headers:
            return view(*args, **values)
        tag = _tag()
        if tag in request.if_none_match:
            response = Response(status=304)
        else:
            response = Response(_body(tag, lambda: view(*args, **values)), mimetype="text/html")
        response.set_etag(tag)
        response.headers["Cache-Control"] = "public, no-cache"
        response.vary.add("Cookie")
        return response

    return cast(F, shown)


def _tag() -> str:
    with reading() as work:
        state = current_app.extensions["tierslieu.state"](work)
    said = (request.full_path, current_locale(), f"{now():%Y%m%d%H%M}", *state)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _body(tag: str, make: Callable[[], Any]) -> Any:
    memo: dict[str, Any] = current_site().memo.setdefault("pages", {})
    if tag not in memo:
        body = make()
        while len(memo) >= KEPT:
            memo.pop(next(iter(memo)), None)
        memo[tag] = body
        return body
    return memo[tag]
