"""Lending: the table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_lending import additions, demo, journal, models, people, settings
from tierslieu_lending.waiting import models as waiting_models

msg = tl.sentences("tierslieu_lending")

plugin = tl.Plugin(
    name="lending",
    title=msg("Lending"),
    sentence=msg("A library of things: borrowed for a time, handed over and taken back."),
    blueprints=additions.blueprints,
    permissions=additions.PERMISSIONS,
    jobs=lambda: import_module("tierslieu_lending.jobs").KINDS,
    settings=settings.SETTINGS,
    journal=journal.JOURNAL,
    person_columns=people.PERSON_COLUMNS,
)


@tl.hookimpl
def nav_items(
    actor: tl.Actor, place: str, venue_id: int | None, venue_slug: str
) -> Iterable[tl.NavItem]:
    return additions.entries_of_menus(actor, place, venue_id, venue_slug)


@tl.hookimpl
def panels(
    work: tl.Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[tl.Panel]:
    return additions.panels(work, place, subject, venue_id)


@tl.hookimpl
def calendar_entries(work: tl.Work, question: tl.CalendarQuestion) -> Iterable[tl.CalendarEntry]:
    return additions.dated(work, question)


@tl.hookimpl
def report_sections(
    work: tl.Work, asked: tl.ReportAsked, venue_id: int | None
) -> Iterable[tl.ReportSection]:
    return additions.figures(work, asked, venue_id)


@tl.hookimpl
def search_results(work: tl.Work, words: str) -> Iterable[tl.SearchResult]:
    return additions.results(work, words)


@tl.hookimpl
def health_checks(work: tl.Work) -> Iterable[tl.HealthCheck]:
    return additions.checked(work)


@tl.hookimpl
def person_data(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    return people.exported(work, person_id)


@tl.hookimpl
def person_erased(work: tl.Work, person_id: int) -> None:
    people.forget(work, person_id)


@tl.hookimpl
def demo_loaded(work: tl.Work) -> None:
    demo.invent(work)


__all__ = ["models", "plugin", "waiting_models"]
