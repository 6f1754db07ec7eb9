"""What the pages of memberships share: their blueprint, the venue of a desk, the code of a card."""

from __future__ import annotations

import io
from typing import Any

import segno
from flask import Blueprint, url_for
from markupsafe import Markup

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import MembershipView
from tierslieu.memberships.words import METHODS, SHOWN, STANDINGS
from tierslieu.venues.models import Venue
from tierslieu.venues.places.queries import venue_by_slug
from tierslieu.web.requests import current_site

bp = Blueprint("memberships", __name__, template_folder="templates")


def desk_venue(work: Work, slug: str, permission: str = "memberships.read") -> Venue:
    """The venue, for whoever sees its members; elsewhere its desk does not exist.

    Raises NotFound, Forbidden.
    """
    venue = venue_by_slug(work.session, slug, hidden=True)
    if not work.actor.may("memberships.read", venue=venue.id):
        raise NotFound
    work.require(permission, venue=venue.id)
    return venue


def qr(view: MembershipView, *, alone: bool = False) -> Markup:
    """The code of a card: it opens the membership at the venue's desk, and tells nobody else."""
    path = url_for(
        "memberships.desk_member", slug=view.venue.slug, public_id=view.membership.public_id
    )
    out = io.BytesIO()
    segno.make(current_site().config.base_url.rstrip("/") + path, error="m").save(
        out,
        kind="svg",
        xmldecl=alone,
        svgns=alone,
        svgclass="qr",
        lineclass=None,
        light="#fff",
        border=2,
        omitsize=True,
        title=None,
    )
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 - drawn by us from our own address


def words() -> dict[str, Any]:
    """The vocabulary that templates need."""
    return {"standings": STANDINGS, "methods": METHODS, "shown_words": SHOWN}
