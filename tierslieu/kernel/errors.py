"""What can go wrong, in the terms of whoever asked.

A refusal lists every reason at once: a code for machines, a sentence for people, the field it
is about, and the nearest choices that would have been allowed. Anything else that is raised is
a fault of ours. The edge (pages, API, commands) maps each class to a status once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tierslieu.kernel.messages import Message, msg

Kind = Literal["rule", "conflict", "state"]


@dataclass(frozen=True)
class Choice:
    """A choice that would be allowed: what to offer, and the field values to send for it."""

    label: Message
    values: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class Reason:
    """One reason for a refusal.

    ``kind``: *rule* = understood and not acceptable; *conflict* = somebody else's act is in the
    way; *state* = the thing itself has moved on. ``code`` is stable and snake_case.
    """

    code: str
    message: Message
    field: str | None = None
    nearest: tuple[Choice, ...] = ()
    kind: Kind = "rule"

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class TierslieuError(Exception):
    """Anything expected; ``status`` is the HTTP status an edge answers with."""

    status = 500


class Refusal(TierslieuError):
    """Refused, with all reasons; raised as `Refused` or `Conflict`."""

    status = 422

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.reasons: tuple[Reason, ...] = reasons

    @property
    def code(self) -> str:
        """The code of the first reason."""
        return self.reasons[0].code if self.reasons else "refused"

    def __str__(self) -> str:
        return "; ".join(str(reason) for reason in self.reasons) or "refused"


class Refused(Refusal):
    """A house rule or a wrong value is in the way: 422."""


class Invalid(Refused):
    """One value cannot be understood or is out of bounds: 422 with its field."""

    def __init__(
        self,
        code: str,
        message: Message,
        field: str | None = None,
        nearest: tuple[Choice, ...] = (),
    ) -> None:
        super().__init__(Reason(code, message, field, nearest))


class Conflict(Refusal):
    """The state of the world is in the way, and only that: 409."""

    status = 409


class NotFound(TierslieuError):
    """It does not exist, or the asker may not know that it does: 404."""

    status = 404

    def __init__(self, what: Message | None = None) -> None:
        super().__init__(what)
        self.message = what or msg("This page or thing does not exist.")

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(TierslieuError):
    """The asker may know of it and may not do this: 403, audited."""

    status = 403

    def __init__(self, permission: str, message: Message | None = None) -> None:
        super().__init__(permission)
        self.permission = permission
        self.message = message or msg("You are not allowed to do this.")

    def __str__(self) -> str:
        return f"{self.message} ({self.permission})"


class Busy(TierslieuError):
    """The database could not take it now, trying again will help: 503 with Retry-After."""

    status = 503

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        self.message = msg("Too much is happening at once. Please try again in a moment.")

    def __str__(self) -> str:
        return str(self.message)


def refusal(reasons: Iterable[Reason]) -> Refusal:
    """The right exception for these reasons: 422 as soon as one rule refuses, else 409."""
    found = tuple(reasons)
    if not found or any(reason.kind == "rule" for reason in found):
        return Refused(*found)
    return Conflict(*found)


def refuse(reasons: Iterable[Reason]) -> None:
    """Raise the right exception when there is any reason; otherwise do nothing."""
    found = tuple(reasons)
    if found:
        raise refusal(found)
