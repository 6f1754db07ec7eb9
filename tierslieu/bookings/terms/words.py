"""What kinds of terms are called."""

from __future__ import annotations

from typing import Final

from tierslieu.kernel.messages import Message, msg

KIND_WORDS: Final[dict[str, Message]] = {
    "house": msg("Rules of the house"),
    "privacy": msg("Privacy"),
    "keys": msg("Keys"),
    "payment": msg("Payment"),
    "cancellation": msg("Cancelling"),
    "other": msg("Something else"),
}
