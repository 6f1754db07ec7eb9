"""What is said of several wishes sent together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from tierslieu.kernel.errors import Reason, Refusal

#: So many wishes in one list, and in one sending.
MOST = 30
#: So long a line waits that nobody touches.
KEPT = timedelta(days=30)


def together(refused: Mapping[int, Refusal], prefix: str = "bookings") -> list[Reason]:
    """All reasons of several wishes, each with its place in front of its field."""
    return [
        replace(reason, field=f"{prefix}.{n}.{reason.field}" if reason.field else f"{prefix}.{n}")
        for n, refusal in sorted(refused.items())
        for reason in refusal.reasons
    ]
