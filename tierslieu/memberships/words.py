"""What memberships are called on pages, and the colour of each word."""

from __future__ import annotations

from typing import Final

from tierslieu.kernel.messages import Message, msg

#: Standing → its words, the icon beside them and the kind of chip.
STANDINGS: Final[dict[str, tuple[Message, str, str]]] = {
    "applied": (msg("waits for an answer"), "clock", "wait"),
    "coming": (msg("from the next season"), "calendar", ""),
    "running": (msg("member"), "check", "ok"),
    "grace": (msg("to be renewed"), "clock", "wait"),
    "lapsed": (msg("lapsed"), "x", ""),
    "refused": (msg("refused"), "x", "stop"),
    "left": (msg("ended"), "x", ""),
}

METHODS: Final[dict[str, Message]] = {
    "cash": msg("cash"),
    "card": msg("by card"),
    "transfer": msg("by transfer"),
    "free": msg("waived"),
}

#: What the register can show.
SHOWN: Final[dict[str, Message]] = {
    "members": msg("Members"),
    "unpaid": msg("Dues unpaid"),
    "grace": msg("To be renewed"),
    "lapsed": msg("Lapsed"),
    "ended": msg("Left or refused"),
    "all": msg("Everybody"),
}
