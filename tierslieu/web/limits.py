"""How often one address or one account may try (memory by default, Redis by setting)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from tierslieu.config import Config

F = TypeVar("F", bound=Callable[..., Any])

limiter = Limiter(key_func=get_remote_address, headers_enabled=True)


def install(app: Flask, config: Config) -> None:
    """Start counting, in Redis where there is one."""
    counted = config.redis_url if config.rate_limits else ""
    # Asked at each request: the limiter is one for all applications of a process.
    app.config["tierslieu.limits"] = config.rate_limits
    app.config.update(
        RATELIMIT_ENABLED=True,
        RATELIMIT_STORAGE_URI=counted or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(counted),
        RATELIMIT_HEADERS_ENABLED=False,
    )
    limiter.init_app(app)


def _is_off() -> bool:
    return not current_app.config["tierslieu.limits"]


def limit(
    rate: str, *, field: str | None = None, methods: tuple[str, ...] = ("POST",)
) -> Callable[[F], F]:
    """Allow ``rate`` ("5/minute") per address, or per value of a form field (an e-mail)."""

    def key() -> str:
        if field is None:
            return str(get_remote_address())
        return f"{field}:{request.form.get(field, '').strip().casefold()[:254]}"

    def declare(view: F) -> F:
        return cast(
            F, limiter.limit(rate, key_func=key, methods=list(methods), exempt_when=_is_off)(view)
        )

    return declare
