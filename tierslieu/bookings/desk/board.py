"""Now and next in a room, from what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from tierslieu.kernel.span import Span

State = Literal["free", "here", "busy", "shut"]


class Going(Protocol):
    """A booking as far as the board reads it."""

    @property
    def span(self) -> Span: ...
    @property
    def state(self) -> str: ...
    @property
    def has_left(self) -> bool: ...


G = TypeVar("G", bound=Going)


@dataclass(frozen=True)
class Door(Generic[G]):
    """What a room's door shows. ``changes_at``: free until, closed until, or taken until."""

    state: State
    current: G | None
    following: G | None
    changes_at: datetime | None


def door(now: datetime, open_spans: Sequence[Span], bookings: Sequence[G]) -> Door[G]:
    """The door at a moment; ``bookings`` occupy, in order; ``open_spans`` reach some days ahead."""
    current = next(
        (b for b in bookings if b.span.contains(now) and not b.has_left and b.state != "no_show"),
        None,
    )
    following = next((b for b in bookings if b.span.starts_at > now and b.state != "no_show"), None)
    if current is not None:
        state: State = "here" if current.state == "checked_in" else "busy"
        return Door(state, current, following, current.span.ends_at)
    hours = next((span for span in open_spans if span.contains(now)), None)
    if hours is None:
        opens = next((span.starts_at for span in open_spans if span.starts_at > now), None)
        return Door("shut", None, following, opens)
    until = hours.ends_at
    if following is not None:
        until = min(until, following.span.starts_at)
    return Door("free", None, following, until)
