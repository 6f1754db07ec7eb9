"""Questions about things: what a room offers, how many are free, what goes with a booking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.accessories.models import Accessory, BookingAccessory, RoomAccessory
from tierslieu.bookings.accessories.rules import Thing, stretches
from tierslieu.bookings.models import Booking
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import Claim, Occupancy, PoolMember, Resource, StockUse
from tierslieu.resources.queries import busy_spans
from tierslieu.resources.rules import peak
from tierslieu.venues.models import Room


@dataclass(frozen=True)
class Taken:
    """What goes with a booking: how many, and which where they are numbered."""

    public_id: str
    name: Texts
    quantity: int
    pieces: tuple[str, ...] = ()


def things_of_room(session: Session, room_id: int) -> list[Thing]:
    """Every thing of the room's venue as the room offers it."""
    question = (
        sa.select(Accessory, RoomAccessory)
        .join(Room, Room.venue_id == Accessory.venue_id)
        .outerjoin(
            RoomAccessory,
            sa.and_(RoomAccessory.accessory_id == Accessory.id, RoomAccessory.room_id == Room.id),
        )
        .where(Room.id == room_id)
        .order_by(Accessory.rank, Accessory.id)
    )
    return [_thing(accessory, rule) for accessory, rule in session.execute(question)]


def _thing(row: Accessory, rule: RoomAccessory | None) -> Thing:
    price = row.price_cents if rule is None or rule.price_cents is None else rule.price_cents
    return Thing(
        id=row.id,
        public_id=row.public_id,
        name=row.name,
        total=max(0, row.quantity - row.out_of_use),
        included=rule.included if rule else 0,
        most=rule.most if rule else None,
        price_cents=price,
        price_per=row.price_per,
        pool_id=row.pool_id,
        stock_id=row.stock_id,
        offered=row.offered and (rule is None or rule.offered),
    )


def pieces(session: Session, pool_ids: Collection[int]) -> dict[int, list[int]]:
    """The numbered things in use of pools, in the order in which they are given out."""
    found: dict[int, list[int]] = {pool_id: [] for pool_id in pool_ids}
    if found:
        question = (
            sa.select(PoolMember.pool_id, PoolMember.resource_id)
            .join(Resource, Resource.id == PoolMember.resource_id)
            .where(PoolMember.pool_id.in_(sorted(found)), Resource.active)
            .order_by(PoolMember.rank, PoolMember.resource_id)
        )
        for pool_id, resource_id in session.execute(question):
            found[pool_id].append(resource_id)
    return found


class Uses:
    """What is used of some things around a time, read once."""

    def __init__(
        self,
        session: Session,
        things: Sequence[Thing],
        around: Span,
        now: datetime,
        ignoring: Collection[int] = (),
    ) -> None:
        self._things = things
        self._members = pieces(session, [t.pool_id for t in things if t.pool_id is not None])
        leaves = [one for members in self._members.values() for one in members]
        busy = busy_spans(session, leaves, around, now) if leaves else {}
        self._busy = {
            leaf: [item.span for item in items if item.claim_id not in ignoring]
            for leaf, items in busy.items()
        }
        stocks = [t.stock_id for t in things if t.stock_id is not None]
        self._stock = stock_uses(session, stocks, around, now, ignoring) if stocks else {}

    def free(self, thing: Thing, span: Span) -> int:
        """How many can be had for the whole of a span."""
        if thing.pool_id is not None:
            spans = [self._busy.get(one, ()) for one in self._members[thing.pool_id]]
            return sum(not any(one.overlaps(span) for one in busy) for busy in spans)
        return max(0, thing.total - peak(self._stock.get(thing.stock_id or 0, ()), span))

    def short(self, thing: Thing, wanted: int) -> list[Span]:
        """When fewer than ``wanted`` are free."""
        if thing.pool_id is None:
            return stretches(self._stock.get(thing.stock_id or 0, ()), thing.total, wanted)
        members = self._members[thing.pool_id]
        uses = [(span, 1) for one in members for span in self._busy.get(one, ())]
        return stretches(uses, len(members), wanted)


def stock_uses(
    session: Session,
    stock_ids: Collection[int],
    around: Span,
    now: datetime,
    ignoring: Collection[int] = (),
) -> dict[int, list[tuple[Span, int]]]:
    """What is used of stocks in a span; past holds use nothing."""
    found: dict[int, list[tuple[Span, int]]] = {}
    question = (
        sa.select(StockUse.stock_id, StockUse.starts_at, StockUse.ends_at, StockUse.quantity)
        .join(Claim, Claim.id == StockUse.claim_id)
        .where(
            StockUse.stock_id.in_(sorted(stock_ids)),
            StockUse.ends_at > around.starts_at,
            StockUse.starts_at < around.ends_at,
            StockUse.claim_id.not_in(sorted(ignoring)),
            sa.or_(Claim.expires_at.is_(None), Claim.expires_at > now),
        )
    )
    for stock_id, start, end, quantity in session.execute(question):
        found.setdefault(stock_id, []).append((Span(start, end), quantity))
    return found


