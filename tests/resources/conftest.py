"""A venue to take rooms of, and the site beneath it: the engine needs no web."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pluggy
import pytest
import sqlalchemy as sa

from tierslieu.config import Config
from tierslieu.kernel.db import Database
from tierslieu.kernel.hooks import Hooks
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources import services
from tierslieu.resources.models import Occupancy
from tierslieu.resources.rules import Taking
from tierslieu.venues.models import Venue, VenueKind

MIDNIGHT = datetime(2026, 5, 2, tzinfo=UTC)


@dataclass
class Place:
    """One venue: rooms and claims in few words. Hours are counted from one midnight, in UTC."""

    site: Site
    venue_id: int

    @staticmethod
    def span(start: float, end: float) -> Span:
        return Span(MIDNIGHT + timedelta(hours=start), MIDNIGHT + timedelta(hours=end))

    @staticmethod
    def at(hour: float) -> datetime:
        return MIDNIGHT + timedelta(hours=hour)

    def rooms(self, work: Work, *names: str) -> list[int]:
        return [
            services.add_resource(work, venue_id=self.venue_id, kind="room", name=name).id
            for name in names
        ]

    def claims(self, work: Work, number: int, **fields: object) -> list[int]:
        new = services.NewClaim(self.venue_id, "booking", self.span(0, 1), **fields)
        return [claim.id for claim in services.new_claims(work, [new] * number)]

    def taken(self, work: Work, room_id: int, start: float, end: float, **fields: object) -> int:
        """A new claim that holds a room."""
        (claim,) = self.claims(work, 1, **fields)
        services.take(work, [Taking(claim, [room_id], self.span(start, end))])
        return claim

    def rows(self, work: Work) -> set[tuple[int, int, float, float]]:
        """All occupancy: (leaf, claim, from hour, to hour)."""
        hour = timedelta(hours=1)
        return {
            (leaf, claim, (start - MIDNIGHT) / hour, (end - MIDNIGHT) / hour)
            for leaf, claim, start, end in work.session.execute(
                sa.select(
                    Occupancy.resource_id,
                    Occupancy.claim_id,
                    Occupancy.starts_at,
                    Occupancy.ends_at,
                )
            )
        }


@pytest.fixture
def site(config: Config) -> Iterator[Site]:
    hooks = Hooks(pluggy.PluginManager("tierslieu"), lambda _plugin, _venue: True)
    found = Site(config, Database(config.database), hooks)
    yield found
    found.db.dispose()


@pytest.fixture
def place(site: Site) -> Place:
    with site.writing() as work:
        work.session.add(VenueKind(key="centre", label={"en": "Centre"}))
        work.session.flush()
        venue = Venue(slug="orologio", name="Orologio", kind="centre")
        work.session.add(venue)
        work.session.flush()
        return Place(site, venue.id)
