"""The application's clock: aware UTC, whole seconds. Leases use the database's instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_stopped: list[datetime] = []


def now() -> datetime:
    """This moment, aware UTC, without fractions of a second."""
    if _stopped:
        return _stopped[-1]
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop the clock at `at` for every thread of this process; for tests and the demo's past."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its zone")
    _stopped.append(at.astimezone(UTC).replace(microsecond=0))
    try:
        yield
    finally:
        _stopped.pop()
