"""Verbs of venues: add, change, write about, publish, archive."""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa

from tierslieu.kernel.errors import Invalid, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue, VenueKind, VenueSection
from tierslieu.venues.places.rules import SECTIONS, VenueValues, reasons
from tierslieu.venues.services import changed, check_version, venue_for


def add_venue(work: Work, values: VenueValues) -> Venue:
    """Add a venue. Raises Refused (``slug_taken``, ``unknown_kind``, wrong values), Forbidden."""
    work.require("venues.create")
    refuse([*reasons(values), *_clashes(work, values, None)])
    venue = Venue(revision=0, version=1, archived_at=None)
    _write(venue, values)
    work.session.add(venue)
    work.session.flush()
    changed(work, venue, "venue.added", f"venue:{venue.slug}")
    return venue


def change_venue(
    work: Work, venue_id: int, values: VenueValues, version: int | None = None
) -> Venue:
    """Change what is said of a venue; ``version``: the one that was looked at.

    Raises Refused, Conflict ``changed_meanwhile``, Forbidden.
    """
    venue = venue_for(work, venue_id, "venues.edit")
    check_version(venue, version)
    refuse([*reasons(values), *_clashes(work, values, venue_id)])
    before = values_of(venue)
    touched = [f.name for f in fields(values) if getattr(before, f.name) != getattr(values, f.name)]
    if touched:
        _write(venue, values)
        venue.version += 1
        changed(work, venue, "venue.changed", f"venue:{venue.slug}", fields=touched)
    return venue


def values_of(venue: Venue) -> VenueValues:
    """What is said of a venue now."""
    return VenueValues(**{field.name: getattr(venue, field.name) for field in fields(VenueValues)})


def _write(venue: Venue, values: VenueValues) -> None:
    for field in fields(values):
        setattr(venue, field.name, getattr(values, field.name))


def _clashes(work: Work, values: VenueValues, venue_id: int | None) -> list[Reason]:
    found = []
    same = sa.select(Venue.id).where(Venue.slug == values.slug, Venue.id != (venue_id or 0))
    if work.session.scalar(same):
        text = msg("Another venue already has this address.")
        found.append(Reason("slug_taken", text, "slug"))
    if work.session.get(VenueKind, values.kind) is None:
        found.append(Reason("unknown_kind", msg("There is no such kind of venue."), "kind"))
    return found


def write_section(
    work: Work, venue_id: int, key: str, body: Texts, rank: int | None = None
) -> None:
    """Write one section of a venue's page; an empty body takes it away. Raises Invalid."""
    if key not in SECTIONS:
        raise Invalid("unknown_section", msg("There is no such section."), "key")
    venue = venue_for(work, venue_id, "venues.edit")
    where = sa.select(VenueSection).where(
        VenueSection.venue_id == venue_id, VenueSection.key == key
    )
    section = work.session.scalar(where)
    if (section.body if section else Texts()) == body:
        return
    if section is None:
        section = VenueSection(venue_id=venue_id, key=key, body=body)
        work.session.add(section)
    section.body, section.rank = body, SECTIONS.index(key) if rank is None else rank
    if not body:
        work.session.delete(section)
    venue.version += 1
    changed(work, venue, "venue.section_written", f"venue:{venue.slug}", section=key)


def publish(work: Work, venue_id: int, on: bool) -> Venue:
    """Show a venue to everybody, or only to those who manage it."""
    venue = venue_for(work, venue_id, "venues.edit")
    if venue.published != on:
        venue.published = on
        venue.version += 1
        verb = "venue.published" if on else "venue.hidden"
        changed(work, venue, verb, f"venue:{venue.slug}")
    return venue


def archive(work: Work, venue_id: int) -> Venue:
    """Take a venue out of the network's life; nothing of it is deleted."""
    venue = venue_for(work, venue_id, "venues.edit")
    if venue.archived_at is None:
        venue.archived_at = work.now
        venue.version += 1
        changed(work, venue, "venue.archived", f"venue:{venue.slug}")
    return venue


def restore(work: Work, venue_id: int) -> Venue:
    """Bring an archived venue back."""
    venue = venue_for(work, venue_id, "venues.edit")
    if venue.archived_at is not None:
        venue.archived_at = None
        venue.version += 1
        changed(work, venue, "venue.restored", f"venue:{venue.slug}")
    return venue
