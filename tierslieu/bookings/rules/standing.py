"""How much an applicant has open at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tierslieu.bookings.rules.policy import EffectivePolicy
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import nmsg

if TYPE_CHECKING:
    from tierslieu.bookings.rules.doors import Applicant, Ask


def open_reasons(ask: Ask, policy: EffectivePolicy, applicant: Applicant) -> Iterator[Reason]:
    """Too many bookings that are not over, or too many that wait for an answer."""
    limit = policy.max_open_bookings
    if limit is not None and applicant.open_bookings >= limit:
        text = nmsg(
            "At most %(n)s booking at a time may be open here.",
            "At most %(n)s bookings at a time may be open here.",
            limit,
        )
        yield Reason("too_many_open", text)
    limit = policy.max_open_requests
    if limit is None or applicant.open_requests < limit:
        return
    if policy.asks_approval(ask.attendance, ask.declared):
        text = nmsg(
            "At most %(n)s request at a time may wait for an answer here.",
            "At most %(n)s requests at a time may wait for an answer here.",
            limit,
        )
        yield Reason("too_many_requests", text)
