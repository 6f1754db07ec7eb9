"""When somebody who is missing is told, and when the room is free again. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from tierslieu.bookings.rules import EffectivePolicy
from tierslieu.kernel.span import Span

#: Between the notice and the freeing there is always so long.
PATIENCE: Final = timedelta(minutes=5)


def warns_at(policy: EffectivePolicy, span: Span) -> datetime:
    """When those who are missing are told: half-way to the freeing."""
    return span.starts_at + timedelta(minutes=policy.no_show_after_minutes // 2)


def frees_at(policy: EffectivePolicy, span: Span, noticed_at: datetime) -> datetime:
    """When the room is free again, if nobody says that they are there."""
    agreed = span.starts_at + timedelta(minutes=policy.no_show_after_minutes)
    return max(agreed, noticed_at + PATIENCE)


#: What a code of ours says when a scanner at the desk types it.
_LINK = re.compile(r"/check-in/([A-Za-z0-9_\-]{1,40}\.[A-Za-z0-9_\-]{1,64})/?$")
_SPACES = re.compile(r"[\s\-–.]+")


def written_reference(text: str) -> str:
    """A reference as somebody wrote it: without spaces and dashes, in capitals."""
    return _SPACES.sub("", text).upper()[:40]


def scanned_link(text: str) -> str | None:
    """The token in the address that a scanner typed, or None when it is something else."""
    found = _LINK.search(text.strip()[:400])
    return found[1] if found else None
