"""Questions about venues: one, all, who is open now, where to search."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import local_date
from tierslieu.kernel.texts import Texts
from tierslieu.venues.models import Room, Venue, VenueKind, VenueSection
from tierslieu.venues.modes.rules import Mode, mode_on
from tierslieu.venues.places.rules import is_slug
from tierslieu.venues.queries import venue_opening_facts
from tierslieu.venues.rules import LOOK_AHEAD_DAYS, open_now


@dataclass(frozen=True)
class Listed:
    """A venue as lists and the map show it; ``n`` is its number on the map."""

    n: int
    venue: Venue
    open: bool
    changes_at: datetime | None
    rooms: int
    step_free: bool
    mode: Mode | None = None

    @property
    def where(self) -> str:
        """The shortest true answer to "where is it"."""
        return self.venue.area or self.venue.street or self.venue.town


def venue_by_slug(session: Session, slug: str, *, hidden: bool = False) -> Venue:
    """The venue of that address; ``hidden``: also one not shown to everybody. NotFound."""
    venue = session.scalar(sa.select(Venue).where(Venue.slug == slug)) if is_slug(slug) else None
    if venue is None or not (hidden or (venue.published and venue.archived_at is None)):
        raise NotFound
    return venue


def venues(
    session: Session, only: Collection[int] | None = None, *, hidden: bool = False
) -> list[Venue]:
    """Venues by name; ``only`` these ids; ``hidden``: also unpublished and archived ones."""
    question = sa.select(Venue).order_by(Venue.name, Venue.id)
    if not hidden:
        question = question.where(Venue.published, Venue.archived_at.is_(None))
    if only is not None:
        question = question.where(Venue.id.in_(only))
    return list(session.scalars(question))


def listed(session: Session, shown: Sequence[Venue], now: datetime) -> list[Listed]:
    """These venues with who is open now and what they have, in four statements for any number."""
    rooms = dict(
        session.execute(
            sa.select(Room.venue_id, sa.func.count())
            .where(Room.retired_at.is_(None))
            .group_by(Room.venue_id)
        ).all()
    )
    step_free = set(
        session.scalars(
            sa.select(Room.venue_id).where(Room.step_free.is_(True), Room.retired_at.is_(None))
        )
    )
    first = now.date() - timedelta(days=1)
    facts = venue_opening_facts(
        session, [v.id for v in shown], first, first + timedelta(days=LOOK_AHEAD_DAYS + 3)
    )
    found = []
    for n, venue in enumerate(shown, 1):
        state = open_now(facts[venue.id], now, ZoneInfo(venue.zone))
        found.append(
            Listed(
                n,
                venue,
                state.open,
                state.changes_at,
                rooms.get(venue.id, 0),
                venue.id in step_free,
                mode_on(facts[venue.id].modes, local_date(now, ZoneInfo(venue.zone))),
            )
        )
    return found


def sections(session: Session, venue_id: int) -> dict[str, Texts]:
    """What is written about a venue, by section, in the order of its page."""
    question = (
        sa.select(VenueSection.key, VenueSection.body)
        .where(VenueSection.venue_id == venue_id)
        .order_by(VenueSection.rank, VenueSection.id)
    )
    return dict(session.execute(question).all())


def kinds(session: Session) -> dict[str, Texts]:
    """The kinds of venue and what they are called, in the order a network admin chose."""
    question = sa.select(VenueKind.key, VenueKind.label).order_by(VenueKind.rank, VenueKind.key)
    return dict(session.execute(question).all())


def search_places(session: Session) -> list[tuple[str, str | Message]]:
    """Where one may search: everywhere, in an area with several venues, at one venue."""
    shown = session.execute(
        sa.select(Venue.slug, Venue.name, Venue.area)
        .where(Venue.published, Venue.archived_at.is_(None))
        .order_by(Venue.name)
    ).all()
    found: list[tuple[str, str | Message]] = [("", msg("anywhere"))]
    areas = sorted({row.area for row in shown if row.area})
    known = {row.name for row in shown}
    for area in areas:
        if area not in known:
            found.append((f"area:{area}", msg("near %(area)s", area=area)))
    found += [(row.slug, msg("at %(venue)s", venue=row.name)) for row in shown]
    return found


def venues_where(session: Session, where: str) -> frozenset[int] | None:
    """The venues that a choice of `search_places` means; None = anywhere, unknown = nowhere."""
    if not where:
        return None
    if where.startswith("area:"):
        question = sa.select(Venue.id).where(Venue.area == where.removeprefix("area:"))
    else:
        question = sa.select(Venue.id).where(Venue.slug == where)
    shown = question.where(Venue.published, Venue.archived_at.is_(None))
    return frozenset(session.scalars(shown))
