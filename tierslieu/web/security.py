"""Headers, hosts and cookies: what every answer carries and which requests are heard at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from tierslieu.config import Config
from tierslieu.web.requests import is_api

csrf = CSRFProtect()

F = TypeVar("F", bound=Callable[..., Any])

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


def install(app: Flask, config: Config) -> None:
    """Cookies, CSRF, trusted hosts, proxies and security headers."""
    secure = config.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=config.key,
        SESSION_COOKIE_NAME="__Host-tierslieu" if secure else "tierslieu",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=60),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=secure,
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    csrf.init_app(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    app.config["tierslieu.csp"] = _policy(config)
    app.config["tierslieu.hosts"] = _hosts(config)
    app.before_request(_known_host)
    app.before_request(_writable)
    app.after_request(_secured)


def without_cookie(view: F) -> F:
    """For a route that programmes call with credentials of their own, never by the cookie.

    No form token is asked for, so such a view must not look at who is signed in.
    """
    return cast(F, csrf.exempt(view))


def _policy(config: Config) -> str:
    tiles = urlsplit(config.tile_url)
    images = "'self' data:" + (f" {tiles.scheme}://{tiles.netloc}" if tiles.netloc else "")
    return (
        f"default-src 'self'; img-src {images}; style-src 'self'; script-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _hosts(config: Config) -> frozenset[str]:
    named = {host.strip().lower() for host in config.hosts.split(",") if host.strip()}
    base = urlsplit(config.base_url).hostname or ""
    return frozenset(named | {base.lower(), "localhost", "127.0.0.1", "[::1]", "::1"})


def _known_host() -> None:
    from flask import current_app

    host = request.host.lower()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
    if name not in current_app.config["tierslieu.hosts"]:
        raise BadRequest("unknown host")


def _writable() -> None:
    """Refuse the character that no database keeps as text: nothing of ours is named with it."""
    if "\0" in request.path:
        raise NotFound
    for sent in (request.args, request.form):
        if any("\0" in text for pair in sent.items(multi=True) for text in pair):
            raise BadRequest("NUL")


def _secured(response: Response) -> Response:
    from flask import current_app

    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", current_app.config["tierslieu.csp"])
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if (request.endpoint or "").endswith("static") and request.args.get("v"):
        # The address changes with the content, so it never has to be asked for again.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.add("Cookie")
    if is_api() or response.mimetype == "text/html":
        response.vary.add("Accept-Language")
    return response
