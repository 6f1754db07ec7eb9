"""The OpenAPI document: what each operation takes, answers and refuses with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from apiflask import APIFlask
from apiflask.scaffold import _annotate

from tierslieu.web import idempotency
from tierslieu.web.bodies import Answer, Body, Query
from tierslieu.web.requests import PUBLIC, SIGNED_IN, declared_permission

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


_UNSAID = _Facts([], False, False, False, {}, {})


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


def completed(app: APIFlask, document: dict[str, Any]) -> dict[str, Any]:
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
                described["security"] = _security(declared_permission(endpoint))
    return document


def _security(permission: str | None) -> list[dict[str, list[str]]]:
    """Who may call it: OpenAPI 3.1 lets a bearer token name the permission that it must have."""
    if permission == PUBLIC:
        return [{"bearer": []}, {}]
    return [{"bearer": [] if permission in (None, SIGNED_IN) else [str(permission)]}]


def without(document: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    """The document without these addresses, and without tags and models that only they used."""
    if not hidden & document["paths"].keys():
        return document
    paths = {path: verbs for path, verbs in document["paths"].items() if path not in hidden}
    tags = {tag for verbs in paths.values() for verb in verbs.values() for tag in verb["tags"]}
    schemas = document["components"]["schemas"]
    gone = [verbs for path, verbs in document["paths"].items() if path in hidden]
    unused = set(_named(gone, schemas)) - set(_named([paths], schemas))
    kept = {name: schema for name, schema in schemas.items() if name not in unused}
    return document | {
        "paths": paths,
        "tags": [tag for tag in document["tags"] if tag["name"] in tags],
        "components": document["components"] | {"schemas": kept},
    }


def _named(parts: list[Any], schemas: dict[str, Any]) -> Iterator[str]:
    """Names of the models that these parts point to, also by way of one another."""
    waiting, seen = list(parts), set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            waiting += part.values() if isinstance(part, dict) else part
            name = str(part.get("$ref", "")) if isinstance(part, dict) else ""
            name = name.removeprefix("#/components/schemas/")
            if name in schemas and name not in seen:
                seen.add(name)
                waiting.append(schemas[name])
                yield name


def is_described(view: Any) -> bool:
    """Whether a view says by ``operation`` what it takes and answers."""
    return _described(view) is not _UNSAID


def path_of(rule: str) -> str:
    """A route's address as OpenAPI writes it."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def _described(view: Any) -> _Facts:
    while view is not None:
        found = getattr(view, "__tierslieu_operation__", None)
        if found is not None:
            return cast(_Facts, found)
        view = getattr(view, "__wrapped__", None)
    return _UNSAID


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
