"""Heating: the table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tierslieu.toolkit as tl
from tierslieu_energy import rules, settings

msg = tl.sentences("tierslieu_energy")

plugin = tl.Plugin(
    name="energy",
    title=msg("Heating"),
    sentence=msg("A supplement for warm rooms in the cold months."),
    settings=settings.SETTINGS,
)


@tl.hookimpl
def price_lines(work: tl.Work, candidates: Sequence[tl.Candidate]) -> Iterable[tl.PriceExtra]:
    for each in candidates:
        venue = each.venue_id
        hour = tl.setting(work, "hour_cents", venue_id=venue, room_id=each.room_id)
        if hour:
            first = int(tl.setting(work, "first_month", venue_id=venue))
            last = int(tl.setting(work, "last_month", venue_id=venue))
            cents = rules.charged(each.span, each.zone, hour, first, last)
            yield tl.PriceExtra(each, "heating", msg("Heating"), cents)
