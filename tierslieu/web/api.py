"""The REST API's edge: answers, ETags, POSTs done once, and the rules of ``/api``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, request
from pydantic import BaseModel

from tierslieu.kernel.errors import Conflict, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.site import Site
from tierslieu.web import idempotency
from tierslieu.web.bodies import Answer, Body, Query, read_body, read_query
from tierslieu.web.openapi import completed, operation
from tierslieu.web.requests import Unauthorised, is_api, writing
from tierslieu.web.security import csrf


def answer(
    body: Any, status: int = 200, *, etag: str | None = None, long: bool = False
) -> Response:
    """A JSON answer, with an ETag of its version where it has one; a long one is not sorted."""
    shown = (
        body.model_dump(mode="json", exclude_unset=True) if isinstance(body, BaseModel) else body
    )
    text = current_app.json.dumps(shown, sort_keys=not long, separators=(",", ":"))
    response = Response(text + "\n", status, mimetype="application/json")
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    return response


def check_if_match(version: int) -> None:
    """Raise Conflict ``changed_meanwhile`` when If-Match names another version."""
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    tags = {part.strip().removeprefix("W/").strip('"') for part in wanted.split(",")}
    if str(version) not in tags:
        text = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", text, "If-Match", kind="state"))


def posting(*, secret: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Give a view its writing ``work`` and do it once per Idempotency-Key.

    The view returns (body, status) or (body, status, etag); a refusal stores nothing.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def done(**kwargs: Any) -> Response:
            key = idempotency.wanted_key()
            with writing() as work:
                before = idempotency.replayed(work, key) if key else None
                if before is not None:
                    body, status = before
                    etag = str(body["version"]) if "version" in body else None
                else:
                    body, status, etag = _parts(view(work, **kwargs))
                    if key:
                        idempotency.keep(work, key, body, status, secret=secret)
            return answer(body, status, etag=etag)

        return done

    return declare


def _parts(result: Any) -> tuple[Any, int, str | None]:
    body, status = result[0], result[1]
    if isinstance(body, BaseModel):
        body = body.model_dump(mode="json", exclude_unset=True)
    return body, status, (result[2] if len(result) > 2 else None)


def _only_bearer_writes() -> None:
    """The cookie may read the API; only a bearer token writes through it."""
    if (
        is_api()
        and request.method not in ("GET", "HEAD", "OPTIONS")
        and not request.headers.get("Authorization")
    ):
        raise Unauthorised


def install(app: APIFlask, site: Site) -> None:
    """The OpenAPI document and the rules of ``/api``."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
    )
    app.before_request(_only_bearer_writes)
    app.spec_processor(lambda document: completed(app, cast("dict[str, Any]", document)))


def blueprint(name: str, module: str) -> APIBlueprint:
    """A blueprint of the API: under ``/api/v1``, without CSRF since only bearer tokens write."""
    made = APIBlueprint(name, module, url_prefix="/api/v1")
    csrf.exempt(made)
    return made


__all__ = [
    "Answer",
    "Body",
    "Query",
    "answer",
    "blueprint",
    "check_if_match",
    "install",
    "operation",
    "posting",
    "read_body",
    "read_query",
]
