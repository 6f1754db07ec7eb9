"""Questions about places: which a room has, which are free, which a booking has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tierslieu.bookings.models import Tariff
from tierslieu.bookings.places.models import BookingPlace, PlacePool
from tierslieu.bookings.places.rules import Place, PlaceFacts, PlaceSaid
from tierslieu.bookings.rules.prices import TariffFacts, whole_tariff
from tierslieu.kernel.span import Span
from tierslieu.resources.models import PoolMember, Resource, ResourceLeaf
from tierslieu.resources.queries import busy_spans
from tierslieu.venues.models import Room

_PART = aliased(Tariff)
_OF_PARTS = (
    sa.select(sa.func.sum(_PART.hour_cents))
    .join(ResourceLeaf, ResourceLeaf.leaf_id == _PART.room_id)
    .where(ResourceLeaf.resource_id == Room.id, ResourceLeaf.leaf_id != Room.id)
    .correlate(Room)
)

#: What a case of a room needs to know of its places and parts, beside the room's own columns.
COLUMNS: tuple[Any, ...] = (
    PlacePool.pool_id,
    PlacePool.hour_cents.label("place_cents"),
    PlacePool.member_hour_cents.label("member_place_cents"),
    sa.select(sa.func.count())
    .select_from(PoolMember)
    .join(Resource, Resource.id == PoolMember.resource_id)
    .where(PoolMember.pool_id == PlacePool.pool_id, Resource.active)
    .correlate(PlacePool)
    .scalar_subquery()
    .label("place_count"),
    sa.select(sa.func.count())
    .select_from(ResourceLeaf)
    .where(ResourceLeaf.resource_id == Room.id, ResourceLeaf.leaf_id != Room.id)
    .correlate(Room)
    .scalar_subquery()
    .label("leaf_count"),
    _OF_PARTS.scalar_subquery().label("parts_cents"),
    _OF_PARTS.with_only_columns(
        sa.func.sum(sa.func.coalesce(_PART.member_hour_cents, _PART.hour_cents))
    )
    .scalar_subquery()
    .label("member_parts_cents"),
)


def place_facts(row: Any) -> PlaceFacts | None:
    """The places of a room, from a row with `COLUMNS`; None where it is booked whole only."""
    if row.pool_id is None:
        return None
    return PlaceFacts(row.pool_id, row.place_count, row.place_cents, row.member_place_cents)


def tariff_of(row: Any) -> TariffFacts | None:
    """What an hour of the whole room costs: its own tariff, else the sum of its parts."""
    if row.hour_cents is not None:
        return TariffFacts(row.hour_cents, row.member_hour_cents)
    places = place_facts(row)
    if places is not None:
        one = TariffFacts(places.hour_cents, places.member_hour_cents)
        return whole_tariff(None, [one] * places.count)
    if row.parts_cents is None:
        return None
    return whole_tariff(None, [TariffFacts(row.parts_cents, row.member_parts_cents)])


def members(session: Session, pool_ids: Collection[int]) -> dict[int, list[Place]]:
    """The places in use of pools, in the order in which they are given out."""
    found: dict[int, list[Place]] = {pool_id: [] for pool_id in pool_ids}
    if not found:
        return found
    question = (
        sa.select(PoolMember.pool_id, Resource.id, Resource.name)
        .join(Resource, Resource.id == PoolMember.resource_id)
        .where(PoolMember.pool_id.in_(sorted(found)), Resource.active)
        .order_by(PoolMember.rank, Resource.id)
    )
    for pool_id, resource_id, name in session.execute(question):
        found[pool_id].append(Place(resource_id, name))
    return found


def busy_places(
    session: Session,
    places: Sequence[Place],
    around: Span,
    now: datetime,
    *,
    ignoring: Collection[int] = (),
) -> dict[int, list[Span]]:
    """What is occupied of each place in a span; every place is a key."""
    found = busy_spans(session, [place.id for place in places], around, now)
    return {
        place: [item.span for item in items if item.claim_id not in ignoring]
        for place, items in found.items()
    }


def places_of(session: Session, booking_ids: Collection[int]) -> dict[int, list[Place]]:
    """The places of bookings by booking id, in the order of their rank."""
    found: dict[int, list[Place]] = {}
    if not booking_ids:
        return found
    question = (
        sa.select(BookingPlace.booking_id, Resource.id, Resource.name)
        .join(Resource, Resource.id == BookingPlace.resource_id)
        .outerjoin(PoolMember, PoolMember.resource_id == Resource.id)
        .where(BookingPlace.booking_id.in_(sorted(booking_ids)))
        .order_by(PoolMember.rank, Resource.id)
    )
    for booking_id, resource_id, name in session.execute(question):
        found.setdefault(booking_id, []).append(Place(resource_id, name))
    return found


def parts_named(session: Session, room_id: int) -> dict[int, str]:
    """The names of the undivided parts of a room, by leaf."""
    question = (
        sa.select(Resource.id, Resource.name)
        .join(ResourceLeaf, ResourceLeaf.leaf_id == Resource.id)
        .where(ResourceLeaf.resource_id == room_id)
    )
    return dict(session.execute(question).all())


def all_places(session: Session, pool_id: int) -> list[PlaceSaid]:
    """Every place of a pool, those out of use too, as a manager says them."""
    question = (
        sa.select(Resource.id, Resource.name, PoolMember.rank, Resource.active)
        .join(PoolMember, PoolMember.resource_id == Resource.id)
        .where(PoolMember.pool_id == pool_id)
        .order_by(PoolMember.rank, Resource.id)
    )
    return [PlaceSaid(*row) for row in session.execute(question)]
