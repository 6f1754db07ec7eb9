"""Logs: one event a line, without the values of variables and without secrets in addresses."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

#: Feeds, signed links and tokens open something by themselves, so they never stand in a log; those
#: of plugins stand behind one of these words, or behind ``/r/``.
_SECRET = re.compile(
    r"(tl[fpdo]_|/(?:check-in|confirm|display|door|email|feeds|g|join|offers|r|reminders|reset|sponsor"
    r"|still-needed)/)[A-Za-z0-9_\-.]+"
)


def configure(*, level: int = logging.INFO) -> None:
    """Plain lines on standard error; tracebacks show code, never the values in it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            masked,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(_stderr()),
        cache_logger_on_first_use=False,
    )


def masked(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Every text of the event with what opens something replaced by dots."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRET.sub(lambda found: f"{found[1]}…", value)
    return event


class _Stderr:
    """Standard error as it is at the moment of writing (tests and servers replace it)."""

    def write(self, text: str) -> int:
        import sys

        return sys.stderr.write(text)

    def flush(self) -> None:
        import sys

        sys.stderr.flush()


def _stderr() -> Any:
    return _Stderr()
