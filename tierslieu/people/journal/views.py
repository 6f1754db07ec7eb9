"""Pages of the journal: who did what to which thing, fifty at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.work import Work
from tierslieu.people.blueprint import bp
from tierslieu.people.journal.queries import Asked, areas, journal, person_id_of
from tierslieu.people.places import place_by_slug, places
from tierslieu.web.pages import desk, page
from tierslieu.web.requests import allow, reading


@bp.get("/admin/audit")
@allow("network.edit")
def admin_audit() -> Any:
    """The whole network's journal, with filters."""
    asked: dict[str, Any] = {
        name: request.args.get(name, "")[:64] for name in ("verb", "venue", "person")
    }
    with reading() as work:
        lines, before = journal(work.session, _narrowed(work, asked), work.site.journal)
        kinds, everywhere = areas(work.session, work.site.journal), places(work.session)
    following = url_for("people.admin_audit", before=before, **asked) if before else None
    return page(
        "people/admin_audit.html",
        lines=lines,
        next_page=following,
        asked=asked,
        areas=kinds,
        places=everywhere,
    )


def _narrowed(work: Work, asked: Mapping[str, str]) -> Asked:
    """The filters as row ids; a person nobody knows gives nothing, not everything."""
    venue = place_by_slug(work.session, asked["venue"]).id if asked["venue"] else None
    person = (person_id_of(work.session, asked["person"]) or 0) if asked["person"] else None
    return Asked(
        venues=frozenset({venue}) if venue else None,
        about_person=person,
        verb=asked["verb"],
        before=_before(),
    )


def _before() -> int | None:
    text = request.args.get("before", "")
    return int(text) if text.isdigit() and len(text) < 16 else None


@bp.get("/manage/<slug>/journal")
@allow("audit.read")
def desk_journal(slug: str) -> Any:
    """A venue's journal, for its managers."""
    with reading() as work:
        place = place_by_slug(work.session, slug)
        if not work.actor.may("audit.read", venue=place.id):
            raise NotFound
        asked = Asked(venues=frozenset({place.id}), before=_before())
        lines, before = journal(work.session, asked, work.site.journal)
    following = url_for("people.desk_journal", slug=slug, before=before) if before else None
    return page(
        "people/desk_journal.html", **desk(place), place=place, lines=lines, next_page=following
    )
