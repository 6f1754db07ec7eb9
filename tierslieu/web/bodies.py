"""What a client sends and what we answer: models of bodies and queries, read strictly."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from tierslieu.kernel.errors import Reason, Refused
from tierslieu.kernel.messages import Message, msg

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
