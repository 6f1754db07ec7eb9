"""Kilns: the table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tierslieu.toolkit as tl
from kiln import additions, commands, jobs, queries, rest, services, views

say = tl.sentences("kiln")

plugin = tl.Plugin(
    "kiln",
    say("Kilns"),
    say("Kilns that members fire, one at a time."),
    blueprints=[views.bp, rest.bp],
    permissions=(
        tl.Permission(
            "kiln.fire", say("Fire a kiln"), to=("member", "venue_desk", "venue_manager")
        ),
        tl.Permission("kiln.edit", say("Put up kilns"), to=("venue_manager",)),
    ),
    journal={
        "kiln": say("Kilns"),
        "kiln.fired": say("booked a firing"),
        "kiln.put_up": say("put up a kiln"),
    },
    jobs=jobs.KINDS,
    commands=[commands.kiln],
    settings=(
        tl.Setting(
            "years",
            "integer",
            say("Years after which whose a firing was is forgotten"),
            default=2,
            least=1,
        ),
    ),
    person_columns={"kiln_firing.person_id": "forget"},
)


@tl.hookimpl
def panels(work: tl.Work, place: str, subject: Mapping[str, Any]) -> Iterable[tl.Panel]:
    if place == "venue" and (found := queries.kilns(work.session, subject["venue"].id)):
        yield tl.Panel("kiln/panel.html", {"slug": subject["venue"].slug, "n": len(found)})


@tl.hookimpl
def calendar_entries(work: tl.Work, question: tl.CalendarQuestion) -> Iterable[tl.CalendarEntry]:
    return additions.entries(work, question)


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
    return additions.exported(work, person_id)


@tl.hookimpl
def person_erased(work: tl.Work, person_id: int) -> None:
    services.forget(work, person_id)


@tl.hookimpl
def demo_loaded(work: tl.Work) -> None:
    services.invent(work)
