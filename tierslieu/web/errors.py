"""Errors as answers: a page with a way out, or problem+json; never a trace.

Nothing that a client sent is answered 500.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, current_app, jsonify, redirect, request, url_for
from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from tierslieu.kernel.db import failure, is_busy, is_full
from tierslieu.kernel.errors import Busy, Forbidden, Reason, Refusal, TierslieuError
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.web.requests import (
    Unauthorised,
    current_actor,
    current_locale,
    current_site,
    is_api,
)

log = structlog.get_logger("tierslieu.web")

_TITLES = {
    400: msg("Not understood"),
    401: msg("Sign in first"),
    403: msg("Not allowed"),
    404: msg("Not found"),
    405: msg("Not this way"),
    409: msg("Something is in the way"),
    413: msg("Too large"),
    415: msg("Not this kind of content"),
    422: msg("Not acceptable"),
    429: msg("Too many tries"),
    500: msg("Something broke on our side"),
    503: msg("Back in a moment"),
    507: msg("No room to write"),
}


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Unauthorised, _unauthorised)
    app.register_error_handler(TierslieuError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(PendingRollbackError, _busy)
    app.register_error_handler(Exception, _unexpected)


def problem(
    status: int,
    code: str,
    detail: Message | str = "",
    reasons: tuple[Reason, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """An ``application/problem+json`` answer in the language asked for."""
    locale = current_locale()
    title = say(_TITLES.get(status, _TITLES[500]), locale)
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": say(detail, locale) or title,
        "code": code,
        "reasons": [reason_json(reason, locale) for reason in reasons],
    }
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    response.headers.update(headers or {})
    return response


def reason_json(reason: Reason, locale: str) -> dict[str, Any]:
    """A reason as the API shows it."""
    shown: dict[str, Any] = {"code": reason.code, "message": say(reason.message, locale)}
    if reason.field:
        shown["field"] = reason.field
    if reason.nearest:
        shown["nearest"] = [
            {"label": say(choice.label, locale), **choice.values} for choice in reason.nearest
        ]
    return shown


def error_page(status: int, **values: Any) -> AnyResponse:
    """The page of an error, in the site's own look."""
    from tierslieu.web.pages import page

    response: AnyResponse = current_app.make_response(
        (page("web/error.html", status=status, **values), status)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _unauthorised(_error: Unauthorised) -> AnyResponse:
    if is_api():
        return problem(401, "unauthorised", headers={"WWW-Authenticate": "Bearer"})
    if request.method == "GET":
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
    return error_page(401, sign_in_url=url_for("people.sign_in"))


def _ours(error: TierslieuError) -> AnyResponse:
    headers: dict[str, str] = {}
    reasons: tuple[Reason, ...] = ()
    code, detail = "error", ""
    match error:
        case Refusal():
            reasons = error.reasons
            code = error.code
            detail = say(reasons[0].message, current_locale()) if reasons else ""
        case Busy():
            code, headers = "busy", {"Retry-After": str(error.retry_after)}
        case Forbidden():
            code = "forbidden"
            log.info("forbidden", permission=error.permission, path=request.path)
            _note_forbidden(error)
        case _:
            code = "not_found" if error.status == 404 else "error"
    if is_api():
        return problem(error.status, code, detail, reasons, headers)
    response = error_page(error.status, reasons=reasons)
    response.headers.update(headers)
    return response


def _note_forbidden(error: Forbidden) -> None:
    """Who tried what she may not do is in the journal; her own work was undone, so by itself."""
    actor = current_actor()
    if actor.is_anonymous:
        return
    try:
        with current_site().writing(actor, current_locale()) as work:
            work.audit("access.refused", f"permission:{error.permission}"[:64])
    except DBAPIError:
        log.warning("a refusal could not be noted", exc_info=True)


def _http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() in {"allow", "retry-after", "location"}
    }
    if is_api():
        return problem(status, f"http_{status}", headers=headers)
    response = error_page(status)
    response.headers.update(headers)
    return response


def _database(error: DBAPIError) -> AnyResponse:
    error = failure(error) or error
    if is_full(error):
        return _plain(507, "no_room")
    if isinstance(error, DataError):
        log.warning("a value that the database does not take", exc_info=True)
        return _plain(422, "invalid")
    if is_busy(error) or error.connection_invalidated:
        return _busy(error)
    return _unexpected(error)


def _busy(_error: Exception) -> AnyResponse:
    log.warning("database busy", exc_info=True)
    return _plain(503, "busy", {"Retry-After": "2"})


def _unexpected(error: Exception) -> AnyResponse:
    log.error("unexpected", path=request.path, exc_info=error)
    # Whoever knows the plugins says whose page this is, and remembers the fault.
    blame: Callable[[Exception], Message | None]
    blame = current_app.extensions.get("tierslieu.blame", lambda _error: None)
    said = blame(error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return _plain(500, "plugin_failed" if said else "internal", said=said)


def _plain(
    status: int, code: str, headers: dict[str, str] | None = None, said: Message | None = None
) -> AnyResponse:
    """An answer that needs nothing that may be broken; ``said`` is what is told of the fault."""
    if is_api():
        return problem(status, code, said or "", headers=headers)
    try:
        response = error_page(status, message=said and say(said, current_locale()))
    except Exception:
        title = say(_TITLES[status], "en")
        response = Response(f"<!doctype html><title>{title}</title><h1>{title}</h1>", status=status)
    response.headers.update(headers or {})
    return response
