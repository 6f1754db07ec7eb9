"""What kinds of preconditions are called, and what each means."""

from __future__ import annotations

from typing import Final

from tierslieu.kernel.messages import Message, msg

#: Kind → (name, what it means).
KIND_WORDS: Final[dict[str, tuple[Message, Message]]] = {
    "training": (
        msg("A training"),
        msg("The desk notes who has done it, and until when it counts."),
    ),
    "document": (msg("A document"), msg("The desk has seen it; it counts until its last day.")),
    "adult": (msg("To be of age"), msg("Noted at the desk, or declared by whoever books.")),
    "no_debt": (
        msg("No debts"),
        msg("Whoever owes something, or has not paid the dues of the card, does not book."),
    ),
    "sponsor": (msg("A sponsor"), msg("A member vouches; until she says yes the booking waits.")),
}
