"""What memberships add to the rest of the site: each hook hands over to a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from tierslieu.contributions import (
    NavItem,
    Panel,
    PersonDataPart,
    ReportAsked,
    ReportRows,
    ReportSection,
)
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.memberships import panels as pieces
from tierslieu.memberships import privacy
from tierslieu.memberships.figures import queries as figures


@hookimpl
def nav_items(actor: Actor, place: str, venue_id: int | None, venue_slug: str) -> Iterable[NavItem]:
    """Members at the desk, cards on one's own pages."""
    if place == "desk" and actor.may("memberships.read", venue=venue_id):
        url = url_for("memberships.desk_members", slug=venue_slug)
        yield NavItem(msg("Members and cards"), url, "card", 40)
    elif place == "me" and actor.person_id is not None:
        yield NavItem(msg("Cards"), url_for("memberships.me_cards"), "card", 20)


@hookimpl
def panels(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """Pieces of other pages."""
    return pieces.drawn(work, place, subject, venue_id)


@hookimpl
def person_data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Her memberships and dues, in her export."""
    return privacy.data(work, person_id)


@hookimpl
def person_erased(work: Work, person_id: int) -> None:
    """Her memberships end; the register keeps what the law asks, without her name."""
    privacy.erase(work, person_id)


@hookimpl
def report_sections(
    work: Work, asked: ReportAsked, venue_id: int | None
) -> Iterable[ReportSection]:
    """Members and dues."""
    return figures.sections(work, asked, venue_id)


@hookimpl
def report_rows(
    work: Work, rows: str, asked: ReportAsked, venue_id: int | None
) -> Iterable[ReportRows]:
    """The memberships and payments behind those figures."""
    return figures.rows(work, rows, asked, venue_id)
