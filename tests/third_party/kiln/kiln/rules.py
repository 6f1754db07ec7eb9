"""What is against a firing."""

from __future__ import annotations

from datetime import datetime, timedelta

import tierslieu.toolkit as tl

say = tl.sentences("kiln")

LONGEST = timedelta(hours=24)


def reasons(span: tl.Span, degrees: int, hottest: int, now: datetime) -> list[tl.Reason]:
    """Every reason why it cannot be fired like this; none: []."""
    found = []
    if span.starts_at < now:
        found.append(tl.Reason("past", say("This has begun already."), "starts_at"))
    if span.duration > LONGEST:
        found.append(tl.Reason("long", say("A firing lasts a day at most."), "ends_at"))
    if degrees > hottest:
        nearest = tl.Choice(say("%(n)s degrees", n=hottest), {"degrees": str(hottest)})
        text = say("This kiln bears %(n)s degrees.", n=hottest)
        found.append(tl.Reason("too_hot", text, "degrees", nearest=(nearest,)))
    return found
