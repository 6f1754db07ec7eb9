"""What a setting of a policy is: a rule as a manager meets it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tierslieu.kernel.messages import Message

Kind = Literal["choice", "flag", "number", "notice", "list", "yearday"]


@dataclass(frozen=True)
class Setting:
    """One field of a policy as it is set. ``unit`` names what its number counts.

    A list without options is one of uses, which each network and venue names itself.
    """

    name: str
    kind: Kind
    title: Message
    sentence: Message
    options: tuple[tuple[str, Message], ...] = ()
    unit: Message | None = None
    unlimited: bool = False
