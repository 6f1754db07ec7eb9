"""What places add to the bars and to reports: ways through the pages, and opening hours."""

from __future__ import annotations

from collections.abc import Iterable

from flask import url_for

from tierslieu.contributions import NavItem, ReportAsked, ReportRows, ReportSection, SearchResult
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues import bars
from tierslieu.venues.figures import queries as figures
from tierslieu.venues.names.queries import places


@hookimpl
def nav_items(actor: Actor, place: str, venue_id: int | None, venue_slug: str) -> Iterable[NavItem]:
    """Entries of the main bar, the foot, a venue's desk and the network's bar."""
    if place == "main":
        return bars.main(actor)
    if place == "foot":
        return bars.foot()
    if place == "desk" and actor.may("venues.edit", venue=venue_id):
        url = url_for("venues.settings", slug=venue_slug)
        return [NavItem(msg("Set up"), url, icon="gear", order=90)]
    if place == "admin" and actor.may_anywhere("network.edit"):
        return [
            NavItem(msg("Network"), url_for("venues.admin_home"), icon="map", order=10),
            NavItem(msg("Venues"), url_for("venues.admin_venues"), icon="venue", order=15),
            NavItem(msg("Settings"), url_for("venues.admin_network"), icon="gear", order=80),
        ]
    return []


@hookimpl
def search_results(work: Work, words: str) -> Iterable[SearchResult]:
    """Venues and rooms by their names."""
    return places(work, words)


@hookimpl
def report_sections(
    work: Work, asked: ReportAsked, venue_id: int | None
) -> Iterable[ReportSection]:
    """Opening hours as they were, and what is known of getting in."""
    return figures.sections(work, asked, venue_id)


@hookimpl
def report_rows(
    work: Work, rows: str, asked: ReportAsked, venue_id: int | None
) -> Iterable[ReportRows]:
    """The days and rooms behind those figures."""
    return figures.rows(work, rows, asked, venue_id)
