"""The request's edge: who asks, in which language, and the work opened for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from flask import current_app, request

from tierslieu.config import LANGUAGES
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.errors import Forbidden
from tierslieu.kernel.site import Site
from tierslieu.kernel.work import Work

F = TypeVar("F", bound=Callable[..., Any])

#: Anybody, with or without an account.
PUBLIC = "public"
#: Anybody with an account, for what is her own.
SIGNED_IN = "signed-in"

LANGUAGE_COOKIE = "language"


class Loader(Protocol):
    """How the edge learns who asks; ``app.py`` hands one made of the features' queries."""

    def from_session(self, work: Work, token: str) -> Actor | None:
        """The person of a signed-in browser, or None when that session is over."""

    def from_bearer(self, work: Work, token: str) -> Actor | None:
        """The owner of an API token with the token's scopes, or None."""

    def anonymous(self, locale: str) -> Actor:
        """Somebody unknown."""


@dataclass
class _Asked:
    actor: Actor | None = None
    network: Any = None
    #: What was read to know who asks, for the pages that only read.
    as_read: dict[Any, Any] = field(default_factory=dict)
    locale: str = ""
    #: The language found, and for which actor: a page asks for it a hundred times.
    found: tuple[Actor | None, str] | None = None


class Unauthorised(Exception):
    """Nobody is signed in and this needs somebody: /sign-in for pages, 401 for the API."""


def current_site() -> Site:
    """The site this application serves."""
    return cast(Site, current_app.extensions["tierslieu"])


def is_api() -> bool:
    """Whether this request is to the REST API."""
    return request.path.startswith("/api/")


def _asked() -> _Asked:
    asked = request.environ.get("tierslieu.asked")
    if asked is None:
        asked = request.environ["tierslieu.asked"] = _Asked()
    return cast(_Asked, asked)


def current_actor() -> Actor:
    """Who asks; loaded once a request."""
    asked = _asked()
    if asked.actor is None:
        from tierslieu.web.auth import load_actor

        asked.actor = load_actor()
    return asked.actor


def remember_network(network: Any) -> None:
    """The network as whoever loaded the actor has read it: the page need not ask again."""
    _asked().network = network


def remember_read(work: Work) -> None:
    """What was read to know who asks is not asked again by a page that only reads."""
    if request.method in ("GET", "HEAD"):
        _asked().as_read = dict(work.session.info.get("as_read", ()))


def forget_actor() -> None:
    """Load the actor anew at the next question (after signing in or out)."""
    _asked().actor = None
    _asked().as_read = {}


def current_locale() -> str:
    """The reader's language: chosen here, else her own, else the browser's, else the network's."""
    asked = _asked()
    if asked.locale:
        return asked.locale
    if asked.found is None or asked.found[0] is not asked.actor:
        asked.found = asked.actor, _locale(asked)
    return asked.found[1]


def _locale(asked: _Asked) -> str:
    known = (*LANGUAGES, "xx") if current_site().config.testing else LANGUAGES
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in known and not is_api():
        return chosen
    if asked.actor is not None and not asked.actor.is_anonymous and not is_api():
        return asked.actor.locale
    wanted = request.headers.get("Accept-Language", "")
    if wanted == "xx" and "xx" in known:
        return "xx"
    return request.accept_languages.best_match(LANGUAGES) or current_site().config.locale


def speak(locale: str) -> None:
    """Answer this request in a language, whoever asks: a screen on the wall has no reader."""
    _asked().locale = locale


def writing() -> AbstractContextManager[Work]:
    """Work that writes, for this request. What was read before may be otherwise afterwards."""
    opened = current_site().writing(current_actor(), current_locale())
    _asked().as_read = {}
    return opened


@contextmanager
def reading() -> Iterator[Work]:
    """Work that reads, for this request."""
    with current_site().reading(current_actor(), current_locale()) as work:
        work.session.info["as_read"] = dict(_asked().as_read)
        yield work


def allow(permission: str) -> Callable[[F], F]:
    """Declare what a route needs; asked before the view runs.

    ``PUBLIC``, ``SIGNED_IN`` or a permission's name. The permission must be held in *some* scope;
    the verb then asks for the exact one. Nobody signed in raises Unauthorised.
    """

    def declare(view: F) -> F:
        view.__tierslieu_permission__ = permission  # type: ignore[attr-defined]
        return view

    return declare


def declared_permission(endpoint: str | None) -> str | None:
    """The permission a route declares, or None."""
    if endpoint is None:
        return None
    view = current_app.view_functions.get(endpoint)
    while view is not None:
        found = getattr(view, "__tierslieu_permission__", None)
        if found is not None:
            return str(found)
        view = getattr(view, "__wrapped__", None)
    return None


def check_permission() -> None:
    """Refuse a request whose route needs what the actor holds nowhere."""
    permission = declared_permission(request.endpoint)
    if permission is None or permission == PUBLIC:
        return
    actor = current_actor()
    held = permission == SIGNED_IN or actor.may(permission, own=True)
    if actor.is_anonymous and (permission == SIGNED_IN or not held):
        raise Unauthorised
    if not held and not actor.may_anywhere(permission):
        raise Forbidden(permission)


def safe_next(target: str | None, default: str) -> str:
    """Where to go back to: a path of this site, never another."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(char) < 32 for char in target) or "\\" in target:
        return default
    return target
