"""Events: the table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_events import additions, demo, hookspecs, jobs, meetings, privacy, services
from tierslieu_events.journal import JOURNAL
from tierslieu_events.registering.closing import other_ways, way_followed
from tierslieu_events.settings import PERMISSIONS, SETTINGS
from tierslieu_events.words import say

plugin = tl.Plugin(
    "events",
    say("Events"),
    say("What a place invites to, in the room and remote, with registration and waiting lists."),
    blueprints=lambda: import_module("tierslieu_events.pages").BLUEPRINTS,
    jobs=jobs.KINDS,
    permissions=PERMISSIONS,
    settings=SETTINGS,
    journal=JOURNAL,
    person_columns=privacy.PERSON_COLUMNS,
    hookspecs=hookspecs,
)


@tl.hookimpl
def nav_items(actor: tl.Actor, place: str, venue_id: int | None, venue_slug: str) -> Any:
    return additions.menu(actor, place, venue_id, venue_slug)


@tl.hookimpl
def panels(work: tl.Work, place: str, subject: Mapping[str, Any]) -> Iterable[tl.Panel]:
    return additions.pieces(work, place, subject)


@tl.hookimpl
def calendar_entries(work: tl.Work, question: tl.CalendarQuestion) -> Iterable[tl.CalendarEntry]:
    return additions.entries(work, question)


@tl.hookimpl
def search_results(work: tl.Work, words: str) -> Iterable[tl.SearchResult]:
    return additions.results(work, words)


@tl.hookimpl
def report_sections(work: tl.Work, asked: tl.ReportAsked, venue_id: int | None) -> Any:
    return additions.figures(work, asked, venue_id)


@tl.hookimpl
def bookings_changed(work: tl.Work, changes: Sequence[tl.BookingChange]) -> None:
    services.follow_bookings(work, changes)


@tl.hookimpl
def events_providers() -> Iterable[hookspecs.Provider]:
    return meetings.BUNDLED


@tl.hookimpl
def person_data(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    return privacy.exported(work, person_id)


@tl.hookimpl
def person_erased(work: tl.Work, person_id: int) -> None:
    privacy.erase(work, person_id)


@tl.hookimpl
def demo_loaded(work: tl.Work) -> None:
    demo.invent(work)


__all__ = ["other_ways", "plugin", "way_followed"]
