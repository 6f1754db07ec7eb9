"""Kinds of organisations."""

from __future__ import annotations

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import Message, msg

KINDS: dict[str, Message] = {
    "association": msg("Association"),
    "third_sector": msg("Third sector body"),
    "cooperative": msg("Cooperative"),
    "committee": msg("Committee or informal group"),
    "school": msg("School"),
    "council": msg("Neighbourhood council"),
    "city": msg("City or other public body"),
    "company": msg("Company"),
}


def clean_kind(kind: str) -> str:
    """The kind as it is kept; raises `Invalid` (``bad_kind``) for an unknown one."""
    if kind not in KINDS:
        raise Invalid("bad_kind", msg("There is no such kind of organisation."), "kind")
    return kind
