"""Who may take a time over, and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from tierslieu.bookings.rules.policy import EffectivePolicy
from tierslieu.bookings.rules.states import move
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span

#: The kind of organisation that the policy's word "city" names.
CITY = "city"


def may_preempt(
    actor: Actor, policy: EffectivePolicy, venue_id: int, acts_for: Collection[str]
) -> bool:
    """Whether the policy names her; ``acts_for``: kinds of the bodies she acts for.

    ``network``: its administrators; ``venue``: also who manages the venue; ``city``: also who acts
    for the city. "nobody" means nobody.
    """
    if policy.preemption == "nobody":
        return False
    if actor.may("bookings.preempt", venue=venue_id):
        return True
    if policy.preemption == "venue":
        return actor.may("bookings.override", venue=venue_id)
    return policy.preemption == "city" and CITY in acts_for


def preempt_reasons(
    state: str, span: Span, policy: EffectivePolicy, now: datetime, zone: ZoneInfo
) -> Iterator[Reason]:
    """What is against taking one booking over: its state, or the notice that was promised."""
    after = move(state, "preempt", span, now)
    if isinstance(after, Reason):
        yield after
    notice = policy.preemption_notice
    if notice and span.starts_at < notice.earliest(now, zone):
        text = msg(
            "A time is taken over at least %(notice)s before, so that the others can plan anew.",
            notice=notice.length,
        )
        yield Reason("too_late_to_preempt", text, "starts_at")