def wished(session: Session, booking_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """How many of each thing bookings have, or ask for, by booking and thing."""
    found: dict[int, dict[int, int]] = {booking_id: {} for booking_id in booking_ids}
    question = sa.select(
        BookingAccessory.booking_id, BookingAccessory.accessory_id, BookingAccessory.quantity
    ).where(BookingAccessory.booking_id.in_(sorted(found)))
    for booking_id, thing_id, quantity in session.execute(question):
        found[booking_id][thing_id] = quantity
    return found


#: (public id of a thing, how many) of what goes with a booking.
Wishes = tuple[tuple[str, int], ...]


def wishes(session: Session, booking: Booking) -> Wishes:
    """What goes with a booking, as a wish would say it."""
    return wishes_all(session, [booking])[0]


def wishes_all(session: Session, bookings: Sequence[Booking]) -> list[Wishes]:
    """The same for many bookings, in their order; nothing is asked where none has things."""
    found: dict[int, Wishes] = {}
    ids = sorted(booking.id for booking in bookings if booking.things)
    if ids:
        question = (
            sa.select(BookingAccessory.booking_id, Accessory.public_id, BookingAccessory.quantity)
            .join(Accessory, Accessory.id == BookingAccessory.accessory_id)
            .where(BookingAccessory.booking_id.in_(ids))
            .order_by(Accessory.rank, Accessory.id)
        )
        for booking_id, public_id, quantity in session.execute(question):
            found[booking_id] = (*found.get(booking_id, ()), (public_id, quantity))
    return [found.get(booking.id, ()) for booking in bookings]


def things_of(session: Session, booking_ids: Iterable[int]) -> dict[int, list[Taken]]:
    """What goes with bookings, by booking id; numbered things with their names while held."""
    ids = sorted(set(booking_ids))
    found: dict[int, list[Taken]] = {}
    if not ids:
        return found
    question = (
        sa.select(BookingAccessory, Accessory)
        .join(Accessory, Accessory.id == BookingAccessory.accessory_id)
        .where(BookingAccessory.booking_id.in_(ids))
        .order_by(Accessory.rank, Accessory.id)
    )
    rows = session.execute(question).all()
    named = _pieces_held(session, ids, [a.pool_id for _, a in rows if a.pool_id is not None])
    for wish, accessory in rows:
        which = named.get((wish.booking_id, accessory.pool_id), ())
        taken = Taken(accessory.public_id, accessory.name, wish.quantity, tuple(which))
        found.setdefault(wish.booking_id, []).append(taken)
    return found


def _pieces_held(
    session: Session, booking_ids: Sequence[int], pool_ids: Collection[int]
) -> Mapping[tuple[int, int | None], list[str]]:
    found: dict[tuple[int, int | None], list[str]] = {}
    if not pool_ids:
        return found
    question: Any = (
        sa.select(Occupancy.claim_id, PoolMember.pool_id, Resource.name)
        .join(PoolMember, PoolMember.resource_id == Occupancy.resource_id)
        .join(Resource, Resource.id == PoolMember.resource_id)
        .where(Occupancy.claim_id.in_(booking_ids), PoolMember.pool_id.in_(sorted(set(pool_ids))))
        .order_by(PoolMember.rank)
    )
    for claim_id, pool_id, name in session.execute(question):
        names = found.setdefault((claim_id, pool_id), [])
        if name not in names:
            names.append(name)
    return found


def to_bring(
    session: Session, venue_id: int, span: Span, states: Sequence[str]
) -> list[tuple[Any, list[Taken]]]:
    """Bookings of a venue in a span with which something goes, by start, and what."""
    question = (
        sa.select(
            Booking.id,
            Booking.public_id,
            Booking.state,
            Claim.label,
            Claim.starts_at,
            Claim.ends_at,
            Room.name.label("room"),
        )
        .join(Claim, Claim.id == Booking.id)
        .join(Room, Room.id == Booking.room_id)
        .where(
            Booking.things > 0,
            Claim.venue_id == venue_id,
            Claim.ends_at > span.starts_at,
            Claim.starts_at < span.ends_at,
            Booking.state.in_(states),
        )
        .order_by(Claim.starts_at, Claim.id)
    )
    rows = session.execute(question).all()
    things = things_of(session, [row.id for row in rows])
    return [(row, things.get(row.id, [])) for row in rows]


def accessories_of(session: Session, venue_id: int) -> list[Accessory]:
    """The things of a venue, in their order."""
    question = sa.select(Accessory).where(Accessory.venue_id == venue_id)
    return list(session.scalars(question.order_by(Accessory.rank, Accessory.id)))


def rules_of(session: Session, accessory_id: int) -> dict[int, RoomAccessory]:
    """What rooms say of a thing, by room."""
    question = sa.select(RoomAccessory).where(RoomAccessory.accessory_id == accessory_id)
    return {rule.room_id: rule for rule in session.scalars(question)}


#: How far around a refused wish other times are looked for.
AROUND = timedelta(days=11)


def named_things(session: Session, public_ids: Collection[str]) -> dict[str, Texts]:
    """The names of things by public id."""
    if not public_ids:
        return {}
    question = sa.select(Accessory.public_id, Accessory.name)
    found = session.execute(question.where(Accessory.public_id.in_(sorted(public_ids))))
    return {row[0]: row[1] for row in found}
