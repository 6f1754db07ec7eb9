"""Who is asking: the session cookie of a browser, or the bearer token of a programme."""

from __future__ import annotations

from typing import cast

from flask import current_app, request, session

from tierslieu.kernel.actor import SYSTEM, Actor
from tierslieu.web.requests import (
    Loader,
    Unauthorised,
    current_site,
    forget_actor,
    is_api,
    remember_read,
)

#: Name of the session token inside the signed cookie.
TOKEN = "sid"  # noqa: S105


def loader() -> Loader:
    """The loader that app.py handed over."""
    return cast(Loader, current_app.extensions["tierslieu.loader"])


def load_actor() -> Actor:
    """The actor of this request: bearer token first, then the session, else anonymous."""
    header = request.headers.get("Authorization", "")
    locale = _locale_before_actor()
    if header and is_api():
        return _bearer(header)
    token = session.get(TOKEN)
    if token:
        with current_site().reading(SYSTEM, locale) as work:
            actor = loader().from_session(work, str(token))
            remember_read(work)
        if actor is not None:
            return actor
        session.pop(TOKEN, None)
    return loader().anonymous(locale)


def _bearer(header: str) -> Actor:
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthorised
    with current_site().reading(SYSTEM) as work:
        actor = loader().from_bearer(work, token.strip())
        remember_read(work)
    if actor is None:
        raise Unauthorised
    return actor


def _locale_before_actor() -> str:
    return request.accept_languages.best_match(("it", "fr", "en")) or current_site().config.locale


def remember(token: str) -> None:
    """Sign this browser in with a fresh session: nothing of the old one survives."""
    language = session.get("language")
    session.clear()
    session[TOKEN] = token
    session.permanent = True
    if language:
        session["language"] = language
    forget_actor()


def forget() -> None:
    """Sign this browser out."""
    session.clear()
    forget_actor()


def session_token() -> str | None:
    """The token of this browser's session, if it has one."""
    found = session.get(TOKEN)
    return str(found) if found else None
