"""Verbs of places: choose them for a booking; say which a room has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.models import BookingPlace, PlacePool
from tierslieu.bookings.places.queries import all_places, members, places_of
from tierslieu.bookings.places.rules import PlaceSaid, PlacesSaid, said_reasons
from tierslieu.kernel.errors import NotFound, refuse
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.division.services import add_parts, divide, unite
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.models import Pool, PoolMember, Resource
from tierslieu.resources.pools.services import add_pool, add_to_pool
from tierslieu.resources.queries import free_in_spans
from tierslieu.resources.rules import Collision, PoolTaking, Taken, choose
from tierslieu.resources.services import add_resource, restore, retire
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.services import changed, check_version, venue_for


def choose_places(work: Work, booking: Booking, span: Span) -> list[int]:
    """Choose as many free places as the booking has, its own before others, and note them.

    ``span`` with set-up and clear-up. Raises `Taken` when too few are free for the whole of it.
    """
    work.session.flush()
    # All of them, so that nobody takes one between the choice and the taking.
    lock_leaves(work, [booking.room_id])
    pool_id = work.session.scalar(
        sa.select(PlacePool.pool_id).where(PlacePool.room_id == booking.room_id)
    )
    ranked = [place.id for place in members(work.session, [pool_id or 0])[pool_id or 0]]
    have = [place.id for place in places_of(work.session, [booking.id]).get(booking.id, ())]
    want = PoolTaking(booking.id, booking.places or 1, span)
    free = free_in_spans(work.session, ranked, [span], work.now, ignoring=[booking.id])
    chosen, reasons = choose([want], free, ranked, have)
    if reasons or not ranked:
        raise Taken([Collision(booking.id, booking.room_id, span)])
    if set(chosen[0]) != set(have):
        note_places(work, booking, chosen[0])
    return chosen[0]


def choose_for_dates(
    work: Work,
    pool_id: int,
    wants: Sequence[PoolTaking],
    named: str = "",
    *,
    moving: Collection[int] = (),
    like: Collection[int] = (),
) -> dict[int, list[int]]:
    """Places for many dates, the same through all of them where it can be; by claim id.

    A date with too few free is missing. ``named``: this one only; ``moving``: claims whose own
    places are free to them, and had again before others; ``like``: bookings to sit with.
    """
    ranked = [
        one.id for one in members(work.session, [pool_id])[pool_id] if named in ("", one.name)
    ]
    spans = [want.span for want in wants]
    free = free_in_spans(work.session, ranked, spans, work.now, ignoring=moving)
    known = places_of(work.session, [*moving, *like])
    have = {place.id for places in known.values() for place in places}
    chosen, _ = choose(wants, free, ranked, have)
    return {
        want.claim_id: found
        for want, found in zip(wants, chosen, strict=True)
        if len(found) == want.quantity
    }


def note_all(work: Work, chosen: Mapping[int, Sequence[int]]) -> None:
    """Write down the places of many bookings, by booking id, in place of those before."""
    gone = sa.delete(BookingPlace).where(BookingPlace.booking_id.in_(sorted(chosen)))
    work.session.execute(gone, execution_options={"synchronize_session": False})
    rows = [
        {"booking_id": booking_id, "resource_id": one}
        for booking_id, leaves in chosen.items()
        for one in sorted(leaves)
    ]
    if rows:
        work.session.execute(sa.insert(BookingPlace), rows)


def note_places(work: Work, booking: Booking, resource_ids: list[int]) -> None:
    """Write down which places a booking has, or asks for, in place of those before."""
    gone = sa.delete(BookingPlace).where(BookingPlace.booking_id == booking.id)
    work.session.execute(gone, execution_options={"synchronize_session": False})
    if resource_ids:
        rows = [{"booking_id": booking.id, "resource_id": one} for one in resource_ids]
        work.session.execute(sa.insert(BookingPlace), rows)


# -- what a manager says -----------------------------------------------------------------------


def put_places(work: Work, room_id: int, said: PlacesSaid, version: int | None = None) -> PlacePool:
    """Let a room be booked by place: add, rename, order and retire its places; set the price.

    Raises Refused, Conflict where what is booked stands against it, Forbidden, NotFound.
    """
    room, venue = _room_for(work, room_id)
    pool = work.session.get(PlacePool, room_id)
    if pool is not None:
        check_version(pool, version)
    known = all_places(work.session, pool.pool_id) if pool else []
    refuse(said_reasons(said, {place.id for place in known}, first=pool is None))
    made = [
        add_resource(work, venue_id=venue.id, kind=room.kind, name=name, bookable=False).id
        for name in said.new
    ]
    if pool is None:
        pool = _first(work, room, made)
    else:
        pool.version += 1
        if made:
            add_to_pool(work, pool.pool_id, made)
            add_parts(work, room_id, made)
    for place in said.places:
        _change(work, pool.pool_id, place)
    pool.hour_cents, pool.member_hour_cents = said.hour_cents, said.member_hour_cents
    changed(work, venue, "room.places", f"room:{room.public_id}", added=len(made))
    return pool


def drop_places(work: Work, room_id: int) -> None:
    """Let a room be booked whole only again; Conflict where single places are booked to come."""
    room, venue = _room_for(work, room_id)
    pool = work.session.get(PlacePool, room_id)
    if pool is None:
        return
    unite(work, room_id)
    work.session.delete(pool)
    work.session.flush()
    work.session.execute(sa.delete(Pool).where(Pool.id == pool.pool_id))
    changed(work, venue, "room.no_places", f"room:{room.public_id}")


def _first(work: Work, room: Room, made: list[int]) -> PlacePool:
    pool = add_pool(work, venue_id=room.venue_id, kind=room.kind, name=room.name)
    add_to_pool(work, pool.id, made)
    divide(work, room.id, made)
    row = PlacePool(room_id=room.id, pool_id=pool.id, version=1)
    work.session.add(row)
    return row


def _change(work: Work, pool_id: int, place: PlaceSaid) -> None:
    session = work.session
    session.execute(sa.update(Resource).where(Resource.id == place.id).values(name=place.name))
    session.execute(
        sa.update(PoolMember)
        .where(PoolMember.pool_id == pool_id, PoolMember.resource_id == place.id)
        .values(rank=place.rank)
    )
    (restore if place.in_use else retire)(work, place.id)


def _room_for(work: Work, room_id: int) -> tuple[Room, Venue]:
    room = work.session.get(Room, room_id)
    if room is None:
        raise NotFound
    return room, venue_for(work, room.venue_id, "rooms.edit")
