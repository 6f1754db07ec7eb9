"""How a plugin declares what people may set of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tierslieu.kernel.messages import Message

Kind = Literal["text", "lines", "integer", "boolean", "choice"]
Scope = Literal["network", "venue", "room"]


@dataclass(frozen=True)
class Setting:
    """One thing that people set: how it is asked, checked, shown, and how far down it may differ.

    ``kind``: ``text`` and ``lines`` (str), ``integer`` (int), ``boolean`` (bool), ``choice`` (one
    of ``choices``, each a value and its label). ``least`` and ``most`` bound a number, or the
    length of a text. ``default`` None: nothing is set. ``secret``: it is never shown again.
    ``scope`` is the narrowest place where it may be said: a room's word goes before its venue's,
    that before the network's, that before the default.
    """

    name: str
    kind: Kind
    label: Message | str
    default: Any = None
    help: Message | str = ""
    choices: tuple[tuple[str, Message | str], ...] = ()
    least: int | None = None
    most: int | None = None
    secret: bool = False
    scope: Scope = "network"
