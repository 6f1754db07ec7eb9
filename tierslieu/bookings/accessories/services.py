"""Verbs of things that go with a booking: ask for them, reserve them, end their use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

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
    ask_for_all(work, [(booking, wanted)])


def ask_for_all(work: Work, asked: Sequence[tuple[Booking, Sequence[tuple[Thing, int]]]]) -> None:
    """The same for many bookings."""
    ids = [booking.id for booking, _ in asked]
    gone = sa.delete(BookingAccessory).where(BookingAccessory.booking_id.in_(ids))
    work.session.execute(gone, execution_options={"synchronize_session": False})
    rows = [
        {"booking_id": booking.id, "accessory_id": thing.id, "quantity": n}
        for booking, wanted in asked
        for thing, n in wanted
    ]
    if rows:
        work.session.execute(sa.insert(BookingAccessory), rows)
    for booking, wanted in asked:
        booking.things = len(wanted)
    work.session.flush()


def reserved(work: Work, booking: Booking, span: Span) -> list[Taking]:
    """Reserve what goes with a booking for a span: stock at once, numbered things as takings.

    To be taken in the same `take` as the room. Raises `ThingsTaken` with every thing of which too
    few are free; then nothing is reserved.
    """
    return reserved_all(work, [(booking, span)])


def reserved_all(work: Work, asked: Sequence[tuple[Booking, Span]]) -> list[Taking]:
    """The same for the dates of a series, which have the same numbered thing where they can."""
    ids = [booking.id for booking, _ in asked]
    wanted = wished(work.session, ids)
    known = {one.id: one for room in {booking.room_id for booking, _ in asked}
             for one in things_of_room(work.session, room)}  # fmt: skip
    things = [thing for key, thing in known.items() if any(key in each for each in wanted.values())]
    lock_kit(work, (), [thing.public_id for thing in things])
    around = Span(min(span.starts_at for _, span in asked), max(span.ends_at for _, span in asked))
    uses = Uses(work.session, things, around, work.now, ids)
    wants = [
        (booking, span, thing, wanted[booking.id][thing.id])
        for booking, span in asked
        for thing in things
        if thing.id in wanted[booking.id]
    ]
    lacking = [want for want in wants if uses.free(want[2], want[1]) < want[3]]
    if lacking:
        raise _taken(lacking, uses)
    counted = [
        StockTaking(booking.id, thing.stock_id, n, span)
        for booking, span, thing, n in wants
        if thing.stock_id
    ]
    if counted:
        use_stock(work, counted)
    without = set(ids) - {each.claim_id for each in counted}
    if without:
        end_use(work, without)
    return _numbered(work, wants)


_Want = tuple[Booking, Span, Thing, int]


def _taken(lacking: Sequence[_Want], uses: Uses) -> ThingsTaken:
    reasons = [
        short(thing, uses.free(thing, span), n, LocalSpan(span, ZoneInfo(booking.zone)))
        for booking, span, thing, n in lacking
    ]
    return ThingsTaken([(thing, n) for _, _, thing, n in lacking], *reasons)


def _numbered(work: Work, wants: Sequence[_Want]) -> list[Taking]:
    numbered = {thing.id: thing for _, _, thing, _ in wants if thing.pool_id is not None}
    if not numbered:
        return []
    members = pieces(work.session, [t.pool_id for t in numbered.values() if t.pool_id is not None])
    ids = sorted({booking.id for booking, *_ in wants})
    held = set(
        work.session.scalars(sa.select(Occupancy.resource_id).where(Occupancy.claim_id.in_(ids)))
    )
    takings = []
    for key, thing in numbered.items():
        ranked = members[thing.pool_id or 0]
        here = [PoolTaking(b.id, n, span) for b, span, one, n in wants if one.id == key]
        spans = [want.span for want in here]
        free = free_in_spans(work.session, ranked, spans, work.now, ignoring=ids)
        for want, chosen in zip(here, choose(here, free, ranked, held)[0], strict=True):
            takings.append(Taking(want.claim_id, chosen, want.span))
    return takings


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
