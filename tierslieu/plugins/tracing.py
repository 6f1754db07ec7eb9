"""Tracing: one request made in this process, and every call of a hook that it led to."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from tierslieu.kernel.actor import Actor
from tierslieu.kernel.calls import Call, heard

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlist = _short.maxtuple = _short.maxdict = 4
_short.maxlevel = 3


@dataclass(frozen=True)
class Trace:
    """What a request was answered with, and the calls in the order in which they ended."""

    method: str
    address: str
    status: int
    calls: tuple[Call, ...]


class _As:
    """A loader of actors for which whoever asks, and however she says so, is this person."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def anonymous(self, *_asked: Any) -> Actor:
        return self.actor

    from_session = from_bearer = anonymous


def trace(app: Flask, address: str, actor: Actor | None = None, body: Any = None) -> Trace:
    """Ask the application for an address, as a person if one is given, and listen.

    With a ``body`` it is sent as JSON by POST, and what that writes is really written.
    """
    if actor is not None:
        app.extensions["tierslieu.loader"] = _As(actor)
    app.config["WTF_CSRF_ENABLED"] = False
    method = "GET" if body is None else "POST"
    said = {"Authorization": "Bearer traced"} if actor is not None else {}
    with heard() as calls:
        answer = app.test_client().open(address, method=method, json=body, headers=said)
    return Trace(method, address, answer.status_code, tuple(calls))


def lines(traced: Trace, only: str = "") -> Iterable[str]:
    """A trace as text: milliseconds, plugin, hook with its arguments, and what came of it."""
    yield f"{traced.method} {traced.address} → {traced.status}"
    for call in traced.calls:
        if only in ("", call.plugin):
            asked = ", ".join(f"{name}={_said(value)}" for name, value in call.asked.items())
            came = f"raised {call.error}" if call.error else f"→ {_came(call.answer)}"
            yield f"{call.took * 1000:>9.1f} ms  {call.plugin:<16}{call.hook}({asked}) {came}"


def as_json(traced: Trace, only: str = "") -> str:
    """The same for programs."""
    calls = [
        {
            "plugin": call.plugin,
            "hook": call.hook,
            "arguments": {name: _said(value) for name, value in call.asked.items()},
            "answer": None if call.error else _came(call.answer),
            "error": call.error or None,
            "ms": round(call.took * 1000, 2),
        }
        for call in traced.calls
        if only in ("", call.plugin)
    ]
    said = {"method": traced.method, "address": traced.address, "status": traced.status}
    return json.dumps(said | {"calls": calls}, ensure_ascii=False, indent=1)


def _came(answer: Any) -> str:
    # Contributions and objections are kept with their order.
    if isinstance(answer, list):
        answer = [item for _, item in answer]
    return _said(answer)


def _said(value: Any) -> str:
    if type(value).__name__ in {"Work", "Actor"}:
        return f"<{type(value).__name__.lower()}>"
    return _short.repr(dict(value) if isinstance(value, Mapping) else value)
