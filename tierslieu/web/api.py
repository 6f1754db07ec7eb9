"""The REST API's edge: bodies, queries, answers, ETags, POSTs done once, the document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from apiflask import APIBlueprint, APIFlask
from apiflask.scaffold import _annotate
from flask import Response, current_app, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from tierslieu.kernel.errors import Conflict, Reason, Refused
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.site import Site
from tierslieu.web import idempotency
from tierslieu.web.requests import PUBLIC, Unauthorised, declared_permission, is_api, writing
from tierslieu.web.security import csrf

M = TypeVar("M", bound=BaseModel)

_SENTENCES: dict[str, Message] = {
    "missing": msg("This is needed."),
    "extra_forbidden": msg("There is no such field here, or it is not yours to set."),
    "string_type": msg("This must be text."),
    "int_type": msg("This must be a whole number."),
    "int_parsing": msg("This must be a whole number."),
    "bool_type": msg("This must be true or false."),
    "bool_parsing": msg("This must be true or false."),
    "list_type": msg("This must be a list."),
    "string_too_long": msg("This is too long."),
    "string_too_short": msg("This is too short."),
    "literal_error": msg("This is not one of the possible values."),
    "greater_than": msg("This is too small."),
    "greater_than_equal": msg("This is too small."),
    "less_than": msg("This is too large."),
    "less_than_equal": msg("This is too large."),
}
_OTHER = msg("This value is not acceptable.")


class Body(BaseModel):
    """What a client sends: unknown fields are refused, nothing is guessed from another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """What a client asks in the address: text that must be of its type; unknown names refused."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid")


def read_body(model: type[M]) -> M:
    """The request's JSON as ``model``: 400 when not parseable, 415 of another kind, 422 refused."""
    if request.mimetype not in ("application/json", ""):
        raise UnsupportedMediaType
    raw = request.get_data(cache=True)
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("not JSON") from error
    if isinstance(data, dict) and (field := _unwritable(data)) is not None:
        raise Refused(Reason("invalid", _OTHER, field))
    return _validated(model, data)


def read_query(model: type[M]) -> M:
    """The request's query as ``model``; a name given twice or unknown is refused."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Refused(Reason("given_twice", msg("This was given more than once."), name))
    return _validated(model, request.args.to_dict())


_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def _unwritable(data: dict[str, Any]) -> str | None:
    """The field with a character that no database keeps as text: NUL, half of a pair."""
    for name, value in data.items():
        if _UNWRITABLE.search(name):
            return "?"
        values = [value]
        while values:
            each = values.pop()
            if isinstance(each, str) and _UNWRITABLE.search(each):
                return name
            if isinstance(each, list | dict):
                values += [*each, *(each.values() if isinstance(each, dict) else ())]
    return None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _validated(model: type[M], data: Any) -> M:
    if not isinstance(data, dict):
        raise Refused(Reason("not_an_object", msg("The body must be a JSON object.")))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Refused(*[_reason(item) for item in error.errors()[:50]]) from None
    except RecursionError as error:
        raise BadRequest("too deep") from error


def _reason(item: Any) -> Reason:
    kind = str(item["type"])
    field = ".".join(str(part) for part in item["loc"]) or None
    code = {"missing": "missing", "extra_forbidden": "unknown_field"}.get(kind, "invalid")
    return Reason(code, _SENTENCES.get(kind, _OTHER), field)


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


#: What can go wrong, by status: the same sentence on every operation that names it.
_PROBLEMS = {
    400: "Not parseable.",
    401: "No valid token.",
    403: "Seen, but not allowed.",
    404: "Not there, or not to be known.",
    409: "The state of the world is in the way.",
    413: "Too large.",
    415: "Not JSON.",
    422: "Understood and not acceptable, with every reason.",
    429: "Too many requests.",
    503: "Busy; try again.",
}


@dataclass(frozen=True)
class _Facts:
    """What ``operation`` was told of a view."""

    errors: list[int]
    idempotent: bool
    if_match: bool
    etag: bool
    also: dict[int, type[Answer]]
    several: dict[int, type[Answer]]


class ProblemReason(Answer):
    """One reason of a refusal."""

    code: str
    message: str
    field: str | None = None
    nearest: list[dict[str, str]] | None = None


class Problem(Answer):
    """``application/problem+json``: what is wrong, in the language asked for."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    reasons: list[ProblemReason]


