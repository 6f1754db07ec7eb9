"""Verbs of things that go with a booking: ask for them, reserve them, end their use."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from tierslieu.bookings.accessories.models import Accessory, BookingAccessory, RoomAccessory
from tierslieu.bookings.accessories.queries import Uses, pieces, things_of_room, wished
from tierslieu.bookings.accessories.rules import (
    RoomSaid,
    Thing,
    ThingSaid,
    room_reasons,
    said_reasons,
    short,
)
from tierslieu.bookings.models import Booking
from tierslieu.kernel.errors import Conflict, NotFound, Reason, refuse
from tierslieu.kernel.span import LocalSpan, Span
from tierslieu.kernel.work import Work
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.models import Occupancy, Pool, PoolMember
from tierslieu.resources.pools.services import add_pool, add_to_pool
from tierslieu.resources.queries import free_in_spans
from tierslieu.resources.rules import PoolTaking, StockTaking, Taking, choose
from tierslieu.resources.services import add_resource, restore, retire
from tierslieu.resources.stock.services import (
    add_stock,
    change_stock,
    end_use,
    lock_stock,
    use_stock,
)
from tierslieu.venues.models import Room
from tierslieu.venues.services import changed, check_version, venue_for

#: The kind of resource that a numbered thing is.
KIND = "accessory"


class ThingsTaken(Conflict):
    """Too few of some things are free; ``short`` says which were wanted."""

    def __init__(self, short: Sequence[tuple[Thing, int]], *reasons: Reason) -> None:
        self.short = tuple(short)
        super().__init__(*reasons)


def lock_kit(work: Work, room_ids: Collection[int], public_ids: Collection[str]) -> None:
    """Lock rooms and things together, in the order that everybody keeps: stock, pools, leaves."""
    members: list[int] = []
    if public_ids:
        rows = work.session.execute(
            sa.select(Accessory.pool_id, Accessory.stock_id).where(
                Accessory.public_id.in_(sorted(public_ids))
            )
        ).all()
        lock_stock(work, [row.stock_id for row in rows if row.stock_id is not None])
        pools = sorted(row.pool_id for row in rows if row.pool_id is not None)
        if pools:
            locked = sa.select(Pool.id).where(Pool.id.in_(pools)).order_by(Pool.id)
            work.session.execute(locked.with_for_update(key_share=True)).all()
        members = [one for found in pieces(work.session, pools).values() for one in found]
    lock_leaves(work, [*room_ids, *members])


def ask_for(work: Work, booking: Booking, wanted: Sequence[tuple[Thing, int]]) -> None:
    """Write down what shall go with a booking, in place of what was there."""
    gone = sa.delete(BookingAccessory).where(BookingAccessory.booking_id == booking.id)
    work.session.execute(gone, execution_options={"synchronize_session": False})
    rows = [
        {"booking_id": booking.id, "accessory_id": thing.id, "quantity": n} for thing, n in wanted
    ]
    if rows:
        work.session.execute(sa.insert(BookingAccessory), rows)
    booking.things = len(rows)
    work.session.flush()


def reserved(work: Work, booking: Booking, span: Span) -> list[Taking]:
    """Reserve what goes with a booking for a span: stock at once, numbered things as takings.

    To be taken in the same `take` as the room. Raises `ThingsTaken` with every thing of which too
    few are free; then nothing is reserved.
    """
    wanted = wished(work.session, booking.id)
    things = [t for t in things_of_room(work.session, booking.room_id) if t.id in wanted]
    lock_kit(work, (), [thing.public_id for thing in things])
    uses = Uses(work.session, things, span, work.now, [booking.id])
    lacking = [t for t in things if uses.free(t, span) < wanted[t.id]]
    if lacking:
        raise _taken(booking, span, lacking, wanted, uses)
    counted = [
        StockTaking(booking.id, t.stock_id, wanted[t.id], span) for t in things if t.stock_id
    ]
    if counted:
        use_stock(work, counted)
    else:
        end_use(work, [booking.id])
    return _numbered(work, booking, span, things, wanted)


def _taken(
    booking: Booking, span: Span, lacking: Sequence[Thing], wanted: Mapping[int, int], uses: Uses
) -> ThingsTaken:
    from zoneinfo import ZoneInfo

    when = LocalSpan(span, ZoneInfo(booking.zone))
    reasons = [short(t, uses.free(t, span), wanted[t.id], when) for t in lacking]
    return ThingsTaken([(t, wanted[t.id]) for t in lacking], *reasons)


def _numbered(
    work: Work, booking: Booking, span: Span, things: Sequence[Thing], wanted: Mapping[int, int]
) -> list[Taking]:
    numbered = [thing for thing in things if thing.pool_id is not None]
    if not numbered:
        return []
    members = pieces(work.session, [t.pool_id for t in numbered if t.pool_id is not None])
    held = set(
        work.session.scalars(
            sa.select(Occupancy.resource_id).where(Occupancy.claim_id == booking.id)
        )
    )
    chosen: list[int] = []
    for thing in numbered:
        ranked = members[thing.pool_id or 0]
        free = free_in_spans(work.session, ranked, [span], work.now, ignoring=[booking.id])
        want = PoolTaking(booking.id, wanted[thing.id], span)
        chosen += choose([want], free, ranked, held)[0][0]
    return [Taking(booking.id, chosen, span)]


def kept_things(work: Work, claim_ids: Collection[int]) -> list[Taking]:
    """The numbered things that claims hold now, as takings: for taking their rooms anew."""
    if not claim_ids:
        return []
    question = (
        sa.select(Occupancy.claim_id, Occupancy.resource_id, Occupancy.starts_at, Occupancy.ends_at)
        .join(PoolMember, PoolMember.resource_id == Occupancy.resource_id)
        .join(Accessory, Accessory.pool_id == PoolMember.pool_id)
        .where(Occupancy.claim_id.in_(sorted(claim_ids)))
    )
    return [
        Taking(claim_id, [leaf], Span(start, end))
        for claim_id, leaf, start, end in work.session.execute(question)
    ]


# -- what a manager says -----------------------------------------------------------------------


def put_accessory(
    work: Work, venue_id: int, said: ThingSaid, accessory_id: int | None = None, version: int = 0
) -> Accessory:
    """Add a thing to a venue, or change what is said of one; its kind stays what it was.

    What is booked stays, also when there are now too few. Raises Refused, Conflict, Forbidden,
    NotFound.
    """
    venue = venue_for(work, venue_id, "rooms.edit")
    refuse(said_reasons(said))
    if accessory_id is None:
        row = _added(work, venue_id, said)
    else:
        row = work.session.get_one(Accessory, accessory_id)
        if row.venue_id != venue_id:
            raise NotFound
        if version:
            check_version(row, version)
        row.version += 1
    row.name, row.quantity, row.out_of_use = said.name, said.quantity, said.out_of_use
    row.price_cents, row.price_per, row.offered = said.price_cents, said.price_per, said.offered
    work.session.flush()
    if row.stock_id is not None:
        change_stock(work, row.stock_id, said.quantity - said.out_of_use)
    else:
        _number(work, row)
    changed(work, venue, "accessory.changed", f"accessory:{row.public_id}")
    return row


def _added(work: Work, venue_id: int, said: ThingSaid) -> Accessory:
    last = work.session.scalar(sa.select(sa.func.count()).where(Accessory.venue_id == venue_id))
    row = Accessory(venue_id=venue_id, name=said.name, quantity=0, rank=last or 0, version=1)
    if said.numbered:
        row.pool_id = add_pool(work, venue_id=venue_id, kind=KIND, name=str(said.name)).id
    else:
        row.stock_id = add_stock(work, venue_id=venue_id, name=str(said.name), quantity=0).id
    work.session.add(row)
    return row


def _number(work: Work, row: Accessory) -> None:
    """As many pieces as there are: the last ones go out of use first."""
    name = row.name.best("it", "en")[1]
    have = list(
        work.session.scalars(
            sa.select(PoolMember.resource_id)
            .where(PoolMember.pool_id == row.pool_id)
            .order_by(PoolMember.rank, PoolMember.resource_id)
        )
    )
    made = [
        add_resource(
            work, venue_id=row.venue_id, kind=KIND, name=f"{name} {number}", bookable=False
        ).id
        for number in range(len(have) + 1, row.quantity + 1)
    ]
    if made:
        add_to_pool(work, row.pool_id or 0, made)
    usable = row.quantity - row.out_of_use
    for number, resource_id in enumerate([*have, *made], start=1):
        (restore if number <= usable else retire)(work, resource_id)


def put_room_rule(work: Work, accessory: Accessory, rule: RoomSaid) -> None:
    """Say what one room does with a thing. Raises Refused, Forbidden, NotFound."""
    venue = venue_for(work, accessory.venue_id, "rooms.edit")
    room = work.session.get(Room, rule.room_id)
    if room is None or room.venue_id != venue.id:
        raise NotFound
    refuse(room_reasons(rule))
    row = work.session.get(RoomAccessory, (rule.room_id, accessory.id))
    if row is None:
        row = RoomAccessory(room_id=rule.room_id, accessory_id=accessory.id)
        work.session.add(row)
    row.offered, row.included = rule.offered, rule.included
    row.most, row.price_cents = rule.most, rule.price_cents
    changed(work, venue, "accessory.room", f"room:{room.public_id}", thing=accessory.public_id)
