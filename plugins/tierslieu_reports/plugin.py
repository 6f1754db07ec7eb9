"""Activity reports: the table of contents."""

from __future__ import annotations

from collections.abc import Iterable

import tierslieu.toolkit as tl
from tierslieu_reports import additions, journal, models

msg = tl.sentences("tierslieu_reports")

plugin = tl.Plugin(
    name="reports",
    title=msg("Activity reports"),
    sentence=msg("What a house did in a year, in figures and in words: as a page and on paper."),
    blueprints=additions.blueprints,
    jobs=additions.jobs,
    person_columns=additions.PERSON_COLUMNS,
    journal=journal.JOURNAL,
)


@tl.hookimpl
def nav_items(
    actor: tl.Actor, place: str, venue_id: int | None, venue_slug: str
) -> Iterable[tl.NavItem]:
    return additions.bars(actor, place, venue_id)


@tl.hookimpl
def person_data(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    return additions.person_parts(work, person_id)


@tl.hookimpl
def person_erased(work: tl.Work, person_id: int) -> None:
    additions.forget(work, person_id)


@tl.hookimpl
def demo_loaded(work: tl.Work) -> None:
    additions.invent(work)


__all__ = ["models", "plugin"]
