"""What plugins add to prices: their lines, each with the name of whoever gave it."""

from __future__ import annotations

from collections.abc import Sequence

from tierslieu import hookspecs
from tierslieu.bookings.rules.prices import PriceLine
from tierslieu.contributions import Candidate
from tierslieu.kernel.work import Work

Extras = dict[Candidate, tuple[PriceLine, ...]]


def extras_to(work: Work, candidates: Sequence[Candidate]) -> Extras:
    """The lines for each candidate that has some; nobody is asked where no plugin gives any."""
    spec = hookspecs.price_lines
    if not candidates or not work.hooks.implementers(spec):
        return {}
    found: Extras = {}
    for plugin, each in work.hooks.gather_named(spec, work=work, candidates=list(candidates)):
        if each.cents:
            line = PriceLine(
                "extra", 0, 0, each.cents, key=f"{plugin}.{each.key}", label=each.label
            )
            found[each.candidate] = (*found.get(each.candidate, ()), line)
    return found