def operation(
    *,
    answer: type[Answer],
    status: int = 200,
    body: type[Body] | None = None,
    query: type[Query] | None = None,
    errors: tuple[int, ...] = (401,),
    idempotent: bool = False,
    if_match: bool = False,
    etag: bool = False,
    also: dict[int, type[Answer]] | None = None,
    several: dict[int, type[Answer]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe a view in the OpenAPI document; parsing is ``read_body``'s and ``read_query``'s.

    ``errors`` are the statuses it may refuse with; those that every operation of its kind may
    give (a token that is none: 401; a body: 400, 413, 415, 422; a query: 422) are added. ``etag``:
    the answer carries one; ``if_match`` says so too. ``also``: what other statuses answer;
    ``several``: what they may answer instead, about many things.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        wanted = set(errors) | {400, 401, 429, 503}
        if body is not None:
            wanted |= {400, 413, 415, 422}
            _annotate(view, body=body, body_example=None, body_examples=None,
                      content_type="application/json")  # fmt: skip
        if query is not None:
            wanted.add(422)
            _annotate(view, args=[(query, "query")])
        if idempotent:
            wanted |= {409, 422}
        _annotate(view, response=_response(answer, status))
        view.__tierslieu_operation__ = _Facts(  # type: ignore[attr-defined]
            sorted(wanted), idempotent, if_match, etag or if_match, also or {}, several or {}
        )
        return view

    return declare


def _response(model: type[Answer], status: int) -> dict[str, Any]:
    return {
        "schema": model,
        "schema_adapter_many": False,
        "status_code": status,
        "description": (model.__doc__ or "").strip().split("\n")[0],
        "example": None,
        "examples": None,
        "links": None,
        "content_type": "application/json",
        "headers": None,
    }


def _header(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"in": "header", "name": name, "required": False, "description": text, "schema": schema}


def _completed(app: APIFlask, document: dict[str, Any]) -> dict[str, Any]:
    """What APIFlask leaves out: problems, headers, required bodies, the bearer token."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    defined = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(defined.pop("$defs", {}))
    schemas["Problem"] = defined
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"bearer": []}]
    views = {f"{m.lower()} {path_of(r.rule)}": r.endpoint
             for r in app.url_map.iter_rules() for m in r.methods or ()}  # fmt: skip
    for path, operations in document.get("paths", {}).items():
        for verb, described in operations.items():
            endpoint = views.get(f"{verb} {path}")
            if endpoint is not None:
                _complete(described, _described(app.view_functions[endpoint]), schemas)
                if declared_permission(endpoint) == PUBLIC:
                    described["security"] = [{"bearer": []}, {}]
    return document


def path_of(rule: str) -> str:
    """A route's address as OpenAPI writes it."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def _described(view: Any) -> _Facts:
    while view is not None:
        found = getattr(view, "__tierslieu_operation__", None)
        if found is not None:
            return cast(_Facts, found)
        view = getattr(view, "__wrapped__", None)
    return _Facts([], False, False, False, {}, {})


def _complete(described: dict[str, Any], facts: _Facts, schemas: dict[str, Any]) -> None:
    _complete_answers(described["responses"], facts, schemas)
    parameters = described.setdefault("parameters", [])
    if facts.idempotent:
        text = "The same key sent twice is done once; kept 24 hours."
        header = _header("Idempotency-Key", text)
        header["schema"] |= {"minLength": 1, "maxLength": 255, "pattern": idempotency.PATTERN}
        parameters.append(header)
    if facts.if_match:
        parameters.append(_header("If-Match", "The ETag of the version that is to be changed."))
    if "requestBody" in described:
        described["requestBody"]["required"] = True


def _complete_answers(responses: dict[str, Any], facts: _Facts, schemas: dict[str, Any]) -> None:
    for status, model in [*facts.also.items(), *facts.several.items()]:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
        shown: Any = {"$ref": f"#/components/schemas/{model.__name__}"}
        good = responses.setdefault(str(status), {"description": (model.__doc__ or "").strip()})
        if status in facts.several and "content" in good:
            shown = {"anyOf": [good["content"]["application/json"]["schema"], shown]}
        good["content"] = {"application/json": {"schema": shown}}
    if facts.etag:
        for good in responses.values():
            good["headers"] = {"ETag": {"description": "Its version.", "schema": _ETAG}}
    problems = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in facts.errors:
        problem: dict[str, Any] = {"description": _PROBLEMS[status], "content": problems}
        if status in _PROBLEM_HEADERS:
            name, schema = _PROBLEM_HEADERS[status]
            problem["headers"] = {name: {"required": True, "schema": schema}}
        responses.setdefault(str(status), problem)


_ETAG = {"type": "string", "pattern": '^"[^"]+"$'}
_SECONDS = {"type": "integer", "minimum": 0}

#: What comes with a problem: (header, schema) by status.
_PROBLEM_HEADERS: dict[int, tuple[str, dict[str, Any]]] = {
    401: ("WWW-Authenticate", {"type": "string", "pattern": "^Bearer"}),
    429: ("Retry-After", _SECONDS),
    503: ("Retry-After", _SECONDS),
}


def install(app: APIFlask, site: Site) -> None:
    """The OpenAPI document and the rules of ``/api``."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
    )
    app.before_request(_only_bearer_writes)
    app.spec_processor(lambda document: _completed(app, cast("dict[str, Any]", document)))


def blueprint(name: str, module: str) -> APIBlueprint:
    """A blueprint of the API: under ``/api/v1``, without CSRF since only bearer tokens write."""
    made = APIBlueprint(name, module, url_prefix="/api/v1")
    csrf.exempt(made)
    return made
